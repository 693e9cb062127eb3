"""An identifier that belongs to nobody's event is no customer, but it answers."""

import csv
import io
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import rebuild
from kernel.db import rows
from tests.dump import differences, dump
from tests.shop import Shop, later, track

pytestmark = pytest.mark.django_db(transaction=True)
PHONES = [f"+861381234{n:04}" for n in range(300)]


@pytest.fixture
def shop() -> Shop:
    made = Shop()
    listed = [{"kind": "phone", "value": phone} for phone in PHONES]
    made.sends(track("Product Viewed", "u1", later(days=1), identifiers=listed))
    return made


def alone() -> list[str]:
    """The ids of phones that belong to nobody."""
    text = (
        "select i.key from profiles_identifier i where i.id = i.profile_id and i.kind = 'phone' order by i.id"
    )
    return [str(key) for (key,) in rows(connection, text)]


def people(shop: Shop, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.get("/api/profiles/", limit=500, **query)["results"]
    return found


def test_a_message_with_300_phones_is_one_customer(shop: Shop) -> None:
    assert len(alone()) > 40
    assert [one["events"] for one in people(shop)] == [1]
    for ordering in ("last_seen", "-first_seen", "name", "-revenue", "events"):
        assert len(people(shop, ordering=ordering)) == 1


def test_it_answers_by_its_id(shop: Shop) -> None:
    key = alone()[0]
    found = shop.get(f"/api/profiles/{key}/")
    assert found["id"] == key
    assert [one["kind"] for one in found["identifiers"]] == ["phone"]
    assert (found["summary"]["events"], found["summary"]["first_seen"], found["traits"]) == (0, None, {})
    assert shop.get(f"/api/profiles/{key}/timeline/")["results"] == []
    assert shop.get(f"/api/profiles/{key}/joins/")["results"] == []


def test_searches_and_filters_find_no_customer_in_it(shop: Shop) -> None:
    key = alone()[0]
    phone = shop.get(f"/api/profiles/{key}/")["identifiers"][0]["value"]
    assert people(shop, search=phone) == people(shop, identifier=f"phone:{phone}") == []


def test_pages_and_files_do_not_count_it(shop: Shop, client: Any) -> None:
    from django.contrib.auth.models import User

    from kernel.models import Member
    from profiles import completeness, queries

    assert queries.count(connection, shop.workspace, {}) == 1
    assert queries.totals(connection, shop.workspace, {}).people == 1
    known = completeness.of(connection, shop.workspace.pk)
    assert known.profiles == 1
    assert dict(known.kinds)["user_id"] == 1
    assert dict(known.kinds).get("phone", 0) <= 1
    user = User.objects.create_user(f"who-{shop.workspace.slug}")
    Member.objects.create(workspace=shop.workspace, user=user, role="admin")
    client.force_login(user)
    key = alone()[0]
    assert client.get(f"/customers/{key}/").status_code == 200
    answer = client.get("/customers/export.csv")
    assert answer.status_code == 200, answer.status_code
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert len(list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))) == 2


def test_it_becomes_a_customer_with_its_first_event(shop: Shop) -> None:
    key = alone()[0]
    phone = shop.get(f"/api/profiles/{key}/")["identifiers"][0]["value"]
    shop.sends(
        {
            "type": "identify",
            "anonymousId": "a1",
            "traits": {"phone": phone, "name": "Wang Fang"},
            "timestamp": later(days=2).isoformat(),
        }
    )
    [found] = people(shop, identifier=f"phone:{phone}")
    assert (found["name"], found["events"], found["first_seen"]) == ("Wang Fang", 1, "2026-03-03T02:00:00Z")
    assert [one["name"] for one in people(shop, search="Wang Fang")] == ["Wang Fang"]
    assert len(people(shop)) == 2
    before = dump(shop.workspace.pk)
    rebuild.everything()
    assert differences(before, dump(shop.workspace.pk)) == {}


def test_merged_into_a_customer_it_is_his(shop: Shop) -> None:
    key = alone()[0]
    [customer] = people(shop)
    answer = shop.api().post(
        f"/api/profiles/{customer['id']}/merge/", {"other": key, "reason": "the same"}, format="json"
    )
    assert answer.status_code == 200, answer.content
    assert len(people(shop)) == 1
    assert shop.get(f"/api/profiles/{key}/")["summary"]["events"] == 1
