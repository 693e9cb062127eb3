"""Cleaned messages and records for the tests of facts, and random ones for hypothesis. Customers are sighting ids."""

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from kernel.event import Clean, Fee, Line, Meaning, Record
from metrics.facts.base import ChannelSettings, WorkspaceSettings

WORKSPACE = 41
WEB, STORE, TMALL = 1, 2, 3
CHANNELS = {
    WEB: ChannelSettings("CNY", "Asia/Shanghai", "web"),
    STORE: ChannelSettings("CNY", "Asia/Shanghai", "store"),
    TMALL: ChannelSettings("EUR", "Europe/Berlin", "tmall"),
}
PLACE = WorkspaceSettings(WORKSPACE, "Asia/Shanghai", "CNY", CHANNELS)
NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)  # 12:00 in Shanghai
HOUR = timedelta(hours=1)
AMOUNTS = ("total", "amount", "tax", "shipping", "discount", "score", "scale", "payout")


def uuid_of(*parts: object) -> UUID:
    return UUID(bytes=hashlib.sha256(repr(parts).encode()).digest()[:16])


def hours(number: float) -> datetime:
    """So many hours after noon of 1 March."""
    return NOON + timedelta(hours=number)


def line(sku: str, quantity: object = 1, cost: object = None, price: object = None) -> Line:
    return Line(
        sku=sku,
        quantity=Decimal(str(quantity)),
        cost=None if cost is None else Decimal(str(cost)),
        price=None if price is None else Decimal(str(price)),
    )


def says(kind: str, order_id: str | None = "A1", at: float = 0, channel: int = WEB, **said: Any) -> Clean:
    """A cleaned message. `key`, `message`, `order_channel` and `sighting` go to their places, the rest are fields."""
    message = said.pop("message", None) or f"{kind}-{order_id}-{at}-{channel}-{sorted(said.items(), key=str)}"
    sighting, order_channel = said.pop("sighting", None), said.pop("order_channel", None)
    own = order_id if kind.startswith("order_") and kind != "order_refunded" else message
    key = said.pop("key", None) or own
    fields = {name: Decimal(str(value)) if name in AMOUNTS else value for name, value in said.items()}
    if kind == "order_completed":  # all else is in its order's currency unless it says another
        fields.setdefault("currency", CHANNELS[channel].currency)
    if order_id is not None:
        fields["order_id"] = order_id
    return Clean(
        id=uuid_of(channel, message),
        message_id=message,
        connector=channel,
        channel=channel,
        request=uuid_of("request", message),
        position=0,
        received_at=hours(at),
        occurred_at=hours(at),
        type="track",
        name=kind,
        touchpoint="order",
        identifiers=(),
        properties={},
        traits={},
        context={},
        observed={},
        meaning=Meaning(kind=kind, key=key, fields=fields, order_id=order_id, order_channel=order_channel),
        sighting=sighting,
    )


def record(
    kind: str, at: float = 0, channel: int | None = None, received: float = 0, **fields: Any
) -> Record:
    numbers = (
        "price",
        "list_price",
        "quantity",
        "unit_cost",
        "amount",
        "value",
        "rate",
        "clicks",
        "impressions",
    )
    cleaned = {name: Decimal(str(value)) if name in numbers else value for name, value in fields.items()}
    name = f"{kind}-{at}-{channel}-{received}-{sorted(fields.items(), key=str)}"
    return Record(
        type=kind,
        id=uuid_of(name),
        message_id=name,
        connector=channel or WEB,
        channel=channel,
        request=uuid_of("request", name),
        position=0,
        received_at=hours(received),
        at=hours(at),
        fields=cleaned,
    )


def plain(clean: Clean) -> dict[str, Any]:
    """A message as the judge takes it."""
    meaning = clean.meaning
    said = dict(meaning.fields)
    if said.get("lines") is not None:
        said["lines"] = [
            {"sku": one.sku, "quantity": one.quantity, "cost": one.cost, "price": one.price}
            for one in said["lines"]
        ]
    if said.get("fees") is not None:
        said["fees"] = [fee.amount for fee in said["fees"]]
    return said | {
        "id": clean.id,
        "message_id": clean.message_id,
        "at": clean.occurred_at,
        "kind": meaning.kind,
        "key": meaning.key,
        "channel": clean.channel,
        "order_channel": meaning.order_channel,
        "sighting": clean.sighting,
    }


# Random messages about few orders, so that they meet ---------------------------------------------------------------

CENTS = st.integers(0, 20_000).map(lambda cents: Decimal(cents) / 100)
CURRENCIES = st.sampled_from(["CNY", "CNY", "CNY", "EUR", "JPY"])
SKUS = st.sampled_from(["chair", "lamp", "rug"])
KINDS = st.sampled_from(["commission", "freight", ""])
QUANTITIES = st.sampled_from([Decimal(1), Decimal(2), Decimal(3), Decimal("0.5")])


WITH_LINES = ("order_completed", "order_updated", "order_refunded", "return_requested", "return_received")
OWN = {channel: place.currency for channel, place in CHANNELS.items()}


@st.composite
def products(draw: Any, costs: bool = True) -> tuple[Line, ...]:
    skus = draw(st.lists(SKUS, max_size=3, unique=True))
    cost = st.none() | CENTS if costs else st.none()
    price = st.none() | CENTS
    return tuple(Line(sku=sku, quantity=draw(QUANTITIES), cost=draw(cost), price=draw(price)) for sku in skus)


@st.composite
def message(draw: Any, numbers: tuple[str, ...] = ("A1",)) -> Clean:
    """One random message about an order."""
    kind = draw(
        st.sampled_from(
            ["order_completed"] * 3
            + ["order_updated"] * 2
            + ["order_refunded"] * 4
            + ["order_cancelled", "return_requested", "return_received", "return_received"]
            + ["payment_started", "payment_succeeded", "payment_failed", "order_shipped", "order_delivered"]
        )
    )
    said: dict[str, Any] = {}
    if kind == "order_completed" or draw(st.booleans()):
        amount = {"order_completed": "total", "order_updated": "total", "order_refunded": "total"}.get(
            kind, ""
        )
        amount = amount or ("amount" if kind.startswith("payment") else "")
        if amount:
            said |= {amount: draw(CENTS)}
    if kind in ("order_completed", "order_updated"):
        settled = {"payout": CENTS, "fees": st.lists(st.builds(Fee, KINDS, CENTS), max_size=3).map(tuple)}
        said |= {name: draw(one) for name, one in settled.items() if draw(st.integers(0, 2)) == 0}
    if kind in WITH_LINES and draw(st.booleans()):
        said["lines"] = draw(products(costs=kind in ("order_completed", "order_updated")))
    if said and draw(st.booleans()):
        said["currency"] = draw(CURRENCIES)
    if draw(st.integers(0, 3)) == 0:
        said["second_hand"] = True
    if kind in ("order_refunded", "return_requested", "return_received") or kind.startswith("payment"):
        said["key"] = draw(st.sampled_from(["k1", "k2", "k3"]))
    return says(
        kind,
        draw(st.sampled_from(numbers)),
        draw(st.integers(0, 60)),
        draw(st.sampled_from([WEB, WEB, WEB, STORE, TMALL])),
        order_channel=draw(st.sampled_from([None, None, None, WEB, STORE])),
        sighting=draw(st.sampled_from([None, 11, 12, 13])),
        message=f"m{draw(st.integers(0, 10**6))}",
        **said,
    )


def distinct(found: list[Clean]) -> list[Clean]:
    """Each message once, as after dedupe."""
    return list({clean.id: clean for clean in found}.values())


def messages(numbers: tuple[str, ...] = ("A1",), most: int = 14) -> st.SearchStrategy[list[Clean]]:
    return st.lists(message(numbers), max_size=most).map(distinct)
