"""Random rules over random histories, sent as channels send them: preview and members are the plain judge's.

A history is sent once and asked many rules; two of its people may be one. Not here: time passing (test_members.py).
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kernel.db import rows
from metrics.segments import compile as compiling
from metrics.segments import kept
from tests.reference.segments import Event, Person, World, holds
from tests.shop import Shop, identify, order, track

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]
NOW = datetime(2026, 6, 10, 4, tzinfo=UTC)
NAMES, CHANNELS, CATEGORIES = ("A", "B"), ("web-shop", "store"), ("tea", "cups")
CITIES, AGES, BORN = (
    ("Hangzhou", "Wuhan", "Wu"),
    (20, "30", 30, "old"),
    ("2026-06-01", "2026-05-31", "soon", "2026-02-30"),
)
HOURS = (0, 1, 2, 23, 24, 25, 47, 48, 49, 24 * 30, 24 * 30 + 1)
LENGTHS = ("1h", "24h", "2d", "30d")
DAYS = ("2026-05-11", "2026-06-08", "2026-06-09", "2026-06-10")
USERS = ("u1", "u2", "u3", "u4")

ages = st.sampled_from(HOURS)
event = st.tuples(
    st.sampled_from(USERS),
    ages,
    st.sampled_from(NAMES),
    st.sampled_from(CHANNELS),
    st.sampled_from(CATEGORIES),
)
bought = st.tuples(
    st.sampled_from(USERS), st.sampled_from(CHANNELS), st.sampled_from(("10", "99.90", "250")), st.booleans()
)
words = st.tuples(
    st.sampled_from(USERS),
    st.one_of(
        st.tuples(st.just("city"), st.sampled_from(CITIES)),
        st.tuples(st.just("age"), st.sampled_from(AGES)),
        st.tuples(st.just("born"), st.sampled_from(BORN)),
    ),
)
step = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(NAMES).map(lambda name: f"{name}[channel=store]"),
    st.sampled_from(NAMES).map(lambda name: f"{name}[properties.category=tea]"),
    st.just("channel:web-shop"),
    st.just("Order Completed"),
)
span = st.one_of(
    st.just({}),
    st.sampled_from(LENGTHS).map(lambda length: {"within": length}),
    st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(lambda days: {"between": sorted(days)}),
)
sizes = st.dictionaries(
    st.sampled_from(("gt", "gte", "lt", "lte", "is")), st.integers(0, 3), min_size=1, max_size=2
)
amounts = st.dictionaries(
    st.sampled_from(("gt", "gte", "lt", "lte", "is")),
    st.sampled_from(("0", "10", "99.90", "109.9", "125.00", "250", "349.90")),
    min_size=1,
    max_size=2,
)
test = st.one_of(
    st.tuples(st.just("city"), st.sampled_from(("is", "is_not", "contains")), st.sampled_from(CITIES)),
    st.tuples(st.just("city"), st.just("in"), st.lists(st.sampled_from(CITIES), min_size=1, max_size=2)),
    st.tuples(st.sampled_from(("city", "age", "nothing")), st.just("exists"), st.booleans()),
    st.tuples(
        st.just("age"),
        st.sampled_from(("gt", "gte", "lt", "lte", "is", "is_not")),
        st.sampled_from((20, "30", 25)),
    ),
    st.tuples(
        st.just("born"), st.sampled_from(("before", "after")), st.sampled_from(("2026-05-31", "2026-06-01"))
    ),
    st.tuples(st.just("born"), st.just("within_last"), st.sampled_from(("9d", "10d", "11d"))),
)
leaf = st.one_of(
    test.map(lambda one: {"trait": one[0], one[1]: one[2]}),
    st.tuples(st.sampled_from(("did", "did_not")), step, span).map(lambda one: {one[0]: one[1], **one[2]}),
    st.tuples(step, sizes, span).map(lambda one: {"did": one[0], "times": one[1], **one[2]}),
    st.tuples(st.lists(step, min_size=2, max_size=3), st.sampled_from(LENGTHS)).map(
        lambda one: {"sequence": one[0], "within": one[1]}
    ),
    st.tuples(sizes, span).map(lambda one: {"orders": one[0], **one[1]}),
    st.tuples(amounts, span).map(lambda one: {"spent": one[0], **one[1]}),
    st.tuples(st.sampled_from(CHANNELS), span).map(
        lambda one: {"first_order": {"channel": [one[0]]}, **one[1]}
    ),
    st.sampled_from(CHANNELS).map(lambda slug: {"seen_on": [slug]}),
    st.sampled_from(("email", "user_id", "member_no")).map(lambda kind: {"has": kind}),
    st.just({"segment": "other"}),
)
rules = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)
OTHER = {"any": [{"did": "B"}, {"trait": "city", "is": "Wuhan"}]}


class Drawn:
    """A history: sent to a shop, and the same as people for the judge."""

    def __init__(self, data: st.DataObject) -> None:
        self.shop = Shop()
        self.events = data.draw(st.lists(event, max_size=14))
        self.orders = data.draw(st.lists(bought, max_size=6))
        self.words = data.draw(st.lists(words, max_size=8))
        self.joined = data.draw(st.booleans())  # u1 and u2 are one
        self.mails = data.draw(st.sets(st.sampled_from(USERS)))
        for slug in CHANNELS:
            self.shop.sends(*self._messages(slug), to=slug)
        if self.joined:
            one, other = (self.shop.profile(f"user_id:{user}")["id"] for user in ("u1", "u2"))
            asked = {"other": other, "reason": "the same person"}
            merged = self.shop.api().post(f"/api/profiles/{one}/merge/", asked, format="json")
            assert merged.status_code == 200, merged.content

    def _messages(self, slug: str) -> list[dict[str, Any]]:
        made = [
            track(name, user, NOW - timedelta(hours=hours), category=category)
            for user, hours, name, channel, category in self.events
            if channel == slug
        ]
        for n, (user, channel, total, returned) in enumerate(self.orders):
            if channel == slug:
                at = self._ordered(n)
                made.append(order(f"o{n}", total, user, at, currency="CNY"))
                if returned:
                    made.append(
                        track("Order Refunded", user, NOW, order_id=f"o{n}", refund_id=f"r{n}", total="5")
                    )
        if slug == CHANNELS[0]:
            made += [identify(user, NOW - timedelta(days=70)) for user in USERS]
            made += [
                identify(user, NOW - timedelta(days=65), email=f"{user}@example.com")
                for user in sorted(self.mails)
            ]
            made += [
                identify(user, NOW - timedelta(days=50, minutes=-n), **{name: value})
                for n, (user, (name, value)) in enumerate(self.words)
            ]
        return made

    def _ordered(self, n: int) -> datetime:
        """No two at one time: which of two is the first is the message's id to say."""
        return NOW - timedelta(hours=HOURS[(3 * n) % len(HOURS)], minutes=n + 1)

    def people(self) -> dict[str, Person]:
        """By the user id that the judge calls them; u2 is part of u1 where they are joined."""
        found = {}
        for user in USERS:
            if self.joined and user == "u2":
                continue
            mine = {"u1", "u2"} if self.joined and user == "u1" else {user}
            found[user] = self._person(mine)
        return found

    def _person(self, mine: set[str]) -> Person:
        events = [
            Event(NOW - timedelta(hours=hours), name, channel, category)
            for who, hours, name, channel, category in self.events
            if who in mine
        ]
        seen = {"web-shop", *(one.channel for one in events)}
        for n, (who, channel, total, returned) in enumerate(self.orders):
            if who in mine:
                back = Decimal(5) if returned else Decimal(0)
                events.append(
                    Event(self._ordered(n), "Order Completed", channel, "", (f"o{n}", Decimal(total), back))
                )
                seen.add(channel)
                if returned:
                    events.append(Event(NOW, "Order Refunded", channel))
        said = [
            (name, value, NOW - timedelta(days=50, minutes=-n))
            for n, (who, (name, value)) in enumerate(self.words)
            if who in mine
        ]
        kinds = {"user_id"} | ({"email"} if mine & self.mails else set())
        return Person(events, said, frozenset(kinds), frozenset(seen))

    def users(self) -> dict[int, str]:
        """Serial ids of profiles, and how the judge calls them."""
        found = rows(
            connection,
            "select profile_id, min(value) from profiles_identifier where workspace_id = %(workspace)s"
            " and kind = 'user_id' group by profile_id",
            workspace=self.shop.workspace.pk,
        )
        return dict(found)


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.reuse, Phase.generate),
)
@given(st.data())
def test_whom_random_rules_find(data: st.DataObject) -> None:
    drawn = Drawn(data)
    made = drawn.shop.api().post("/api/segments/", {"name": "other", "rule": OTHER}, format="json")
    assert made.status_code == 201
    people, users = drawn.people(), drawn.users()
    assert set(users.values()) == set(people)
    world = World(NOW, "Asia/Shanghai", {"other": OTHER})
    for rule in data.draw(st.lists(rules, min_size=25, max_size=25)):
        node = kept.whole(connection, drawn.shop.workspace, rule)
        with compiling.opened(drawn.shop.workspace, node, NOW) as over:
            found = compiling.preview(over, node)
            part = compiling.condition(over, node)
            held = rows(
                connection, f"select s.profile_id from profiles_summary s where {part.sql}", **part.values
            )
        expected = sorted(user for user, person in people.items() if holds(rule, person, world))
        assert sorted(users[one] for one in found.sample) == expected, rule
        assert sorted(users[one] for (one,) in held) == expected, rule
        assert found.people == len(expected)


def test_the_judge_and_the_clock_agree() -> None:
    """The histories lie before now: what was sent is what is stored."""
    assert timezone.now() > NOW
