"""What the studio calls fields, functions and the parts of rules. Not here: what they do (channels/language/)."""

import re
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from channels.language import targets
from console.event import event_labels
from kernel import vocabulary


class Explained(NamedTuple):
    """A function as the list of them shows it."""

    name: str
    words: str  # how it is called
    says: Promise
    example: str


def _f(name: str, words: str, says: Promise, example: str) -> Explained:
    return Explained(name, words, says, example)


FUNCTIONS: Final = (
    _f("text", "text(value)", _("as text: a number, yes or no too"), "text(order.id)"),
    _f("number", "number(value)", _("as a number, with commas between thousands too"), "number(qty)"),
    _f("money", "money(value)", _("an amount, exactly, without its currency's sign"), "money(total)"),
    _f("yuan", "yuan(cents)", _("whole cents as yuan: 1250 is 12.50"), "yuan(order.amount)"),
    _f(
        "time",
        "time(value, zone?)",
        _("a time, in UTC; one without an offset is of the zone named, else of the mapping's"),
        "time(paid_at, 'Asia/Shanghai')",
    ),
    _f("phone", "phone(value, region?)", _("a phone number in its one form"), "phone(buyer.mobile)"),
    _f("email", "email(value)", _("an e-mail address in its one form"), "email(buyer.mail)"),
    _f(
        "address",
        "address(text)",
        _("province, city, district and street of a Chinese address"),
        "address(receiver.address).city",
    ),
    _f("lower", "lower(text)", _("in small letters"), "lower(code)"),
    _f("upper", "upper(text)", _("in capitals"), "upper(currency)"),
    _f("trim", "trim(text)", _("without blanks at both ends"), "trim(name)"),
    _f("prefix", "prefix(value, before)", _("with a text before it"), "prefix(id, 'dy-')"),
    _f("concat", "concat(part, …)", _("the parts as one text"), "concat('paid-', order.id)"),
    _f("split", "split(text, by)", _("the pieces of a text"), "split(tags, ',')"),
    _f("replace", "replace(text, old, new)", _("one text for another"), "replace(sku, '_', '-')"),
    _f("coalesce", "coalesce(value, …)", _("the first that says something"), "coalesce(pay_amount, total)"),
    _f(
        "lookup",
        "lookup(table, value, default?)",
        _("what a table says for a code"),
        "lookup('stores', shop.code)",
    ),
    _f("plus", "plus(a, b)", _("the sum, exactly"), "plus(total, freight)"),
    _f("minus", "minus(a, b)", _("the difference, exactly"), "minus(total, coupon)"),
    _f("times", "times(a, b)", _("the product, exactly"), "times(price, num)"),
    _f("hash", "hash(part, …)", _("32 signs, the same for the same parts"), "hash(shop, order.id)"),
    _f("uuid", "uuid(part, …)", _("a UUID, the same for the same parts"), "uuid(shop, order.id)"),
    _f("json", "json(text)", _("what a text that is JSON holds"), "json(body).order.id"),
    _f("header", "header(name)", _("a header of the delivery"), "header('x-topic')"),
    _f("received", "received()", _("when it was received"), "received()"),
    _f("root", "root()", _("the whole payload, from within a list"), "root().shop.id"),
    _f("parent", "parent()", _("the element around, from a list within a list"), "parent().order_id"),
    _f("index", "index()", _("the place in the list, from 0"), "concat(root().id, '-', index())"),
)

# ---- fields ----------------------------------------------------------------------------------------

LABELS: Final[dict[str, Promise]] = {
    "type": _("Type"),
    "event": _("Event"),
    "name": _("Name"),
    "messageId": _("Message id"),
    "timestamp": _("Time"),
    "userId": _("User id"),
    "anonymousId": _("Anonymous id"),
    "properties.order_id": _("Order no."),
    "properties.total": _("Order total"),
    "properties.currency": _("Currency"),
    "properties.products": _("Order lines"),
    "properties.shipping": _("Shipping fee"),
    "properties.discount": _("Discount"),
    "properties.tax": _("Tax"),
    "properties.coupon": _("Coupon"),
    "properties.store": _("Store"),
    "properties.amount": _("Amount"),
    "properties.paid": _("Paid by the customer"),
    "properties.payout": _("Paid out to us"),
    "properties.refund_id": _("Refund no."),
    "properties.payment_id": _("Payment no."),
    "properties.method": _("Payment method"),
    "properties.reason": _("Reason"),
    "properties.carrier": _("Carrier"),
    "properties.shipment_id": _("Shipment no."),
    "properties.score": _("Score"),
    "properties.member_no": _("Member no."),
    "identifiers.phone": _("Phone"),
    "identifiers.email": _("E-mail"),
    "traits.name": _("Name"),
    "traits.phone": _("Phone"),
    "traits.email": _("E-mail"),
    "traits.city": _("City"),
    "traits.gender": _("Gender"),
    "traits.birthday": _("Birthday"),
    "traits.member_no": _("Member no."),
    "traits.tier": _("Member tier"),
    "context.campaign.source": _("Campaign source"),
    "context.campaign.name": _("Campaign"),
    "sku": _("SKU"),
    "quantity": _("Quantity"),
    "price": _("Price"),
    "unit_cost": _("Unit cost"),
    "amount": _("Amount"),
    "currency": _("Currency"),
}
OF_LINES: Final = ("sku", "name", "quantity", "price", "category", "brand", "discount")
GROUPS: Final = (
    (_("What and when"), ("type", "event", "name", "messageId", "timestamp", "originalTimestamp", "sentAt")),
    (_("Who"), ("userId", "anonymousId", "previousId", "groupId", "identifiers", "traits")),
    (_("What about it"), ("properties", "context")),
    (_("Fields of the record"), ()),
)


def label(field: str) -> str:
    """What a field is called; one's own by its last part."""
    if field in LABELS:
        return str(LABELS[field])
    if field.startswith("identifiers."):
        return event_labels.kind(field.partition(".")[2])
    return field.rpartition(".")[2] or field


def group(field: str) -> int:
    """The place in GROUPS of a field."""
    first = field.partition(".")[0]
    found = (n for n, (_title, names) in enumerate(GROUPS) if first in names)
    return next(found, len(GROUPS) - 1)


def offered() -> list[tuple[str, str]]:
    """Fields that one may want to fill, with their names."""
    of_events = {f"properties.{name}" for row in vocabulary.EVENTS for name in (*row.fields, row.key) if name}
    kinds = [f"identifiers.{kind}" for kind in event_labels.KINDS]
    named = [name for name in LABELS if "." in name or name in targets.TEXTS]
    every = dict.fromkeys([*named, *kinds, *sorted(of_events), *sorted(targets.OF_RECORDS)])
    return [(field, label(field)) for field in every]


# ---- rules -----------------------------------------------------------------------------------------

PARTS: Final[dict[str, Promise]] = {
    "trim": _("Blanks trimmed"),
    "case": _("Letters"),
    "standard": _("One form"),
    "lookup": _("Table"),
    "unit": _("Unit"),
    "default": _("Default"),
    "required": _("Required"),
    "allowed": _("Allowed"),
    "pattern": _("Pattern"),
    "min": _("At least"),
    "max": _("At most"),
    "skip": _("Left out on purpose"),
}
CHOICES: Final[dict[str, tuple[tuple[str, Promise], ...]]] = {
    "case": (("lower", _("small letters")), ("upper", _("capitals"))),
    "standard": (
        ("sku", _("SKU: no blanks, one dash, capitals")),
        ("gender", _("gender: male, female, unknown")),
        ("birthday", _("birthday: 1990-01-05")),
        ("address", _("address: fills in province, city, district")),
        ("city", _("city: 杭州 is 杭州市")),
        ("province", _("province: 浙江 is 浙江省")),
    ),
    "unit": (("cents", _("cents, read as yuan")),),
}
NAMES: Final = re.compile(r"\w+")
