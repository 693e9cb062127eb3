"""A small world for the counting tests: sightings with profiles, batches, joins and splits; and its judge.

The spans are fed as the pipeline feeds them: begin, activity and facts written, book. Whose a sighting is stands in a
temporary table in place of identity's view, so that any join and split can be tried.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from kernel.db import copy, rows, run
from kernel.event import Moved, Owners, Recent
from metrics import customer_spans
from metrics.distinct_windows import AnswerRow, OrderRow
from profiles import recent
from tests.reference.metrics import World

WORKSPACE = 7
DAY = timedelta(days=1)
BEGIN = date(2026, 1, 1)

OWNER = """create temporary table if not exists profiles_owner
    (workspace_id int, sighting_id bigint, identifier_id bigint, profile_id bigint)"""
ORDER = """insert into metrics_order (workspace_id, order_id, channel_id, occurred_at, day, event_id, message_id,
    sighting_id, currency, total, refunded, state) values (%(w)s, %(order)s, %(channel)s, %(at)s, %(day)s, %(id)s,
    %(message)s, %(sighting)s, 'CNY', 1, 0, 'open') on conflict (workspace_id, order_id, channel_id) do update set
    occurred_at = excluded.occurred_at, day = excluded.day, event_id = excluded.event_id,
    sighting_id = excluded.sighting_id"""
ANSWER = """insert into metrics_answer (workspace_id, channel_id, key, id, message_id, sighting_id, occurred_at, day,
    satisfied, score, scale) values (%(w)s, %(channel)s, %(answer)s, %(id)s, %(message)s, %(sighting)s, %(at)s,
    %(day)s, %(satisfied)s, 1, 5) on conflict (workspace_id, channel_id, key) do update set
    occurred_at = excluded.occurred_at, id = excluded.id, day = excluded.day, sighting_id = excluded.sighting_id,
    satisfied = excluded.satisfied"""
SPANS = "select measure, channel_id, first, last, n from metrics_span where workspace_id = %(w)s order by 1, 2, 3, 4"


class Batch(NamedTuple):
    """What comes in at once. Orders and answers replace those with the same key."""

    active: list[tuple[int, date, int]]
    orders: list[OrderRow]
    answers: list[AnswerRow]
    profiles: dict[int, int]  # sighting -> its profile from now on


class FactChanges(NamedTuple):
    """What facts would say of a batch."""

    orders_before: list[OrderRow]
    orders_after: list[OrderRow]
    answers_before: list[AnswerRow]
    answers_after: list[AnswerRow]


class Ground:
    """The tables, and the same in Python."""

    def __init__(self, db, most: int = recent.MOST) -> None:
        self.db, self.recent = db, most
        self.profiles: dict[int, int] = {}
        self.active: set[tuple[int, date, int]] = set()
        self.orders: dict[object, OrderRow] = {}
        self.answers: dict[object, AnswerRow] = {}
        with db.cursor() as cursor:
            cursor.execute(OWNER)
            cursor.execute("truncate profiles_owner")

    def take(self, batch: Batch) -> None:
        """One batch through the spans."""
        owners = self._owners(batch)
        new: dict[int, set] = {}
        for sighting, day, channel in batch.active:
            new.setdefault(self.profiles[sighting], set()).add((day, channel))
        known = {profile: self._known(profile) for profile in new}
        change = customer_spans.begin(self.db, WORKSPACE, owners, new, known)
        self._write_activity(batch.active)
        booked = FactChanges(*self._put(self.orders, batch.orders), *self._put(self.answers, batch.answers))
        for order in booked.orders_after:
            values = {"w": WORKSPACE, "order": order.order_id, "channel": order.channel, "at": order.at}
            self._fact(order, ORDER, values)
        for answer in booked.answers_after:
            values = {"w": WORKSPACE, "answer": answer.answer, "channel": answer.channel, "at": answer.at}
            self._fact(answer, ANSWER, values | {"satisfied": answer.satisfied})
        customer_spans.apply(self.db, WORKSPACE, owners, change, booked)

    def spans(self) -> list[tuple]:
        """What is kept."""
        return rows(self.db, SPANS, w=WORKSPACE)

    def rebuilt(self) -> list[tuple]:
        """What a rebuild makes of it."""
        customer_spans.rebuild(self.db, WORKSPACE)
        return self.spans()

    def world(self) -> World:
        """The same for the judge."""
        who = self.profiles
        return World(
            [(who[s], day, channel) for s, day, channel in self.active],
            [(who.get(o.sighting), o.at, o.message_id, o.day, o.channel) for o in self.orders.values()],
            [
                (who.get(a.sighting), a.at, a.message_id, a.day, a.channel, a.satisfied)
                for a in self.answers.values()
            ],
        )

    def _known(self, profile: int) -> Recent:
        """What a summary row that keeps so many days would say."""
        days = {(day, channel) for s, day, channel in self.active if self.profiles[s] == profile}
        return recent.opened(recent.packed(days, self.recent), self.recent)

    def _owners(self, batch: Batch) -> Owners:
        moved, new = [], set()
        for sighting, profile in batch.profiles.items():
            before = self.profiles.get(sighting)
            if before is None:
                new.add(sighting)
            elif before != profile:
                moved.append(Moved(sighting, before, profile))
        self.profiles |= batch.profiles
        run(self.db, "delete from profiles_owner")
        lines = [(WORKSPACE, s, s, p) for s, p in self.profiles.items()]
        copy(self.db, "profiles_owner", ("workspace_id", "sighting_id", "identifier_id", "profile_id"), lines)
        return Owners(set(), dict(self.profiles), moved, new, set(batch.profiles.values()))

    def _write_activity(self, active: Iterable[tuple[int, date, int]]) -> None:
        noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
        fresh = sorted(set(active) - self.active)
        lines = [(WORKSPACE, s, day, channel, 1, 1, noon, noon) for s, day, channel in fresh]
        columns = (
            "workspace_id",
            "sighting_id",
            "day",
            "channel_id",
            "events",
            "active",
            "first_at",
            "last_at",
        )
        copy(self.db, "profiles_activity", columns, lines)
        self.active |= set(active)

    def _put(self, kept: dict, rows_after: list) -> tuple[list, list]:
        after = {row.key: row for row in rows_after}
        before = [kept[key] for key in after if key in kept]
        kept |= after
        return before, list(after.values())

    def _fact(self, row, statement: str, values: dict) -> None:
        more = {"id": uuid4(), "day": row.day, "sighting": row.sighting, "message": row.message_id}
        run(self.db, statement, **values, **more)


def moment(day: date, minute: int = 0) -> datetime:
    """A time on a day (the world's zone is UTC)."""
    return datetime(day.year, day.month, day.day, 12, minute, tzinfo=UTC)


def order(sighting: int | None, day: date, channel: int, number: str, minute: int = 0) -> OrderRow:
    """An order of a sighting."""
    return OrderRow(sighting, channel, number, moment(day, minute), f"m-{number}-{channel}", day)


def answer(sighting: int | None, day: date, channel: int, key: str, satisfied: bool) -> AnswerRow:
    """An answer of a sighting."""
    return AnswerRow(sighting, channel, key, moment(day), f"m-{key}-{channel}", day, satisfied)
