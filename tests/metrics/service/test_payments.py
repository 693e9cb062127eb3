"""How payments end by DuckDB is what is counted one by one, and the rows behind it; failed here and won there."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as chance
from hypothesis import strategies as st

from metrics.service import payments
from metrics.service.base import asked_rows
from metrics.service.payments import BY, Ended
from tests.metrics.service.world import CHANNELS, asked, at, span, worlds
from tests.reference import service as judge
from tests.reference.service import World

IDS = {slug: channel for channel, slug in CHANNELS.items()}


@given(world=worlds(), by=st.sampled_from(sorted(BY)))
@chance(max_examples=40, deadline=None)
def test_groups_and_their_rows_are_those_of_the_reference(world: World, by: str) -> None:
    ask = asked(world)
    found = payments.payments(ask, by)
    wanted = judge.payments(world, by, *span(world))
    keys = {group.key: (IDS.get(group.key or "") if by == "channel" else group.key) for group in found.groups}
    assert {keys[group.key]: list(group.ended) for group in found.groups} == wanted
    sums = [sum(column) for column in zip(*wanted.values(), strict=True)] or [0] * 5
    assert list(found.total) == sums
    for group in found.groups:
        of = dict(zip(("started", "succeeded", "failed", "retried", "won"), group.ended, strict=True))
        for outcome, many in (of | {"open": group.ended.open}).items():
            key = None if keys[group.key] is None else str(keys[group.key])
            listing = payments.rows(by, outcome, keyed=True)
            assert len(asked_rows(ask, listing.statement, key=key)) == many


def payment(number: str, key: str, began: float, method: str | None, **more: Any) -> dict[str, Any]:
    ended = {name: at(more.pop(name)) if name in more else None for name in ("failed_at", "succeeded_at")}
    state = "succeeded" if ended["succeeded_at"] else "failed" if ended["failed_at"] else "started"
    plain = {"channel": 1, "service_channel": 1, "sighting": None, "reason": None, "state": state}
    return plain | {"order_id": number, "key": key, "occurred_at": at(began), "method": method} | ended | more


def ends(*told: dict[str, Any]) -> Ended:
    world = World("UTC", [], [], [], [], [], [], list(told), {10: 1, 11: 1})
    return payments.payments(asked(world), "method").total


def test_failed_by_one_method_and_won_by_another() -> None:
    failed = payment("A", "p1", 1, "card", failed_at=2)
    assert ends(failed, payment("A", "p2", 3, "wechat", succeeded_at=4)) == Ended(2, 1, 1, 1, 1)
    assert ends(failed, payment("A", "p2", 3, "wechat", failed_at=4)) == Ended(2, 0, 2, 1, 0)
    assert ends(failed, payment("A", "p2", 3, "card", succeeded_at=4)) == Ended(2, 1, 1, 0, 0)
    assert ends(failed, payment("A", "p2", 3, None, succeeded_at=4)) == Ended(2, 1, 1, 0, 0)


def test_the_same_customer_may_win_it_in_another_channel_under_another_number() -> None:
    failed = payment("A", "p1", 1, "card", failed_at=2, sighting=10)
    there = payment("B", "p1", 25, "card", succeeded_at=25, channel=2, sighting=11)
    assert ends(failed, there) == Ended(2, 1, 1, 1, 1)
    assert ends(failed, there | {"sighting": None}) == Ended(2, 1, 1, 0, 0)


@pytest.mark.parametrize(("began", "counts"), [(1.9, 0), (2, 1), (26, 1), (26.1, 0)])
def test_within_twenty_four_hours_after_the_failure(began: float, counts: int) -> None:
    failed = payment("A", "p1", 1, "card", failed_at=2)
    assert ends(failed, payment("A", "p2", began, "wechat")).retried_elsewhere == counts
