"""Events as sentences a person reads: "Viewed Cedar candle", "Order TM-88213". Not here: what an event means."""

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from channels.models import Channel
from kernel import contacts, vocabulary
from kernel.web import format, shell

# With what stands in brackets of the event's properties; the second form when it is not there.
SENTENCES = {
    "order completed": (gettext_noop("Order %(order_id)s"), gettext_noop("Order")),
    "order updated": (gettext_noop("Order %(order_id)s changed"), gettext_noop("Order changed")),
    "order cancelled": (gettext_noop("Order %(order_id)s cancelled"), gettext_noop("Order cancelled")),
    "order refunded": (gettext_noop("Refund of order %(order_id)s"), gettext_noop("Refund")),
    "order shipped": (gettext_noop("Parcel of order %(order_id)s shipped"), gettext_noop("Parcel shipped")),
    "order delivered": (
        gettext_noop("Parcel of order %(order_id)s delivered"),
        gettext_noop("Parcel delivered"),
    ),
    "return requested": (
        gettext_noop("Return of order %(order_id)s requested"),
        gettext_noop("Return requested"),
    ),
    "return received": (
        gettext_noop("Return of order %(order_id)s received"),
        gettext_noop("Return received"),
    ),
    "payment started": (gettext_noop("Started paying order %(order_id)s"), gettext_noop("Started payment")),
    "payment succeeded": (gettext_noop("Paid order %(order_id)s"), gettext_noop("Paid")),
    "payment failed": (gettext_noop("Payment of order %(order_id)s failed"), gettext_noop("Payment failed")),
    "product viewed": (gettext_noop("Viewed %(name)s"), gettext_noop("Viewed a product")),
    "product added": (gettext_noop("Added %(name)s to cart"), gettext_noop("Added a product to cart")),
    "product removed": (
        gettext_noop("Removed %(name)s from cart"),
        gettext_noop("Removed a product from cart"),
    ),
    "product list viewed": (
        gettext_noop("Viewed category %(category)s"),
        gettext_noop("Viewed a product list"),
    ),
    "products searched": (gettext_noop("Searched for %(query)s"), gettext_noop("Searched for products")),
    "product searched": (gettext_noop("Searched for %(query)s"), gettext_noop("Searched for products")),
    "cart viewed": (gettext_noop("Viewed cart"), gettext_noop("Viewed cart")),
    "checkout started": (gettext_noop("Started checkout"), gettext_noop("Started checkout")),
    "ticket opened": (gettext_noop("Contacted support: %(topic)s"), gettext_noop("Contacted support")),
    "ticket resolved": (gettext_noop("Issue resolved"), gettext_noop("Issue resolved")),
    "feedback given": (gettext_noop("Rated %(score)s"), gettext_noop("Gave a rating")),
    "membership joined": (gettext_noop("Joined as member %(member_no)s"), gettext_noop("Joined as a member")),
    "membership upgraded": (gettext_noop("Member level now %(tier)s"), gettext_noop("Member level changed")),
    "points changed": (gettext_noop("Points changed by %(points)s"), gettext_noop("Points changed")),
    "balance changed": (
        gettext_noop("Stored value changed by %(amount)s"),
        gettext_noop("Stored value changed"),
    ),
    "store visited": (gettext_noop("Visited %(store)s"), gettext_noop("Visited a store")),
    "content liked": (gettext_noop("Liked a post"), gettext_noop("Liked a post")),
    "content shared": (gettext_noop("Shared a post"), gettext_noop("Shared a post")),
    "content commented": (gettext_noop("Commented on a post"), gettext_noop("Commented on a post")),
    "account followed": (gettext_noop("Followed the account"), gettext_noop("Followed the account")),
    "account unfollowed": (gettext_noop("Unfollowed the account"), gettext_noop("Unfollowed the account")),
    "account code scanned": (gettext_noop("Scanned code %(scene)s"), gettext_noop("Scanned a code")),
    "account menu clicked": (gettext_noop("Opened menu %(key)s"), gettext_noop("Opened a menu")),
    "account chat opened": (gettext_noop("Opened the chat"), gettext_noop("Opened the chat")),
    "account message sent": (gettext_noop("Wrote a message"), gettext_noop("Wrote a message")),
    "account authorization revoked": (
        gettext_noop("Withdrew the authorization"),
        gettext_noop("Withdrew the authorization"),
    ),
    "message subscription accepted": (
        gettext_noop("Accepted messages"),
        gettext_noop("Accepted messages"),
    ),
    "message subscription refused": (
        gettext_noop("Refused messages"),
        gettext_noop("Refused messages"),
    ),
    "campaign touched": (gettext_noop("Saw campaign %(campaign)s"), gettext_noop("Saw a campaign")),
    "page": (gettext_noop("Viewed page %(title)s"), gettext_noop("Viewed a page")),
    "screen": (gettext_noop("Viewed screen %(name)s"), gettext_noop("Viewed a screen")),
    "identify": (gettext_noop("Identified"), gettext_noop("Identified")),
    "alias": (gettext_noop("Two identifiers named as one"), gettext_noop("Two identifiers named as one")),
    "group": (gettext_noop("Named a group"), gettext_noop("Named a group")),
}
BUYING = "order completed"
TAKING = frozenset({"order refunded", "order cancelled"})
RETURNS = frozenset({"return requested", "return received"})


Event = dict[str, Any]  # as the read API shows it, or a part of that


def key_of(event: Event) -> str:
    """What an event is looked up by: a track's name as the vocabulary calls it, else the type."""
    name, kind = str(event.get("name") or ""), str(event.get("type") or "")
    if name and kind in ("track", ""):
        return vocabulary.called(name).lower()
    return kind


def sentence(event: Event) -> str:
    """What happened, in the language that is on; a name nobody knows stays as it was sent."""
    forms = SENTENCES.get(key_of(event)) or SENTENCES.get(str(event.get("type") or ""))
    if forms is None:
        return str(event.get("name") or event.get("type") or "")
    said = _values(event)
    try:
        return _(forms[0]) % said
    except KeyError:
        return _(forms[1])


def _values(event: Event) -> dict[str, Any]:
    """What a sentence may name: only what is there, so that a missing one gives the shorter sentence."""
    properties = event.get("properties") or {}
    found = {
        k: v for k, v in properties.items() if isinstance(v, str | int | float | Decimal) and str(v).strip()
    }
    if isinstance(found.get("name"), str):
        found["name"] = product(str(found["name"]))
    if event.get("order_id"):
        found["order_id"] = event["order_id"]
    if event.get("type") in {"page", "screen"} and event.get("name"):
        found["title"] = found["name"] = event["name"]
    return found


def amount(event: Event, currency: str) -> str:
    """The money of an order or refund as it was sent; nothing for other events."""
    properties = event.get("properties") or {}
    total = event.get("total", properties.get("total", properties.get("amount")))
    if format.decimal(total) is None or key_of(event) not in TAKING | {BUYING}:
        return ""
    sent = str(event.get("currency") or properties.get("currency") or currency).upper()
    value = format.decimal(total) or Decimal(0)
    return format.money(-abs(value) if key_of(event) in TAKING else value, sent)


def touch(event: Event) -> str:
    """A touchpoint's name."""
    return TOUCHES.get(str(event.get("touchpoint") or "other"), lambda: str(event.get("touchpoint")))()


def contact(event: Event) -> str:
    """What kind of contact an event was; nothing where it was none."""
    if contacts.BOT in event["marks"]:
        return _("crawler")
    return touch(event) if contacts.contact(event["type"], event["marks"]) else ""


TOUCHES = {
    "browse": lambda: pgettext("touchpoint", "browse"),
    "cart": lambda: pgettext("touchpoint", "cart"),
    "order": lambda: pgettext("touchpoint", "order"),
    "payment": lambda: pgettext("touchpoint", "payment"),
    "logistics": lambda: pgettext("touchpoint", "logistics"),
    "after-sales": lambda: pgettext("touchpoint", "after-sales"),
    "feedback": lambda: pgettext("touchpoint", "feedback"),
    "store": lambda: pgettext("touchpoint", "store"),
    "social": lambda: pgettext("touchpoint", "social"),
    "marketing": lambda: pgettext("touchpoint", "marketing"),
    "membership": lambda: pgettext("touchpoint", "membership"),
    "return": lambda: pgettext("touchpoint", "return"),
    "other": lambda: pgettext("touchpoint", "other"),
}
KINDS = {
    "user_id": gettext_noop("account"),
    "anonymous_id": gettext_noop("browser"),
    "device_id": gettext_noop("device"),
    "phone": gettext_noop("phone"),
    "email": gettext_noop("e-mail"),
    "member_no": gettext_noop("member no."),
    "unionid": gettext_noop("WeChat unionid"),
    "openid": gettext_noop("WeChat openid"),
    "marketplace_uid": gettext_noop("marketplace account"),
}
TRAITS = {
    "name": gettext_noop("Full name"),
    "full_name": gettext_noop("Full name"),
    "first_name": gettext_noop("First name"),
    "last_name": gettext_noop("Last name"),
    "nickname": gettext_noop("Nickname"),
    "phone": gettext_noop("Phone"),
    "email": gettext_noop("E-mail"),
    "gender": gettext_noop("Gender"),
    "birthday": gettext_noop("Birthday"),
    "city": gettext_noop("City"),
    "province": gettext_noop("Province"),
    "address": gettext_noop("Address"),
    "member_no": gettext_noop("Member no."),
    "tier": gettext_noop("Member level"),
    "language": gettext_noop("Language"),
    "age": gettext_noop("Age"),
}


BOTH = re.compile(r"\s+[·|/]\s+")  # between the two languages of a name
HAN = re.compile(r"[\u3400-\u9fff]")


def product(name: str) -> str:
    """The part of a product's name in the language that is on, where it was sent in both: `冬被 · Quilt, winter`."""
    parts = BOTH.split(str(name))
    if len(parts) != 2 or bool(HAN.search(parts[0])) == bool(HAN.search(parts[1])):
        return str(name)
    return next(part for part in parts if bool(HAN.search(part)) == format.chinese())


def place(channel: Channel | None) -> str:
    """Where something was done: a channel's name, nothing where it is not known."""
    return shell.channel_name(channel) if channel else ""


def kind(name: str) -> str:
    """An identifier's kind in words; one of your own keeps its name."""
    return _(KINDS[name]) if name in KINDS else name


def identifier(one: dict[str, Any], channels: dict[str, Channel]) -> str:
    """What an identifier is, in words; an account on a marketplace names it."""
    where = channels.get(one.get("namespace") or "")
    if one["kind"] == "marketplace_uid" and where is not None:
        return _("account on %(channel)s") % {"channel": shell.channel_name(where)}
    return kind(one["kind"])


def trait(name: str) -> str:
    """A trait's name in words."""
    return _(TRAITS[name]) if name in TRAITS else name.replace("_", " ")


def plain(value: Any) -> str:
    """A trait's value as text."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(plain(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {plain(item)}" for name, item in value.items())
    return format.NOTHING if value is None or value == "" else str(value)
