"""Customers counted, by difference: what a batch, a join or a split changes in `metrics_span`; and all anew.

A profile's share is a pure function of its rows (distinct_windows.py). Here: which rows changed, share before, share
after, the difference. Not here: how a period is asked (query.py), what an order or an answer is (facts/), who is who
(profiles).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from kernel.db import Connection, Statements, array, instant, rows, run
from kernel.event import ActiveDay, Owners, Recent
from metrics.distinct_windows import (
    AnswerRow,
    Cell,
    Key,
    OrderRow,
    Share,
    add_activity,
    add_answers,
    add_nobody,
    add_orders,
    neighbourhood,
)

SQL = Statements(__file__)
EVER = "-infinity"
REBUILD_PROFILES = 5_000  # profiles whose rows are held in memory at a time by a rebuild

Row = TypeVar("Row", OrderRow, AnswerRow)
Days = dict[int, set[Cell]]  # profile -> its active days


class Changed(Protocol):
    """What changed among facts that count customers (facts/changes.py:FactChanges): rows as they were and are."""

    @property
    def orders_before(self) -> Sequence[OrderRow]:
        """Orders that changed, as they were."""

    @property
    def orders_after(self) -> Sequence[OrderRow]:
        """Orders that changed, as they are."""

    @property
    def answers_before(self) -> Sequence[AnswerRow]:
        """Answers that changed, as they were."""

    @property
    def answers_after(self) -> Sequence[AnswerRow]:
        """Answers that changed, as they are."""


def begin(
    db: Connection,
    workspace: int,
    owners: Owners,
    new: Mapping[int, set[ActiveDay]],
    known: Mapping[int, Recent],
) -> Share:
    """What the batch's activity changes. Called with all locks held, before the activity is written.

    `new`: profile -> the batch's active days; `known`: their newest days so far, of each profile in `new`.
    """
    change: Share = defaultdict(int)
    moved = _moved(owners)
    late = []
    for profile, days in new.items():
        if profile not in moved:
            recent = known[profile]
            if not _add_new(change, recent.sure, days, recent.cut):
                late.append(profile)
    histories = _active_days(db, workspace, sorted(late))
    for profile in late:
        _add_new(change, histories[profile], new[profile])
    _add_moved(db, workspace, owners, change, moved, new)
    return change


def apply(db: Connection, workspace: int, owners: Owners, change: Share, changed: Changed) -> None:
    """Adds what the batch's orders, answers and joins change, and writes it all, last and in key order."""
    since = _concerned(owners, [*changed.orders_before, *changed.orders_after])
    near = _orders_near(db, workspace, since)
    orders = _before_and_after(owners, near, changed.orders_before, changed.orders_after)
    for sign, bought in zip((-1, 1), orders, strict=True):
        for of_buyer in bought:
            add_orders(change, of_buyer, sign)
    asked = _concerned(owners, [*changed.answers_before, *changed.answers_after])
    given = _read(db, "answers", workspace, asked)
    answers = _before_and_after(owners, given, changed.answers_before, changed.answers_after)
    for sign, answered in zip((-1, 1), answers, strict=True):
        for of_profile in answered:
            add_answers(change, of_profile, sign)
    add_nobody(change, (row for row in changed.answers_after if row.sighting is None), 1)
    add_nobody(change, (row for row in changed.answers_before if row.sighting is None), -1)
    write(db, workspace, change)


def write(db: Connection, workspace: int, change: Mapping[Key, int]) -> None:
    """Adds differences to the table; spans that come to 0 go."""
    keys = sorted(key for key, n in change.items() if n)
    if not keys:
        return
    empty = rows(
        db, SQL["add"], workspace=workspace, ns=array([change[key] for key in keys]), **_columns(keys)
    )
    if empty:
        run(db, SQL["drop_empty"], workspace=workspace, **_columns(empty))


def rebuild(db: Connection, workspace: int) -> None:
    """Writes all spans of the workspace anew, from activity, orders and answers alone."""
    run(db, SQL["drop_all"], workspace=workspace)
    change: Share = defaultdict(int)
    after = 0
    while profiles := rows(
        db, SQL["profiles_after"], workspace=workspace, after=after, limit=REBUILD_PROFILES
    ):
        asked = [profile for (profile,) in profiles]
        for cells in _active_days(db, workspace, asked).values():
            add_activity(change, cells, 1)
        for orders in _by_profile(_read(db, "orders", workspace, asked)).values():
            add_orders(change, orders, 1)
        for answers in _by_profile(_read(db, "answers", workspace, asked)).values():
            add_answers(change, answers, 1)
        after = asked[-1]
    add_nobody(change, (_nobody(row) for row in rows(db, SQL["answers_of_nobody"], workspace=workspace)), 1)
    write(db, workspace, change)


def _moved(owners: Owners) -> set[int]:
    """The profiles that sightings left or came to."""
    return {profile for move in owners.moved for profile in (move.before, move.after)}


def _add_new(change: Share, known: set[Cell], new: set[Cell], cut: date | None = None) -> bool:
    """Share before and after of what new cells can touch; False: that is more than is known."""
    fresh = new - known
    if not fresh:
        return True
    if not known and cut is None:  # somebody who begins
        add_activity(change, fresh, 1)
        return True
    part = neighbourhood(known, fresh, cut)
    if part is None:
        return False
    add_activity(change, part, -1)
    add_activity(change, part | fresh, 1)
    return True


def _add_moved(
    db: Connection,
    workspace: int,
    owners: Owners,
    change: Share,
    moved: set[int],
    new: Mapping[int, set[ActiveDay]],
) -> None:
    """Share before and share after of profiles that sightings left or came to, from their whole history."""
    if not moved:
        return
    old = {move.sighting: move.before for move in owners.moved}
    before: Days = defaultdict(set)
    after: Days = defaultdict(set)
    for sighting, profile, day, channel in _read_active(db, workspace, sorted(moved)):
        after[profile].add((day, channel))
        before[old.get(sighting, profile)].add((day, channel))
    for profile in moved & new.keys():
        after[profile] |= new[profile]
    for sign, shares in ((-1, before), (1, after)):
        for cells in shares.values():
            add_activity(change, cells, sign)


def _before_and_after(
    owners: Owners, found: list[tuple[int, Row]], before: Sequence[Row], after: Sequence[Row]
) -> tuple[Iterable[list[Row]], Iterable[list[Row]]]:
    """The rows, profile by profile, of all profiles that a row or a sighting came to or left: as it was, as it is."""
    return _as_it_was(owners, found, before, after).values(), _by_profile(found).values()


def _concerned(owners: Owners, changed: Iterable[OrderRow | AnswerRow]) -> dict[int, str]:
    """The profiles, as they are now, that changed rows or moved sightings belong or belonged to; and from when on."""
    since: dict[int, datetime] = {}
    for row in changed:
        if row.sighting is not None:
            profile = owners.profile[row.sighting]
            since[profile] = min(since.get(profile, row.at), row.at)
    return {profile: instant(at) for profile, at in since.items()} | dict.fromkeys(_moved(owners), EVER)


def _as_it_was(
    owners: Owners, found: Iterable[tuple[int, Row]], before: Iterable[Row], after: Iterable[Row]
) -> dict[int, list[Row]]:
    """The rows by profile before the batch: what changed is put back, what moved stands where it stood."""
    old = {move.sighting: move.before for move in owners.moved}
    fresh = {row.key for row in after}
    shares: dict[int, list[Row]] = defaultdict(list)
    for profile, row in found:
        if row.key not in fresh:
            shares[old.get(row.sighting, profile) if row.sighting is not None else profile].append(row)
    for row in before:
        if row.sighting is not None:
            shares[old.get(row.sighting, owners.profile[row.sighting])].append(row)
    return shares


def _read_active(db: Connection, workspace: int, profiles: list[int]) -> list[tuple[int, int, date, int]]:
    return rows(db, SQL["active_days"], workspace=workspace, profiles=array(profiles))


def _active_days(db: Connection, workspace: int, profiles: list[int]) -> Days:
    days: Days = defaultdict(set)
    if not profiles:
        return days
    for _, profile, day, channel in _read_active(db, workspace, profiles):
        days[profile].add((day, channel))
    return days


def _read(db: Connection, statement: str, workspace: int, profiles: Iterable[int]) -> list[tuple[int, Any]]:
    """The orders or answers of profiles, each with its profile."""
    asked = sorted(profiles)
    if not asked:
        return []
    found = rows(db, SQL[statement], workspace=workspace, profiles=array(asked))
    form = OrderRow if statement == "orders" else AnswerRow
    return [(profile, form(sighting, *rest)) for sighting, profile, *rest in found]


def _orders_near(db: Connection, workspace: int, since: Mapping[int, str]) -> list[tuple[int, OrderRow]]:
    """Of each profile the orders from a moment on, and as many before it as those can touch in the counts.

    The first of them is the profile's first ever, or one that did not change: *new* comes to the same before and after.
    """
    if not since:
        return []
    profiles = sorted(since)
    sinces = array([since[profile] for profile in profiles])
    found = rows(db, SQL["orders_near"], workspace=workspace, profiles=array(profiles), sinces=sinces)
    return [(profile, OrderRow(sighting, *rest)) for sighting, profile, *rest in found]


def _by_profile(found: Iterable[tuple[int, Row]]) -> dict[int, list[Row]]:
    shares: dict[int, list[Row]] = defaultdict(list)
    for profile, row in found:
        shares[profile].append(row)
    return shares


def _nobody(row: tuple[Any, ...]) -> AnswerRow:
    return AnswerRow(None, *row)


def _columns(keys: list[Any]) -> dict[str, str]:
    return {
        "measures": array([key[0] for key in keys]),
        "channels": array([key[1] for key in keys]),
        "firsts": array([key[2] for key in keys]),
        "lasts": array([key[3] for key in keys]),
    }
