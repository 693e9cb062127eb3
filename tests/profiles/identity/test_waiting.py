"""What reaches beyond the bounds of its batch waits, the line goes on, and in the end the answer is that of the set."""

import random
import sys
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdp.pipeline import alerts
from cdp.serve import readiness
from kernel.db import rows, run
from kernel.models import Workspace
from profiles import decision
from profiles.identity import conflicts, edits, join, kinds, locks, recompute, replay, waiting
from tests.profiles.identity.people import expected, ident, plain, profile, seen, send, state, together
from tests.profiles.identity.test_edits_and_rules import WHY, Hand, domino
from tests.profiles.identity.test_same_as_reference import batches, crowded, histories
from tests.profiles.identity.test_workers import crowd, run_workers, wipe
from tests.profiles.identity.wiping import wiped

BOUNDS = [
    (0, 0),
    (3, 1),
    (12, 0),
]  # edges, rings: all of fact 4 waits, nearly all, what reaches past the first ring


@pytest.fixture
def tiny(monkeypatch):
    """Bounds that nearly every replay passes."""
    bound(monkeypatch, (3, 1))


@pytest.fixture(params=BOUNDS)
def bounds(request, monkeypatch):
    """Several of them."""
    bound(monkeypatch, request.param)


def bound(monkeypatch, to):
    for name, most in zip(("MOST_EDGES", "MOST_RINGS"), to, strict=True):
        monkeypatch.setattr(replay, name, most)


@pytest.fixture
def workspace(db):
    Workspace.objects.get_or_create(id=1, defaults={"slug": "main", "name": "Main"})


def marks() -> int:
    return sum(one.n for one in waiting.all_of(connection))


def catch_up() -> None:
    """As the background does, without summaries (tests/cdp/test_catching_up.py has them)."""
    for one in waiting.all_of(connection):
        for step in waiting.plan(connection, one.workspace):
            with transaction.atomic():
                waiting.take(connection, one.workspace, step)


def sound() -> None:
    """Whatever waits, every profile is named after one of its own, and holds no shared value but its own."""
    bad = """select i.id from profiles_identifier i
             join profiles_identifier l on l.workspace_id = i.workspace_id and l.id = i.profile_id
             where l.profile_id <> l.id or (i.shared and i.profile_id <> i.id) or (l.shared and i.id <> l.id)"""
    assert rows(connection, bad) == []


# ---- the answer of the set ------------------------------------------------------------------------


@pytest.mark.usefixtures("workspace", "bounds")
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=15)
@given(histories(), st.randoms(use_true_random=False))
def test_any_order_and_any_batches_give_the_answer_of_the_set_in_the_end(events, rnd):
    check_in_the_end(events, rnd)


@pytest.mark.long
@pytest.mark.usefixtures("workspace", "bounds")
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=400)
@given(histories(90), st.randoms(use_true_random=False))
def test_the_same_at_full_size(events, rnd):
    check_in_the_end(events, rnd)


def check_in_the_end(events, rnd):
    """Caught up now and then, between batches, and once at the end."""
    answer = expected(events)
    with wiped():
        rnd.shuffle(events)
        for batch in batches(events, rnd):
            send(*batch)
            sound()
            if rnd.random() < 0.2:
                catch_up()
        catch_up()
        assert marks() == 0
        assert state() == answer
        with transaction.atomic():
            assert recompute.workspace(connection, 1).moved == []


@pytest.mark.usefixtures("workspace", "bounds")
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=25)
@given(histories(), st.randoms(use_true_random=False))
def test_without_what_waits_the_answer_is_that_of_the_rest(events, rnd):
    """Facts 1 to 4 stay exact among waiting edges, which are as if they had not come; here nothing is ever shared."""
    few = {"phone", "email", "device_id", "anonymous_id", "card", "marketplace_uid", "openid"}
    with wiped():
        for name in few:
            kind = kinds.DEFAULTS.get(name, kinds.OTHER)
            kinds.write(connection, 1, name, kind._replace(fan_out=None))
        for batch in batches(events, rnd):
            send(*batch)
        assert rows(connection, "select from profiles_waiting where a = b") == []
        left = rows(connection, "select a, b from profiles_waiting")
        now = state()[0]
        for table in ("edge", "manual"):
            for a, b in left:
                statement = f"delete from profiles_{table} where a = %(a)s and b = %(b)s"
                run(connection, statement, a=a, b=b)
        run(connection, "delete from profiles_waiting")
        assert kruskal_of_what_is_stored() == now


def kruskal_of_what_is_stored():
    """Leaders by step 5 of the edges in the table."""
    rules = kinds.of(connection, 1)
    nodes = {node.id: node for node in waiting._nodes(connection, 1, rules)}
    found = join.kruskal(rules, nodes, list(waiting._edges(connection, 1, nodes)), [])
    names = {id_: node.strength[1:] for id_, node in nodes.items()}
    return {
        names[one]: names[join.leader(nodes[other] for other in members).id]
        for members in found.all()
        for one in members
    }


@pytest.mark.usefixtures("workspace", "bounds")
@pytest.mark.parametrize("seed", range(6))
def test_values_that_become_shared_beyond_the_bounds(seed):
    rnd = random.Random(seed)
    events = crowded(rnd, 50)
    for batch in batches(events, rnd):
        send(*batch)
        sound()
    assert state()[1] == expected(events)[1]  # what is shared never waits
    catch_up()
    assert state() == expected(events)


@pytest.mark.usefixtures("workspace", "bounds")
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=15)
@given(histories(30), histories(8), st.data())
def test_merges_and_splits_among_what_waits(before, after, data):
    later = [
        seen(*event.identifiers, at=n % 14, message=f"l{n}", manual=event.manual)
        for n, event in enumerate(after)
    ]
    with wiped():
        hand, rnd = Hand(), data.draw(st.randoms(use_true_random=False))
        for batch in batches(before, rnd):
            send(*batch)
        known = sorted({one for event in before for one in event.identifiers})
        for _ in range(data.draw(st.integers(1, 5))):
            a, b = data.draw(st.sampled_from(known)), data.draw(st.sampled_from(known))
            if a == b:
                continue
            if data.draw(st.booleans()):
                hand.merge(a, b)
            else:
                hand.split(a, b)
                assert not together(a, b)  # whatever waits, a person's split separates at once
            sound()
        for batch in batches(later, rnd):
            send(*batch)
        catch_up()
        answer = expected([*before, *later], hand.manual, hand.cannot)
        assert state() == answer
        with transaction.atomic():
            edits.fold(connection, 1)
        assert state() == answer


@pytest.mark.usefixtures("workspace", "tiny")
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=15)
@given(histories(30), st.randoms(use_true_random=False))
def test_a_workspace_too_large_for_memory_is_worked_ring_by_ring(events, rnd):
    most, waiting.MOST_IDENTIFIERS = waiting.MOST_IDENTIFIERS, 2
    try:
        check_in_the_end(events, rnd)
    finally:
        waiting.MOST_IDENTIFIERS = most


@pytest.mark.usefixtures("workspace", "tiny")
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=15)
@given(histories(30), histories(15), st.randoms(use_true_random=False))
def test_what_comes_between_plan_and_step_is_in_the_answer(before, after, rnd):
    """The plan is a guess: what it did not see may change all it says."""
    later = [seen(*event.identifiers, at=n % 14, message=f"l{n}") for n, event in enumerate(after)]
    with wiped():
        send(*before)
        steps = waiting.plan(connection, 1)
        send(*later)
        for step in steps:
            with transaction.atomic():
                waiting.take(connection, 1, step)
        catch_up()
        assert state() == expected([*before, *later])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(("workers", "size"), [(2, 5), (3, 20)])
def test_workers_and_background_side_by_side(workers, size):
    wipe()
    run(connection, "truncate profiles_waiting")
    events = crowd(workers * 10 + size, 200)
    random.Random(size).shuffle(events)
    over, trouble = threading.Event(), []

    def background():
        try:
            while not over.is_set():
                catch_up()
        except Exception as wrong:
            trouble.append(wrong)
        finally:
            connection.close()

    others = [threading.Thread(target=background) for _ in range(2)]
    for other in others:
        other.start()
    try:
        deadlocks = run_workers(events, workers, size)
    finally:
        over.set()
        for other in others:
            other.join()
    assert trouble == []
    assert deadlocks == 0
    catch_up()
    answer = state()
    assert marks() == 0
    wipe()
    assert answer == expected(events)


# ---- meanwhile ------------------------------------------------------------------------------------


@pytest.fixture
def flipped(workspace, tiny):
    """A chain that one older event turns over, link by link: it waits."""
    events = domino(30)
    for event in events:
        send(event)
    older = seen(*events[0].identifiers[:1], ident("member_no", "other"), at=-5, message="older")
    done = send(older)
    return events, older, done


def test_what_reaches_too_far_waits_and_is_settled_exactly(flipped):
    events, older, done = flipped
    assert marks() == 1
    assert done.moved == []
    assert not together(*older.identifiers)
    assert state()[0] == expected([*events, older])[0] | expected(events)[0] | {
        plain(older.identifiers[1]): plain(older.identifiers[1])
    }
    catch_up()
    assert marks() == 0
    assert state() == expected([*events, older])


def test_a_waiting_edge_is_no_conflict(flipped):
    _events, older, _done = flipped
    refused = {(item.a.value, item.b.value) for item in conflicts.page(connection, 1).items}
    assert not refused & {("0", "other"), ("other", "0")}
    sighting = rows(connection, "select id from profiles_sighting where first_e = %(e)s", e=older.id)[0][0]
    told = decision.of(connection, 1, older.id, sighting, masked=False)
    assert [edge["result"] for edge in told["edges"]] == ["waiting"]
    catch_up()
    told = decision.of(connection, 1, older.id, sighting, masked=False)
    assert [edge["result"] for edge in told["edges"]] == ["joined"]


def test_others_go_on_while_something_waits(flipped):
    events, older, _done = flipped
    near = seen(ident("anonymous_id", "a"), events[0].identifiers[0], at=50, message="near")
    again = seen(*older.identifiers, at=-6, message="again")
    send(near, again)
    assert together(*near.identifiers)
    catch_up()
    assert state() == expected([*events, older, near, again])


def test_a_waiting_edge_takes_part_in_no_replay(workspace, monkeypatch):
    """What a later edge turns over is replayed as if the waiting one had not come."""
    u0, u2 = ident("user_id", "u0"), ident("user_id", "u2")
    m1, m3, other = ident("member_no", "m1"), ident("member_no", "m3"), ident("member_no", "other")
    events = [seen(u0, m1), seen(u2, m1, at=1), seen(u2, m3, at=2)]
    send(*events)
    bound(monkeypatch, (100, 0))
    older, later = seen(u0, other, at=-5), seen(u0, m3, at=-1)
    send(older)
    send(later)
    assert marks() == 1
    assert together(u0, m3)
    assert state()[0] == expected([*events, later])[0] | {plain(other): plain(other)}
    catch_up()
    assert state() == expected([*events, older, later])


def test_a_merge_that_waits_is_no_conflict_and_comes_true(flipped):
    events, _older, _done = flipped
    a, b = events[10].identifiers[0], events[20].identifiers[0]
    with transaction.atomic():
        edits.merge(connection, 1, a.key, b.key, WHY)
    ends = {plain(a)[2], plain(b)[2]}
    assert conflicts.count(connection, 1) == len(conflicts.page(connection, 1, limit=100).items)
    assert all({one.a.value, one.b.value} != ends for one in conflicts.page(connection, 1, limit=100).items)
    catch_up()
    assert together(a, b)


def test_a_leader_that_becomes_shared_leaves_a_profile_of_its_own_name(workspace, tiny):
    """A phone names the profile of two cookies; then three users show that it is nobody's."""
    phone, cookies = ident("phone", "+8613800000001"), [ident("anonymous_id", f"a{n}") for n in range(2)]
    events = [seen(phone, cookie, at=n) for n, cookie in enumerate(cookies)]
    card = ident("card", "c")
    events += [seen(phone, card, at=3)]
    send(*events)
    assert profile(cookies[0]) == phone.key
    events += [seen(ident("user_id", f"u{n}"), phone, at=10 + n) for n in range(5)]
    send(*events[3:])
    sound()
    assert not together(*cookies)
    catch_up()
    assert state() == expected(events)


def test_who_gains_by_a_value_that_becomes_shared_gains_in_the_end(workspace, monkeypatch):
    """A customer of three phones has room for a fourth once one of them is nobody's."""
    user, phones = ident("user_id", "u"), [ident("phone", f"+861380000000{n}") for n in range(4)]
    events = [seen(user, phone, at=n) for n, phone in enumerate(phones)]
    send(*events)
    assert not together(user, phones[3])
    events += [seen(ident("user_id", f"other{n}"), phones[0], at=9) for n in range(3)]
    bound(monkeypatch, (0, 0))
    send(*events[4:])
    assert not together(user, phones[0])
    assert not together(user, phones[3])
    catch_up()
    assert together(user, phones[3])
    assert state() == expected(events)


def test_who_gains_by_a_split_gains_in_the_end(workspace, monkeypatch):
    one, other, cookie = ident("user_id", "one"), ident("user_id", "other"), ident("anonymous_id", "a")
    send(seen(one, cookie), seen(other, cookie, at=1))
    bound(monkeypatch, (0, 0))
    with transaction.atomic():
        edits.split(connection, 1, one.key, cookie.key, WHY)
    assert len({profile(each) for each in (one, other, cookie)}) == 3
    catch_up()
    assert together(other, cookie)


def test_a_batch_that_has_started_again_for_long_leaves_the_rest_to_the_background(workspace, monkeypatch):
    """Bounds as they are: the time alone makes it wait."""
    events = domino(8)
    send(*events)
    older = seen(*events[0].identifiers[:1], ident("member_no", "other"), at=-5, message="older")
    monkeypatch.setattr(locks, "LONGEST", -1.0)
    send(older)
    assert marks() == 1
    monkeypatch.undo()
    catch_up()
    assert state() == expected([*events, older])


# ---- how it is told, and cost ----------------------------------------------------------------------


def statements(*batch) -> int:
    """How many statements a batch takes."""
    with CaptureQueriesContext(connection) as captured:
        send(*batch)
    return len(captured)


def test_a_usual_batch_asks_nothing_more_where_something_waits(flipped):
    def usual(of):
        user, cookie = ident("user_id", of), ident("anonymous_id", of)
        return statements(seen(user, cookie, message=of)), statements(
            seen(user, cookie, at=9, message=f"{of}9")
        )

    usual("first")  # plans are kept from here on
    among = usual("among")
    catch_up()
    assert usual("alone") == among


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(
    "of", ["pairs", "hub", "strangers", "aliases", "chain", "hub at once", "strangers at once"]
)
def test_the_work_of_python_grows_with_the_batch_not_with_its_square(of):
    """Lines run in the identity rooms, at n and at 4n: 4 times as many and a little, never 16 times."""
    small, large = lines_run(*crowd_of(of, 60)), lines_run(*crowd_of(of, 240))
    assert small > 1000
    assert large < small * 6, (small, large)


def crowd_of(of, n):
    """What was there, and the batch that has to do with all of it."""
    users, others = [[ident("user_id", f"{name}{n}-{k}") for k in range(n)] for name in "uv"]
    cookies = [ident("anonymous_id", f"c{n}-{k}") for k in range(n)]
    if of == "aliases":
        both = list(pairwise(users))
        return [], [seen(*pair, at=k, message=f"{n}-{k}", manual=pair) for k, pair in enumerate(both)]
    if of == "chain":
        links = [ident("user_id" if k % 2 == 0 else "member_no", f"l{n}-{k}") for k in range(n)]
        before = [seen(*pair, at=k, message=f"{n}-{k}") for k, pair in enumerate(pairwise(links))]
        return before, [seen(links[0], ident("member_no", f"l{n}"), at=-1, message=f"{n}-older")]
    hub = users if of == "pairs" else [users[0]] * n
    before = [
        seen(*pair, at=60, message=f"a{n}-{k}") for k, pair in enumerate(zip(hub, cookies, strict=True))
    ]
    at = 70 if "strangers" in of else 50
    after = [
        seen(*pair, at=at, message=f"b{n}-{k}") for k, pair in enumerate(zip(others, cookies, strict=True))
    ]
    return ([], before + after) if "at once" in of else (before, after)


def lines_run(before, batch) -> int:
    """How many lines of join, replay and resolve a batch runs through, and what waits of it in the background."""
    if before:
        send(*before)
    count = 0

    def told(frame, event, _argument):
        nonlocal count
        if "/profiles/identity/" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return told

    sys.settrace(told)
    try:
        send(*batch)
        catch_up()
    finally:
        sys.settrace(None)
    return count


def test_what_waits_for_long_is_an_alarm(flipped):
    now = datetime.now(UTC)
    assert readiness.undecided()["waiting"] == 1
    assert "identity_waits" not in {alarm.name for alarm in alerts.of_all(connection, now)}
    late = {alarm.name: alarm for alarm in alerts.of_all(connection, now + timedelta(hours=1))}
    assert late["identity_waits"].workspace == 1
    assert "identity_waits" not in {
        alarm.name for alarm in alerts.shown(connection, 2, now + timedelta(hours=1))
    }
    catch_up()
    assert readiness.undecided() == {"waiting": 0, "since": None}
