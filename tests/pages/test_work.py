"""Long work on the pages: counts, what came of it, cancelled by whoever may, files made as a job."""

import re
from contextlib import closing
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from cdp.management.commands import prepare
from cdp.pipeline import exports, jobs, rebuild, tasks
from kernel.models import Audit, FilePart, Job, Member, Workspace
from tests.pages.test_numbers import PHONE, person, text
from tests.shop import Shop, identify, order, track


@pytest.fixture
def shop(db):
    found = Shop()
    found.sends(
        *(identify(f"u{n}", name=f"Customer {n}", phone=f"1381234{n:04}") for n in range(12)),
        order("A-1", "10", "u1"),
        track("Order Completed", "u1", message_id="broken", order_id="A-2"),
    )
    return found


def old(job, **delta):
    Job.objects.filter(pk=job.pk).update(updated_at=timezone.now() - timedelta(**delta))


def test_what_runs_stands_on_every_page_and_its_end_for_a_moment(shop):
    client = person(shop, "viewer")
    job = jobs.begin("replay", shop.workspace, 40, reason=None, connector=None, replayed=0, still_bad=0)
    jobs.tell(job, done=30, detail=job.detail | {"replayed": 28, "still_bad": 2})
    assert "Replaying rejected messages running 30 of 40 messages" in text(client.get("/customers/"))
    jobs.cancel(job)
    said = text(client.get("/customers/"))
    assert "28 replayed, 2 still rejected; 10 were left out." in said
    old(job, minutes=3)
    assert "Replaying" not in text(client.get("/customers/"))
    assert "10 were left out" in text(client.get("/jobs/"))


def test_what_is_done_leaves_the_pages_within_moments(shop):
    client = person(shop, "viewer")
    job = jobs.begin("replay", shop.workspace, 2, reason=None, connector=None, replayed=2, still_bad=0)
    jobs.end(job, "done", done=2)
    assert "2 replayed" in text(client.get("/customers/"))
    old(job, seconds=20)
    assert "2 replayed" not in text(client.get("/customers/"))
    assert "2 replayed" in text(client.get("/jobs/"))


def test_work_without_news_is_said_to_have_none_and_leaves_the_other_pages(shop):
    client = person(shop)
    job = jobs.begin("demo", shop.workspace, 40)
    jobs.tell(job, done=4)
    old(job, minutes=5)
    assert "no progress" in text(client.get("/customers/"))
    old(job, hours=2)
    assert "no progress" not in text(client.get("/customers/"))


def test_only_who_may_cancels(shop):
    job = jobs.begin("replay", shop.workspace, 4, reason=None, connector=None, replayed=0, still_bad=0)
    where = f"/frame/job/{job.pk}/cancel/"
    assert person(shop, "viewer").post(where).status_code == 403
    other = Shop("Other")
    user = User.objects.create_user("stranger")
    Member.objects.create(workspace=other.workspace, user=user, role="admin")
    stranger = person(other, "admin")
    assert stranger.post(where).status_code == 404
    assert person(shop, "analyst").post(where).status_code == 200
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert not jobs.tell(job, done=4)


def test_work_that_another_worker_is_at_is_left_to_it(shop):
    job, done = jobs.begin("replay", shop.workspace, 1), []
    with closing(connection.get_new_connection(connection.get_connection_params())) as other:
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s, %s)", [jobs.LOCK, job.pk])
        jobs.run("replay", done.append)
        assert done == []
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s, %s)", [jobs.LOCK, job.pk])
    jobs.run("replay", done.append)
    assert done == [job]


def test_work_that_fails_stops_alone_whatever_its_kind(shop):
    bad, good = (jobs.begin("replay", shop.workspace, 1) for _ in range(2))
    done = []

    def work(job):
        if job == bad:
            raise ValueError("as a test")
        done.append(job)

    jobs.run("replay", work)
    assert done == [good]
    bad.refresh_from_db()
    assert bad.state == "failed"


def test_a_rebuild_is_watched_by_everybody_and_cannot_be_cancelled(shop, monkeypatch):
    client, seen = person(shop), []

    def look(done, total):
        page = client.get("/customers/")
        seen.append(text(page))
        number = re.search(r'id="job-(\d+)"', page.content.decode())[1]
        assert "Cancel" not in client.get(f"/frame/job/{number}/").content.decode()
        assert client.post(f"/frame/job/{number}/cancel/").status_code == 403

    rebuild.everything(look)
    assert "Rebuilding everything from the inbox running 1 of 1 request" in seen[0]
    assert "It cannot be stopped half-way" in seen[0]
    job = Job.objects.get(kind="rebuild")
    assert (job.state, job.workspace, job.done) == ("done", None, 1)
    assert "13 events and 0 records rebuilt, 1 rejected" in text(client.get("/jobs/"))


def test_a_rebuild_that_fails_says_so_and_the_next_one_is_another(shop, monkeypatch):
    def broken(*_args):
        raise ValueError("no")

    with monkeypatch.context() as patch:
        patch.setattr(rebuild, "_again", broken)
        with pytest.raises(ValueError, match="no"):
            rebuild.everything()
    assert "see the log" in text(person(shop).get("/jobs/"))
    rebuild.everything()
    assert list(Job.objects.order_by("id").values_list("state", flat=True)) == ["failed", "done"]


def test_a_cancelled_demo_stays_so_at_the_next_start(db):
    job = jobs.begin("demo", Workspace.objects.create(slug="demo", name="Demo"), 40)
    assert not prepare.lay(users=False)["demo_loaded"]
    jobs.cancel(job)
    assert prepare.lay(users=False)["demo_loaded"]


# ---- files ------------------------------------------------------------------------------------------


@pytest.fixture
def large(shop, monkeypatch):
    monkeypatch.setattr(exports, "MANY", 5)
    rung = []
    monkeypatch.setattr("cdp.pipeline.wake.notify", lambda: rung.append(1))
    return shop


def asked(client, query=""):
    answer = client.get(f"/customers/export.csv{query}", follow=True)
    assert "is being prepared" in text(answer)
    return Job.objects.filter(kind="export").latest("id")


def test_a_large_file_is_made_as_a_job_like_the_small_one(large, monkeypatch):
    client = person(large)
    job = asked(client, "?ordering=name&columns=phone")
    assert job.total == 12
    exports.run(large.drains)
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 12)
    where = re.search(r'href="(/jobs/\d+/file.csv)"', client.get("/jobs/").content.decode())[1]
    made = b"".join(client.get(where).streaming_content)
    monkeypatch.setattr(exports, "MANY", 5_000)
    at_once = client.get("/customers/export.csv?ordering=name&columns=phone")
    assert made == b"".join(at_once.streaming_content)
    assert made.count(b"\r\n") == 13
    assert "12 of 12 rows It is kept for a day" in text(client.get("/jobs/"))
    assert Audit.objects.filter(action="export").count() == 2


def test_a_file_is_masked_by_role_and_only_of_who_asked(large):
    viewer, admin = person(large, "viewer"), person(large)
    job = asked(viewer)
    exports.run(large.drains)
    where = f"/jobs/{job.pk}/file.csv"
    made = b"".join(viewer.get(where).streaming_content).decode()
    assert PHONE[-8:] not in made
    assert "13812340001" not in made
    assert admin.get(where).status_code == 404
    assert where not in admin.get("/jobs/").content.decode()


def test_a_file_of_a_higher_role_is_gone_with_the_role(large):
    client = person(large, "analyst")
    job = asked(client)
    exports.run(large.drains)
    Member.objects.filter(user__username="analyst").update(role="viewer")
    assert client.get(f"/jobs/{job.pk}/file.csv").status_code == 403


def test_a_cancelled_file_leaves_nothing(large, monkeypatch):
    client = person(large)
    job = asked(client)
    assert person(large, "analyst").post(f"/frame/job/{job.pk}/cancel/").status_code == 403
    monkeypatch.setattr(exports, "TELL_SECONDS", -1.0)
    monkeypatch.setattr("kernel.web.spreadsheet.ROWS_A_PIECE", 2)
    exports.run(lambda: client.post(f"/frame/job/{job.pk}/cancel/"))
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert 0 < job.done < 12
    assert not FilePart.objects.exists()
    assert "left out" in text(client.get("/jobs/"))


def test_a_file_is_kept_for_a_day(large):
    client = person(large)
    job = asked(client)
    exports.run(large.drains)
    exports.tidy()
    assert FilePart.objects.exists()
    old(job, days=2)
    tasks.daily()
    assert not FilePart.objects.exists()
    assert client.get(f"/jobs/{job.pk}/file.csv").status_code == 404


def test_a_file_that_fails_stops_alone(large):
    client = person(large)
    job = asked(client)
    Job.objects.filter(pk=job.pk).update(detail=job.detail | {"user": 0})
    exports.run(large.drains)
    assert "stopped" in text(client.get("/jobs/"))
