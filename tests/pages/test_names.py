"""An event is what the vocabulary says, however it is spelled: on the ribbon, the timeline, in filters, in the API."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.pages.test_journey import events, ribbon
from tests.pages.test_numbers import person, text
from tests.shop import Shop, track

SPELLED = (
    "Order Completed",
    "order_completed",
    "orderCompleted",
    "ORDER-COMPLETED",
    "order completed ",
    "Order  Completed",
)


@pytest.fixture
def shop(db: None) -> Shop:
    made = Shop()
    for n, name in enumerate(SPELLED):
        at = datetime(2026, 3, 1 + n, 4, tzinfo=UTC)
        made.sends(track(name, "u1", at, order_id=f"o{n}", total="10.00", message_id=f"bought-{n}"))
    made.sends(
        track("order_canceled", "u1", datetime(2026, 3, 10, 4, tzinfo=UTC), order_id="o0", message_id="gone"),
        {
            "type": "page",
            "name": "Order Completed",
            "userId": "u1",
            "timestamp": "2026-03-11T04:00:00Z",
            "messageId": "thanks",
        },
    )
    return made


@pytest.fixture
def page(shop: Shop) -> str:
    return f"/customers/{shop.profile('user_id:u1')['id']}/"


BOUGHT = [f"Order o{n}" for n in reversed(range(len(SPELLED)))]


def test_the_timeline_and_its_filters_know_every_spelling(shop: Shop, page: str) -> None:
    client = person(shop)
    assert events(client.get(page)) == ["Viewed page Order Completed", "Order o0 cancelled", *BOUGHT]
    for query in ("purchases=1", "event=Order+Completed", "event=order_completed"):
        assert events(client.get(f"{page}?{query}")) == BOUGHT, query
    assert events(client.get(f"{page}?event=Order+Cancelled")) == ["Order o0 cancelled"]
    kinds = client.get(page).content.decode()
    assert kinds.count('<option value="Order Completed"') == 1


def test_the_ribbon_draws_every_purchase(shop: Shop, page: str) -> None:
    marks = ribbon(person(shop).get(page))["events"]
    assert [one["buy"] for one in marks] == [True] * len(SPELLED) + [False, False]
    assert {one["kind"] for one in marks[: len(SPELLED)]} == {"order"}


def test_an_events_page_says_what_it_was_taken_for(shop: Shop) -> None:
    said = text(person(shop).get("/events/bought-1/"))
    assert "Order o1" in said
    assert "order_completed" in said
    assert "no amount" not in said


def test_the_api_finds_an_event_by_any_spelling_and_gives_its_name_as_sent(shop: Shop) -> None:
    def found(path: str, **query: Any) -> list[Any]:
        return [one["message_id"] for one in shop.get(path, **query)["results"]]

    bought = [f"bought-{n}" for n in reversed(range(len(SPELLED)))]
    profile = shop.profile("user_id:u1")["id"]
    for path in ("/api/events/", f"/api/profiles/{profile}/timeline/"):
        for name in ("Order Completed", "order_completed", "ordercompleted"):
            assert found(path, name=name, type="track") == bought, name
        assert found(path, name="Order Completed", type="page") == ["thanks"]
        assert found(path, name="Order Canceled") == ["gone"]
    (event,) = shop.get("/api/events/", message_id="bought-1")["results"]
    assert (event["name"], event["means"]) == ("order_completed", "Order Completed")
    (page,) = shop.get("/api/events/", message_id="thanks")["results"]
    assert (page["name"], page["means"]) == ("Order Completed", None)
