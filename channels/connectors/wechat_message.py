"""WeChat's pushes 微信消息推送: what people do at an official account or in a mini program's chat.

Who it is: their openid at the app, never the account's own id, which stands
in every push. What is the account's own affair (audits, mass sends) is no customer's and makes no event.
Not here: how a push is signed and opened (wechat_push.py), payments (wechat_pay.py), answering people.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, NamedTuple

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from msgspec import Meta, Struct

from channels.connectors import payloads, signatures, wechat_push
from channels.connectors.base import HOOK, Connection, ConnectorKind, Delivery, Guide, Message
from channels.reasons import FIELD_OF_PLATFORM, UNKNOWN_TOPIC, Rejection
from kernel.errors import BadRequest

ACCOUNT: Final = "gh_"  # how the own id of an official account or mini program begins: nobody's openid
SCENE: Final = "qrscene_"
LONGEST_TEXT: Final = 1_000  # characters of what a customer wrote that are kept in the event
MOST_TOLD: Final = 100  # entries of one push


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose pushes they are."""

    app_id: Annotated[
        str,
        Meta(
            max_length=100,
            title=gettext_noop("App id"),
            description=gettext_noop(
                "wx…, of the official account or mini program: its openids are its alone; the same as in payments."
            ),
        ),
    ] = ""
    keep_text: Annotated[
        bool,
        Meta(
            title=gettext_noop("Keep what customers write"),
            description=gettext_noop("Off: that they wrote is kept, not what."),
        ),
    ] = True


class Told(NamedTuple):
    """What a push of theirs is called here. `fields`: ours <- theirs; `who`: the field with the openid."""

    event: str
    fields: Mapping[str, str] = {}
    who: str = "FromUserName"


_KEY: Final = {"scene": "EventKey", "ticket": "Ticket"}
_MENU: Final = Told("Account Menu Clicked", {"key": "EventKey", "menu_id": "MenuId"})
_REVOKED: Final = Told("Account Authorization Revoked", {"revoked": "RevokeInfo"}, "OpenID")
EVENTS: Final[Mapping[str, Told]] = {
    "subscribe": Told("Account Followed", _KEY),
    "unsubscribe": Told("Account Unfollowed"),
    "scan": Told("Account Code Scanned", _KEY),
    **dict.fromkeys(
        (
            *("click", "view", "view_miniprogram", "scancode_push", "scancode_waitmsg", "pic_sysphoto"),
            *("pic_photo_or_album", "pic_weixin", "location_select"),
        ),
        _MENU,
    ),
    "user_enter_tempsession": Told("Account Chat Opened", {"from": "SessionFrom"}),
    **dict.fromkeys(("user_authorization_revoke", "user_authorization_cancellation"), _REVOKED),
    "templatesendjobfinish": Told("Push Delivered", {"status": "Status"}),
}
CHAT: Final = Told("Account Message Sent")
# Pushes that tell of several subscription messages at once: the element that holds their list.
LISTS: Final = {
    "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    "subscribe_msg_sent_event": "SubscribeMsgSentEvent",
}
ANSWERS: Final = {"accept": "Message Subscription Accepted", "reject": "Message Subscription Refused"}
# The account's own affairs, and what its staff does in chats: no customer did that, and nobody can switch them off.
NOBODYS: Final = frozenset(
    (
        *(
            "masssendjobfinish",
            "weapp_audit_success",
            "weapp_audit_fail",
            "weapp_audit_delay",
            "annual_renew",
        ),
        *("qualification_verify_success", "qualification_verify_fail", "naming_verify_success"),
        *(
            "naming_verify_fail",
            "verify_expired",
            "kf_create_session",
            "kf_close_session",
            "kf_switch_session",
        ),
    )
)
WRITTEN: Final = frozenset(
    (
        *("text", "image", "voice", "video", "shortvideo", "location", "link", "miniprogrampage", "file"),
        "emoji",
    )
)


# ---- what it says -----------------------------------------------------------------------------------


def messages(connection: Connection, delivery: Delivery, received_at: datetime) -> Iterable[Message]:
    """A push as what the customer did."""
    found, app = wechat_push.opened(connection, delivery.body)
    kind = payloads.text_of(found.get("MsgType")).lower()
    if kind in WRITTEN:
        yield _message(found, CHAT, app, _said(connection.settings, found, kind))
        return
    sent = payloads.text_of(found.get("Event"))
    name = sent.lower() if kind == "event" else ""
    if name in EVENTS:
        told = EVENTS[name]
        properties = {ours: _plain(found.get(theirs)) for ours, theirs in told.fields.items()}
        yield _message(found, _delivered(told, properties), app, properties)
    elif name in LISTS:
        yield from _several(found, LISTS[name], app)
    elif name not in NOBODYS:
        raise Rejection(UNKNOWN_TOPIC, "Event" if kind == "event" else "MsgType", topic=(sent or kind)[:60])


def _message(
    found: dict[str, Any], told: Told, app: str, properties: Mapping[str, Any], one: str = ""
) -> Message:
    who = found.get(told.who)
    if not isinstance(who, str) or not who.strip() or who.startswith(ACCOUNT):
        raise Rejection(FIELD_OF_PLATFORM, told.who)
    unionid = next((found[name] for name in ("UnionID", "UnionId", "unionid") if found.get(name)), None)
    union = [{"kind": "unionid", "value": unionid}] if isinstance(unionid, str) else []
    kept = {name: value for name, value in properties.items() if value not in (None, "", {}, [])}
    return {
        "type": "track",
        "event": told.event,
        "messageId": _number(found, who) + one,
        "timestamp": found.get("CreateTime"),
        "identifiers": [{"kind": "openid", "value": who, "namespace": app}, *union],
        "properties": kept | {"account": payloads.text_of(found.get("ToUserName"))},
    }


def _number(found: dict[str, Any], who: str) -> str:
    """The same on a repeat: the platform's own number, else who, when and what, as it recommends."""
    kind = payloads.text_of(found.get("Event")) or payloads.text_of(found.get("MsgType"))
    own = payloads.text_of(found.get("MsgId")) or payloads.text_of(found.get("MsgID"))
    if own:
        return f"{kind}:{own}"
    at, key = payloads.text_of(found.get("CreateTime")), payloads.text_of(found.get("EventKey"))
    what = f":{signatures.digest_of(key)[:12]}" if key else ""
    return f"{kind}:{who}:{at}{what}"


def _said(own: Settings, found: dict[str, Any], kind: str) -> dict[str, Any]:
    text = payloads.text_of(found.get("Content"))[:LONGEST_TEXT] if own.keep_text else ""
    return {"kind": kind, "text": text}


def _plain(value: Any) -> Any:
    """A scene of a code that made somebody follow has a word before it."""
    return value.removeprefix(SCENE) if isinstance(value, str) else value


def _delivered(told: Told, properties: Mapping[str, Any]) -> Told:
    """A template message that did not arrive says why in its status."""
    status = payloads.text_of(properties.get("status"))
    if told.event == "Push Delivered" and status != "success":
        return told._replace(event="Push Bounced")
    return told


def _several(found: dict[str, Any], element: str, app: str) -> Iterator[Message]:
    """What became of subscription messages, an entry each."""
    entries = payloads.objects(payloads.inside(found, element, "List") or found.get("List"))
    if not entries:
        raise Rejection(FIELD_OF_PLATFORM, "List")
    for n, one in enumerate(entries[:MOST_TOLD]):
        answer = payloads.text_of(one.get("SubscribeStatusString")).lower()
        arrived = payloads.text_of(one.get("ErrorCode")) == "0"
        event = ANSWERS.get(answer) or ("Push Delivered" if arrived else "Push Bounced")
        properties = {
            "template": one.get("TemplateId"),
            "scene": one.get("PopupScene"),
            "status": one.get("ErrorStatus"),
        }
        yield _message(found, Told(event), app, properties, f":{n}")


# ---- what an admin sets -----------------------------------------------------------------------------


def check(connection: Connection) -> str:
    """Whether pushes could be checked and opened."""
    if not connection.settings.app_id:
        raise BadRequest(
            gettext("Set the app id: without it openids of two apps are told apart by channel alone.")
        )
    return wechat_push.check(connection)


WECHAT_MESSAGE = ConnectorKind(
    name="wechat_message",
    label=_("WeChat account 微信公众号 / 小程序"),
    category="message",
    direction=HOOK,
    about=_("Who follows, scans, opens menus, writes: of an official account or a mini program."),
    settings=Settings,
    secrets=wechat_push.SECRETS,
    handshake=wechat_push.handshake,
    verify=wechat_push.verify,
    messages=messages,
    accepted=wechat_push.accepted,
    refused=wechat_push.refused,
    check=check,
    guide=Guide(
        steps=(
            _("Set the app id here, and a token of your own choosing."),
            _("At the WeChat developer platform open the account's message push 消息推送."),
            _(
                "Enter the hook's address and the same token, let it make an EncodingAESKey and copy that here."
            ),
            _("Choose the safe mode 安全模式, XML or JSON, and save: the platform asks for an echo at once."),
            _("Follow the account: that shows on this connector's page."),
        ),
        untold=(
            _("Pushes name an openid, rarely a unionid: accounts are joined by what your own system knows."),
            _("Names and pictures of people are not told."),
            _("Positions of people 上报地理位置 are not read: switch them off at the platform."),
            _("Audits, mass sends and what staff does in chats are no customer's doing: they make no event."),
            _(
                "Answers are not sent from here: an account whose pushes come here answers by the platform's means."
            ),
        ),
        source="微信开放文档: 消息推送, 消息加解密说明, 接收事件推送 "
        "(https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html)",
        read_on="2026-11-29",
    ),
)
