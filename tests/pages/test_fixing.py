"""One fix for all rejects that are alike: previewed, applied, and the evidence kept on the event and the reject."""

import html
import json
import re

import pytest
from django.db import connection

from cdp.pipeline import rebuild, replays
from channels import queries
from channels.inbox import rejects
from kernel.db import rows
from kernel.models import Audit, Job
from tests.dump import differences, dump
from tests.pages.test_numbers import person, text
from tests.shop import Shop, later, order, track

FIX = {"do": "copy", "target": "properties.total", "from": "properties.pay_amount"}
COPY = [{"do": "copy", "field": "properties.total", "from": "properties.pay_amount"}]


def broken(n, **more):
    """Orders that say their total in a field of their own; the last one says none at all."""
    found = [
        track(
            "Order Completed", f"u{k}", later(hours=k), message_id=f"b{k}", order_id=f"B-{k}",
            pay_amount=f"{k + 1}0.00", **more,
        )
        for k in range(n)
    ]  # fmt: skip
    del found[-1]["properties"]["pay_amount"]
    return found


@pytest.fixture
def shop(db):
    made = Shop()
    made.sends(*broken(5))
    made.sends(track("Order Completed", "u9", message_id="no-id", total="5"), to="store")
    return made


def group(shop, reason="missing_field", field="properties.total", source="web-shop"):
    return {"reason": reason, "field": field, "connector": str(shop.connectors[source].uuid)}


def states(shop):
    return dict(
        rows(
            connection,
            "select state, count(*) from channels_reject where workspace_id = %(w)s group by state",
            w=shop.workspace.pk,
        )
    )


def applied(client, page):
    """What the preview's own form sends."""
    body = page.content.decode()
    form = body[body.index("/rejects/fix/apply/") :]
    said = {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    }
    return client.post("/rejects/fix/apply/", said)


# ---- the pages --------------------------------------------------------------------------------------


def test_groups_are_by_reason_and_field_and_the_most_money_stands_first(shop):
    shop.sends({"type": "tap", "userId": "u"}, {"type": "tap", "userId": "u"})
    found = [
        (one.reason, one.field, one.count, one.money) for one in queries.reject_groups(shop.workspace.pk)
    ]
    assert [one[:3] for one in found] == [
        ("missing_field", "properties.total", 5),
        ("missing_field", "properties.order_id", 1),
        ("unknown_type", "type", 2),
    ]
    assert [{name: str(value) for name, value in one[3].items()} for one in found] == [
        {"CNY": "100.00"},
        {"CNY": "5"},
        {},
    ]
    said = text(person(shop).get("/rejects/"))
    assert "¥100.00" in said
    assert said.index("properties.total") < said.index("properties.order_id")


def test_a_fix_is_previewed_without_a_trace_then_applied_to_all_alike(shop):
    client = person(shop, "analyst")
    listed = client.get("/rejects/").content.decode()
    where = html.unescape(re.search(r'href="(/rejects/fix/\?[^"]*properties.total[^"]*)"', listed)[1])
    form = client.get(where).content.decode()
    assert 'value="properties.pay_amount"' in form, "offered as a field to copy from"
    before = dump(shop.workspace.pk)
    page = client.get("/rejects/fix/", group(shop) | FIX)
    said = text(page)
    assert "4 of 5 messages would be accepted" in said
    assert "Orders won back ¥100.00" in said
    assert "1 · the fix finds nothing to change in them" in said
    assert "properties.total is taken from properties.pay_amount" in said
    assert differences(before, dump(shop.workspace.pk)) == {}
    assert "4 messages replayed, 1 still rejected" in text(client.get(applied(client, page).url))
    shop.drains()
    assert shop.value("gmv") == "100"
    assert states(shop) == {"replayed": 4, "open": 2}
    (left,) = shop.get("/api/rejects/", state="open", field="properties.total")["results"]
    assert (left["message_id"], left["fixed"], left["repairs"]) == ("b4", None, [])


def test_applied_twice_it_changes_nothing(shop):
    client = person(shop, "analyst")
    page = client.get("/rejects/fix/", group(shop) | FIX)
    applied(client, page)
    shop.drains()
    before = dump(shop.workspace.pk)
    applied(client, page)
    shop.drains()
    assert differences(before, dump(shop.workspace.pk)) == {}


def test_totals_equal_a_run_in_which_they_had_been_good(shop):
    other = Shop()
    good = [one for one in broken(5) if "pay_amount" in one["properties"]]
    for one in good:
        one["properties"]["total"] = one["properties"]["pay_amount"]
    other.sends(*good)
    client = person(shop, "analyst")
    applied(client, client.get("/rejects/fix/", group(shop) | FIX))
    shop.drains()
    for name in ("gmv", "orders", "new_customers", "active_customers"):
        ours, theirs = shop.metric(name, by="channel"), other.metric(name, by="channel")
        assert ours["total"] == theirs["total"], name
        assert ours["series"] == theirs["series"], name
        assert ours["by"]["web-shop"] == theirs["by"]["web-shop"], name


def test_why_the_others_are_left_is_said(shop):
    more = [
        track("Order Completed", "u", message_id=f"c{n}", order_id=f"C-{n}", pay_amount="面议")
        for n in (1, 2)
    ]
    shop.sends(*more)
    said = text(person(shop, "analyst").get("/rejects/fix/", group(shop) | FIX))
    assert "4 of 7 messages would be accepted" in said
    assert "2 · Amount not usable properties.total" in said
    assert "Received: “面议”." in said


def test_several_changes_make_one_fix(shop):
    shop.sends(*(order(f"D-{n}", f"¥1,00{n}.50", "u", currency="YUAN") for n in range(3)))
    client = person(shop, "analyst")
    mine = group(shop, "bad_currency", "properties.currency")
    first = {"do": "set", "target": "properties.currency", "value": "CNY", "more": "1"}
    there = client.get("/rejects/fix/", mine | first)
    assert there.status_code == 302
    again = text(client.get(there.url))
    assert "properties.currency is set to “CNY”" in again
    assert "0 of 3 messages would be accepted" in again
    page = client.get(there.url + "&do=number&target=properties.total")
    assert "3 of 3 messages would be accepted" in text(page)
    applied(client, page)
    shop.drains()
    assert shop.value("gmv") is not None
    assert {one["state"] for one in shop.get("/api/rejects/", reason="bad_currency")["results"]} == {
        "replayed"
    }


def test_a_wrong_fix_gets_a_sentence(shop):
    client = person(shop, "analyst")
    page = client.get("/rejects/fix/", group(shop) | {"do": "copy", "target": "messageId", "from": "userId"})
    assert page.status_code == 400
    assert "“messageId” stays as it is" in page.content.decode()
    assert client.post("/rejects/fix/apply/", group(shop) | {"fix": "{"}).status_code == 400
    assert client.post("/rejects/fix/apply/", {"fix": json.dumps(COPY)}).status_code == 400
    assert "None of these waits any more" in text(client.get("/rejects/fix/"))
    assert "None of these waits any more" in text(client.get("/rejects/fix/", group(shop) | {"field": "x"}))


def test_a_viewer_fixes_nothing(shop):
    client = person(shop, "viewer")
    assert client.get("/rejects/fix/", group(shop)).status_code == 403
    assert client.post("/rejects/fix/apply/", group(shop) | {"fix": json.dumps(COPY)}).status_code == 403
    assert "Fix all alike" not in text(client.get("/rejects/"))


def test_many_are_fixed_as_a_job_that_says_how_far_it_is(shop, monkeypatch):
    monkeypatch.setattr(replays, "MANY", 2)
    monkeypatch.setattr(rejects, "STEP", 2)
    client = person(shop, "analyst")
    answer = applied(client, client.get("/rejects/fix/", group(shop) | FIX))
    job = Job.objects.get(kind="fix")
    assert "are being replayed" in text(client.get(answer.url))
    assert "Fixing rejected messages waiting" in text(client.get("/jobs/"))
    replays.run(shop.drains)
    job.refresh_from_db()
    assert (job.state, job.done, job.detail["replayed"], job.detail["still_bad"]) == ("done", 5, 4, 1)
    shop.drains()
    assert shop.value("gmv") == "100"
    (note,) = Audit.objects.filter(action="reject.fix")
    assert (note.actor, note.detail["fix"], note.detail["job"]) == ("analyst", COPY, job.pk)


def test_an_opened_reject_has_an_address(shop):
    client = person(shop, "analyst")
    one = shop.get("/api/rejects/", field="properties.total")["results"][2]
    listed = client.get("/rejects/").content.decode()
    assert f'hx-push-url="?open={one["id"]}"' in listed
    said = text(client.get("/rejects/", {"open": one["id"]}))
    assert "Order Completed needs total" in said
    assert one["message_id"] in said
    assert client.get("/rejects/", {"open": "nonsense"}).status_code == 200
    assert client.get("/rejects/", {"open": "00000000-0000-0000-0000-000000000000"}).status_code == 200


def test_counts_are_right_after_a_replay_and_nothing_replayed_has_no_check_mark(shop):
    client = person(shop, "analyst")
    one = shop.get("/api/rejects/", field="properties.total")["results"][0]["id"]
    nothing = client.post("/rejects/replay/", {"ids": one}, headers={"HX-Request": "true"})
    assert "0 messages replayed, 1 still rejected" in text(nothing)
    assert "#check" not in nothing.content.decode()
    assert nothing["HX-Trigger"] == "rejects-changed", "the page asks for its counts again"
    good = json.dumps(order("B-4", 7, "u4"))
    done = client.post(f"/rejects/{one}/mend/", {"raw": good}, headers={"HX-Request": "true"})
    assert "#check" in done.content.decode()
    assert done["HX-Trigger"] == "rejects-changed"
    said = text(client.get("/rejects/"))
    assert "5 messages need fixing" in said
    assert "1 message in this state" in text(client.get("/rejects/?state=replayed"))
    assert [one.count for one in queries.reject_groups(shop.workspace.pk)] == [4, 1]
    shop.drains()
    assert [one.count for one in queries.reject_groups(shop.workspace.pk)] == [4, 1]
    assert [one.count for one in queries.reject_groups(shop.workspace.pk, "replayed")] == [1]


def test_a_job_that_replayed_nothing_is_not_good(shop, monkeypatch):
    monkeypatch.setattr(replays, "MANY", 2)
    client = person(shop, "analyst")
    client.post("/rejects/replay/", {"reason": "missing_field"})
    replays.run(shop.drains)
    page = client.get("/jobs/").content.decode()
    assert '<span class="lbl warn">done</span>' in re.sub(r"\s*\n\s*", "", page)


# ---- the evidence -----------------------------------------------------------------------------------


def test_the_events_page_shows_what_was_received_what_was_changed_by_whom_and_when(shop):
    client = person(shop, "analyst")
    applied(client, client.get("/rejects/fix/", group(shop) | FIX))
    shop.drains()
    life = shop.get("/api/events/b1/life/")
    assert life["state"] == "stored"
    assert "total" not in life["raw"]["properties"], "as received stays as received"
    assert life["fixed"]["properties"]["total"] == "20.00"
    assert (life["refused"]["reason"], life["refused"]["field"]) == ("missing_field", "properties.total")
    (done,) = life["repairs"]
    assert (done["by"], done["fix"], done["sent"]) == ("analyst", COPY, True)
    assert done["changed"] == [{"field": "properties.total", "before": None, "after": "20.00"}]
    said = text(client.get("/events/b1/"))
    assert "What was changed" in said
    assert "One fix for all alike: properties.total is taken from properties.pay_amount" in said
    assert "by analyst" in said
    (kept,) = [
        one for one in shop.get("/api/rejects/", state="replayed")["results"] if one["message_id"] == "b1"
    ]
    assert kept["repairs"] == life["repairs"]
    assert "total" not in json.loads(kept["raw"])["properties"]
    assert "by analyst" in text(client.get(f"/rejects/{kept['id']}/"))


def test_every_change_by_hand_is_kept(shop):
    client = person(shop, "analyst")
    (one,) = [one for one in shop.get("/api/rejects/")["results"] if one["message_id"] == "b4"]
    message = json.loads(one["raw"])
    for total in ("面议", "12,5", "12.50"):
        message["properties"]["total"] = total
        client.post(f"/rejects/{one['id']}/mend/", {"raw": json.dumps(message)})
    shop.drains()
    life = shop.get("/api/events/b4/life/")
    assert [
        (each["changed"][0]["before"], each["changed"][0]["after"], each["sent"]) for each in life["repairs"]
    ] == [
        (None, "面议", False),
        ("面议", "12,5", False),
        ("12,5", "12.50", True),
    ]
    assert "total" not in life["raw"]["properties"]
    assert life["refused"]["hint"].endswith("Received: “12,5”.")
    assert text(client.get("/events/b4/")).count("not accepted yet") == 2


def test_a_message_that_nobody_touched_says_nothing_of_it(shop):
    shop.sends(order("A-1", 5, "u1") | {"messageId": "good"})
    life = shop.get("/api/events/good/life/")
    assert (life["fixed"], life["refused"], life["repairs"]) == (None, None, [])
    assert "What was changed" not in text(person(shop).get("/events/good/"))


def test_a_viewer_sees_no_contact_data_in_what_was_changed(shop):
    shop.sends(track("Order Completed", "u1", message_id="p", order_id="P-1", phone="13812345021"))
    client = person(shop, "analyst")
    fix = {"do": "set", "target": "properties.phone", "value": "13812345022"}
    more = {"change": json.dumps({"do": "set", "field": "properties.total", "value": 5})}
    applied(client, client.get("/rejects/fix/", group(shop) | more | fix))
    shop.drains()
    viewer = person(shop, "viewer")
    key = next(one["id"] for one in shop.get("/api/rejects/")["results"] if one["message_id"] == "p")
    for page in ("/events/p/", f"/rejects/{key}/", "/rejects/?state=replayed"):
        raw = viewer.get(page).content.decode()
        assert "12345021" not in raw, page
        assert "12345022" not in raw, page


def test_a_rebuild_keeps_what_was_done_and_comes_to_the_same(shop):
    client = person(shop, "analyst")
    applied(client, client.get("/rejects/fix/", group(shop) | FIX))
    shop.drains()
    before, life = dump(shop.workspace.pk), shop.get("/api/events/b1/life/")
    rebuild.everything()
    assert differences(before, dump(shop.workspace.pk)) == {}
    assert shop.get("/api/events/b1/life/")["repairs"] == life["repairs"]
    assert shop.get("/api/events/b1/life/")["raw"] == life["raw"]


# ---- the API ----------------------------------------------------------------------------------------


def test_the_api_tries_and_applies_a_fix(shop):
    api, asked = shop.api("analyst"), group(shop) | {"fix": COPY}
    found = api.post("/api/rejects/fix/preview/", asked, format="json").json()
    assert {
        name: found[name] for name in ("total", "looked_at", "accepted", "untouched", "left", "money")
    } == {
        "total": 5,
        "looked_at": 5,
        "accepted": 4,
        "untouched": 1,
        "left": [],
        "money": [{"currency": "CNY", "value": "100.00"}],
    }
    assert len(found["examples"]) == 3
    assert found["examples"][0]["changed"][0]["field"] == "properties.total"
    assert states(shop) == {"open": 6}
    done = api.post("/api/rejects/fix/", asked, format="json")
    assert (done.status_code, done.json()) == (200, {"total": 5, "replayed": 4, "still_bad": 1, "job": None})
    again = api.post("/api/rejects/fix/", asked, format="json").json()
    assert again == {"total": 1, "replayed": 0, "still_bad": 1, "job": None}
    shop.drains()
    assert shop.value("gmv") == "100"
    assert Audit.objects.filter(action="reject.fix").count() == 2


def test_many_by_the_api_are_a_job(shop, monkeypatch):
    monkeypatch.setattr(replays, "MANY", 2)
    answer = shop.api("analyst").post("/api/rejects/fix/", group(shop) | {"fix": COPY}, format="json")
    assert answer.status_code == 202
    assert answer.json() == {
        "total": 5,
        "replayed": None,
        "still_bad": None,
        "job": Job.objects.get(kind="fix").pk,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"fix": []},
        {"fix": [{"do": "run", "field": "x"}]},
        {"reason": "lost"},
        {"reason": None},
        {"field": 5},
        {"connector": "x"},
        {"more": 1},
    ],
)
def test_a_wrong_question_is_a_400(shop, wrong):
    asked = group(shop) | {"fix": COPY} | wrong
    for path in ("/api/rejects/fix/", "/api/rejects/fix/preview/"):
        answer = shop.api("analyst").post(path, asked, format="json")
        assert answer.status_code == 400, answer.content
        assert answer.json()["message"]
    assert shop.api("viewer").post("/api/rejects/fix/", asked, format="json").status_code == 403
