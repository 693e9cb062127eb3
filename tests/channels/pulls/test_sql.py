"""A database as a connector: made over the API, pulled by the worker, through the pipeline to numbers."""

from typing import Any

import pytest

from tests.channels.connectors.foreign import PASSWORD, Foreign
from tests.channels.pulls.pulling import again, cursor, due, kept, listed, turn
from tests.shop import Shop

TABLE = (
    "create table orders (id bigint primary key, order_no varchar(40), ordered_at {naive}, paid numeric(12,2), "
    "mobile varchar(40), updated_at {naive})"
)


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return Shop()


def made(shop: Shop, foreign: Foreign, **own: Any) -> Any:
    from channels.models import Connector

    asked = {
        "channel": "store",
        "kind": "sql_pull",
        "name": "The till's database",
        "settings": foreign.own
        | {"table": "orders", "key": "id", "rows": "orders", "columns": {"paid": "total"}, "lag": 0}
        | own,
        "secrets": {"password": PASSWORD},
    }
    answer = shop.api().post("/api/connectors/", asked, format="json")
    assert answer.status_code == 201, answer.content
    assert PASSWORD not in answer.content.decode()
    return Connector.objects.select_related("channel").get(uuid=answer.json()["connector"])


def orders(foreign: Foreign, *rows: tuple[Any, ...]) -> None:
    naive = "timestamp" if foreign.engine == "postgresql" else "datetime"
    if not foreign.made:
        foreign.run(TABLE.format(naive=naive))
        foreign.made = True
    for row in rows:
        foreign.run("delete from orders where id = %s", row[0])
        foreign.run("insert into orders values (%s, %s, %s, %s, %s, %s)", *row)


def test_orders_of_a_database_become_orders_and_what_changes_changes_them(
    shop: Shop, foreign: Foreign
) -> None:
    orders(
        foreign,
        (1, "A1", "2026-03-02 10:00:00", "12.50", "13812345678", "2026-03-02 10:00:00"),
        (2, "A2", "2026-03-02 23:30:00", "7.00", "13812345678", "2026-03-02 23:30:00"),
        (3, "A3", "2026-03-03 09:00:00", "100.00", None, "2026-03-03 09:00:00"),
    )
    one = made(shop, foreign, batch=2)
    tried = shop.api().post(f"/api/connectors/{one.uuid}/test/").json()
    assert tried["ok"], tried
    assert "order_no" in tried["message"]
    assert kept(one) == 0
    turn()
    shop.drains()
    assert (shop.value("orders"), shop.value("gmv"), kept(one)) == ("3", "119.5", 2)
    [first] = shop.get("/api/events/", type="track")["results"][-1:]
    assert first["occurred_at"] == "2026-03-02T02:00:00Z"  # of the channel's zone
    assert shop.profile("phone:+8613812345678")["summary"]["orders"] == 2
    again(one)
    shop.drains()
    assert (shop.value("orders"), kept(one)) == ("3", 2)  # nothing new: nothing is kept
    orders(foreign, (2, "A2", "2026-03-02 23:30:00", "5.00", "13812345678", "2026-03-03 12:00:00"))
    again(one)
    shop.drains()
    assert (shop.value("orders"), shop.value("gmv")) == ("3", "117.5")
    assert cursor(one)["value"] == "2026-03-03 12:00:00"


def test_a_database_that_says_no_is_said_and_tried_again(shop: Shop, foreign: Foreign) -> None:
    orders(foreign, (1, "A1", "2026-03-02 10:00:00", "12.50", None, "2026-03-02 10:00:00"))
    one = made(shop, foreign)
    revoke = "on orders from" if foreign.engine == "postgresql" else f"on {foreign.name}.* from"
    grant = revoke.replace(" from", " to")
    reader = foreign.name if foreign.engine == "postgresql" else f"{foreign.name}@'127.0.0.1'"
    foreign.run(f"revoke select {revoke} {reader}")
    turn()
    said = listed(shop, one)
    assert said["state"] == "failing"
    assert "denied" in said["failure"]["message"]
    foreign.run(f"grant select {grant} {reader}")
    due(one)
    turn()
    shop.drains()
    assert (listed(shop, one)["failure"], shop.value("orders")) == (None, "1")


def test_a_mapping_says_what_other_rows_mean(shop: Shop, foreign: Foreign) -> None:
    orders(foreign, (1, "A1", "2026-03-02 10:00:00", "12.50", "13812345678", "2026-03-02 10:00:00"))
    made(shop, foreign, rows="any", columns={})
    turn()
    shop.drains()
    assert shop.value("orders") == "0"
    [reject] = shop.get("/api/rejects/", state="open")["results"]
    assert reject["reason"]


def test_a_rebuild_reads_the_pages_again(shop: Shop, foreign: Foreign) -> None:
    from cdp.pipeline import rebuild

    orders(
        foreign,
        (1, "A1", "2026-03-02 10:00:00", "12.50", "13812345678", "2026-03-02 10:00:00"),
        (2, "A2", "2026-03-02 10:00:00", "12.50", "13812345678", "2026-03-02 10:00:00"),
    )
    made(shop, foreign)
    turn()
    shop.drains()
    before = (shop.value("orders"), shop.value("gmv"))
    rebuild.everything()
    assert (shop.value("orders"), shop.value("gmv")) == before == ("2", "25")
