"""What is said of a watched place: over the API and on the connector's page."""

from pathlib import Path
from typing import Any

from tests.channels.watching.watched import look, orders, put, watcher
from tests.pages.test_numbers import person, text
from tests.shop import Shop


def listed(shop: Shop, one: Any) -> dict[str, Any]:
    [found] = [c for c in shop.get("/api/connectors/")["results"] if c["connector"] == str(one.uuid)]
    return dict(found)


def page(shop: Shop, one: Any) -> str:
    from django.contrib.auth.models import User

    User.objects.filter(username="admin").delete()
    answer = person(shop, "admin").get(f"/channels/{one.channel.slug}/connectors/{one.uuid}/")
    assert answer.status_code == 200
    return text(answer)


def test_a_place_that_cannot_be_looked_at_is_said(shop: Shop, drop: Path) -> None:
    one = watcher(shop, "nowhere")
    look(one)
    said = listed(shop, one)
    assert (said["state"], said["failure"]["code"]) == ("failing", "no_folder")
    assert "There is no folder" in said["failure"]["message"]
    assert "There is no folder" in page(shop, one)


def test_a_refused_file_has_its_sentence_on_the_page(shop: Shop, drop: Path) -> None:
    one = watcher(shop)
    assert "not looked at yet" in page(shop, one)
    put(drop, "till.csv", orders(["1001", "2026-03-02", "10", ""], ["1002", "2026-03-02", "a lot", ""]))
    put(drop, "odd.csv", "what;is;this\n1;2;3\n")
    look(one, 2)
    seen = page(shop, one)
    assert "till.csv" in seen
    assert "2 rows, 1 refused" in seen
    assert "No header was found" in seen
    assert listed(shop, one)["failure"] is None


def test_an_admin_has_it_looked_at_now(shop: Shop, drop: Path) -> None:
    from cdp.pipeline import batches, watching

    one = watcher(shop)
    look(one)
    put(drop, "till.csv", orders(["1001", "2026-03-02", "10", ""]))
    answer = shop.api().post(f"/api/connectors/{one.uuid}/run/")
    assert (answer.status_code, answer.json()["ok"]) == (200, True)
    watching.run(batches.drain)
    assert "till.csv" in page(shop, one)
    assert shop.api().post(f"/api/connectors/{watcher(shop, '').uuid}/run/").status_code == 400
