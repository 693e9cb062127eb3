"""What rows of each kind become; templates, headers and cells."""

import csv
import io
from typing import Any

import pytest
from django.db import connection

from channels.connect import setup as connecting
from channels.reasons import Rejection
from channels.tables import cells, columns
from channels.tables.fields import TABLES
from channels.tables.rows import READERS
from kernel.db import rows
from kernel.errors import BadRequest
from tests.channels.imports.dropping import bad, drop, file_connector, text
from tests.shop import Shop


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def records(shop: Shop, kind: str, **query: str) -> list[dict[str, Any]]:
    return shop.get("/api/records/", type=kind, **query)["results"]


def test_customers(shop: Shop) -> None:
    one = file_connector(shop, "customers")
    file = text(
        ["会员号", "姓名", "手机号码", "邮箱", "性别", "生日", "城市", "会员等级", "入会时间", "可用积分"],
        [
            "M1",
            "王小明",
            "138-1234-5678",
            "wang@example.com",
            "男",
            "1990/1/5",
            "上海",
            "金卡",
            "2026/3/5 10:00",
            "1,200",
        ],
        ["", "李雷", "13900000000", "", "", "", "", "", "", ""],
        ["", "无名", "", "", "", "", "", "", "", ""],
        ["1.2E+15", "丢了", "", "", "", "", "", "", "", ""],
    )
    for _ in range(2):
        said = drop(shop, one, file)
        assert (said["rows"], said["good"], said["bad"]) == (4, 2, 2)
    profile = shop.profile("member_no:M1")
    assert {kind["kind"] for kind in profile["identifiers"]} == {"member_no", "phone", "email"}
    traits = {name: one["value"] for name, one in profile["traits"].items()}
    assert traits["name"] == "王小明"
    assert (traits["tier"], traits["points"], traits["birthday"]) == ("金卡", "1200", "1990/1/5")
    names = [row[0] for row in rows(connection, "select name from profiles_event order by 1")]
    assert names == ["", "", "Membership Joined"]
    [joined] = shop.get("/api/events/", name="Membership Joined")["results"]
    assert joined["occurred_at"] == "2026-03-05T02:00:00Z"
    assert [line[1] for line in bad(shop, said["id"])[1:]] == ["no_identity", "no_identity"]


def test_a_customer_who_changed_is_changed(shop: Shop) -> None:
    one = file_connector(shop, "customers")
    for city in ("上海", "北京"):
        drop(shop, one, text(["客户编号", "城市"], ["C1", city]))
    assert shop.profile("user_id:C1")["traits"]["city"]["value"] == "北京"


def test_goods_and_money(shop: Shop) -> None:
    day = "2026-03-02"
    files = {
        "products": (["商品编码", "名称", "类目", "标签"], ["A", "龙井", "茶", "绿茶，新品"]),
        "stock": (["SKU", "库存数量", "仓库", "盘点时间"], ["A", "12.0", "静安", "2026/3/2"]),
        "prices": (["货号", "售价", "吊牌价", "生效日期"], ["A", "￥99.00", "129", day]),
        "costs": (["sku", "成本价", "日期"], ["A", "40.125", day]),
        "spend": (["日期", "花费", "计划名称", "点击量"], [day, "1,000.50", "春茶", "300"]),
    }
    for kind, (head, row) in files.items():
        one = file_connector(shop, kind)
        for _ in range(2):
            said = drop(shop, one, text(head, row))
            assert (kind, said["good"], said["bad"]) == (kind, 1, 0)
    assert records(shop, "product")[0]["tags"] == ["绿茶", "新品"]
    assert records(shop, "product")[0]["name"] == "龙井"
    [stock] = records(shop, "stock")
    assert (stock["quantity"], stock["location"], stock["channel"]) == ("12.0", "静安", "store")
    [price] = records(shop, "price")
    assert (price["price"], price["list_price"], price["currency"]) == ("99.00", "129.00", "CNY")
    assert [one["unit_cost"] for one in records(shop, "cost")] == ["40.125"]
    [spend] = records(shop, "spend")
    assert (spend["amount"], spend["clicks"], spend["from"]) == ("1000.50", "300", day)
    assert len(records(shop, "product")) == 1


def test_a_level_without_a_time_is_one_of_its_file(shop: Shop) -> None:
    """Monday's 5, Tuesday's 3, Wednesday's 5: the last is no repeat of the first."""
    one = file_connector(shop, "stock")
    for quantity, other in (("5", "1"), ("3", "2"), ("5", "3")):
        drop(shop, one, text(["sku", "quantity"], ["A", quantity], ["B", other]))
    found = sorted((one["at"], one["quantity"]) for one in records(shop, "stock", sku="A"))
    assert [quantity for _at, quantity in found] == ["5", "3", "5"]


def test_visits(shop: Shop) -> None:
    one = file_connector(shop, "store_visits")
    file = text(
        ["到店时间", "门店", "手机号"],
        ["2026-03-02 10:00", "静安店", "13812345678"],
        ["2026-03-02", "静安店", ""],
    )
    for _ in range(2):
        assert drop(shop, one, file)["bad"] == 1
    [visit] = shop.get("/api/events/")["results"]
    assert (visit["name"], visit["touchpoint"]) == ("Store Visited", "store")


def test_the_settings_of_a_connector_say_what_headers_do_not(shop: Shop) -> None:
    one = file_connector(
        shop,
        columns={
            "Bon": "order_id",
            "Wann": "ordered_at",
            "Summe": "total",
            "Notiz": "properties.note",
            "Total": "-",
        },
        dates="dmy",
        zone="Europe/Berlin",
        currency="EUR",
    )
    said = drop(
        shop,
        one,
        text(["Bon", "Wann", "Summe", "Total", "Notiz"], ["7", "03.04.2026 09:00", "12,50", "9", "x"]),
    )
    assert said["good"] == 1, said
    [order] = shop.get("/api/events/")["results"]
    assert order["occurred_at"] == "2026-04-03T07:00:00Z"
    assert order["properties"] == {"order_id": "7", "total": "12.50", "currency": "EUR", "note": "x"}


def test_settings_that_cannot_be_are_said(shop: Shop) -> None:
    for own in ({"zone": "Mars"}, {"currency": "XXQ"}, {"columns": {"a": "moon"}}):
        tried = connecting.test(file_connector(shop, **own))
        assert (tried.ok, bool(tried.message)) == (False, True)
    assert connecting.test(file_connector(shop, columns={"a": "total", "b": "-"})).ok
    with pytest.raises(BadRequest):
        file_connector(shop, "poems")


# ---- templates and headers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_template_is_understood_whole(shop: Shop, kind: str, language: str) -> None:
    answer = shop.api("viewer").get(f"/api/imports/templates/{kind}.csv", {"lang": language})
    assert answer.status_code == 200
    [header] = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    found = columns.match(kind, header, {})
    assert found.fields == [field.name for field in TABLES[kind].fields]
    assert not found.lacking
    said = drop(shop, file_connector(shop, kind), answer.content)
    assert (said["state"], said["rows"]) == ("done", 0)


def test_templates_that_are_not_there(shop: Shop) -> None:
    assert shop.api().get("/api/imports/templates/poems.csv").status_code == 404
    assert shop.api().get("/api/imports/templates/orders.csv", {"lang": "tlh"}).status_code == 400


def test_every_kind_of_rows_has_a_reader_and_each_name_one_field() -> None:
    assert READERS.keys() == TABLES.keys()
    for table in TABLES.values():
        names = [
            columns.folded(one)
            for field in table.fields
            for one in (field.name, field.english, field.chinese)
        ]
        own: dict[str, set[str]] = {}
        for field in table.fields:
            for one in (field.name, field.english, field.chinese):
                own.setdefault(columns.folded(one), set()).add(field.name)
        assert all(len(fields) == 1 for fields in own.values()), (table.name, own)
        assert names


@pytest.mark.parametrize(
    ("kind", "headers", "fields"),
    [
        (
            "orders",
            ["订单编号", "买家实际支付金额", "订单付款时间", "收货人手机"],
            ["order_id", "total", "ordered_at", "phone"],
        ),
        (
            "orders",
            ["下单时间", "付款时间", "订单号", "实付金额（元）"],
            ["ordered_at", "", "order_id", "total"],
        ),
        ("orders", ["付款时间", "下单时间", "订单号", "金额"], ["", "ordered_at", "order_id", "total"]),
        (
            "order_lines",
            ["小票号", "金额", "qty", "Unit Price"],
            ["order_id", "line_total", "quantity", "price"],
        ),
        ("spend", ["Day", "Cost", "Campaign name"], ["date", "amount", "campaign"]),
        ("stock", ["*商品编码", "可用库存(件)"], ["sku", "quantity"]),
        ("orders", ["Order_ID", "order-date", "GRAND TOTAL"], ["order_id", "ordered_at", "total"]),
    ],
    ids=str,
)
def test_headers_as_tills_write_them(kind: str, headers: list[str], fields: list[str]) -> None:
    assert columns.match(kind, headers, {}).fields == fields


# ---- cells ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("number", "¥1,234.50", "1234.50"),
        ("number", "（12.00）", "-12.00"),
        ("number", "12,5", "12.5"),
        ("number", "1.234,50", "1234.50"),
        ("number", "１２元", "12"),
        ("number", "1,23,4", "1,23,4"),
        ("number", "a lot", "a lot"),
        ("number", "3个5", "3个5"),
        ("number", "1 234.50", "1234.50"),
        ("number", "-¥5", "-5"),
        ("number", "¥-5", "-5"),
        ("number", "5 件", "5"),
        ("number", "1.5e3", "1.5e3"),
        ("number", "12%", "12%"),
        ("time", "2026-03-01 10:00:00", "2026-03-01 10:00:00"),
        ("time", "2026年3月1日", "2026-03-01"),
        ("time", "2026年3月1日 下午3:05", "2026-03-01 15:05:00"),
        ("time", "2026/3/1 3:05 PM", "2026-03-01 15:05:00"),
        ("time", "2026/3/1 上午12:30", "2026-03-01 00:30:00"),
        ("time", "46082", "2026-03-01"),
        ("time", "46082.75", "2026-03-01 18:00:00"),
        ("time", "31/12/2026", "2026-12-31"),
        ("time", "03/04/2026", "03/04/2026"),
        ("time", "soon", "soon"),
        ("id", "13812345678.0", "13812345678"),
        ("id", '="00012"', "00012"),
        ("id", "\t6212345678901234567", "6212345678901234567"),
        ("text", " x ", "x"),
    ],
)
def test_a_cell_as_it_is_meant(kind: str, cell: str, value: str) -> None:
    assert cells.read(kind, cell) == value


@pytest.mark.parametrize("cell", ["1.38E+10", "1.23456789012345E+16", "4e15", "1,38E+10"])
def test_digits_that_are_lost_are_lost(cell: str) -> None:
    with pytest.raises(Rejection):
        cells.read("id", cell)


@pytest.mark.parametrize(("order", "value"), [("dmy", "2026-04-03"), ("mdy", "2026-03-04")])
def test_day_and_month_as_a_setting_says(order: str, value: str) -> None:
    assert cells.read("time", "03/04/2026", order) == value
