"""A file over HTTP, read by the worker, through the pipeline to numbers."""

import json
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import jobs
from channels.models import Import
from kernel.db import rows
from tests.channels.imports.dropping import bad, drop, file_connector, post, text, told, totals
from tests.shop import Shop

ORDERS = ["订单号", "下单时间", "实付金额", "手机号", "会员号", "门店", "备注"]
FIRST = ["1001", "2026-03-02 10:00:00", "¥1,299.50", "13812345678", "M1", "静安店", "x"]


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def stored(shop: Shop) -> list[tuple[Any, ...]]:
    return rows(
        connection,
        "select message_id, name from profiles_event where workspace_id = %(ws)s order by 1",
        ws=shop.workspace.pk,
    )


def test_orders_of_a_till_become_orders_of_its_channel_and_customers(shop: Shop) -> None:
    one = file_connector(shop)
    said = drop(
        shop,
        one,
        text(
            ORDERS,
            FIRST,
            ["1002", "2026/3/2 9:05", "20", "138 1234 5678", "", "静安店", ""],
            ["1003", "2026年3月3日 下午3:05", "30.5元", "", "", "", ""],
        ),
    )
    assert (said["state"], said["rows"], said["good"], said["bad"]) == ("done", 3, 3, 0)
    assert "备注" in said["message"]
    assert {"column": "实付金额", "field": "total"} in said["columns"]
    assert totals(shop) == {
        "gmv": "1350.0",
        "net_revenue": "1350.0",
        "orders": "3",
        "buyers": "1",
        "refunds": "0",
    }
    assert shop.value("gmv", channel="store") == "1350.0"
    [order] = shop.get("/api/events/", message_id="order:1001")["results"]
    assert (order["occurred_at"], order["properties"]["store"]) == ("2026-03-02T02:00:00Z", "静安店")
    assert shop.profile("phone:+8613812345678")["summary"]["orders"] == 2


def test_the_same_file_again_counts_nothing_twice(shop: Shop) -> None:
    one = file_connector(shop)
    file = text(ORDERS, FIRST, ["1002", "2026-03-02", "20", "", "", "", ""])
    drop(shop, one, file)
    before = (totals(shop), stored(shop))
    said = drop(shop, one, file)
    assert (said["state"], said["rows"], said["good"], said["bad"]) == ("done", 2, 2, 0)
    assert (totals(shop), stored(shop)) == before


def test_an_order_that_changed_is_an_update_whatever_its_name_sorts_after(shop: Shop) -> None:
    one = file_connector(shop)
    for total in ("20", "7", "9"):
        drop(shop, one, text(ORDERS, ["1002", "2026-03-02", total, "", "", "", ""]))
        assert (shop.value("gmv"), shop.value("orders")) == (total, "1")
    drop(shop, one, text(ORDERS, ["1002", "2026-03-02", "20", "", "", "", ""]))
    assert shop.value("gmv") == "9"  # an old file again


def test_a_cancelled_order_is_one_that_was_given_back(shop: Shop) -> None:
    one = file_connector(shop)
    file = text(
        ["Order number", "Order time", "Order total", "Status"],
        ["1", "2026-03-02", "10", "已取消"],
        ["2", "2026-03-02", "20", "Refunded"],
        ["3", "2026-03-02", "30", "已完成"],
    )
    for _ in range(2):
        drop(shop, one, file)
        assert (shop.value("gmv"), shop.value("refunds"), shop.value("orders")) == ("60", "30", "3")


def test_refused_rows_come_back_as_a_file_that_no_spreadsheet_runs(shop: Shop) -> None:
    one = file_connector(shop)
    said = drop(
        shop,
        one,
        text(
            ORDERS,
            FIRST,
            ["", "2026-03-02", "5", "", "", '=HYPERLINK("http://evil")', "@SUM(1)"],
            ["1005", "2026-03-02", "a lot", "", "", "", ""],
            ["1006", "someday", "5", "", "", "", ""],
            ["1.23E+17", "2026-03-02", "5", "", "", "", ""],
            ["1008", "2026-03-02", "8", "", "", "", ""],
        ),
    )
    assert (said["rows"], said["good"], said["bad"]) == (6, 2, 4)
    assert shop.value("orders") == "2"
    head, *lines = bad(shop, said["id"])
    assert head[4:] == ORDERS
    assert [line[:3] for line in lines] == [
        ["3", "missing_field", "订单号"],
        ["4", "bad_amount", "实付金额"],
        ["5", "bad_time", "下单时间"],
        ["6", "unreadable_row", "订单号"],
    ]
    assert "“a lot”" in lines[1][3] or "a lot" in lines[1][3]
    assert lines[0][9] == '\'=HYPERLINK("http://evil")'
    assert lines[0][10] == "'@SUM(1)"
    again = drop(shop, one, text(ORDERS, FIRST, ["1005", "2026-03-02", "a lot", "", "", "", ""]))
    assert (again["good"], again["bad"]) == (1, 1)
    mended = drop(shop, one, text(ORDERS, ["1005", "2026-03-02", "12", "", "", "", ""]))
    assert (mended["good"], mended["bad"], shop.value("orders")) == (1, 0, "3")


def test_a_refused_row_can_be_mended_as_a_reject(shop: Shop) -> None:
    one = file_connector(shop)
    drop(shop, one, text(ORDERS, ["1.23E+17", "2026-03-02 08:00", "5", "13812345678", "", "", ""]))
    [reject] = shop.get("/api/rejects/", state="open")["results"]
    assert (reject["reason"], reject["field"]) == ("unreadable_row", "properties.order_id")
    fix = {
        "reason": "unreadable_row",
        "fix": [{"do": "set", "field": "properties.order_id", "value": "123000000000000017"}],
    }
    assert shop.api().post("/api/rejects/fix/", fix, format="json").status_code in (200, 202)
    shop.drains()
    assert shop.value("gmv") == "5"
    [order] = shop.get("/api/events/")["results"]
    assert order["occurred_at"] == "2026-03-02T00:00:00Z"  # of the channel's zone


def test_a_dry_run_says_all_and_stores_nothing(shop: Shop) -> None:
    one = file_connector(shop)
    file = text(ORDERS, FIRST, ["1005", "2026-03-02", "a lot", "", "", "", ""])
    said = drop(shop, one, file, dry_run="1")
    assert (said["state"], said["rows"], said["good"], said["bad"], said["known"]) == ("done", 2, 1, 1, 0)
    assert rows(connection, "select count(*) from channels_inbox where connector_id = %(c)s", c=one.pk) == [
        (0,)
    ]
    assert rows(connection, "select count(*) from channels_import_order") == [(0,)]
    good, refused = said["preview"]
    assert good["messages"][0]["properties"]["total"] == "1299.50"
    assert (refused["reason"], refused["field"]) == ("bad_amount", "实付金额")
    assert [line[0] for line in bad(shop, said["id"])[1:]] == ["3"]
    drop(shop, one, file)
    assert drop(shop, one, file, dry_run="1")["known"] == 1
    assert shop.value("orders") == "1"


def test_a_rebuild_reads_the_rows_again_and_comes_to_the_same(shop: Shop) -> None:
    from cdp.pipeline import rebuild

    one = file_connector(shop, "order_lines")
    drop(
        shop,
        one,
        text(
            ["订单号", "下单时间", "商品编码", "数量", "单价"],
            ["1", "2026-03-02", "A", "2", "5"],
            ["1", "2026-03-02", "B", "1", "7.5"],
            ["2", "2026-03-03", "A", "x", "5"],
        ),
    )
    before = (totals(shop), stored(shop), len(shop.get("/api/rejects/")["results"]))
    rebuild.everything()
    assert (totals(shop), stored(shop), len(shop.get("/api/rejects/")["results"])) == before


def test_cancelled_it_stops_and_what_was_read_stays(shop: Shop) -> None:
    one = file_connector(shop)
    number = post(shop, one, text(ORDERS, FIRST)).json()["id"]
    assert told(shop, number)["state"] == "waiting"
    answer = shop.api().post(f"/api/imports/{number}/cancel/")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    from cdp.pipeline import batches, imports

    imports.run(batches.drain)
    assert (told(shop, number)["rows"], totals(shop)["orders"]) == (0, "0")
    assert shop.api().post(f"/api/imports/{number}/cancel/").json()["state"] == "cancelled"


def test_the_list_and_what_is_not_there(shop: Shop) -> None:
    one = file_connector(shop)
    ids = [drop(shop, one, text(ORDERS, FIRST))["id"] for _ in range(3)]
    page = shop.get("/api/imports/", limit=2)
    assert [found["id"] for found in page["results"]] == ids[:0:-1]
    assert len(shop.get("/api/imports/", connector=str(one.uuid))["results"]) == 3
    assert shop.api().get("/api/imports/", {"colour": "red"}).status_code == 400
    for path in ("/api/imports/99999999999/", "/api/imports/x/", "/api/imports/1/bad.csv"):
        assert Shop().api().get(path).status_code == 404, path
    assert Shop().api().get(f"/api/imports/{ids[0]}/").status_code == 404
    for role in ("viewer", "analyst"):
        assert shop.api(role).get(f"/api/imports/{ids[0]}/").status_code == 403
        assert shop.api(role).get(f"/api/imports/{ids[0]}/bad.csv").status_code == 403


def test_what_cannot_be_asked_is_refused_with_a_sentence(shop: Shop) -> None:
    one, other = file_connector(shop), shop.connectors["store"]
    for fields, code in (
        ({"dry_run": "maybe"}, "bad_value"),
        ({"encoding": "klingon"}, "bad_value"),
        ({"delimiter": "ab"}, "bad_value"),
        ({"colour": "red"}, "unknown_field"),
    ):
        answer = post(shop, one, text(ORDERS, FIRST), **fields)
        assert (answer.status_code, answer.json()["code"]) == (400, code), fields
        assert answer.json()["message"]
    assert post(shop, other, "x").json()["code"] == "no_files"
    assert post(shop, Shop().connectors["store"], "x").json()["code"] == "unknown_connector"
    api = shop.api()
    assert (
        api.post("/api/imports/", {"connector": str(one.uuid)}, format="multipart").json()["code"]
        == "no_file"
    )
    assert api.post("/api/imports/", {"connector": "x"}, format="json").status_code == 415
    one.enabled = False
    one.save()
    assert post(shop, one, text(ORDERS, FIRST)).status_code == 409
    assert not Import.objects.filter(workspace=shop.workspace).exists()


def test_who_did_what_is_noted(shop: Shop) -> None:
    from kernel.models import Audit

    one = file_connector(shop)
    number = drop(shop, one, text(ORDERS, FIRST))["id"]
    bad(shop, number)
    found = Audit.objects.filter(workspace=shop.workspace, action__startswith="import.").order_by("id")
    assert [note.action for note in found] == ["import.start", "import.bad"]
    assert json.dumps(found[0].detail)


def test_an_event_s_origin_is_its_own_rows_and_nobody_else_s(shop: Shop) -> None:
    one = file_connector(shop)
    drop(shop, one, text(ORDERS, FIRST, ["1002", "2026-03-02", "20", "13900000000", "", "", ""]))
    life = shop.get("/api/events/order%3A1001/life/")
    assert life["raw"] == [{"row": 2} | dict(zip(ORDERS, FIRST, strict=True))]
    seen = json.dumps(shop.get("/api/events/order%3A1001/life/", role="viewer"))
    assert "13812345678" not in seen
    assert "13900000000" not in seen


def test_the_list_of_jobs_says_what_came_of_a_file(shop: Shop) -> None:
    one = file_connector(shop)
    drop(shop, one, text(ORDERS, FIRST, ["1005", "2026-03-02", "a lot", "", "", "", ""]), "till.csv")
    drop(shop, one, b"", "nothing.csv")
    roles = {shop.workspace.pk: "admin"}
    failed, done = (jobs.shown(job, shop.workspace, roles, None) for job in jobs.of([shop.workspace.pk]))
    assert (done.title, done.result) == ("Importing a file: till.csv", "1 rows taken, 1 refused")
    assert (failed.title, failed.result) == ("Importing a file: nothing.csv", "The file is empty.")
