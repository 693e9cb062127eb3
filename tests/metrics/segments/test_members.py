"""Members follow events, time, joins and splits; who was in on a day; what a kill and a rebuild leave."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import rebuild, segmenting
from kernel.db import rows
from kernel.errors import TryAgain
from metrics.mirror import reading
from metrics.models import Segment
from metrics.segments import members
from tests.shop import Shop, identify, order, track

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]
PATH = "/api/segments/"
NOW = datetime.now(UTC)


def ago(**delta: float) -> datetime:
    return NOW - timedelta(**delta)


def make(shop: Shop, name: str, rule: Any) -> str:
    made = shop.api().post(PATH, {"name": name, "rule": rule}, format="json")
    assert made.status_code == 201, made.content
    return str(made.json()["slug"])


def named(shop: Shop, slug: str, **asked: Any) -> list[str]:
    return sorted(one["name"] for one in shop.get(f"{PATH}{slug}/members/", **asked)["results"])


def told(shop: Shop, slug: str) -> list[tuple[str, bool, str]]:
    """What entered and left, in order: who it is now, entered, why."""
    found = rows(
        connection,
        "select s.name, c.entered, c.why from metrics_segment_change c join profiles_key k using (workspace_id)"
        " join profiles_summary s on s.workspace_id = c.workspace_id and s.key = k.profile"
        " where c.workspace_id = %(workspace)s and k.key = c.profile"
        " and c.segment_id = (select id from metrics_segment where workspace_id = %(workspace)s and slug = %(slug)s)"
        " order by c.number",
        workspace=shop.workspace.pk,
        slug=slug,
    )
    return [(name, entered, why) for name, entered, why in found]


def at(moment: datetime) -> Any:
    """A clock that stands."""
    return lambda: moment


def people(*users: str) -> Shop:
    shop = Shop()
    shop.sends(*(identify(user, at=ago(days=90), name=user.title()) for user in users))
    return shop


def test_an_event_makes_a_member_and_the_passing_of_its_window_makes_none() -> None:
    shop = people("ann", "bob")
    slug = make(shop, "Lookers", {"did": "Seen", "within": "30d"})
    assert named(shop, slug) == []
    shop.sends(track("Seen", "ann", ago(days=10)))
    assert segmenting.now(at(NOW)) == 1
    assert named(shop, slug) == ["Ann"]
    assert segmenting.now(at(NOW + timedelta(seconds=10))) == 0  # nothing happened
    passed = NOW + timedelta(days=20, seconds=1)
    assert segmenting.now(at(passed)) == 1
    assert named(shop, slug) == []
    assert told(shop, slug) == [("Ann", True, "event"), ("Ann", False, "event")]
    assert named(shop, slug, at=(NOW + timedelta(days=1)).isoformat()) == ["Ann"]
    assert named(shop, slug, at=ago(days=1).isoformat()) == []
    assert named(shop, slug, at=passed.isoformat()) == []


def test_who_stays_away_enters_when_the_window_has_passed() -> None:
    shop = people("ann")
    shop.sends(track("Seen", "ann", ago(days=10)))
    slug = make(shop, "Quiet", {"did_not": "Seen", "within": "30d"})
    assert named(shop, slug) == []
    last = NOW - timedelta(days=10) + timedelta(days=30)
    segmenting.now(at(last))
    assert named(shop, slug) == []  # that very moment is inside
    segmenting.now(at(last + timedelta(minutes=1)))
    assert named(shop, slug) == ["Ann"]


def test_rules_without_windows_are_asked_when_something_happened_alone() -> None:
    shop = people("ann")
    slug = make(shop, "Buyers", {"orders": {"gte": 1}})
    segmenting.now(at(NOW))
    assert segmenting.now(at(NOW + timedelta(minutes=5))) == 0
    shop.sends(order("o1", "5", "ann", ago(days=1), currency="CNY"))
    assert segmenting.now(at(NOW + timedelta(minutes=5))) == 1
    assert named(shop, slug) == ["Ann"]


def merge(shop: Shop, one: str, other: str) -> None:
    ids = [shop.profile(f"user_id:{user}")["id"] for user in (one, other)]
    answer = shop.api().post(
        f"/api/profiles/{ids[0]}/merge/", {"other": ids[1], "reason": "same person"}, format="json"
    )
    assert answer.status_code == 200, answer.content


def test_members_who_are_joined_stay_in_it_as_one_and_none_of_them_leaves() -> None:
    shop = people("ann", "bob", "cat")
    shop.sends(*(track("Seen", user, ago(days=1)) for user in ("ann", "bob")))
    slug = make(shop, "Lookers", {"did": "Seen"})
    assert named(shop, slug) == ["Ann", "Bob"]
    before = datetime.now(UTC)
    merge(shop, "ann", "bob")
    assert len(named(shop, slug)) == 1  # at once: who they are now
    merge(shop, "cat", "ann")
    segmenting.now()
    assert len(named(shop, slug)) == len(named(shop, slug, at=before.isoformat())) == 1
    assert {why for _name, _entered, why in told(shop, slug)} == {"rule", "joined"}
    day = shop.get(f"{PATH}{slug}/history/")["days"][-1]
    assert (day["entered"], day["left"], day["members"]) == (2, 0, 1)
    held = rows(
        connection,
        "select count(*) from metrics_segment_member where workspace_id = %(w)s and left_at is null",
        w=shop.workspace.pk,
    )
    assert held == [(1,)]


def test_a_split_lets_go_who_did_not_do_it() -> None:
    shop = people("ann")
    shop.sends(track("Seen", "ann", ago(days=2)), track("Looked", None, ago(days=1), anonymous="device"))
    merge_ids = {"a": {"kind": "user_id", "value": "ann"}, "b": {"kind": "anonymous_id", "value": "device"}}
    slug = make(shop, "Both", {"all": [{"did": "Seen"}, {"did": "Looked"}]})
    assert named(shop, slug) == []
    shop.sends(track("Signed In", "ann", ago(hours=1), anonymous="device"))
    segmenting.now()
    assert named(shop, slug) == ["Ann"]
    ann = shop.profile("user_id:ann")["id"]
    answer = shop.api().post(
        f"/api/profiles/{ann}/split/", merge_ids | {"reason": "two people"}, format="json"
    )
    assert answer.status_code == 200, answer.content
    segmenting.now()
    assert named(shop, slug) == []


def test_history_by_day_in_the_workspaces_zone() -> None:
    shop = people("ann", "bob")
    slug = make(shop, "Lookers", {"did": "Seen", "within": "2d"})
    shop.sends(track("Seen", "ann", ago(days=0)))
    evening = (NOW + timedelta(days=1)).replace(hour=15, minute=59)  # the last minute of a day in Shanghai
    segmenting.now(at(evening))
    shop.sends(track("Seen", "bob", ago(days=0)))
    segmenting.now(at(evening + timedelta(minutes=2)))
    segmenting.now(at(evening + timedelta(days=3)))
    first = evening.date()
    found = shop.get(
        f"{PATH}{slug}/history/", **{"from": first.isoformat(), "to": (first + timedelta(days=3)).isoformat()}
    )
    days = [(one["entered"], one["left"], one["members"]) for one in found["days"]]
    assert days == [(1, 0, 1), (1, 0, 2), (0, 0, 2), (0, 2, 0)]


def test_a_new_rule_is_told_apart_from_what_people_did() -> None:
    shop = people("ann", "bob")
    shop.sends(track("Seen", "ann", ago(days=1)), track("Heard", "bob", ago(days=1)))
    slug = make(shop, "Some", {"did": "Seen"})
    assert shop.api().patch(f"{PATH}{slug}/", {"rule": {"did": "Heard"}}, format="json").json()["count"] == 1
    shop.sends(track("Heard", "ann"))
    segmenting.now()
    found = told(shop, slug)
    assert sorted(found[1:3]) == [("Ann", False, "rule"), ("Bob", True, "rule")]
    assert found[0] == ("Ann", True, "rule")
    assert found[3:] == [("Ann", True, "event")]


def test_a_rule_that_can_no_longer_be_asked_says_so_and_keeps_its_members() -> None:
    shop = people("ann")
    slug = make(shop, "Here", {"has": "user_id"})
    Segment.objects.filter(workspace=shop.workspace).update(rule={"did": "Seen[channel=gone]"})
    shop.sends(track("Seen", "ann"))
    segmenting.now()
    found = shop.get(f"{PATH}{slug}/")
    assert "gone" in found["trouble"]
    assert found["count"] == 1
    assert named(shop, slug) == ["Ann"]


def test_while_the_mirror_is_made_a_segment_is_kept_and_filled_later(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = people("ann")
    shop.sends(track("Seen", "ann", ago(days=1)))

    def making(_workspace: int) -> Any:
        raise TryAgain("The copy that journeys are read from is being made.")

    with monkeypatch.context() as patch:
        patch.setattr(reading, "open_mirror", making)
        slug = make(shop, "Lookers", {"did": "Seen"})
        assert shop.get(f"{PATH}{slug}/")["count"] is None
        answer = shop.api().post(f"{PATH}preview/", {"rule": {"did": "Seen"}}, format="json")
        assert answer.status_code == 503
        with pytest.raises(TryAgain):
            segmenting.now()
    segmenting.now()
    assert shop.get(f"{PATH}{slug}/")["count"] == 1
    assert told(shop, slug) == [("Ann", True, "rule")]


def test_a_turn_that_was_cut_short_is_done_again_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = people("ann")
    slugs = [make(shop, name, {"did": "Seen"}) for name in ("One", "Two", "Three")]
    shop.sends(track("Seen", "ann", ago(days=1)))
    refresh, done = members.refresh, list[Any]()

    def killed(*args: Any, **named_: Any) -> bool:
        if len(done) == 1:
            raise KeyboardInterrupt
        done.append(args)
        return refresh(*args, **named_)

    with monkeypatch.context() as patch:
        patch.setattr(members, "refresh", killed)
        with pytest.raises(KeyboardInterrupt):
            segmenting.now()
    assert sum(named(shop, slug) == ["Ann"] for slug in slugs) == 1
    segmenting.now()
    for slug in slugs:
        assert named(shop, slug) == ["Ann"]
        assert told(shop, slug) == [("Ann", True, "event")]


def test_a_rebuild_changes_nobodys_membership() -> None:
    shop = people("ann", "bob")
    shop.sends(track("Seen", "ann", ago(days=1)))
    slug = make(shop, "Lookers", {"did": "Seen"})
    before = told(shop, slug)
    rebuild.everything()
    segmenting.now()
    assert named(shop, slug) == ["Ann"]
    assert told(shop, slug) == before
