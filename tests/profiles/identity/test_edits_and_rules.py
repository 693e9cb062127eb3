"""Merges, splits and other rules, among events: the answer is still that of the set."""

import json
import re
from datetime import UTC, datetime
from itertools import pairwise

import msgspec
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.db import rows
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.models import Audit, Workspace
from profiles.identity import edits, kinds, recompute, standing
from profiles.identity.edits import Edit
from profiles.identity.kinds import Kind
from tests.profiles.identity.people import expected, ident, plain, profile, seen, send, state, together
from tests.profiles.identity.test_same_as_reference import batches, histories
from tests.profiles.identity.wiping import wiped

NOW = datetime(2026, 5, 1, tzinfo=UTC)
WHY = Edit("asked by the customer", "mei", NOW)

RULES = st.fixed_dictionaries(
    {
        "phone": st.builds(Kind, st.just(6), st.integers(1, 3), st.one_of(st.none(), st.integers(1, 4))),
        "anonymous_id": st.builds(Kind, st.just(9), st.integers(1, 3), st.integers(1, 4)),
        "card": st.builds(Kind, st.sampled_from([4, 10]), st.integers(1, 6), st.integers(1, 4)),
    }
)


@pytest.fixture
def workspace(db):
    Workspace.objects.get_or_create(id=1, defaults={"slug": "main", "name": "Main"})


class Hand:
    """A person's decisions, kept as the definition says, beside what edits.py does."""

    def __init__(self) -> None:
        self.manual: set = set()
        self.cannot: set = set()

    def merge(self, a, b) -> None:
        leaders = state()[0]
        p, q = leaders[plain(a)], leaders[plain(b)]
        try:
            with transaction.atomic():
                edits.merge(connection, 1, a.key, b.key, WHY)
        except Conflict:
            return
        sides = {frozenset((p, q))}
        self.cannot = {(x, y) for x, y in self.cannot if frozenset((leaders[x], leaders[y])) not in sides}
        self.manual.add((p, q))

    def split(self, a, b) -> None:
        try:
            with transaction.atomic():
                edits.split(connection, 1, a.key, b.key, WHY)
        except Conflict:
            return
        x, y = plain(a), plain(b)
        self.cannot.add((x, y))
        self.manual = {pair for pair in self.manual if set(pair) != {x, y}}


@pytest.mark.usefixtures("workspace")
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=30)
@given(histories(30), histories(8), st.data())
def test_merges_and_splits_among_events(before, after, data):
    check(before, after, data)


@pytest.mark.long
@pytest.mark.usefixtures("workspace")
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=600)
@given(histories(60), histories(20), st.data())
def test_merges_and_splits_among_more_events(before, after, data):
    check(before, after, data)


def check(before, after, data):
    later = [
        seen(*event.identifiers, at=n % 14, message=f"l{n}", manual=event.manual)
        for n, event in enumerate(after)
    ]
    with wiped():
        hand = Hand()
        send(*before)
        known = sorted({one for event in before for one in event.identifiers})
        for _ in range(data.draw(st.integers(1, 5))):
            a, b = data.draw(st.sampled_from(known)), data.draw(st.sampled_from(known))
            if a != b:
                (hand.merge if data.draw(st.booleans()) else hand.split)(a, b)
                assert state() == expected(before, hand.manual, hand.cannot)
        rnd = data.draw(st.randoms(use_true_random=False))
        for batch in batches(later, rnd):
            send(*batch)
        answer = expected([*before, *later], hand.manual, hand.cannot)
        assert state() == answer
        with transaction.atomic():
            assert recompute.workspace(connection, 1).moved == []
        assert state() == answer
        with transaction.atomic():
            edits.fold(connection, 1)
        assert state() == answer


@pytest.mark.usefixtures("workspace")
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=25)
@given(histories(40), histories(8), RULES)
def test_other_rules_then_more_events(before, after, rules):
    later = [
        seen(*event.identifiers, at=n % 14, message=f"l{n}", manual=event.manual)
        for n, event in enumerate(after)
    ]
    with wiped():
        send(*before)
        was = owners()
        with transaction.atomic():
            for name, kind in rules.items():
                kinds.write(connection, 1, name, kind)
            answer = recompute.workspace(connection, 1)
        now = owners()
        assert {(one.sighting, one.before, one.after) for one in answer.moved} == {
            (one, was[one], now[one]) for one in was if was[one] != now[one]
        }
        assert state() == expected(before, rules=rules)
        send(*later)
        assert state() == expected([*before, *later], rules=rules)


@pytest.mark.usefixtures("workspace")
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=25)
@given(histories(40), st.data())
def test_a_value_blocked_afterwards_is_as_if_it_had_never_come(events, data):
    known = sorted({one for event in events for one in event.identifiers})
    gone = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))
    rnd = data.draw(st.randoms(use_true_random=False))
    with wiped():
        send(*events[::2])
        with transaction.atomic():
            for one in gone:
                kinds.block(connection, 1, one.kind, re.escape(one.value))
            recompute.workspace(connection, 1)
        cleaned = []
        for event in events:
            left = tuple(one for one in event.identifiers if not blocked(gone, one))
            manual = (
                None if event.manual and any(blocked(gone, one) for one in event.manual) else event.manual
            )
            cleaned.append(msgspec.structs.replace(event, identifiers=left, manual=manual))
        cleaned = [event for event in cleaned if event.identifiers]
        for batch in batches(cleaned[1::2] + cleaned[::2], rnd):
            send(*batch)
        leaders, shared, refused, _ = state()
        answer = expected(cleaned)
        assert {one: lead for one, lead in leaders.items() if one in answer[0]} == answer[0]
        assert (shared, refused) == answer[1:3]
        assert recomputed() == (leaders, shared, refused)


def blocked(gone, one) -> bool:
    return any((one.kind, one.value) == (other.kind, other.value) for other in gone)


def recomputed():
    with transaction.atomic():
        assert recompute.workspace(connection, 1).moved == []
    return state()[:3]


@pytest.mark.usefixtures("workspace")
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=30)
@given(histories(40), st.randoms(use_true_random=False))
def test_moved_names_every_old_sighting_whose_profile_changed(events, rnd):
    with wiped():
        for batch in batches(events, rnd):
            was = owners()
            answer = send(*batch)
            now = owners()
            named = {old: lead for old, (lead, _key) in answer.renamed.items()}
            assert all(now[one] == named[was[one]] for one in was if was[one] in named)
            assert not set(answer.born) & set(was.values())
            assert {(one.sighting, one.before, one.after) for one in answer.moved} == {
                (one, was[one], now[one])
                for one in was
                if was[one] != now[one] and named.get(was[one]) != now[one]
            }
            assert answer.new == now.keys() - was.keys()
            assert all(answer.profile[one] == now[one] for one in answer.named)
            assert {now[one] for one in answer.named} <= answer.touched


def owners() -> dict[int, int]:
    return dict(rows(connection, "select sighting_id, profile_id from profiles_owner"))


@pytest.mark.usefixtures("workspace")
def test_a_split_is_kept_against_all_evidence_until_a_person_merges():
    a, b = ident("user_id", "li"), ident("anonymous_id", "tablet")
    send(seen(a, b))
    with transaction.atomic():
        done = edits.split(connection, 1, a.key, b.key, WHY)
    assert not together(a, b)
    assert len(done.touched) == 2
    send(seen(a, b, at=1), seen(a, b, at=-1))
    assert not together(a, b)
    with transaction.atomic():
        edits.merge(connection, 1, a.key, b.key, WHY)
    assert together(a, b)
    assert profile(b) == a.key
    assert [one.action for one in Audit.objects.order_by("id")] == ["profile.split", "profile.merge"]
    lifted = rows(connection, "select lifted::text from profiles_edit where what = 'merge'")[0][0]
    assert sorted(json.loads(lifted)[0]) == sorted([str(a.key), str(b.key)])


@pytest.mark.usefixtures("workspace")
def test_a_shared_value_keeps_nobody_apart_though_it_was_split_off():
    """It is in nobody's profile; who asks why two did not join is told what the join itself goes by."""
    buyer, phone = ident("user_id", "u0"), ident("phone", "+8613800000001")
    send(seen(buyer, phone))
    with transaction.atomic():
        edits.split(connection, 1, buyer.key, phone.key, WHY)

    def apart() -> bool:
        ends = rows(
            connection, "select profile_id from profiles_identifier where kind in ('user_id', 'phone')"
        )
        two = {profile for (profile,) in ends[:2]}
        return standing.clusters(connection, 1, kinds.of(connection, 1), two).apart(*two)

    assert apart()
    send(*[seen(ident("openid", f"o{n}"), phone, at=n) for n in range(1, 6)])
    assert plain(phone) in state()[1]
    assert not apart()


@pytest.mark.usefixtures("workspace")
def test_a_merge_is_kept_the_same_by_a_rebuild_whichever_end_was_named_first():
    """The weaker end named first, and the merge refused by now: it is told as it was before the rebuild."""
    a, b, c = (ident("user_id", name) for name in "abc")
    events = [seen(one, at=n, message=f"e{n}") for n, one in enumerate((a, b, c))]
    send(*events)
    hand = Hand()
    hand.merge(c, a)
    hand.merge(b, a)
    hand.split(b, c)
    answer = expected(events, hand.manual, hand.cannot)
    assert answer[2] == {(plain(a), plain(c))}
    assert state() == answer
    with transaction.atomic():
        edits.fold(connection, 1)
    assert state() == answer


@pytest.mark.usefixtures("workspace")
def test_what_cannot_be_edited_says_so():
    a, b = ident("user_id", "li"), ident("user_id", "wang")
    send(seen(a), seen(b))
    with transaction.atomic(), pytest.raises(Conflict):
        edits.split(connection, 1, a.key, b.key, WHY)
    with transaction.atomic(), pytest.raises(Conflict):
        edits.merge(connection, 1, a.key, a.key, WHY)
    with transaction.atomic(), pytest.raises(BadRequest):
        edits.merge(connection, 1, a.key, b.key, Edit(" ", "mei", NOW))
    with transaction.atomic(), pytest.raises(NotFound):
        edits.merge(connection, 1, a.key, ident("user_id", "nobody").key, WHY)


def domino(n: int):
    """user, member, user, member …: each may have one of the other, and the earlier wins."""
    chain = [ident("user_id" if k % 2 == 0 else "member_no", f"{k}") for k in range(n)]
    return [seen(a, b, at=k, message=f"d{k}") for k, (a, b) in enumerate(pairwise(chain))]
