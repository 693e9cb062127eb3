"""Stories of how other products went wrong (docs/identity.md), each told through `resolve`."""

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from kernel.db import rows
from kernel.models import Workspace
from profiles.identity import conflicts, edits, listing, shared
from profiles.identity.edits import Edit
from tests.profiles.identity.people import expected, ident, profile, seen, send, state, together

WHY = Edit("seen by a person", "mei", datetime(2026, 5, 1, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _workspace(db):
    Workspace.objects.get_or_create(id=1, defaults={"slug": "main", "name": "Main"})


def user(n) -> object:
    return ident("user_id", f"u{n}")


def profiles(prefix: str = "") -> int:
    return len(set(state()[0].values()))


def test_a_phone_of_forty_buyers_joins_none_of_them():
    """Relay numbers pass from buyer to buyer."""
    relay = ident("phone", "+8613800000001")
    for n in range(40):
        send(seen(ident("marketplace_uid", f"b{n}", "taobao"), relay, at=n))
    assert len({profile(ident("marketplace_uid", f"b{n}", "taobao")) for n in range(40)}) == 40
    found = [one for one in shared.page(connection, 1).items if one.what == "shared"]
    assert [(one.name.value, one.n, len(one.would_join)) for one in found] == [("+8613800000001", 40, 5)]


def test_a_hard_coded_user_id_of_the_testers_holds_no_customer():
    """Segment: a QA user id in production merged hundreds of profiles and e-mails went out wrongly."""
    qa = ident("user_id", "qa-test")
    for n in range(30):
        member, mail = ident("member_no", f"m{n}"), ident("email", f"e{n}@example.com")
        send(seen(member, mail, at=n), seen(qa, member, at=100 + n))
    assert len({profile(ident("email", f"e{n}@example.com")) for n in range(30)}) == 30
    many = [one for one in shared.page(connection, 1).items if one.what == "conflicts"]
    assert [(one.name.value, one.n) for one in many] == [("qa-test", 29)]
    assert conflicts.count(connection, 1) == 29


def test_a_shared_tablet_in_the_shop_makes_no_one_person_of_its_buyers():
    """Segment: flat matching makes one person of all who use an in-store tablet."""
    tablet, cookie = ident("device_id", "tablet"), ident("anonymous_id", "tablet")
    send(*[seen(user(n), tablet, cookie, at=n) for n in range(300)])
    assert len({profile(user(n)) for n in range(300)}) == 300
    assert {one[2] for one in state()[1]} == {"tablet"}


def test_a_tablet_of_buyers_known_by_phone_alone_is_held_by_the_limit():
    tablet = ident("device_id", "tablet")
    events = [seen(ident("phone", f"+861380000{n:04}"), tablet, at=n) for n in range(300)]
    send(*events)
    sizes = [sum(one.name.kind == "phone" for one in held(n)) for n in range(300)]
    assert max(sizes) == 3
    assert "limit" in {one.what for one in shared.page(connection, 1).items}


def held(n):
    found = listing.find(connection, 1, [ident("phone", f"+861380000{n:04}").key])
    return listing.identifiers(connection, 1, next(iter(found.values()))[1])


def test_no_person_grows_without_end():
    """PostHog had persons with over 2,500 ids: here each kind has its limit and past it nothing joins silently."""
    cookies = [ident("anonymous_id", f"c{n}") for n in range(1100)]
    send(*[seen(user(1), cookie, at=n) for n, cookie in enumerate(cookies)])
    assert sum(together(user(1), cookie) for cookie in (cookies[0], cookies[999], cookies[1000])) == 2
    assert conflicts.count(connection, 1) == 100
    refused = conflicts.page(connection, 1).items[0]
    assert (refused.reason, refused.kind, refused.most) == ("limit", "anonymous_id", 1000)


def test_one_id_comes_out_of_a_person_and_all_else_stays():
    """PostHog: for years a mega-person had to be split into all its ids and rebuilt."""
    others = [ident("anonymous_id", f"c{n}") for n in range(5)]
    wrong = ident("anonymous_id", "neighbour")
    send(*[seen(user(1), one, at=n) for n, one in enumerate([*others, wrong])])
    with transaction.atomic():
        edits.split(connection, 1, user(1).key, wrong.key, WHY)
    assert not together(user(1), wrong)
    assert together(user(1), *others)


def test_splitting_off_the_id_a_person_is_named_after_does_what_it_says():
    """PostHog: splitting the creator id reported success, did nothing and blanked the person."""
    cookie = ident("anonymous_id", "c")
    send(seen(user(1), cookie), seen(user(1), ident("phone", "+8613800000001"), at=1))
    with transaction.atomic():
        done = edits.split(connection, 1, user(1).key, cookie.key, WHY)
    assert profile(user(1)) == user(1).key == profile(ident("phone", "+8613800000001"))
    assert profile(cookie) == cookie.key
    assert len(done.touched) == 2


def test_an_old_id_leads_to_the_person_after_any_join_and_split():
    """PostHog, Mautic: cohorts, cookies and old links lost the person whose id changed."""
    cookie = ident("anonymous_id", "c")
    send(seen(cookie))
    assert profile(cookie) == cookie.key
    send(seen(user(1), cookie, at=1))
    assert profile(cookie) == user(1).key
    assert cookie.key in listing.find(connection, 1, [cookie.key])
    with transaction.atomic():
        edits.split(connection, 1, user(1).key, cookie.key, WHY)
    assert profile(cookie) == cookie.key


def test_identify_before_or_after_the_events_is_one_person():
    """PostHog: identify() before or after other events landed on two persons."""
    first, second = ident("anonymous_id", "before"), ident("anonymous_id", "after")
    send(seen(user(1), first, at=0), seen(first, at=1))
    send(seen(second, at=2))
    send(seen(user(1), second, at=3))
    assert together(user(1), first, second)


def test_people_whose_only_strong_id_differs_are_two():
    """Mautic: contacts were merged though their only unique id differed."""
    phone = ident("phone", "+8613800000001")
    send(seen(user(1), phone), seen(user(2), phone, at=1))
    assert not together(user(1), user(2))
    assert together(user(1), phone)
    refused = conflicts.page(connection, 1).items
    assert [(one.a.value, one.b.value, one.reason, one.kind) for one in refused] == [
        ("u2", "+8613800000001", "limit", "user_id")
    ]


def test_two_known_people_at_one_computer_stay_two():
    """Mautic: merging them sent mail to who had unsubscribed."""
    cookie = ident("anonymous_id", "computer")
    a, b = ident("email", "a@example.com"), ident("email", "b@example.com")
    send(seen(user(1), a), seen(user(2), b, at=1), seen(user(1), cookie, at=2), seen(user(2), cookie, at=3))
    assert not together(a, b)
    assert together(user(1), cookie)


def test_any_of_several_ids_never_merges_strangers_on_an_import():
    """Mautic: OR over unique fields merged strangers on import."""
    mail, phone = ident("email", "office@example.com"), ident("phone", "+8613800000001")
    send(seen(user(1), mail, at=1), seen(user(2), phone, at=2), seen(mail, phone, at=3))
    assert not together(user(1), user(2))


def test_equal_mail_is_merged_however_it_comes():
    """Mautic: contacts with equal e-mail were not merged through API or import."""
    mail = ident("email", "li@example.com")
    send(seen(ident("openid", "o1", "app"), mail))
    send(seen(ident("marketplace_uid", "b1", "taobao"), mail, at=1))
    assert together(ident("openid", "o1", "app"), ident("marketplace_uid", "b1", "taobao"), mail)


def test_the_same_id_again_and_again_is_one_sighting():
    """Tracardi: visits were counted twice after a merge with a static id."""
    static = ident("device_id", "static")
    for at in range(5):
        send(seen(user(1), static, at=at))
    key = static.key
    named = """select count(*) from profiles_sighting s join profiles_identifier i
        on i.workspace_id = s.workspace_id and coalesce(s.ids, array[s.owner]) @> array[i.id] where i.key = %(key)s"""
    assert rows(connection, named, key=key) == [(1,)]


def test_every_merge_can_be_undone():
    """AWS Customer Profiles: merging is documented as impossible to undo."""
    events = [seen(user(n), ident("anonymous_id", f"c{n}"), at=n) for n in (1, 2)]
    send(*events)
    before = state()
    with transaction.atomic():
        edits.merge(connection, 1, user(1).key, user(2).key, WHY)
    assert together(user(1), user(2))
    with transaction.atomic():
        edits.split(connection, 1, user(1).key, user(2).key, WHY)
    assert state() == before


def test_a_constant_in_place_of_a_missing_id_makes_no_one_person():
    """RudderStack: a missing shop id was filled with a constant, and every such event was one person."""
    constant = ident("anonymous_id", "shopify-admin")
    send(*[seen(ident("marketplace_uid", f"b{n}", "shop"), constant, at=n) for n in range(50)])
    assert len({profile(ident("marketplace_uid", f"b{n}", "shop")) for n in range(50)}) == 50


def test_a_merge_of_two_member_cards_keeps_what_both_hold():
    """A member system kept the winner's login only; Mautic lost the loser's companies."""
    a, b = ident("member_no", "m1"), ident("member_no", "m2")
    send(seen(a, ident("phone", "+8613800000001")), seen(b, ident("phone", "+8613800000002"), at=1))
    with transaction.atomic():
        done = edits.merge(connection, 1, a.key, b.key, WHY)
    assert together(a, b, ident("phone", "+8613800000001"), ident("phone", "+8613800000002"))
    assert len(done.moved) == 1
    send(seen(b, ident("anonymous_id", "later"), at=9))
    assert together(a, ident("anonymous_id", "later"))


def test_more_than_a_hundred_merges_go_on():
    """Segment: past 100 merges nothing joins any more, seen only on an insights page."""
    for n in range(150):
        send(seen(ident("anonymous_id", f"c{n}")))
        send(seen(user(1), ident("anonymous_id", f"c{n}"), at=n))
    assert together(user(1), *[ident("anonymous_id", f"c{n}") for n in range(150)])


def test_a_limit_is_never_passed_silently_and_the_earlier_one_wins_however_late_it_comes():
    cookie = ident("anonymous_id", "c")
    late = [seen(user(2), cookie, at=10)]
    send(*late)
    assert together(user(2), cookie)
    early = [seen(user(1), cookie, at=0)]
    answer = send(*early)
    assert together(user(1), cookie)
    assert not together(user(2), cookie)
    assert state() == expected([*late, *early])
    assert answer.moved == []  # the sighting of both is user 2's still


def test_joins_show_their_evidence_in_order():
    cookie, phone = ident("anonymous_id", "c"), ident("phone", "+8613800000001")
    send(seen(user(1), cookie, at=5, message="web"), seen(user(1), phone, at=9, message="call"))
    found = listing.joins(connection, 1, listing.find(connection, 1, [cookie.key])[cookie.key][1])
    assert [(one.a.value, one.b.value, one.rank, one.message_id) for one in found] == [
        ("u1", "+8613800000001", 6, "call"),
        ("u1", "c", 9, "web"),
    ]


def test_contact_values_are_not_readable_in_the_table():
    send(seen(ident("phone", "+8613800000001"), ident("email", "li@example.com"), ident("anonymous_id", "c")))
    stored = dict(rows(connection, "select kind, value from profiles_identifier"))
    assert "138" not in stored["phone"]
    assert "@" not in stored["email"]
    assert stored["anonymous_id"] == "c"


def test_conflicts_come_in_pages():
    phone = ident("phone", "+8613800000001")
    cookies = [ident("anonymous_id", f"c{n}") for n in range(7)]
    send(seen(user(1), phone), seen(user(2), ident("phone", "+8613800000002")))
    send(*[seen(user(1), one, at=n) for n, one in enumerate(cookies)])
    send(*[seen(user(2), one, at=10 + n) for n, one in enumerate(cookies)])
    first = conflicts.page(connection, 1, limit=5)
    second = conflicts.page(connection, 1, first.next, limit=5)
    assert [one.b.value for one in first.items + second.items] == ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]
    assert second.next is None


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_events_of_one_time_the_lesser_message_id_is_the_evidence(turned):
    """Whichever of them came first, and in a batch of its own."""
    cookie = ident("anonymous_id", "tied")
    events = [seen(user(1), cookie, message="b"), seen(user(1), cookie, message="a")]
    for event in reversed(events) if turned else events:
        send(event)
    (joined,) = listing.joins(connection, 1, listing.find(connection, 1, [cookie.key])[cookie.key][1])
    assert (joined.message_id, joined.event) == ("a", events[1].id)


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_joins_of_one_time_the_one_of_the_lesser_message_id_stands(turned):
    """A limit lets only one of them be: the other is refused, and shown with its own message id."""
    member, one, two = ident("member_no", "m1"), user(1), user(2)
    events = [seen(one, member, message="b"), seen(two, member, message="a")]
    for event in reversed(events) if turned else events:
        send(event)
    assert together(two, member)
    assert not together(one, member)
    (refused,) = conflicts.page(connection, 1).items
    assert (refused.a.value, refused.message_id) == ("u1", "b")
