"""A person is erased everywhere, nobody else and no sum: bodies, rows, files, statistics; and does not come back."""

# ruff: noqa: E501

import json
import random
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from cdp.pipeline import erasure, rebuild, segmenting
from kernel.db import rows, run
from kernel.erased import writings
from metrics import erase
from metrics.mirror import sync
from profiles import traits
from profiles.identity import kinds
from tests.cdp.test_rebuild import send, story
from tests.channels.mapping_with import hooked, paid, post
from tests.dump import differences, dump
from tests.shop import identify, later, order, track

VALUES = (
    *("lin-77001", "13912345678", "lin.mei@hemu.example", "oLinMei123456", "uLinMei654321", "M-880012"),
    *(
        "cookie-lin-0001",
        "device-lin-0001",
        "林美丽",
        "杭州市西湖区文三路 8 号",
        "Lin's secret wish",
        "203.0.113.77",
    ),
)
TABLES = "select c.oid::regclass::text from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'"
KNOWN = "select most_common_vals::text, histogram_bounds::text, most_common_elems::text from pg_stats where schemaname = current_schema()"
PHONE, MAIL = VALUES[1], VALUES[2]


def person() -> list[dict[str, Any]]:
    """What she did and said, in many writings."""
    user, cookie = VALUES[0], VALUES[6]
    named = {
        "ip": VALUES[11],
        "device": {"id": VALUES[7]},
        "page": {"url": f"https://hemu.example/?m={MAIL}", "title": VALUES[8]},
    }
    return [
        identify(
            user,
            later(hours=1),
            phone="139 1234 5678",
            email=MAIL.upper(),
            name=VALUES[8],
            address=VALUES[9],
            member_no=VALUES[5],
        )
        | {"anonymousId": cookie},
        track(
            "Product Viewed", None, later(hours=2), anonymous=cookie, sku="A", context=named, note=VALUES[8]
        ),
        {
            "type": "page",
            "name": "Shelf",
            "anonymousId": cookie,
            "context": named,
            "timestamp": later(hours=3).isoformat(),
        },
        order(
            "O-1",
            "199.90",
            user,
            later(hours=4),
            products=[{"sku": "A", "price": "99.95", "quantity": 2, "engraving": VALUES[8]}],
            coupon=f"FOR-{PHONE}",
            shipping_address=VALUES[9],
            receiver={"phone": PHONE},
        ),
        order(
            "O-2",
            "50",
            user,
            later(days=3),
            identifiers=[{"kind": "openid", "value": VALUES[3]}, {"kind": "unionid", "value": VALUES[4]}],
            context={"campaign": {"name": "Spring", "source": "wechat"}},
        ),
        track(
            "Order Refunded",
            user,
            later(days=4),
            order_id="O-1",
            total="20",
            reason=f"{VALUES[8]} changed her mind",
        ),
        track("Payment Succeeded", user, later(days=3), order_id="O-2", amount="50", method="wechat"),
        track("Feedback Given", user, later(days=5), score=2, order_id="O-1", text=VALUES[10]),
        track("Ticket Opened", user, later(days=6), ticket_id="T-1", topic="size"),
        track("Membership Joined", user, later(days=7), member_no=VALUES[5], tier="gold"),
        track(
            "Consent Given",
            user,
            later(days=7, hours=1),
            purpose="marketing",
            channel="sms",
            proof=f"signed by {VALUES[8]} from {VALUES[11]}",
            text_version="3",
            context={"consent": {"categoryPreferences": {"analytics": True}}, "gpc": True},
        ),
    ]


def others() -> list[dict[str, Any]]:
    """What others did, some of it near her."""
    return [
        identify("bo", later(hours=1), phone="13800000001", name="Bo", city="上海"),
        order("O-9", "75", "bo", later(days=2), products=[{"sku": "A", "price": "75"}]),
        track("Feedback Given", "bo", later(days=5), score=5, text=f"call {PHONE}, she knows"),
        track("Product Viewed", "bo", later(days=6), sku="A"),
        # two user ids, one phone: the phone is hers, the sighting his
        track("Product Viewed", "bo", later(days=8), identifiers=[{"kind": "phone", "value": PHONE}]),
    ]


def filled(shop: Any) -> None:
    """Both, in requests that hold the messages of several."""
    hers, his = person(), others()
    shop.sends(*hers[:3], *his[:2], context={"library": {"name": "x"}})
    shop.sends(*hers[3:6], his[2])
    shop.sends(*hers[6:], *his[3:])
    shop.sends(hers[0], hers[3])  # once more, as they were
    shop.sends({"type": "trak", "userId": VALUES[0], "properties": {"phone": PHONE}})  # a reject
    shop.sends({"type": "identify", "userId": VALUES[0], "traits": {"phone": PHONE}, "timestamp": "no time"})


def lines(shop: Any) -> Iterator[tuple[str, str]]:
    """All that is kept, place by place."""
    for (table,) in rows(connection, TABLES):
        for (line,) in rows(connection, f"select t::text from {table} t"):
            yield table, line
    yield from sealed()
    for path in erase.files(shop.workspace.pk):
        for (line,) in duckdb.sql(f"select t::varchar from read_parquet('{path}') t").fetchall():
            yield "mirror", line
    yield "pg_stats", str(rows(connection, KNOWN))
    client = redis.Redis.from_url(settings.REDIS_URL)
    for key in client.scan_iter():
        yield "redis", f"{key!r}{client.dump(key)!r}"
    if Path(settings.ERASURES).exists():
        yield "journal", Path(settings.ERASURES).read_text()


def sealed() -> Iterator[tuple[str, str]]:
    """What is encrypted or encoded, opened."""
    for workspace, kind, value in rows(
        connection, "select workspace_id, kind, value from profiles_identifier"
    ):
        yield "identifiers", kinds.opened(workspace, kind, value)
    for workspace, name, value in rows(connection, "select workspace_id, name, value from profiles_trait"):
        yield "traits", json.dumps(traits.unseal(workspace, name, value), ensure_ascii=False)
    for (body,) in rows(connection, "select body from channels_inbox where sender like '%%encoded%%'"):
        yield "encoded", b64decode(body).decode("utf-8", "replace")


def where(shop: Any, values: tuple[str, ...] = VALUES) -> dict[str, list[str]]:
    """Every table, file and statistic in which a value can be read."""
    found: dict[str, list[str]] = {}
    forms = [(value, one) for value in values for one in writings(value)]
    for place, text in lines(shop):
        for value, form in forms:
            if form in text or form in text.replace(" ", "") or form.lower() in text.lower():
                found.setdefault(place, []).append(value)
    return found


def erased(shop: Any, identifier: tuple[str, str] = ("phone", PHONE), **more: Any) -> dict[str, Any]:
    """Asks for it as an admin, and does it."""
    asked = {
        "identifier": {"kind": identifier[0], "value": identifier[1]},
        "reason": "she asked",
        "suppress": True,
    } | more
    answer = shop.api().post("/api/erase/", asked, format="json")
    assert answer.status_code == 202, answer.content
    erasure.run_all()
    return shop.get(f"/api/erasures/{answer.json()['erasure']}/")


def metrics(shop: Any) -> dict[str, Any]:
    """All metrics over wide and narrow periods, by channel."""
    from metrics.catalogue import BY_NAME

    found = {}
    for name, metric in BY_NAME.items():
        for first, last, interval in (
            ("2026-01-01", "2026-12-31", "month"),
            ("2026-03-01", "2026-03-09", "day"),
            ("2026-03-04", "2026-03-05", "day"),
        ):
            if not metric.mirrored:
                asked = {"from": first, "to": last, "interval": interval, "by": "channel"}
                found[name, first, last] = shop.get(f"/api/metrics/{name}/", **asked)
    return found


def test_nothing_of_her_is_left_and_no_number_changes(shop):
    filled(shop)
    sync.follow(connection, anew=True)
    before, seen = metrics(shop), where(shop)
    assert set(VALUES) <= {value for found in seen.values() for value in found}
    told = erased(shop)
    assert told["state"] == "done"
    assert told["totals"] == "equal", told
    assert where(shop) == {}
    assert metrics(shop) == before
    assert told["counts"]["channels_inbox"] >= 4
    assert told["counts"]["profiles_identifier"] >= 8


def test_a_rebuild_gives_the_same_and_nobody_back(shop):
    filled(shop)
    erased(shop)
    before, numbers = dump(shop.workspace.pk), metrics(shop)
    rebuild.everything()
    assert differences(before, dump(shop.workspace.pk)) == {}
    assert metrics(shop) == numbers
    assert where(shop) == {}


def test_others_are_as_they_were(shop):
    filled(shop)
    before = shop.profile("user_id:bo")
    erased(shop)
    after = shop.profile("user_id:bo")
    assert {"id": before["id"], "traits": before["traits"]} == {"id": after["id"], "traits": after["traits"]}
    assert shop.get("/api/profiles/", identifier=f"phone:{PHONE}")["results"] == []


def test_who_is_suppressed_comes_back_as_nobody(shop):
    filled(shop)
    erased(shop)
    people = len(shop.get("/api/profiles/")["results"])
    shop.sends(
        *person()[:3],
        order("O-50", "10", VALUES[0], later(days=20), note=VALUES[8]),
        order("O-51", "5", "bo", later(days=20)),
    )
    assert len(shop.get("/api/profiles/")["results"]) == people
    assert where(shop) == {}
    orders = dict(
        rows(
            connection,
            "select order_id, sighting_id is null from metrics_order where workspace_id = %(w)s",
            w=shop.workspace.pk,
        )
    )
    assert orders["O-50"] is True
    assert orders["O-51"] is False
    before = dump(shop.workspace.pk)
    rebuild.everything()
    assert differences(before, dump(shop.workspace.pk)) == {}


def test_who_is_not_suppressed_is_somebody_new(shop):
    filled(shop)
    told = erased(shop, suppress=False)
    shop.sends(identify(VALUES[0], later(days=20), phone=PHONE))
    found = shop.profile(f"phone:{PHONE}")
    assert found["summary"]["events"] == 1, found
    assert told["certificate"]["suppressed"] is False


def test_the_certificate_can_be_looked_at_again(shop):
    filled(shop)
    told = erased(shop)
    place = f"/api/erasures/{told['id']}/verify/"
    said = shop.api().post(place, {"identifiers": [{"kind": "phone", "value": PHONE}]}, format="json").json()
    assert said == said | {"clean": True, "signature": "good", "found": {}, "suppressed": True, "values": 1}
    assert (
        shop.api()
        .post(place, {"identifiers": [{"kind": "phone", "value": "13800000001"}]}, format="json")
        .status_code
        == 400
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "update profiles_erasure set certificate = jsonb_set(certificate, '{reason}', '\"none\"')"
        )
    said = shop.api().post(place, {}, format="json").json()
    assert (said["clean"], said["signature"]) == (False, "bad")


def test_only_an_admin_may_and_the_record_names_nobody(shop):
    filled(shop)
    asked = {
        "identifier": {"kind": "phone", "value": PHONE},
        "reason": f"{VALUES[8]}, {PHONE}",
        "suppress": True,
    }
    for role in ("viewer", "analyst"):
        assert shop.api(role).post("/api/erase/", asked, format="json").status_code == 403
        assert shop.api(role).get("/api/erasures/00000000-0000-0000-0000-000000000000/").status_code == 403
    told = erased(shop, reason=asked["reason"])
    assert PHONE not in json.dumps(told)
    noted = shop.get("/api/audit/")["results"]
    assert any(one["action"] == "person.erase" for one in noted)
    assert PHONE not in json.dumps(noted)
    assert where(shop) == {}


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"identifier": {"kind": "phone", "value": "13911111111"}, "reason": "r"}, 404),
        ({"identifier": {"kind": "phone"}, "reason": "r"}, 400),
        ({"identifier": "x", "reason": "r"}, 400),
        ({"identifier": {"kind": "phone", "value": PHONE}}, 400),
        ({"identifier": {"kind": "phone", "value": PHONE}, "reason": "r", "suppress": "no"}, 400),
    ],
)
def test_what_cannot_be_asked(shop, asked, status):
    filled(shop)
    assert shop.api().post("/api/erase/", asked, format="json").status_code == status


def test_by_a_profiles_id(shop):
    filled(shop)
    key = shop.profile(f"phone:{PHONE}")["id"]
    answer = shop.api().post(f"/api/profiles/{key}/erase/", {"reason": "r"}, format="json")
    assert answer.status_code == 202
    erasure.run_all()
    assert where(shop) == {}
    assert erasure.one(shop.workspace.pk, UUID(answer.json()["erasure"])).state == "done"


@pytest.mark.parametrize("seed", range(3))
def test_any_story_without_some_of_its_people(shop, seed):
    """Shared phones, refused joins, refunds, copies: sums stay, and a rebuild agrees."""
    send(shop, story(seed), 7)
    rng = random.Random(seed)
    for user in rng.sample([f"u{n}" for n in range(8)], 3):
        found = shop.get("/api/profiles/", identifier=f"user_id:{user}")["results"]
        if found:
            told = erased(shop, ("user_id", user), suppress=False)
            assert told["totals"] == "equal", (user, told["certificate"]["totals"])
    after = dump(shop.workspace.pk)
    rebuild.everything()
    assert differences(after, dump(shop.workspace.pk)) == {}


def test_what_people_decided_holds_afterwards(shop):
    filled(shop)
    shop.sends(identify("lin-old", later(hours=30), email="old@hemu.example"))
    a, b = shop.profile(f"phone:{PHONE}")["id"], shop.profile("user_id:lin-old")["id"]
    shop.api().post(
        f"/api/profiles/{a}/merge/", {"other": b, "reason": f"{VALUES[8]} told us, {PHONE}"}, format="json"
    )
    told = erased(shop)
    assert told["totals"] == "equal"
    assert where(shop, (*VALUES, "old@hemu.example", "lin-old")) == {}
    kept = dump(shop.workspace.pk)
    rebuild.everything()
    assert differences(kept, dump(shop.workspace.pk)) == {}


def test_a_platforms_delivery_is_kept_as_what_was_made_of_it(shop):
    one = hooked(shop)
    post(one, paid(), paid(), {"topic": "paid"})
    shop.drains()
    values = ("13800138001", "ox-1")
    assert where(shop, values)
    told = erased(shop, ("phone", "13800138001"))
    assert told["totals"] == "equal"
    assert where(shop, values) == {}
    kept = dump(shop.workspace.pk)
    rebuild.everything()
    assert differences(kept, dump(shop.workspace.pk)) == {}
    post(one, paid(), paid(id="9"))
    shop.drains()
    assert where(shop, values) == {}


def test_a_job_that_was_killed_between_its_parts_is_taken_up(shop, monkeypatch):
    filled(shop)
    told = {}

    def killed(*_args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(erasure, "_beside_it", killed)
        with pytest.raises(KeyboardInterrupt):
            erased(shop)
    assert [one.state for one in erasure.newest(shop.workspace.pk, 5)] == ["erased"]
    erasure.run_all()
    [told] = erasure.newest(shop.workspace.pk, 5)
    assert told.state == "done"
    assert where(shop) == {}


def test_a_restored_backup_is_erased_again(shop):
    """As a restore leaves it: the erasure is unknown, the person is back. The journal knows."""
    filled(shop)
    told = erased(shop)
    with connection.cursor() as cursor:
        cursor.execute("delete from profiles_erasure")
        cursor.execute("delete from profiles_suppressed")
        cursor.execute("delete from channels_inbox where workspace_id = %s", [shop.workspace.pk])
    rebuild.everything()
    filled(shop)
    assert where(shop)
    call_command("erase", "--again")
    assert where(shop) == {}
    [again] = erasure.newest(shop.workspace.pk, 5)
    assert (str(again.id), again.state) == (told["id"], "done")


def test_that_consent_was_given_stays_and_its_proof_does_not(shop):
    filled(shop)
    key = shop.profile(f"user_id:{VALUES[0]}")["id"]
    assert shop.get(f"/api/profiles/{key}/consent/")["history"]
    erased(shop)
    held = rows(connection, "select purpose, channel, given, proof, text_version from profiles_consent")
    assert held == [("marketing", "sms", True, None, "3")]
    assert rows(connection, "select count(*) from profiles_consent_signal") == [(0,)]


def test_where_bodies_were_let_go_before_nothing_is_left_either(shop):
    """An event of hers that no body tells any more loses all it said; what was counted stands elsewhere."""
    filled(shop)
    run(connection, "delete from channels_inbox")
    before = metrics(shop)
    told = erased(shop)
    assert (told["state"], told["totals"]) == ("done", "equal")
    assert where(shop) == {}
    assert metrics(shop) == before
    bare = rows(connection, "select count(*) from profiles_event where data::text = '{}'")[0][0]
    assert len(person()) <= bare <= len(person()) + 1  # another's identify has nothing to say either


def test_segments_know_her_by_her_token_and_pairs_forget_her(shop):
    filled(shop)
    rule = {"any": [{"orders": {"gte": 2}}, {"trait": "phone", "is": PHONE}]}
    made = shop.api().post("/api/segments/", {"name": "Regulars", "rule": rule}, format="json").json()
    segmenting.now()
    key = UUID(shop.profile(f"user_id:{VALUES[0]}")["id"])
    assert rows(connection, "select profile from metrics_segment_member") == [(key,)]
    run(
        connection,
        "insert into profiles_suggestion (workspace_id, id, a, b, score, weight, evidence, state, made_at)"
        " values (%(workspace)s, gen_random_uuid(), %(key)s, gen_random_uuid(), 1, 9, '[]', 'refused', now())",
        workspace=shop.workspace.pk,
        key=key,
    )
    erased(shop)
    assert where(shop) == {}
    assert rows(connection, "select count(*) from profiles_suggestion") == [(0,)]
    for table in ("metrics_segment_member", "metrics_segment_change"):
        assert rows(connection, f"select count(*) from {table} where profile = %(key)s", key=key) == [(0,)]
    segmenting.now()
    assert shop.get(f"/api/segments/{made['slug']}/")["count"] == 1
    assert shop.get(f"/api/segments/{made['slug']}/history/")["days"][-1]["left"] == 0
