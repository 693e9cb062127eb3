"""What a connector brought is read anew by its newest mapping: afterwards all is as if that had always been."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import jobs, rebuild, remaps
from channels.studio import versions
from kernel.db import rows
from kernel.models import Job
from tests.channels.mapping_with import PAID, counts, hooked, own, paid, post, refused, replay, save
from tests.shop import Shop, later, order

WRONG = PAID.replace("yuan(amount)", "amount").replace('"traits.city"', '"traits.town"')
NAMELESS = PAID.replace("messageId = \"concat('paid-', id)\"\n", "")
RULE = '[clean."properties.total"]\nmax = 20\n'


def ask(shop: Shop, one: Any, role: str = "admin", **asked: Any) -> Any:
    address = f"/api/connectors/{one.uuid}/mapping/reprocess/"
    return shop.api(role).post(address, asked, format="json")


def answers(shop: Shop) -> Any:
    """All that can be seen of what was brought."""
    events = shop.get("/api/events/", limit=500)["results"]
    return (
        sorted((one["name"], one["type"], json.dumps(one["properties"], sort_keys=True)) for one in events),
        sorted(json.dumps(one["traits"], sort_keys=True) for one in events),
        [shop.value(name) for name in ("gmv", "orders", "buyers")],
        sorted(one["sku"] for one in shop.get("/api/records/", type="stock")["results"]),
        refused(shop),
    )


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def brings(shop: Shop, one: Any) -> None:
    """Some of it good by each of the mappings, some by one, some by none."""
    post(one, paid(), paid(2, amount="12.5"), [paid(3), {"topic": "none"}], {"topic": "ping"})
    post(one, {"topic": "stock", "id": 1, "rows": [{"sku": "A", "n": 1}]}, paid(4, amount=999_900), paid())
    shop.sends(order("w1", 5, "u1", later()))


@pytest.mark.parametrize("text", [PAID, NAMELESS, PAID + RULE])
def test_all_is_as_if_the_version_had_always_stood(shop: Shop, text: str) -> None:
    one = hooked(shop, WRONG)
    brings(shop, one)
    replay(shop)
    save(one, text.replace("yuan(amount)", "amuont"))
    replay(shop)
    save(one, text)
    replay(shop)
    assert ask(shop, one, **{"from": "2026-01-01"}).status_code == 202
    assert Job.objects.get(kind="remap").state == "waiting"
    remaps.run()
    job = Job.objects.get(kind="remap")
    assert (job.state, job.done, job.detail["events"]) == ("done", job.total, len(answers(shop)[0]))
    assert not Job.objects.filter(kind="rebuild").exists()

    always = Shop()
    other = hooked(always, text)
    brings(always, other)
    assert answers(shop) == answers(always)
    assert {each[1:] for each in counts(one)} == {each[1:] for each in counts(other)}
    before = answers(shop)
    rebuild.everything()
    assert answers(shop) == before


def test_only_what_came_since_then(shop: Shop) -> None:
    one, now = own(shop), datetime.now(UTC)
    for days in (3, 2, 1):
        sent = {"type": "track", "event": f"{days}", "userId": "u", "messageId": f"m{days}"}
        shop.sends(sent, received_at=now - timedelta(days=days))
    save(one, "[[message]]\nkeep = true\nevent = \"'new'\"\n")
    assert (
        ask(
            shop, one, **{"from": (now - timedelta(days=2, hours=1)).isoformat(), "to": "2030-01-01"}
        ).status_code
        == 202
    )
    remaps.run()
    assert rows(connection, "select message_id, name from profiles_event order by 1") == [
        ("m1", "new"),
        ("m2", "new"),
        ("m3", "3"),
    ]


def test_a_killed_one_is_taken_up(shop: Shop) -> None:
    one = hooked(shop, WRONG)
    brings(shop, one)
    save(one, PAID)
    job = remaps.start(one, datetime(2026, 1, 1, tzinfo=UTC))
    assert remaps.start(one, datetime(2026, 1, 1, tzinfo=UTC)).pk == job.pk
    jobs.tell(job)
    versions.hold_since(connection, one, datetime(2026, 1, 1, tzinfo=UTC))
    rebuild.begin(connection, rebuild.Remapped(one.workspace_id, one.pk, datetime(2026, 1, 1, tzinfo=UTC)))
    assert rebuild.resume()
    assert Job.objects.get(pk=job.pk).state == "done"
    always = Shop()
    brings(always, hooked(always, PAID))
    assert answers(shop) == answers(always)


def test_what_cannot_be_asked(shop: Shop) -> None:
    one = own(shop)
    assert ask(shop, one, **{"from": "2026-01-01"}).json()["code"] == "no_mapping"
    save(one, PAID)
    for wrong in (
        {},
        {"from": 5},
        {"from": "soon"},
        {"from": "0001-01-01"},
        {"from": "2030-01-01"},
        {"from": "2026-01-01", "to": "2026-01-02"},
    ):
        assert ask(shop, one, **wrong).status_code == 400, wrong
    for role in ("viewer", "analyst"):
        assert ask(shop, one, role, **{"from": "2026-01-01"}).status_code == 403
    assert not Job.objects.exists()
