"""What a batch changes in the mirror, kept in its own transaction: touches packed, all else as JSON by table.

Column by column, with no look at the database: a touch costs a few microseconds. Whoever keeps the files
(mirror/sync.py) takes the changes in the order of their numbers, which is that of the commits: the workspace is held
when one gets its number.
Not here: what the columns are (mirror/tables.py), which facts changed (metrics/facts).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

import msgspec

from kernel import binary, contacts
from kernel.binary import Shape, micros, sized
from kernel.db import Connection
from kernel.event import Clean, Owners
from metrics.facts.campaigns import MARKETING, NONE, campaign
from metrics.facts.changes import FactChanges
from metrics.facts.feedback import Answer, promotes
from metrics.facts.membership import Step
from metrics.facts.prices import Price
from metrics.facts.rows import Order, OrderLine, Payment, Refund, Return, ReturnLine, Settlement, Shipment
from metrics.facts.tickets import Ticket
from metrics.mirror import packed, tables
from metrics.mirror.tables import AGAIN, GONE, MONTH, RENAMED

Columns = Mapping[str, Sequence[Any]]

SHAPE = Shape("metrics_mirror_change", "workspace_id int", ("newest", "body", "touches"))
UNIX: Final = (datetime(2000, 1, 1) - datetime(1970, 1, 1)) // datetime.resolution  # noqa: DTZ001 (a span)
HALF: Final = 1 << 63
LARGEST: Final = 8 << 20  # bytes of touches in one change
CONTACTS: Final = frozenset(contacts.CONTACTS)
DAY_ONE: Final = datetime(1970, 1, 1)  # noqa: DTZ001 (the mirror's times are naive)
PLACES: Final = Decimal("1E-12")  # of what goods cost
EXACT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)
ENCODE: Final = msgspec.json.Encoder(decimal_format="number").encode


def keep(
    db: Connection, workspace: int, fresh: Sequence[Clean], owners: Owners, changed: FactChanges
) -> None:
    """Keeps a batch's changes. Nothing is written where nothing of it is in the mirror."""
    told = [
        clean
        for clean in fresh
        if clean.sighting is not None and clean.type in CONTACTS and contacts.BOT not in clean.marks
    ]
    document = {**people(fresh, owners), **facts(changed)}
    body = sized(ENCODE(document)) if document else binary.NULL
    packs = list(_packs(told)) if told else [binary.NULL] * bool(document)
    newest = max((clean.occurred_at for clean in fresh), default=None)
    moment = binary.NULL if newest is None else binary.optional(micros(newest))
    lines = [moment + (binary.NULL if place else body) + pack for place, pack in enumerate(packs)]
    SHAPE.copy(db, SHAPE.rows(([workspace] * len(lines),), lines))


def _packs(told: Sequence[Clean]) -> Iterator[bytes]:
    """A batch's touches, in several changes where they are too large for one: they only grow, so any may hold them."""
    pack = touches(told)
    if len(pack) > LARGEST and len(told) > 1:
        yield from _packs(told[: len(told) // 2])
        yield from _packs(told[len(told) // 2 :])
    else:
        yield sized(pack)


def touches(told: Sequence[Clean]) -> bytes:
    """Touches: page, screen and track events of people, each with a sighting; what a crawler sent is none."""
    return packed.pack(
        [micros(clean.occurred_at) for clean in told],
        [clean.id.int >> 64 for clean in told],
        [clean.sighting or 0 for clean in told],
        [
            (clean.channel, clean.touchpoint, clean.name, clean.active)
            + (campaign(clean) if "campaign" in clean.context or clean.touchpoint == MARKETING else NONE)
            for clean in told
        ],
        [_asked_for(clean.properties) for clean in told],
    )


def people(fresh: Iterable[Clean], owners: Owners) -> dict[str, Columns]:
    """Whose sightings are now; profiles that got another number; what is said of people and broken down by."""
    found: dict[str, Columns] = {}
    if owners.new or owners.moved:
        known = {
            clean.sighting: any(one.kind in tables.IDENTIFYING for one in clean.identifiers)
            for clean in fresh
            if clean.sighting in owners.new
        }
        lines: list[tuple[int, int, bool | None]] = [
            (one, owners.profile[one], known.get(one, False)) for one in sorted(owners.new)
        ]
        lines += [(move.sighting, move.after, None) for move in owners.moved]
        found["customers"] = _columns(("sighting", "profile", "identified"), lines)
    if owners.renamed:
        pairs = [(old, new) for old, (new, _key) in sorted(owners.renamed.items())]
        found[RENAMED] = _columns(("old", "new"), pairs)
    said = [
        (clean.sighting, name, clean.observed[name], moment(clean.occurred_at), tie(clean.id.int))
        for clean in fresh
        if clean.observed and clean.sighting is not None
        for name in tables.TRAITS_KEPT
        if isinstance(clean.observed.get(name), str)
    ]
    if said:
        found["traits"] = _columns(tables.TRAITS.names, said)
    return found


def facts(changed: FactChanges) -> dict[str, Columns]:
    """Facts as they are now, each under its table; of those with a key also which keys were there, in which months."""
    found: dict[str, Columns] = {}
    for name, (before, after) in changed.differing.items():
        table, make = tables.TABLES[name], MADE[name]
        if after:
            found[name] = _columns(table.names, list(map(make, after)))
        if before:
            places = [table.names.index(column) for column in table.key]
            month = table.names.index(table.month)
            gone = {(*(row[i] for i in places), _month(row[month])) for row in map(make, before)}
            found[name + GONE] = _columns((*table.key, MONTH), sorted(gone))
    if changed.recosted:
        found[AGAIN] = {"order_id": sorted(changed.recosted)}
    return found


# ---- values ------------------------------------------------------------------------------------


def moment(value: datetime | None) -> int | None:
    """Microseconds since 1970."""
    return None if value is None else micros(value) + UNIX


def tie(number: int) -> int:
    """The first eight bytes of an id, as a number that sorts as they do."""
    return (number >> 64) - HALF


def _columns(names: Sequence[str], lines: Sequence[Sequence[Any]]) -> Columns:
    """Rows column by column; one of which nothing is said is left out: whoever reads takes it for null."""
    columns = zip(names, zip(*lines, strict=True), strict=True) if lines else ()
    return {name: column for name, column in columns if any(one is not None for one in column)}


def _asked_for(properties: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What conditions may ask for: lists (products) stay out."""
    if list in map(type, properties.values()):
        properties = {name: value for name, value in properties.items() if type(value) is not list}
    return properties or None


def _month(value: int | date) -> str:
    """The month of microseconds since 1970, in UTC, or of a day."""
    on = value if isinstance(value, date) else DAY_ONE + timedelta(microseconds=value)
    return f"{on.year:04d}-{on.month:02d}"


# ---- rows of facts as rows of the mirror, in the order of its columns ----------------------------


def _order(row: Order) -> tuple[Any, ...]:
    return (
        row.order_id,
        row.channel_id,
        moment(row.occurred_at),
        row.day,
        tie(row.event_id.int),
        row.message_id,
        row.sighting_id,
        row.currency,
        row.total,
        row.refunded,
        row.discount,
        row.shipping,
        row.tax,
        moment(row.cancelled_at),
        row.state,
        row.store,
        row.coupon,
        row.campaign,
        row.source,
    )


def _settlement(row: Settlement) -> tuple[Any, ...]:
    return row.order_id, row.channel_id, row.day, row.fees, row.payout


def _line(row: OrderLine) -> tuple[Any, ...]:
    cost = None if row.unit_cost is None else EXACT.quantize(row.quantity * row.unit_cost, PLACES)
    net = None if row.price is None else row.price * row.quantity - (row.discount or 0)
    return (
        row.order_id,
        row.channel_id,
        row.line,
        moment(row.occurred_at),
        row.day,
        row.sku,
        row.name,
        row.category,
        row.brand,
        row.quantity,
        net,
        row.currency,
        cost,
        row.cost_currency,
        row.cost_day,
    )


def _refund(row: Refund) -> tuple[Any, ...]:
    return (
        row.order_id,
        row.channel_id,
        row.service_channel_id,
        row.kind,
        moment(row.occurred_at),
        row.day,
        row.order_day,
        row.currency,
        row.amount,
    )


def _return(row: Return) -> tuple[Any, ...]:
    return (
        row.order_id,
        row.channel_id,
        row.service_channel_id,
        row.key,
        moment(row.occurred_at),
        moment(row.requested_at),
        moment(row.received_at),
        row.day,
        row.store,
    )


def _return_line(row: ReturnLine) -> tuple[Any, ...]:
    return (
        row.order_id,
        row.channel_id,
        row.service_channel_id,
        row.kind,
        row.line,
        row.sku,
        moment(row.occurred_at),
        row.day,
        row.quantity,
    )


def _payment(row: Payment) -> tuple[Any, ...]:
    return (
        row.order_id,
        row.channel_id,
        row.service_channel_id,
        moment(row.occurred_at),
        moment(row.started_at),
        moment(row.succeeded_at),
        moment(row.failed_at),
        row.state,
        row.amount,
        row.currency,
        row.method,
        row.reason,
    )


def _shipment(row: Shipment) -> tuple[Any, ...]:
    return (
        row.order_id,
        row.channel_id,
        row.service_channel_id,
        moment(row.occurred_at),
        moment(row.shipped_at),
        moment(row.delivered_at),
        moment(row.promised_at),
        row.carrier,
    )


def _answer(row: Answer) -> tuple[Any, ...]:
    return (
        row.channel_id,
        row.key,
        moment(row.occurred_at),
        row.day,
        tie(row.id.int),
        row.message_id,
        row.sighting_id,
        row.satisfied,
        row.order_id,
        promotes(row.score, row.scale),
    )


def _ticket(row: Ticket) -> tuple[Any, ...]:
    return (
        row.channel_id,
        row.key,
        moment(row.occurred_at),
        row.sighting_id,
        moment(row.opened_at),
        moment(row.resolved_at),
        moment(row.first_response_at),
        row.topic,
        row.order_id,
    )


def _step(row: Step) -> tuple[Any, ...]:
    return row.sighting_id, moment(row.occurred_at), tie(row.id.int), row.kind, row.tier


def _price(row: Price) -> tuple[Any, ...]:
    return row.channel_id, row.sku, moment(row.at), row.day, row.price, row.currency


MADE: Final[Mapping[str, Callable[[Any], tuple[Any, ...]]]] = {
    "orders": _order,
    "settlements": _settlement,
    "order_lines": _line,
    "refunds": _refund,
    "returns": _return,
    "return_lines": _return_line,
    "payments": _payment,
    "shipments": _shipment,
    "answers": _answer,
    "tickets": _ticket,
    "memberships": _step,
    "prices": _price,
}
