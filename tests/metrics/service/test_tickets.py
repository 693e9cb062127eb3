"""Tickets by DuckDB are those counted one by one; what they cost is never guessed."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import settings as chance

from kernel.errors import BadRequest
from metrics.service import asking, ticket_rows, tickets
from metrics.service.base import asked_rows
from tests.metrics.service.world import CHANNELS, asked, span, worlds
from tests.reference import service as judge
from tests.reference.service import Row, World

IDS = {slug: channel for channel, slug in CHANNELS.items()}
NEAR = Fraction(1, 1_000)


def known(times: Iterable[timedelta | None]) -> list[timedelta]:
    return [one for one in times if one is not None]


def same(value: Decimal | None, wanted: Fraction | None) -> bool:
    if value is None or wanted is None:
        return value is wanted
    return abs(Fraction(str(value)) - wanted) <= NEAR


def agrees(found: tickets.Handled, there: list[Row]) -> None:
    assert (found.opened, found.resolved, found.open, found.reopened) == (
        len(there),
        sum(one["resolved_at"] is not None for one in there),
        sum(one["closed_at"] is None for one in there),
        sum(one["reopened"] > 0 for one in there),
    )
    answers = known(judge.span(one, "first_response_at") for one in there)
    assert found.answered == len(answers)
    minutes = judge.median(answers)
    assert same(found.median_response_minutes, None if minutes is None else minutes * 60)
    assert same(
        found.median_resolution_hours, judge.median(known(judge.span(one, "resolved_at") for one in there))
    )


@given(world=worlds())
@chance(max_examples=50, deadline=None)
def test_cells_channels_and_rows_are_those_of_the_reference(world: World) -> None:
    ask = asked(world)
    found = tickets.tickets(ask, {"web": Decimal("2.5")})
    wanted = judge.tickets(world, *span(world))
    got = {(cell.bought and IDS[cell.bought], IDS[cell.served]): cell.handled for cell in found.cells}
    assert got.keys() == wanted.keys()
    for pair, handled in got.items():
        agrees(handled, wanted[pair])
        for which, of in (("opened", handled.opened), ("open", handled.open), ("reopened", handled.reopened)):
            values = {"any_bought": False, "bought": pair[0], "any_served": False, "served": pair[1]}
            assert len(asked_rows(ask, ticket_rows.tickets(which).statement, **values)) == of
    for one in found.channels:
        agrees(
            one.handled, [row for pair, rows in wanted.items() if pair[1] == IDS[one.channel] for row in rows]
        )
    every = [row for rows in wanted.values() for row in rows]
    agrees(found.total, every)
    on_web = sum(row["channel"] == IDS["web"] for row in every)
    assert (found.cost, found.missing_cost) == (on_web * Decimal("2.5"), len(every) - on_web)


def test_a_cost_is_read_and_what_is_none_is_refused() -> None:
    assert asking.costs(CHANNELS, ["web:12.50", "store: 0"]) == {"web": Decimal("12.50"), "store": Decimal(0)}
    for wrong in ("web", "web:", "web:x", "web:-1", "web:nan", "web:Infinity", ":3", "moon:3", "web:1e9"):
        with pytest.raises(BadRequest):
            asking.costs(CHANNELS, [wrong])
