"""Customers that may be one person: found, shown side by side, accepted, refused, left; by the API."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import rebuild, suggesting
from kernel.db import rows, run
from kernel.models import Audit, Job
from profiles.suggestions import kept
from tests.profiles.suggestions import waiting
from tests.shop import Shop, identify

STREETS = ("文三路", "南京西路", "中山北路", "人民大道", "解放路", "建国路")
FAMILIES = ("王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周")
GIVEN = ("伟", "芳", "娜", "秀英", "敏", "静", "丽", "强", "磊", "军")

WRONG: list[Any] = ["0.9", None, True, 1.5, -0.1, [], 2.0]


@pytest.fixture
def shop(db: None) -> Shop:
    """Thirty strangers, and one person twice: online in letters, in the store in signs and a digit typed wrongly."""
    run(
        connection, "set idle_in_transaction_session_timeout = 0"
    )  # a test is a transaction, and waits for a process
    made = Shop()
    made.sends(*(stranger(n) for n in range(30)))
    made.sends(
        identify(
            "lin-web",
            name="Xiaoming Lin",
            phone="+8613812345021",
            birthday="1988-04-17",
            address={"street": "西湖区灵隐路 18 号", "city": "杭州"},
        )
    )
    made.sends(in_store("till-lin", "林小明", "+8613812345012", "1988-04-17"), to="store")
    return made


def stranger(n: int) -> dict:
    return identify(
        f"u{n}",
        name=FAMILIES[n % 10] + GIVEN[(n * 7 + n // 10) % 10],
        phone=f"+86139{(n * 7919 + 1234567) % 10**8:08}",
        birthday=f"{1960 + n}-{n % 12 + 1:02}-{n % 28 + 1:02}",
        address={"street": f"{STREETS[n % 6]} {n * 3 + 1} 号", "city": "上海"},
    )


def in_store(anonymous: str, name: str, phone: str, birthday: str) -> dict:
    traits = {"name": name, "phone": phone, "birthday": birthday}
    return {"type": "identify", "anonymousId": anonymous, "traits": traits}


def looked(shop: Shop) -> list[dict]:
    """What is suggested once a job has looked."""
    answer = shop.api("analyst").post("/api/suggestions/run/")
    assert answer.status_code == 202, answer.content
    suggesting.run()
    job = Job.objects.get(pk=answer.json()["job"])
    assert job.state == "done", job.detail
    return shop.get("/api/suggestions/")["results"]


def post(shop: Shop, path: str, asked: dict | None = None, role: str = "analyst"):
    return shop.api(role).post(f"/api/suggestions/{path}", asked or {}, format="json")


def test_one_person_in_two_scripts_is_suggested_with_the_evidence_side_by_side(shop: Shop) -> None:
    found = looked(shop)
    assert len(found) == 1, found
    one = found[0]
    assert set(one) == {"id", "profiles", "score", "weight", "evidence", "state"}
    assert set(one["profiles"]) == {
        shop.profile("user_id:lin-web")["id"],
        shop.profile("anonymous_id:till-lin")["id"],
    }
    assert 0.5 <= one["score"] <= 1
    assert one["state"] == "open"
    said = {row["field"]: row for row in one["evidence"]}
    assert {said["name"]["a"], said["name"]["b"]} == {"Xiaoming Lin", "林小明"}
    assert said["name"]["level"] == "sounds_alike"
    assert {said["phone"]["a"], said["phone"]["b"]} == {"+8613812345021", "+8613812345012"}
    assert said["phone"]["level"] == "typing_error"
    assert said["birthday"]["level"] == "exact"
    assert said["address"]["level"] == "missing"
    assert sum(row["weight"] for row in one["evidence"]) > 0
    masked = shop.get("/api/suggestions/", role="viewer")["results"][0]
    phones = {row["a"] for row in masked["evidence"] if row["field"] == "phone"}
    assert phones <= {"138 •••• 5021", "138 •••• 5012"}


def test_accepting_merges_and_can_be_undone_and_is_never_suggested_again(shop: Shop) -> None:
    one = looked(shop)[0]
    answer = post(shop, f"{one['id']}/accept/", {"reason": "the same street"})
    assert answer.status_code == 200, answer.content
    assert answer.json()["state"] == "accepted"
    assert shop.get("/api/suggestions/")["results"] == []
    assert [row["id"] for row in shop.get("/api/suggestions/", state="accepted")["results"]] == [one["id"]]
    joined = shop.profile("user_id:lin-web")["id"]
    assert shop.profile("anonymous_id:till-lin")["id"] == joined
    assert post(shop, f"{one['id']}/accept/").status_code == 409
    assert post(shop, f"{one['id']}/refuse/").status_code == 409
    done = set(Audit.objects.filter(workspace=shop.workspace).values_list("action", flat=True))
    assert {"suggestions.run", "suggestion.accepted", "profile.merge"} <= done
    split = {
        "a": {"kind": "user_id", "value": "lin-web"},
        "b": {"kind": "phone", "value": "+8613812345012"},
        "reason": "father and son",
    }
    undone = shop.api("analyst").post(f"/api/profiles/{joined}/split/", split, format="json")
    assert undone.status_code == 200, undone.content
    assert shop.profile("anonymous_id:till-lin")["id"] != joined
    assert looked(shop) == []


def test_refused_stays_refused_after_another_run_and_a_rebuild(shop: Shop) -> None:
    one = looked(shop)[0]
    assert post(shop, f"{one['id']}/refuse/").json()["state"] == "refused"
    assert looked(shop) == []
    rebuild.everything()
    assert [row["id"] for row in shop.get("/api/suggestions/", state="refused")["results"]] == [one["id"]]
    assert looked(shop) == []
    both = {shop.profile("user_id:lin-web")["id"], shop.profile("anonymous_id:till-lin")["id"]}
    assert len(both) == 2
    shop.sends(  # what would join them joins nobody: a person kept them apart
        {"type": "identify", "userId": "lin-web", "anonymousId": "till-lin", "traits": {}}
    )
    assert {shop.profile("user_id:lin-web")["id"], shop.profile("anonymous_id:till-lin")["id"]} == both


def test_later_hides_it_and_what_joins_meanwhile_closes_it(shop: Shop) -> None:
    one = waiting.put(shop, "user_id:lin-web", "anonymous_id:till-lin")
    assert post(shop, f"{one['id']}/later/").json()["state"] == "later"
    assert shop.get("/api/suggestions/")["results"] == []
    assert len(shop.get("/api/suggestions/", state="later")["results"]) == 1
    run(connection, "update profiles_suggestion set until = until - interval '31 days'")
    assert [row["state"] for row in shop.get("/api/suggestions/")["results"]] == ["open"]
    assert shop.get("/api/suggestions/", state="later")["results"] == []
    assert post(shop, f"{one['id']}/later/").status_code == 200
    shop.sends({"type": "identify", "userId": "lin-web", "anonymousId": "till-lin", "traits": {}})
    assert shop.get("/api/suggestions/", state="later")["results"] == []
    assert post(shop, f"{one['id']}/accept/").status_code == 409
    kept.replace(connection, shop.workspace.pk, [], datetime.now(UTC))
    assert rows(connection, "select count(*) from profiles_suggestion")[0][0] == 0


def test_a_profile_that_joined_another_takes_its_suggestion_along(shop: Shop) -> None:
    one = waiting.put(shop, "user_id:lin-web", "anonymous_id:till-lin")
    till = shop.profile("anonymous_id:till-lin")["id"]
    shop.sends(  # a card of his own: the store's profile is named after it from now on
        {
            "type": "identify",
            "anonymousId": "till-lin",
            "identifiers": [{"kind": "member_no", "value": "M77"}],
        },
        to="store",
    )
    now = shop.profile("anonymous_id:till-lin")["id"]
    assert now != till
    assert now in shop.get("/api/suggestions/")["results"][0]["profiles"]
    assert post(shop, f"{one['id']}/accept/").status_code == 200
    assert shop.profile("anonymous_id:till-lin")["id"] == shop.profile("user_id:lin-web")["id"]


def test_what_the_rules_forbid_is_not_suggested_nor_is_a_shared_phone_evidence(shop: Shop) -> None:
    twin: dict[str, Any] = {
        "name": "王秀英",
        "birthday": "1970-02-03",
        "address": {"street": "长江路 9 号", "city": "武汉"},
    }
    shop.sends(identify("twin-1", **twin), identify("twin-2", **twin))
    for n in range(5):  # the phone of a hall: five buyers gave it
        shop.sends(
            identify(f"hall-{n}", name=f"{FAMILIES[n]}{GIVEN[n]}{GIVEN[9 - n]}", phone="+8613700000001")
        )
    shop.sends(in_store("till-1", "钱多多", "+8613700000001", "2001-09-09"), to="store")
    found = looked(shop)
    assert [row["profiles"] for row in found] == [looked_for(shop)]


def looked_for(shop: Shop) -> list[str]:
    return sorted((shop.profile("user_id:lin-web")["id"], shop.profile("anonymous_id:till-lin")["id"]))


def test_many_are_accepted_above_a_score(shop: Shop) -> None:
    score = waiting.put(shop, "user_id:lin-web", "anonymous_id:till-lin")["score"]
    assert post(shop, "accept/", {"min_score": 1}).json()["accepted"] == 0
    answer = post(shop, "accept/", {"min_score": score})
    assert answer.status_code == 200
    assert answer.json()["accepted"] >= 1
    assert answer.json()["left"] == 0
    assert shop.profile("anonymous_id:till-lin")["id"] == shop.profile("user_id:lin-web")["id"]


def test_a_viewer_decides_nothing_and_what_is_wrong_is_said(shop: Shop) -> None:
    unknown = "0b0f2f4e-0000-4000-8000-000000000000"
    for path in (
        "accept/",
        "run/",
        f"{unknown}/accept/",
        f"{unknown}/refuse/",
        f"{unknown}/later/",
        "x/accept/",
    ):
        assert post(shop, path, {"min_score": "no"}, role="viewer").status_code == 403
    for wrong in WRONG:
        answer = post(shop, "accept/", {"min_score": wrong})
        assert answer.status_code == 400, wrong
        assert answer.json()["code"] == "bad_score"
    for path in (f"{unknown}/accept/", f"{unknown}/refuse/", f"{unknown}/later/", "x/accept/"):
        assert post(shop, path).status_code == 404, path
    answer = shop.api().get("/api/suggestions/", {"state": "maybe"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_state"
    assert shop.api().get("/api/suggestions/", {"stat": "open"}).status_code == 400
    first, second = (post(shop, "run/").json()["job"] for _ in range(2))
    assert first == second
