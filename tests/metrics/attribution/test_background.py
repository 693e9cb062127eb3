"""Attribution that is made in the background: for the API, the page, every process; kept until the mirror has more."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from cdp.pipeline import attributions, jobs
from kernel.models import Job
from metrics.attribution import answers, background, kept, stored
from metrics.attribution.models import NAMES
from metrics.models import Attribution
from tests.metrics.attribution.sold import sold, touch
from tests.metrics.mirrored import following
from tests.pages.test_attribution import client_of
from tests.shop import Shop

pytestmark = pytest.mark.django_db
PATH = "/api/attribution/"
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture
def shop(db: None) -> Shop:
    return sold()


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A mirror whose state has a name, and more touches than are counted while one waits; nobody waits long."""
    from metrics.mirror import reading

    opened, state = following(), {"name": "one"}

    def named(workspace: int) -> Any:
        return _Large(opened(workspace), state)

    monkeypatch.setattr(reading, "open_mirror", named)
    monkeypatch.setattr(background, "API_SECONDS", 0.0)
    monkeypatch.setattr(background, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(background, "SOON_SECONDS", 0.0)  # none is quick, however fast the machine
    kept.KEPT.forget()
    return state


class _Large:
    def __init__(self, opened: Any, state: dict[str, str]) -> None:
        self.opened, self.named = opened, state

    def __enter__(self) -> Any:
        mirror = self.opened.__enter__()
        mirror.state, mirror.touches = self.named["name"], lambda _first, _last: background.AT_ONCE + 1
        return mirror

    def __exit__(self, *how: Any) -> None:
        self.opened.__exit__(*how)


def ask(shop: Shop, **asked: str) -> Any:
    return shop.api().get(PATH, MARCH | asked)


def fresh(shop: Shop, **asked: str) -> Any:
    """The same with nothing kept, made while one waits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(background, "_small", lambda *_: True)
        patch.setattr(stored, "read", lambda *_: None)
        patch.setattr(kept, "KEPT", kept.Kept())
        patch.setattr(answers, "KEPT", kept.KEPT)
        return ask(shop, **asked).json()


def test_a_large_question_is_a_job_and_the_answer_is_what_it_would_have_been_at_once(shop: Shop) -> None:
    first = ask(shop, model="markov", compare="last")
    assert first.status_code == 202
    assert first["Retry-After"] == "2"
    said = first.json()
    assert (said["state"], said["done"], said["total"]) == ("waiting", 0, len(NAMES) + 1)
    assert len(said["message"]) > 20
    assert ask(shop, model="first").json()["job"] == said["job"]  # one job for all who ask the same
    attributions.run()
    job = Job.objects.get(pk=said["job"])
    assert (job.state, job.done) == ("done", len(NAMES) + 1)
    kept.KEPT.forget()  # another process
    for asked in ({"model": "markov", "compare": "last"}, {"model": "time_decay"}, {"model": "data_driven"}):
        found = ask(shop, **asked)
        assert found.status_code == 200
        assert found.json() == fresh(shop, **asked)
    assert Job.objects.filter(kind=background.KIND).count() == 1


def test_what_the_mirror_has_newly_is_counted(shop: Shop, large: dict[str, str]) -> None:
    ask(shop, by="campaign")
    attributions.run()
    before = ask(shop, by="campaign").json()
    shop.sends(touch("u2", 4.5, "summer"))
    large["name"] = "two"
    assert ask(shop, by="campaign").status_code == 202
    attributions.run()
    after = ask(shop, by="campaign").json()
    assert after != before
    assert after == fresh(shop, by="campaign")
    assert Attribution.objects.count() == 1  # in the place of the one before


def test_one_that_was_ready_a_moment_ago_is_given_out_though_the_mirror_went_on(
    shop: Shop, large: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one who comes back for it would find it old, again and again."""
    monkeypatch.setattr(background, "FRESH_SECONDS", 10.0)
    ask(shop)
    attributions.run()
    large["name"] = "two"
    assert ask(shop).status_code == 200
    Attribution.objects.update(made_at=timezone.now() - timedelta(seconds=11))
    assert ask(shop).status_code == 202


def test_what_was_quick_the_last_time_is_made_while_one_waits(
    shop: Shop, large: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(shop)
    attributions.run()
    monkeypatch.setattr(background, "SOON_SECONDS", 1.0)
    large["name"] = "two"
    Attribution.objects.update(seconds=background.SOON_SECONDS / 2)
    assert ask(shop).status_code == 200
    assert Job.objects.filter(kind=background.KIND).count() == 1


def test_a_cancelled_one_is_not_kept_and_can_be_asked_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = ask(shop).json()["job"]
    each = answers.each

    def stopped(*asked: Any) -> Any:
        for one in each(*asked):
            jobs.cancel(Job.objects.get(pk=number))
            yield one

    monkeypatch.setattr(answers, "each", stopped)
    attributions.run()
    assert Job.objects.get(pk=number).state == "cancelled"
    assert not Attribution.objects.exists()
    assert ask(shop).json()["job"] != number


def test_one_that_cannot_be_made_says_so(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "API_SECONDS", 5.0)
    refresh = Job.refresh_from_db

    def failed(job: Job) -> None:
        Job.objects.filter(pk=job.pk).update(state="failed")
        refresh(job)

    monkeypatch.setattr(Job, "refresh_from_db", failed)
    answer = ask(shop)
    assert answer.status_code == 503
    assert "ask again" in answer.json()["message"]


def test_what_is_kept_is_what_was_made_whole_with_amounts_and_figures(shop: Shop) -> None:
    ask(shop, by="campaign", worth="chain")
    attributions.run()
    (row,) = Attribution.objects.all()
    found = stored.read(connection, row.workspace_id, row.question)
    assert found is not None
    assert list(found.answers) == list(NAMES)
    told = found.answers["last"].warnings
    assert {one.code for one in told} >= {"missing_cost", "spend_without_campaign"}
    assert found.answers["shapley"].quality["worth"] == "chain"


def test_too_many_questions_leave_the_latest(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "MOST", 2)
    made = []
    for by in ("channel", "campaign", "source"):
        ask(shop, by=by)
        attributions.run()
        made.append(Attribution.objects.order_by("-made_at")[0].question)
    assert {row.question for row in Attribution.objects.all()} == set(made[1:])


def test_the_page_shows_how_far_it_is_and_then_the_result(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "PAGE_SECONDS", 0.0)
    reader = client_of(shop)
    waiting = reader.get("/allocation/", MARCH).content.decode()
    assert 'hx-trigger="every 2s"' in waiting
    assert "<progress" in waiting
    attributions.run()
    ready = reader.get("/allocation/", MARCH).content.decode()
    assert "Side by side" in ready
    assert 'hx-select="#attribution"' not in ready


def test_the_page_shows_what_was_counted_the_last_time_until_newer_figures_are_ready(
    shop: Shop, large: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "PAGE_SECONDS", 0.0)
    reader, behind = client_of(shop), {"headers": {"HX-Request": "true", "HX-Target": "renewing"}}
    wanted = MARCH | {"by": "campaign"}
    ask(shop, by="campaign")
    attributions.run()
    before = figures(reader.get("/allocation/", wanted))
    shop.sends(touch("u2", 4.5, "summer"))
    large["name"] = "two"
    kept.KEPT.forget()
    meanwhile = reader.get("/allocation/", wanted)
    assert figures(meanwhile) == before
    assert "newer events are being added" in meanwhile.content.decode()
    assert 'hx-select="#renewing"' in reader.get("/allocation/", wanted, **behind).content.decode()
    assert reader.get("/allocation/export.csv", wanted).status_code == 503  # has the newest, or none
    attributions.run()
    assert "Newer figures are ready." in reader.get("/allocation/", wanted, **behind).content.decode()
    after = reader.get("/allocation/", wanted)
    assert figures(after) != before
    assert 'id="renewing"' not in after.content.decode()


def figures(page: Any) -> str:
    """The table of all models."""
    found = re.search(r'id="models".*?</table>', page.content.decode(), re.S)
    assert found is not None
    return found[0]
