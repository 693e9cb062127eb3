"""How long data is kept: what would go is said before it goes, then it goes; totals of the past stay."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from cdp.pipeline import jobs, rebuild, retention, tasks
from kernel import audit
from kernel.errors import Conflict
from kernel.models import Audit, Job
from tests.shop import Shop, later, order, track

LONG_AGO = timezone.now() - timedelta(days=400)


@pytest.fixture
def shop(db):
    return Shop()


def kinds(answer):
    return {one["kind"]: one for one in answer["kinds"]}


def put(shop, months, role="admin"):
    return shop.api(role).put("/api/retention/", months, format="json")


def old_and_new(shop):
    """A request, a reject, a note and an export, each once of long ago and once of today."""
    for n, at in enumerate((LONG_AGO, timezone.now())):
        shop.sends(order(f"o-{n}", "10", "ann", later(hours=n)), order(f"b-{n}", "x", "ann"), received_at=at)
        audit.note(shop.workspace.pk, "ann", "thing.done", f"t-{n}")
        jobs.end(jobs.begin("export", shop.workspace, 1), "done")
    for table, column in (("kernel_audit", "at"), ("kernel_job", "updated_at")):
        with connection.cursor() as cursor:
            cursor.execute("set session_replication_role = replica")  # the record lets nobody change it
            cursor.execute(
                f"update {table} set {column} = %s where id = (select min(id) from {table} where workspace_id = %s)",
                [LONG_AGO, shop.workspace.pk],
            )
            cursor.execute("set session_replication_role = origin")


def test_what_would_go_is_said_and_nothing_goes(shop):
    old_and_new(shop)
    found = kinds(shop.get("/api/retention/"))
    assert list(found) == list(retention.KINDS)
    assert {one["months"] for one in found.values()} == {None}
    assert {one["goes"]["count"] for one in found.values()} == {0}
    asked = dict.fromkeys(("raw_bodies", "rejects", "exports", "audit"), 12)
    found = kinds(shop.get("/api/retention/", preview=1, **asked))
    for kind in asked:
        assert found[kind]["months"] == 12
        assert found[kind]["goes"]["count"] == 1, kind
        assert found[kind]["goes"]["oldest"][:10] == LONG_AGO.astimezone(UTC).isoformat()[:10]
    assert found["events"]["stays"]
    assert {one["months"] for one in kinds(shop.get("/api/retention/")).values()} == {None}
    assert not Audit.objects.filter(action="retention.set").exists()


def test_what_is_too_old_goes_with_the_daily_work_and_totals_stay(shop):
    old_and_new(shop)
    before = (shop.value("gmv"), shop.value("new_customers"), len(shop.get("/api/events/")["results"]))
    said = put(shop, {"raw_bodies": 12, "rejects": 12, "exports": 12, "audit": 12})
    assert said.status_code == 200
    assert kinds(said.json())["rejects"]["goes"]["count"] == 1
    (noted,) = Audit.objects.filter(action="retention.set")
    assert noted.detail["after"] == {"raw_bodies": 12, "rejects": 12, "exports": 12, "audit": 12}
    tasks.daily()
    assert {one["goes"]["count"] for one in kinds(shop.get("/api/retention/")).values()} == {0}
    assert [one["message_id"] for one in shop.get("/api/rejects/")["results"]] == ["m4"]
    assert [one.target for one in Audit.objects.filter(action="thing.done")] == ["t-1"]
    assert Job.objects.filter(kind="export", workspace=shop.workspace).count() == 1
    applied = {one.target: one.detail["gone"] for one in Audit.objects.filter(action="retention.apply")}
    assert applied == dict.fromkeys(("raw_bodies", "rejects", "exports", "audit"), 1)
    assert (
        shop.value("gmv"),
        shop.value("new_customers"),
        len(shop.get("/api/events/")["results"]),
    ) == before
    tasks.daily()
    assert Audit.objects.filter(action="retention.apply").count() == 4, "nothing more, so nothing is noted"


def test_a_rebuild_refuses_to_lose_what_was_made_of_bodies_that_have_gone(shop):
    old_and_new(shop)
    rebuild.everything()
    put(shop, {"raw_bodies": 12})
    retention.run_all(connection, timezone.now())
    before = shop.value("gmv")
    with pytest.raises(Conflict, match="retention"):
        rebuild.everything()
    assert Job.objects.filter(kind="rebuild").latest("id").state == "failed"
    assert shop.value("gmv") == before


def test_a_request_that_waits_stays(shop):
    shop.sends(track("Seen", "ann", later(hours=1)), received_at=LONG_AGO, drain=False)
    put(shop, {"raw_bodies": 1})
    assert retention.run_all(connection, timezone.now()) == {"raw_bodies": 0}
    shop.drains()
    assert len(shop.get("/api/events/")["results"]) == 1
    assert retention.run_all(connection, timezone.now()) == {"raw_bodies": 1}
    (event,) = shop.get("/api/events/")["results"]
    assert event["name"] == "Seen"


def test_it_goes_on_where_it_was_stopped(shop, monkeypatch):
    for n in range(5):
        shop.sends(track("Seen", f"u{n}", later(hours=1)), received_at=LONG_AGO)
    put(shop, {"raw_bodies": 1})
    monkeypatch.setattr(retention, "STEP", 2)
    monkeypatch.setattr(retention, "STEPS", 1)
    gone = [retention.run_all(connection, timezone.now())["raw_bodies"] for _ in range(4)]
    assert gone == [2, 2, 1, 0]


@pytest.mark.parametrize(
    "asked",
    [{"events": 12}, {"anonymous_browsing": 1}, {"audit": 0}, {"audit": 1.5}, {"audit": True}, {"all": 1},
     {"audit": "12"}, {"audit": 1201}],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(shop, asked):
    answer = put(shop, asked)
    assert answer.status_code == 400
    assert len(answer.json()["message"]) > 20
    assert not retention.Retention.objects.filter(workspace=shop.workspace).exists()


def test_for_ever_again(shop):
    put(shop, {"rejects": 3})
    assert kinds(put(shop, {"rejects": None}).json())["rejects"]["months"] is None


def test_members_look_and_admins_change(shop):
    for role in ("viewer", "analyst"):
        assert shop.api(role).get("/api/retention/").status_code == 200
        assert put(shop, {"nonsense": 1}, role).status_code == 403
    assert shop.api().get("/api/retention/", {"rejects": 6}).status_code == 400
    assert shop.api().get("/api/retention/", {"preview": 1, "rejects": "x"}).status_code == 400


def test_another_workspace_keeps_its_own(shop):
    other = Shop()
    old_and_new(other)
    put(shop, {"rejects": 1, "raw_bodies": 1})
    retention.run_all(connection, timezone.now())
    assert len(other.get("/api/rejects/")["results"]) == 2


def test_months_are_the_calendars():
    assert retention.end(datetime(2026, 3, 31, 8, tzinfo=UTC), 1) == datetime(2026, 2, 28, 8, tzinfo=UTC)
    assert retention.end(datetime(2026, 1, 15, tzinfo=UTC), 13) == datetime(2024, 12, 15, tzinfo=UTC)
