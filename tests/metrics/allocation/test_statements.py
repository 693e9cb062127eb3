"""Statements over HTTP: what each channel gets, who may do what when, and what stands in the next one."""

from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from kernel.models import Audit, Role
from tests.metrics.allocation.settling import (
    APRIL,
    IN_APRIL,
    IN_MAY,
    MARCH,
    MAY,
    RULES,
    STATEMENTS,
    Settling,
    amounts,
    refund,
    sold,
)
from tests.shop import later, order, track

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    made = Settling()
    sold(made, "w1", "100", later(days=1))
    sold(made, "w2", "50.50", later(days=2))
    sold(made, "s1", "49.50", later(days=3), to="store", store="Hubin")
    return made


def code(answer):
    return answer.status_code, answer.json().get("code")


# ---- what it holds -----------------------------------------------------------------------------------------


def test_a_draft_shares_the_pot_down_to_the_orders(shop):
    made = shop.makes()
    assert (made["number"], made["state"], made["base"], made["pot"]) == (1, "draft", "200.00", "20.00")
    assert amounts(made) == {"web-shop": "15.05", "store": "4.95"}
    store = next(one for one in made["shares"] if one["channel"] == "store")
    assert store["stores"] == [{"store": "Hubin", "amount": "4.95"}]
    assert (store["share"], store["models"]) == ("0.2475000000", {"sold": "0.2475"})
    found = shop.get(f"{STATEMENTS}1/orders/", channel="web-shop")["results"]
    assert [(one["order_id"], one["pot"], one["credit"], one["reason"]) for one in found] == [
        ("w1", "10.00", "10.00", None),
        ("w2", "5.05", "5.05", None),
    ]
    assert len(shop.get(f"{STATEMENTS}1/orders/")["results"]) == 3
    page = shop.get(f"{STATEMENTS}1/orders/", limit=2)
    assert len(page["results"]) == 2
    assert len(shop.api().get(page["next"]).json()["results"]) == 1


def test_a_refund_of_the_period_is_part_of_it_and_a_later_one_is_not(shop):
    shop.sends(refund("w1", "40", later(days=5)), refund("w2", "10", IN_APRIL))
    made = shop.makes()
    assert made["base"] == "160.00"
    assert amounts(made) == {"web-shop": "11.05", "store": "4.95"}


def test_what_changes_after_closing_stands_in_the_next_one_order_by_order(shop):
    closed = shop.settles()
    shop.sends(refund("w1", None, IN_APRIL), refund("s1", "9.50", IN_APRIL))
    shop.sends(order("w3", "70", None, later(days=9)), order("a1", "1000", None, IN_APRIL))
    assert shop.statement(1) == closed
    made = shop.makes(APRIL)
    assert (made["pot"], made["corrected"], made["to_pay"]) == ("100.00", "-3.95", "96.05")
    assert amounts(made, "corrected") == {"web-shop": "-3.00", "store": "-0.95"}
    lines = {(one["channel"], one["reason"], one["orders"], one["amount"]) for one in made["corrections"]}
    assert lines == {
        ("web-shop", "refund", 1, "-10.00"),
        ("web-shop", "late", 1, "7.00"),
        ("store", "refund", 1, "-0.95"),
    }
    assert {one["statement"] for one in made["corrections"]} == {1}
    found = shop.get(f"{STATEMENTS}2/orders/", corrections=1)["results"]
    assert [(one["order_id"], one["reason"], one["credit"]) for one in found] == [
        ("w1", "refund", "-10.00"),
        ("w3", "late", "7.00"),
        ("s1", "refund", "-0.95"),
    ]
    shop.closes(2)
    shop.sends(refund("s1", None, IN_MAY))
    made = shop.makes(MAY)
    assert [(one["reason"], one["amount"]) for one in made["corrections"]] == [("refund", "-4.00")]
    assert made["to_pay"] == "-4.00"


def test_the_same_message_again_changes_nothing(shop):
    again = order("w9", "30", None, later(days=4))
    again["messageId"] = "once"
    shop.sends(again)
    before = shop.settles()
    shop.sends(dict(again))
    made = shop.makes(APRIL)
    assert (before["pot"], made["corrections"], made["to_pay"]) == ("23.00", [], "0.00")


def test_three_currencies_come_to_one_pot_and_what_has_no_rate_is_said(db):
    shop = Settling()
    shop.channel("Europe", "web", currency="EUR")
    shop.records({"type": "rate", "currency": "EUR", "rate": "7.8", "at": later().isoformat()})
    sold(shop, "w1", "100", later(days=1))
    sold(shop, "e1", "10", later(days=1), to="europe")
    sold(shop, "j1", "5000", later(days=1), to="store", currency="JPY")
    made = shop.makes()
    assert (made["base"], made["pot"]) == ("178.00", "17.80")
    assert made["unconverted"] == [{"currency": "JPY", "orders": 1, "amount": "5000"}]
    shop.closes(1)
    shop.records({"type": "rate", "currency": "JPY", "rate": "0.05", "at": later().isoformat()})
    made = shop.makes(APRIL)
    assert [(one["channel"], one["reason"], one["amount"]) for one in made["corrections"]] == [
        ("store", "late", "25.00")
    ]


def test_a_margin_says_how_much_revenue_has_no_cost(db):
    shop = Settling({"pot": {"of": "margin", "rate": "0.5"}, "weights": {"sold": 1}})
    known = {"sku": "A", "price": "60", "quantity": 1, "cost": "20"}
    unknown = {"sku": "B", "price": "40", "quantity": 1}
    shop.sends(order("w1", "100", None, later(days=1), products=[known, unknown]))
    made = shop.makes()
    assert (made["base"], made["pot"]) == ("40.00", "20.00")
    assert made["missing_cost"] == {"lines": 1, "orders": 1, "revenue": "40.00"}
    shop.closes(1)
    back = [{"sku": "A", "quantity": 1}]
    shop.sends(
        track("Return Received", at=IN_APRIL, order_id="w1", order_channel="web-shop", products=back),
        to="store",
    )
    (line,) = shop.makes(APRIL)["corrections"]
    assert (line["reason"], line["amount"]) == ("return", "-20.00")


def test_services_are_paid_to_who_did_them_and_costs_come_first(db):
    rules = RULES | {"services": {"return": "0.02", "pickup": "0.01"}, "costs_first": True}
    shop = Settling(rules)
    sold(shop, "w1", "1000", later(days=1))
    shop.sends(
        track("Order Delivered", at=later(days=2), order_id="w1", order_channel="web-shop"),
        track("Return Received", at=later(days=3), order_id="w1", order_channel="web-shop"),
        to="store",
    )
    shop.records({"type": "spend", "amount": 10, "date": "2026-03-02", "channel": "web-shop", "id": "x"})
    made = shop.makes()
    steps = {one["channel"]: (one["cost"], one["service"], one["amount"]) for one in made["shares"]}
    assert steps == {"web-shop": ("10.00", "0.00", "70.00"), "store": ("0.00", "30.00", "30.00")}
    assert {(one["service"], one["orders"], Decimal(one["share"])) for one in made["services"]} == {
        ("return", 1, 20),
        ("pickup", 1, 10),
    }


def test_guarantees_above_the_pot_are_a_sentence(shop):
    shop.agrees_on(RULES | {"limits": {"store": {"guarantee": "20.01"}}})
    answer = shop.api().post(STATEMENTS, {"from": MARCH[0], "to": MARCH[1]}, format="json")
    assert code(answer) == (400, "rules_do_not_fit")
    assert "¥20.01" in answer.json()["message"]
    assert "¥20.00" in answer.json()["message"]


# ---- when and by whom ----------------------------------------------------------------------------------------


def test_it_goes_from_draft_to_closed_and_says_what_cannot_be(shop):
    shop.makes()
    assert code(shop.does(1, "close")) == (409, "conflict")
    assert code(shop.does(1, "agree", channel="store")) == (409, "conflict")
    assert shop.done(1, "refresh")["state"] == "draft"
    assert shop.done(1, "send")["state"] == "sent"
    assert code(shop.does(1, "refresh")) == (409, "conflict")
    assert shop.api().delete(f"{STATEMENTS}1/").status_code == 409
    assert shop.done(1, "agree", channel="store")["state"] == "sent"
    assert code(shop.does(1, "close")) == (409, "conflict")
    assert code(shop.does(1, "dispute", channel="web-shop")) == (400, "comment_missing")
    assert shop.done(1, "dispute", channel="web-shop", comment="w2 is ours too")["state"] == "disputed"
    back = shop.done(1, "reopen", comment="computed again")
    assert (back["state"], {one["state"] for one in back["shares"]}) == ("draft", {"waiting"})
    shop.done(1, "send")
    assert shop.done(1, "agree", channel="store")["state"] == "sent"
    assert shop.done(1, "agree", channel="web-shop")["state"] == "agreed"
    closed = shop.done(1, "close")
    assert (closed["state"], len(closed["digest"])) == ("closed", 64)
    for act in ("refresh", "send", "reopen", "close"):
        assert code(shop.does(1, act)) == (409, "conflict"), act
    assert code(shop.does(1, "agree", channel="store")) == (409, "conflict")
    assert [one["act"] for one in closed["notes"]] == [
        *("sent", "agreed", "disputed", "reopened", "sent", "agreed", "agreed", "closed")
    ]
    deeds = Audit.objects.filter(workspace=shop.workspace, action__startswith="statement.")
    assert deeds.values_list("action", flat=True).distinct().count() >= 6


def test_statements_follow_each_other(shop):
    assert shop.api().get(f"{STATEMENTS}9/").status_code == 404
    shop.makes()
    answer = shop.api().post(STATEMENTS, {"from": APRIL[0], "to": APRIL[1]}, format="json")
    assert code(answer) == (409, "conflict")
    assert "close it first" in answer.json()["message"]
    assert shop.api().delete(f"{STATEMENTS}1/").status_code == 204
    shop.settles()
    again = shop.api().post(STATEMENTS, {"from": "2026-03-31", "to": APRIL[1]}, format="json")
    assert code(again) == (409, "conflict")
    assert "settled by statement 1" in again.json()["message"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        ({"from": "2026-03-01"}, 400),
        ({"from": "soon", "to": "2026-03-31"}, 400),
        ({"from": "2026-03-31", "to": "2026-03-01"}, 400),
        ({"from": "2026-03-01", "to": "2999-01-01"}, 400),
        ({"from": "0001-01-01", "to": "0001-01-02"}, 400),
        ({"from": "2026-03-01", "to": "2026-03-31", "colour": "red"}, 400),
        ({"from": 5, "to": ["x"]}, 400),
    ],
)
def test_a_period_that_cannot_be_is_a_sentence(shop, asked, status):
    answer = shop.api().post(STATEMENTS, asked, format="json")
    assert answer.status_code == status
    assert answer.json()["message"]


def test_without_rules_nothing_is_settled(db):
    from tests.shop import Shop

    shop = Shop()
    answer = shop.api().post(STATEMENTS, {"from": MARCH[0], "to": MARCH[1]}, format="json")
    assert code(answer) == (409, "conflict")
    assert "rules" in answer.json()["message"]


def test_a_channels_own_people_see_theirs_alone(shop):
    shop.makes()
    store = shop.people_of("store", name="lin@store")
    assert store.get(STATEMENTS).json()["results"] == []
    assert store.get(f"{STATEMENTS}1/").status_code == 404
    shop.done(1, "send")
    shop.done(1, "dispute", channel="web-shop", comment="a secret of the web shop")
    (head,) = store.get(STATEMENTS).json()["results"]
    assert head["number"] == 1
    seen = store.get(f"{STATEMENTS}1/").json()
    assert [one["channel"] for one in seen["shares"]] == ["store"]
    assert "secret" not in str(seen)
    assert {"base", "to_pay", "services", "digest"}.isdisjoint(seen)
    assert [one["order_id"] for one in store.get(f"{STATEMENTS}1/orders/").json()["results"]] == ["s1"]
    assert store.get(f"{STATEMENTS}1/orders/", {"channel": "web-shop"}).status_code == 403
    for path in (
        "/api/profiles/",
        "/api/metrics/gmv/",
        "/api/allocation/rules/",
        "/api/events/",
        "/api/channels/",
    ):
        refused = store.get(path)
        assert refused.status_code == 403, path
        assert "channel" in refused.json()["message"]
    assert store.post(STATEMENTS, {"from": APRIL[0], "to": APRIL[1]}, format="json").status_code == 403
    for act in ("send", "reopen", "refresh", "close"):
        assert shop.does(1, act, store).status_code == 403, act
    assert shop.does(1, "agree", store, channel="web-shop").status_code == 403
    agreed = shop.does(1, "agree", store, channel="store")
    assert agreed.status_code == 200
    (share,) = agreed.json()["shares"]
    assert (share["state"], share["decided_by"]) == ("agreed", "lin@store")


def test_a_viewer_reads_and_does_nothing(shop):
    shop.makes()
    viewer = shop.api(Role.VIEWER)
    assert viewer.get(f"{STATEMENTS}1/").json()["pot"] == "20.00"
    shop.done(1, "send")
    assert shop.does(1, "agree", viewer, channel="store").status_code == 403
    assert viewer.put("/api/allocation/rules/", {"rules": RULES}, format="json").status_code == 403


def test_a_file_comes_with_a_dispute_and_stays_with_its_channel(shop):
    from django.core.files.uploadedfile import SimpleUploadedFile

    shop.makes()
    shop.done(1, "send")
    store, web = shop.people_of("store"), shop.people_of("web-shop")

    def disputes(name, data):
        file = SimpleUploadedFile(name, data)
        given = {"channel": "store", "comment": "see the list", "file": file}
        return store.post(f"{STATEMENTS}1/dispute/", given, format="multipart")

    assert code(disputes("list.exe", b"x")) == (400, "bad_file")
    assert code(disputes("list.csv", b"x" * (2 * 1024 * 1024 + 1))) == (400, "bad_file")
    answer = disputes("../list.csv", "order\nS1\n门店".encode())
    assert answer.status_code == 200, answer.content
    note = next(one for one in answer.json()["notes"] if one["file"])
    assert note["file"]["name"] == "list.csv"
    path = f"{STATEMENTS}1/files/{note['id']}/"
    file = store.get(path)
    assert (file.content.decode(), file["Content-Type"]) == ("order\nS1\n门店", "text/csv")
    assert "attachment" in file["Content-Disposition"]
    assert web.get(path).status_code == 404
    assert web.get(f"{STATEMENTS}1/files/999/").status_code == 404


# ---- closed is closed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "update metrics_statement set pot = pot + 1",
        "update metrics_statement set state = 'draft'",
        "delete from metrics_statement",
        "update metrics_statement_share set amount = 0",
        "delete from metrics_statement_share",
        "insert into metrics_statement_share select statement_id, 99, 1, 1, 0, '{}', 'agreed', null, null "
        "from metrics_statement_share limit 1",
        "update metrics_statement_order set pot = 0",
        "delete from metrics_statement_order where order_id = 'w1'",
        "update metrics_statement_note set text = 'never said'",
        "delete from metrics_statement_note",
        "truncate metrics_statement cascade",
        "truncate metrics_statement_order",
        "update metrics_allocation_rules set reason = 'other'",
        "delete from metrics_allocation_rules",
    ],
)
def test_the_database_refuses_to_change_what_is_closed(shop, statement):
    shop.settles()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_workbook_has_the_sheet_the_corrections_and_the_orders(shop):
    import io

    from openpyxl import load_workbook

    shop.settles()
    shop.sends(refund("w1", "10", IN_APRIL))
    shop.makes(APRIL)
    answer = shop.api().get(f"{STATEMENTS}2.xlsx")
    assert answer.status_code == 200
    book = load_workbook(io.BytesIO(answer.content))
    sheet, corrections, orders = book.worksheets
    rows = [[cell.value for cell in row] for row in sheet]
    total = next(row for row in rows if row[0] == "Sum")
    assert total[-5:-2] == [0, -1, -1]
    assert [cell.value for cell in corrections[2]][-3:] == ["refunded after closing", 1, -1]
    assert next(cell.value for cell in orders[2]) == "w1"
