"""WeChat Pay 微信支付: notices of its API v3, signed by RSA, what they say encrypted by AES-256-GCM.

A payment is Payment Succeeded or Failed, a refund Order Refunded; a refund that did not arrive is a ticket, no money.
What is encrypted is opened when the message is read: once the right key is set, what waited goes in.
Not here: notices of API v2 (XML), asking for a payment that no notice came of.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from msgspec import Meta, Struct, json

from channels.connectors import payloads, sealed, signatures
from channels.connectors.base import (
    HOOK,
    Connection,
    ConnectorKind,
    Delivery,
    Forged,
    Guide,
    Message,
    Reply,
    Secret,
)
from channels.reasons import (
    BAD_CURRENCY,
    CANNOT_OPEN,
    FIELD_OF_PLATFORM,
    NOT_WHOLE,
    UNKNOWN_TOPIC,
    Rejection,
)
from kernel import money
from kernel.errors import BadRequest, Refused

PROBE: Final = "WECHATPAY/SIGNTEST/"  # how the platform sees whether signatures are checked at all
ALGORITHM: Final = "AEAD_AES_256_GCM"
DOMESTIC: Final = "CNY"  # of amounts that name no currency
TESTS: Final = frozenset(("SECURITY_ECHO.SUCCESS",))  # the platform's own test of a hook: it says nothing
MOST_PROMOTIONS: Final = 50  # of one payment

SUCCEEDED, FAILED, STARTED = "Payment Succeeded", "Payment Failed", "Payment Started"
STATES: Final = {
    **dict.fromkeys(("SUCCESS", "REFUND"), SUCCEEDED),  # REFUND: paid, and given back since
    **dict.fromkeys(("PAYERROR", "PAY_FAIL", "CLOSED", "REVOKED"), FAILED),
    **dict.fromkeys(("NOTPAY", "USERPAYING", "ACCEPT"), STARTED),
}
REFUNDED: Final = "SUCCESS"
TROUBLES: Final = {"ABNORMAL": "refund abnormal", "CLOSED": "refund closed"}

Text = Annotated[str, Meta(max_length=100)]


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Which of WeChat Pay's numbers are the shop's own."""

    order_from: Annotated[
        Literal["out_trade_no", "attach"],
        Meta(
            title=gettext_noop("Order number stands in"),
            description=gettext_noop("Refunds carry no attach: theirs is always in out_trade_no."),
        ),
    ] = "out_trade_no"
    attach_field: Annotated[
        Text,
        Meta(
            title=gettext_noop("Field of attach"),
            description=gettext_noop(
                "With the order number, of JSON or a=1&b=2. Empty: attach is the number."
            ),
        ),
    ] = ""
    prefix: Annotated[
        Text,
        Meta(
            title=gettext_noop("Cut off before the order number"),
            description=gettext_noop("Of out_trade_no: what the shop puts before its own number."),
        ),
    ] = ""
    suffix_from: Annotated[
        Text,
        Meta(
            title=gettext_noop("Cut off from this sign on"),
            description=gettext_noop("Where each attempt has a number: 1001_2 with “_” is order 1001."),
        ),
    ] = ""
    refund_number: Annotated[
        Literal["refund_id", "out_refund_no"],
        Meta(
            title=gettext_noop("Refund number"),
            description=gettext_noop("out_refund_no: where the shop reports refunds too, each counts once."),
        ),
    ] = "refund_id"


# ---- whose it is ------------------------------------------------------------------------------------


def handshake(connection: Connection, delivery: Delivery) -> Reply | None:
    """A probe is refused as any wrong signature is, and counts as none: it says nothing against the connector."""
    given = delivery.headers.get("wechatpay-signature", "")
    return refused(signatures.wrong()) if given.startswith(PROBE) else None


def verify(connection: Connection, delivery: Delivery, now: float) -> None:
    """By the key whose serial the notice names, over its time, nonce and body."""
    ring = signatures.keyring(connection.secrets.get("keys", ""))
    if not ring:
        raise signatures.no_secret("platform certificate or public key")
    given = _header(delivery, "Wechatpay-Signature")
    time, nonce = _header(delivery, "Wechatpay-Timestamp"), _header(delivery, "Wechatpay-Nonce")
    signed = f"{time}\n{nonce}\n".encode() + delivery.body + b"\n"
    signatures.by_rsa(given, signed, _signer(ring, _header(delivery, "Wechatpay-Serial"), now))
    signatures.within(time, now)


def _header(delivery: Delivery, name: str) -> str:
    found = delivery.headers.get(name.lower(), "")
    if not found:
        raise signatures.missing(name)
    return found


def _signer(ring: tuple[signatures.Key, ...], serial: str, now: float) -> RSAPublicKey:
    asked = serial.strip()
    if not asked.startswith(signatures.PUBLIC_KEY_ID):
        asked = asked.upper().lstrip("0")
    named = [one for one in ring if one.serial == asked]
    if not named and asked.startswith(signatures.PUBLIC_KEY_ID):
        named = [one for one in ring if not one.serial]
    if not named:
        raise Forged(
            "unknown_key",
            f"The notice was signed with the key {asked[:60]}, which the connector does not have: "
            "an admin adds its PEM on the connector's page.",
        )
    if named[0].until < now:
        raise Forged("expired_key", "The notice was signed with a certificate that has expired.")
    return named[0].key


def accepted(connection: Connection) -> Reply:
    """What ends the repeats."""
    return Reply(body=b'{"code":"SUCCESS","message":"OK"}')


def refused(trouble: Refused) -> Reply:
    """No, in the platform's form: it comes again, for a day."""
    return Reply(trouble.status, json.encode({"code": "FAIL", "message": str(trouble)}))


# ---- what it says -----------------------------------------------------------------------------------


class Notice(NamedTuple):
    """A notice that is opened. `outcome`: the last word of its type, `made`: when it was made."""

    connection: Connection
    kind: str
    outcome: str
    made: Any
    original: str


def messages(connection: Connection, delivery: Delivery, received_at: datetime) -> Iterable[Message]:
    """A payment (several, where orders were paid together) or a refund."""
    found = payloads.object_of(delivery.body)
    kind = payloads.text_of(found.get("event_type"))
    if kind in TESTS:
        return
    family, _dot, outcome = kind.partition(".")
    if family not in READERS:
        raise Rejection(UNKNOWN_TOPIC, "event_type", topic=kind[:60])
    original = payloads.text_of(payloads.inside(found, "resource", "original_type"))
    notice = Notice(connection, kind, outcome, found.get("create_time"), original)
    yield from READERS[family](notice, _opened(connection, found))


def _opened(connection: Connection, found: dict[str, Any]) -> dict[str, Any]:
    """What was encrypted, by whichever of the keys opens it: older ones are for a rebuild."""
    resource = found.get("resource")
    if not isinstance(resource, dict):
        raise Rejection(FIELD_OF_PLATFORM, "resource")
    if payloads.text_of(resource.get("algorithm")) == ALGORITHM:
        for key in connection.secrets.get("api_v3_key", "").split():
            plain = sealed.by_gcm(key, resource)
            if plain is not None:
                return payloads.object_of(plain)
    raise Rejection(CANNOT_OPEN, "resource")


def _payments(notice: Notice, told: dict[str, Any]) -> Iterator[Message]:
    if notice.original == "profitsharing" or "receiver" in told:  # the type is the same, the money another's
        raise Rejection(UNKNOWN_TOPIC, "resource.original_type", topic="profitsharing")
    together = payloads.objects(told.get("sub_orders"))
    shared = {"appid": told.get("combine_appid"), "payer": told.get("combine_payer_info")}
    for one in together or [told]:
        yield _payment(notice, {**shared, **one} if together else one)


def _payment(notice: Notice, told: dict[str, Any]) -> Message:
    number = _needed(told, "transaction_id")
    said = payloads.text_of(told.get("trade_state"))
    event = STATES.get(said, SUCCEEDED if notice.outcome == "SUCCESS" else FAILED)
    amounts, currency = told.get("amount"), _currency(told.get("amount"))
    name = "total" if payloads.inside(amounts, "total_amount") is None else "total_amount"
    sure = event == SUCCEEDED  # of what was not paid the amount may be missing
    properties = {
        "order_id": _order(notice.connection.settings, told),
        "payment_id": number,
        "method": "wechat",
        "amount": _amount(amounts, name, currency) if sure or payloads.inside(amounts, name) else None,
        "currency": currency,
        "out_trade_no": told.get("out_trade_no"),
        "trade_type": told.get("trade_type"),
        "bank_type": told.get("bank_type"),
        "promotions": _promotions(told, currency),
    }
    if event == FAILED:
        properties["reason"] = told.get("trade_state_desc") or told.get("trade_state_description") or said
    return {
        "type": "track",
        "event": event,
        "messageId": f"{notice.kind}:{number}",
        "timestamp": told.get("success_time") or notice.made,
        "identifiers": _people(told),
        "properties": _given(properties),
    }


def _people(told: dict[str, Any]) -> list[dict[str, str]]:
    """Who paid: an openid is one app's, a service provider's and its merchant's are two of one person."""
    found: list[dict[str, str]] = []
    for before in ("", "sp_", "sub_"):
        value = payloads.inside(told, "payer", f"{before}openid")
        app = payloads.text_of(told.get(f"{before}appid"))
        if isinstance(value, str) and value.strip():
            namespace = {"namespace": app} if app else {}
            found.append({"kind": "openid", "value": value, **namespace})
    return found


def _promotions(told: dict[str, Any], currency: str) -> list[dict[str, Any]]:
    """What was taken off, by whom it was given."""
    found = []
    for one in payloads.objects(told.get("promotion_detail"))[:MOST_PROMOTIONS]:
        kept = {name: one.get(name) for name in ("name", "scope", "type")}
        kept["id"] = one.get("coupon_id") or one.get("promotion_id")
        kept["amount"] = payloads.minor_units(one.get("amount"), currency)
        found.append(_given(kept))
    return found


def _refunds(notice: Notice, told: dict[str, Any]) -> Iterator[Message]:
    number = _needed(told, "refund_id")
    said = payloads.text_of(told.get("refund_status"))
    outcome = said if said == REFUNDED or said in TROUBLES else notice.outcome
    if outcome == REFUNDED:
        event, properties = "Order Refunded", _refund(notice.connection.settings, told, number)
    elif outcome in TROUBLES:
        event, properties = "Ticket Opened", {"ticket_id": f"refund-{number}", "topic": TROUBLES[outcome]}
    else:
        raise Rejection(UNKNOWN_TOPIC, "event_type", topic=notice.kind[:60])
    properties |= {
        "order_id": _order(notice.connection.settings, told),
        "payment_id": told.get("transaction_id"),
    }
    yield {
        "type": "track",
        "event": event,
        "messageId": f"REFUND.{outcome}:{number}",
        "timestamp": told.get("success_time") or notice.made,
        "properties": _given(properties | {"out_refund_no": told.get("out_refund_no")}),
    }


def _refund(own: Settings, told: dict[str, Any], number: str) -> dict[str, Any]:
    """Its amount must be there: without one a refund is all that is left of an order."""
    currency = _currency(told.get("amount"))
    return {
        "refund_id": payloads.text_of(told.get(own.refund_number)) or number,
        "total": _amount(told.get("amount"), "refund", currency),
        "currency": currency,
    }


READERS: Final = {"TRANSACTION": _payments, "REFUND": _refunds}


def _needed(told: dict[str, Any], name: str) -> str:
    """The platform's own number, by which a repeat is known."""
    found = payloads.text_of(told.get(name))
    if not found:
        raise Rejection(FIELD_OF_PLATFORM, f"resource.{name}")
    return found


def _currency(amounts: Any) -> str:
    """A currency nobody knows is no reason to guess: its amount would be left out, and a refund be of everything."""
    value = payloads.inside(amounts, "currency")
    found = DOMESTIC if value in (None, "") else money.currency(value)
    if found is None:
        raise Rejection(BAD_CURRENCY, "resource.amount.currency")
    return found


def _amount(amounts: Any, name: str, currency: str) -> str:
    value = payloads.inside(amounts, name)
    if value is None:
        raise Rejection(FIELD_OF_PLATFORM, f"resource.amount.{name}")
    found = payloads.minor_units(value, currency)
    if found is None:
        raise Rejection(NOT_WHOLE, f"resource.amount.{name}")
    return found


def _order(own: Settings, told: dict[str, Any]) -> Any:
    """The shop's own number of the order."""
    if own.order_from == "attach":
        found = _attached(own.attach_field, payloads.text_of(told.get("attach")))
        if found:
            return found
    number = told.get("out_trade_no")
    if not isinstance(number, str):
        return number
    bare = number.removeprefix(own.prefix)
    return bare.partition(own.suffix_from)[0] if own.suffix_from else bare


def _attached(field: str, attach: str) -> str:
    if not field:
        return attach
    try:
        found = payloads.object_of(attach)
    except Rejection:
        found = dict(payloads.form_of(attach))
    return payloads.text_of(found.get(field))


def _given(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value not in (None, "", [])}


# ---- what an admin sets -----------------------------------------------------------------------------


def check(connection: Connection) -> str:
    """Whether notices could be checked and opened: the keys are keys, one of them is good today."""
    ring = signatures.keyring(connection.secrets.get("keys", ""))
    if not ring:
        raise Forged("no_secret", gettext("The platform certificate or public key is not set yet."))
    keys = connection.secrets.get("api_v3_key", "").split()
    if not keys:
        raise Forged("no_secret", gettext("The APIv3 key is not set yet."))
    if any(len(key.encode()) != sealed.AES_KEY for key in keys):
        raise BadRequest(gettext("An APIv3 key has 32 characters."), "bad_key")
    expired = [one for one in ring if one.until < datetime.now(UTC).timestamp()]
    gone = " ".join(_expired(one) for one in expired)
    if len(expired) == len(ring):
        raise BadRequest(f"{gone} {gettext('Add the new one of the platform.')}", "expired_key")
    return f"{gettext('Notices can be checked and opened.')} {gone}".strip()


def _expired(one: signatures.Key) -> str:
    day = f"{datetime.fromtimestamp(one.until, UTC):%Y-%m-%d}"
    return gettext("The certificate %(serial)s expired on %(day)s.") % {"serial": one.serial, "day": day}


WECHAT_PAY = ConnectorKind(
    name="wechat_pay",
    label=_("WeChat Pay 微信支付"),
    category="payment",
    direction=HOOK,
    about=_("Payments and refunds as WeChat Pay reports them (API v3), with the openid of who paid."),
    settings=Settings,
    secrets=(
        Secret(
            "keys",
            _("WeChat Pay public key or platform certificate"),
            _(
                "PEM, several one after another. Before a public key its id may stand on a line of its own: "
                "PUB_KEY_ID_…"
            ),
            lines=True,
        ),
        Secret(
            "api_v3_key",
            _("APIv3 key"),
            _(
                "32 characters. When it is changed, put the new one above and keep the old: a rebuild opens older "
                "notices with it."
            ),
            lines=True,
        ),
    ),
    handshake=handshake,
    verify=verify,
    messages=messages,
    accepted=accepted,
    refused=refused,
    check=check,
    guide=Guide(
        steps=(
            _("In the merchant platform open Account center, API security 账户中心 → API安全."),
            _("Download the WeChat Pay public key (or platform certificate) and paste it here with its id."),
            _("Set the APIv3 key there and here."),
            _("Give the hook's address as notify_url where your shop orders payments and refunds."),
            _("Pay a small order: the payment shows on this connector's page."),
        ),
        untold=(
            _("Notices tell of money alone: goods and the order's total come from the shop."),
            _("A refund names no payer: its customer is the order's."),
            _("Attempts that were broken off are told by no notice: only their order's shop knows them."),
            _("Refunds made in the merchant platform come only when a notify_url is set for refunds there."),
        ),
        source="WeChat Pay API v3: 支付成功回调通知, 退款结果通知, 回调签名验证 and 解密 "
        "(https://pay.weixin.qq.com/docs/merchant/products/notification/introduction.html)",
        read_on="2026-11-29",
    ),
)
