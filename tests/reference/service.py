"""The judge of after-sales and payments: counted row by row, slow and plain. Shares no code with the product.

Takes rows as plain dicts, as the mirror's tables have them, times aware. `World` says which.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple

Row = dict[str, Any]
HOUR = timedelta(hours=1)


class World(NamedTuple):
    """All there is. `owners`: the customer of a sighting."""

    zone: str
    orders: list[Row]
    returns: list[Row]
    return_lines: list[Row]
    refunds: list[Row]
    answers: list[Row]
    tickets: list[Row]
    payments: list[Row]
    owners: Mapping[int, int] = MappingProxyType({})


def median(values: Iterable[timedelta]) -> Fraction | None:
    """In hours."""
    listed = sorted(Fraction(value // timedelta(microseconds=1), 3_600_000_000) for value in values)
    if not listed:
        return None
    low, high = listed[(len(listed) - 1) // 2], listed[len(listed) // 2]
    return (low + high) / 2


# ---- which order something speaks of --------------------------------------------------------------------


def spoken_of(world: World, row: Row) -> int | None:
    """The channel of the order: the own one's, else that of the only order with the number."""
    channels = {one["channel"] for one in world.orders if one["order_id"] == row["order_id"]}
    if row["order_id"] is None or not channels:
        return None
    if row["channel"] in channels:
        return int(row["channel"])
    return next(iter(channels)) if len(channels) == 1 else None


# ---- returns --------------------------------------------------------------------------------------------


def of_order(rows: list[Row], one: Row) -> list[Row]:
    return [row for row in rows if (row["order_id"], row["channel"]) == (one["order_id"], one["channel"])]


def begun(world: World, back: Row) -> datetime:
    """When goods were first asked for under this number, or came."""
    asked = [
        one["requested_at"]
        for one in of_order(world.returns, back)
        if one["key"] == back["key"] and one["requested_at"]
    ]
    return min([*asked, *([back["received_at"]] if back["received_at"] else [])])


def candidates(world: World, refund: Row) -> list[Row]:
    mine = of_order(world.returns, refund)
    return [one for one in mine if one["received_at"]] or mine


def paid_for(world: World, refund: Row) -> Row | None:
    """The return that a refund pays for."""
    if refund["kind"] != "refund":
        return None
    found = candidates(world, refund)

    def name(one: Row) -> tuple[int, str]:
        return one["service_channel"], one["key"]

    before = [one for one in found if begun(world, one) <= refund["occurred_at"]]
    if before:
        last = max(begun(world, one) for one in before)
        return min((one for one in before if begun(world, one) == last), key=name)
    return min(found, key=lambda one: (begun(world, one), name(one))) if found else None


def took(world: World, back: Row) -> timedelta | None:
    """From the request to the first refund."""
    paid = [one["occurred_at"] for one in of_order(world.refunds, back) if paid_for(world, one) == back]
    return max(min(paid) - begun(world, back), timedelta(0)) if paid else None


def returns(  # noqa: C901 (a sentence after the other)
    world: World, first: date, last: date, rate: Callable[[str, date], Decimal | None]
) -> dict[tuple[int, int | None], Row]:
    """By the channels of the order and of the return: what the API says, and amounts without a rate."""
    cells: dict[Any, Row] = defaultdict(
        lambda: {"returns": [], "orders": set(), "lines": 0, "amount": Decimal(0), "apart": {}}
    )
    for one in world.returns:
        if one["day"] and first <= one["day"] <= last:
            cell = cells[one["channel"], one["service_channel"]]
            cell["returns"].append(one)
            cell["orders"].add((one["order_id"], one["channel"]))
    for one in world.return_lines:
        if one["kind"] == "return" and first <= one["day"] <= last:
            cells[one["channel"], one["service_channel"]]["lines"] += 1
    for one in world.refunds:
        if first <= one["day"] <= last:
            back = paid_for(world, one)
            pays(cells[one["channel"], back and back["service_channel"]], one, rate)
            if back is None:
                cells[one["channel"], None]["orders"].add((one["order_id"], one["channel"]))
    for cell in cells.values():
        cell |= judged(world, cell)
    return dict(cells)


def judged(world: World, cell: Row) -> Row:
    """How long the returns of a cell took, and how its orders were answered."""
    known = [time for one in cell["returns"] if (time := took(world, one)) is not None]
    told = [latest(world, order) for order in cell["orders"]]
    answered = len([one for one in told if one is not None])
    times = {"refunded": len(known), "hours": median(known)}
    return times | {"answered": answered, "satisfied": told.count(True)}


def pays(cell: Row, one: Row, rate: Callable[[str, date], Decimal | None]) -> None:
    """Money into a cell; without a rate it stands apart."""
    by = rate(one["currency"], one["order_day"])
    if by is not None:
        cell["amount"] += one["amount"] * by
    elif one["amount"]:
        cell["apart"][one["currency"]] = cell["apart"].get(one["currency"], 0) + one["amount"]


def latest(world: World, order: tuple[str, int]) -> bool | None:
    """Whether the latest answer about an order is a satisfied one."""
    told = [one for one in world.answers if (one["order_id"], spoken_of(world, one)) == (order[0], order[1])]
    if not told:
        return None
    return bool(max(told, key=lambda one: (one["occurred_at"], one["message_id"], one["key"]))["satisfied"])


# ---- tickets --------------------------------------------------------------------------------------------


def tickets(world: World, begin: datetime, end: datetime) -> dict[tuple[int | None, int], list[Row]]:
    """By the channels of the order and of the service."""
    cells: dict[Any, list[Row]] = defaultdict(list)
    for one in world.tickets:
        if begin <= one["occurred_at"] < end:
            cells[spoken_of(world, one), one["channel"]].append(one)
    return dict(cells)


def span(one: Row, until: str) -> timedelta | None:
    """From when it was opened; what is said to have been before is not known."""
    if not one["opened_at"] or not one[until] or one[until] < one["opened_at"]:
        return None
    return one[until] - one["opened_at"]  # type: ignore[no-any-return]


# ---- payments -------------------------------------------------------------------------------------------


def elsewhere(world: World, failed: Row) -> list[Row]:
    """What was tried within 24 hours after a failure by another method or in another channel."""
    who = world.owners.get(failed["sighting"])
    found = []
    for one in world.payments:
        same = one["order_id"] == failed["order_id"]
        same = same or (who is not None and world.owners.get(one["sighting"]) == who)
        after = timedelta(0) <= one["occurred_at"] - failed["failed_at"] <= 24 * HOUR
        method = None not in (one["method"], failed["method"]) and one["method"] != failed["method"]
        if same and after and (method or one["channel"] != failed["channel"]):
            found.append(one)
    return found


def payments(world: World, by: str, begin: datetime, end: datetime) -> dict[Any, list[int]]:
    """By key: started, succeeded, failed, retried elsewhere, won."""
    found: dict[Any, list[int]] = defaultdict(lambda: [0] * 5)
    for one in world.payments:
        if not begin <= one["occurred_at"] < end or (by == "reason" and not one["failed_at"]):
            continue
        again = elsewhere(world, one) if one["state"] == "failed" and one["failed_at"] else []
        counts = [
            True,
            one["succeeded_at"] is not None,
            one["state"] == "failed",
            bool(again),
            any(other["succeeded_at"] for other in again),
        ]
        found[one[by]] = [count + more for count, more in zip(found[one[by]], counts, strict=True)]
    return dict(found)


def tried(world: World, channel: int, begin: datetime, end: datetime) -> list[bool]:
    """Of the orders first tried to be paid in a span, whether each was paid within 24 hours."""
    numbers = {one["order_id"] for one in world.payments if one["channel"] == channel}
    found = []
    for number in sorted(numbers):
        mine = [one for one in world.payments if (one["order_id"], one["channel"]) == (number, channel)]
        first = min(one["occurred_at"] for one in mine)
        if begin <= first < end:
            paid = [one["succeeded_at"] for one in mine if one["succeeded_at"]]
            found.append(bool(paid) and min(paid) <= first + 24 * HOUR)
    return found
