"""Robots of a group chat: WeCom, Feishu, DingTalk, Slack. A text with placeholders; their noes stand in good answers.

Written by the platforms' documents, read on 2026-11-30: WeCom's takes 20 messages a minute and 2,048 bytes of text;
Feishu's signs with the HMAC-SHA256 of nothing, keyed by time, a line end and the secret; DingTalk's with that of
time, a line end and the secret, keyed by the secret, in milliseconds and in the address.
"""

import base64
import hashlib
import hmac
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

import msgspec
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from msgspec import Meta, Struct

from channels.connectors.base import Guide, Secret
from channels.destinations import template
from channels.destinations.base import Answer, Call, DestinationKind, Target, Told
from kernel import told as telling
from kernel.errors import BadRequest
from kernel.outside import LONGEST_WORDS, BadAddress, Busy, CredentialsRefused, Said

WECOM_BYTES: Final = 2_048
PACE: Final = 20 / 60  # requests a second: what WeCom and DingTalk take
HTTP: Final = ("https://", "http://")
# What a robot says when it was sent too much, and when it does not know who sends.
TOO_MUCH: Final = frozenset({45009, 130101, 410100, 9499, 11232})
UNKNOWN: Final = frozenset({93000, 40001, 300001, 310000, 19001, 19021})


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which chat, and what is said there."""

    platform: Annotated[Literal["wecom", "feishu", "dingtalk", "slack"], Meta(title=gettext_noop("Platform"))]
    text: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=2_000,
            title=gettext_noop("Text"),
            description=gettext_noop("With placeholders: {{event}}, {{segment}}, {{trait.city}} …"),
            examples=["{{change}}: {{segment}}"],
        ),
    ]


def call(target: Target, told: Told, now: float) -> Call:
    """The text, as its platform wants it."""
    own, secret = target.settings, target.secrets.get("secret", "")
    url = target.secrets.get("url", "")
    if not url.startswith(HTTP):
        raise BadAddress(url="")
    text = template.filled(own.text, told.values, template.as_it_is)
    said: dict[str, Any]
    if own.platform == "feishu":
        said = {"msg_type": "text", "content": {"text": text}}
        if secret:
            said |= {"timestamp": str(int(now)), "sign": _of(f"{int(now)}\n{secret}", "")}
    elif own.platform == "slack":
        said = {"text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}
    else:
        if own.platform == "wecom":
            text = text.encode()[:WECOM_BYTES].decode("utf-8", "ignore")
        said = {"msgtype": "text", "text": {"content": text}}
    if own.platform == "dingtalk" and secret:
        time = str(int(now * 1000))
        sign = quote(_of(secret, f"{time}\n{secret}"), safe="")
        url += f"{'&' if '?' in url else '?'}timestamp={time}&sign={sign}"
    return Call(url, {"content-type": "application/json"}, msgspec.json.encode(said))


def _of(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def heard(target: Target, answer: Answer) -> None:
    """`errcode` of WeCom and DingTalk, `code` of Feishu; Slack says it by its status."""
    try:
        found = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        return
    if not isinstance(found, dict):
        return
    code = found.get("errcode", found.get("code", found.get("StatusCode", 0)))
    words = str(found.get("errmsg") or found.get("msg") or code)[:LONGEST_WORDS]
    if code in TOO_MUCH:
        raise Busy(words)
    if code in UNKNOWN:
        raise CredentialsRefused(words)
    if code not in (0, "0", None):
        raise Said(words)


def needs(own: Settings) -> tuple[str, ...]:
    """What stands in the text."""
    return template.names(own.text)


def check(own: Settings) -> None:
    """No secret, and nothing by which a person is reached, is said to a group."""
    for name in template.names(own.text):
        if name == template.SECRET or name in telling.PERSONAL or name.startswith("identifier."):
            raise BadRequest(
                _now("“%(place)s” is not said to a group: whom it is about stands under {{id}}.")
                % {"place": f"{{{{{name}}}}}"},
                "personal_placeholder",
            )


ROBOT: Final = DestinationKind(
    name="robot",
    label=_("Group robot"),
    about=_("Says a line in a group of WeCom, Feishu, DingTalk or Slack."),
    guide=Guide(
        steps=(
            _(
                "Add a robot to the group, by its settings: WeCom and DingTalk call it a group robot, Feishu a custom "
                "robot, Slack an incoming webhook."
            ),
            _(
                "Enter its address here: whoever knows it may write to the group, so it is kept like a password."
            ),
            _("Where the platform offers a signature (Feishu, DingTalk), choose it and enter its secret."),
        ),
        untold=(
            _(
                "A robot knows no Idempotency-Key: what is tried again after an answer was lost may be read twice."
            ),
        ),
        source="https://developer.work.weixin.qq.com/document/path/91770",
        read_on="2026-11-30",
    ),
    settings=Settings,
    secrets=(
        Secret("url", _("Address of the robot")),
        Secret("secret", _("Secret of the signature"), needed=False),
    ),
    call=call,
    heard=heard,
    needs=needs,
    check=check,
    pace=PACE,
)
