"""A declaration is all a metric needs: its number, series, rows, page and document follow; half a one is refused."""

import re
import textwrap
from dataclasses import replace
from decimal import Decimal, localcontext
from pathlib import Path

import pytest
from django.db import connection
from django.utils import translation

from console.metric import board, row_cells
from kernel.errors import Trouble
from kernel.web import format
from metrics import catalogue, drill, query
from metrics.catalogue import base, customers, document, rows, sales
from metrics.catalogue import parts as formula
from metrics.catalogue.base import Customers, Difference, Measure, Metric, Term
from metrics.catalogue.rows import Column, Rows
from metrics.scope import Scope
from tests.metrics.test_drill import PERIOD, counted
from tests.pages.test_numbers import person, text
from tests.shop import Shop, later, order, track

DAYS = {"from": str(PERIOD.first), "to": str(PERIOD.last)}
WHOLE = {
    "label": "Discounts given",
    "unit": "money",
    "rows": rows.ORDERS,
    "sum": "discount",
    "where": "x.discount > 0",
}


def a_metric(name, value, **more):
    said = {"label": f"The {name}", "question": f"What {name} says.", "formula": f"{name} by formula"}
    return Metric(name=name, value=value, **{"unit": "money", "good": "down", "group": "Sales"} | said | more)


@pytest.fixture
def declared(monkeypatch):
    """Adds metrics to the catalogue for the time of a test."""

    def add(*metrics):
        every = base.by_name((*catalogue.METRICS, *metrics))
        for metric in metrics:
            monkeypatch.setitem(catalogue.BY_NAME, metric.name, every[metric.name])

    return add


@pytest.fixture
def shop(db):
    made = Shop()
    goods = lambda sku, n: {"sku": sku, "quantity": n, "price": "10", "discount": "1"}  # noqa: E731
    made.sends(
        order("o1", "100", "u1", at=later(days=4), discount="5.50", products=[goods("A", 2), goods("B", 3)]),
        order("o2", "50", "u2", at=later(days=4), discount="0"),
        order("o3", "20", "u2", at=later(days=6), discount="2", currency="USD", products=[goods("A", 1)]),
        order("o4", "70", "u3", at=later(days=6, hours=1), discount="9", currency="EUR"),  # has no rate
        order("o5", "70", "u3", at=later(days=60), discount="9"),  # after the period
        track("Ticket Opened", "u1", later(days=5), ticket_id="t1", topic="where is it, call 13812345021"),
        track("Ticket Opened", "u2", later(days=6), ticket_id="t2", topic="too small"),
    )
    made.sends(
        order("o6", "30", "u1", at=later(days=6, hours=2), discount="4", products=[goods("B", 7)]), to="store"
    )
    made.records(
        {"type": "rate", "currency": "USD", "rate": "7", "at": later().isoformat()},
        {
            "type": "spend",
            "amount": "30",
            "from": str(PERIOD.first),
            "to": str(PERIOD.last),
            "kind": "retention",
        },
    )
    return made


def holds(shop, metric):
    """The rows of each part add up to it, on each channel and on all; its pages open, in both languages."""
    place = query.reporting_settings(connection, shop.workspace)
    with localcontext(query.EXACT):
        for channel in (None, *place.channels):
            ask = query.Ask(PERIOD, channel=channel)
            for part in formula.lists(metric):
                total, n = counted(place, metric, part, ask)
                assert total == drill.amount(connection, place, metric, part, ask).value, (part.name, channel)
                assert n or not total
    client = person(shop)
    for language in ("en", "zh-hans"):
        client.cookies["language"] = language
        page = text(client.get(f"/kpi/{metric.name}/", DAYS))
        with translation.override(language):
            assert all(str(words) in page for words in (metric.label, metric.question, metric.formula))
        for part in formula.lists(metric):
            rows_page = text(client.get(f"/kpi/{metric.name}/rows/", {**DAYS, "part": part.name}))
            with translation.override(language):
                assert str(part.label) in rows_page
            file = client.get(f"/kpi/{metric.name}/rows/export.csv", {**DAYS, "part": part.name})
            assert b"".join(file.streaming_content).count(b"\n") > 1


def as_contributing_has_it():
    """The metric that CONTRIBUTING.md declares, in the words it has them, where it says they go."""
    block = re.search(r"```python\n(.*?)```", Path("CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL)
    there = dict(vars(sales))
    exec(textwrap.dedent(block[1]), there)
    return there["DISCOUNT_RATE"]


def test_a_term_over_orders_needs_its_declaration_alone(shop, declared):
    rate = as_contributing_has_it()
    declared(rate)
    found = shop.metric("discount_rate", **DAYS, by="channel")
    assert found["total"] == {"value": "0.0734375000", "numerator": "23.5", "denominator": "320"}
    assert {slug: line["total"]["numerator"] for slug, line in found["by"].items()} == {
        "web-shop": "19.5",
        "store": "4",
    }
    by_day = {point["start"]: point["numerator"] for point in found["series"]}
    assert by_day.pop(str(later(days=4).date())) == "5.5"
    assert by_day.pop(str(later(days=6).date())) == "18"
    assert set(by_day.values()) == {"0"}
    assert found["unconverted"] == [{"currency": "EUR", "value": "9"}]
    behind = shop.get("/api/metrics/discount_rate/rows/", **DAYS)
    assert behind["rows"] == "orders"
    assert [(row["order_id"], row["counts"]) for row in behind["results"]] == [
        ("o6", "4.00"),
        ("o4", None),
        ("o3", "14.00"),
        ("o1", "5.50"),
    ]
    holds(shop, rate)
    assert "discount_rate" in [one["name"] for one in shop.get("/api/metrics/")["results"]]
    assert "| `discounts` | Discounts given | money | orders |" in document.text()


def test_things_are_summed_as_they_are_whatever_their_cost(shop, declared):
    sold = Measure("units_sold", label="Units sold", unit="count", rows=rows.LINES, sum="quantity")
    declared(a_metric("units_sold", sold, unit="count"))
    found = shop.metric("units_sold", **DAYS, by="channel")
    assert found["total"]["value"] == "13"
    assert {slug: line["total"]["value"] for slug, line in found["by"].items()} == {
        "web-shop": "6",
        "store": "7",
    }
    holds(shop, catalogue.BY_NAME["units_sold"])


def test_a_measure_that_is_kept_is_read_from_the_roll_ups(shop, declared):
    spent = Measure(
        "spend_retention",
        label="Spent on staying",
        unit="money",
        rows=rows.SPEND,
        sum="spent",
        where="x.kind = 'retention'",
        kept="spend_retention",
    )
    declared(a_metric("retention_spend", spent))
    assert Decimal(shop.metric("retention_spend", **DAYS)["total"]["value"]) == 30
    holds(shop, catalogue.BY_NAME["retention_spend"])


def test_one_term_less_another_stands_on_the_overview_too(shop, declared, monkeypatch):
    discounts = Measure("discounts", **WHOLE)
    less = Difference(
        "after_discounts",
        left=sales.ORDERED,
        less=discounts,
        label="Ordered less discounts",
        unit="money",
        rows=rows.MOVES,
    )
    declared(a_metric("after_discounts", less))
    assert shop.metric("after_discounts", **DAYS)["total"]["value"] == "296.5"
    holds(shop, catalogue.BY_NAME["after_discounts"])
    monkeypatch.setattr(board, "SUMS", (*board.SUMS, "after_discounts"))
    page = person(shop, "analyst").get("/", DAYS).content.decode()
    assert "part=discounts" in page
    assert "¥23.50" in page


def test_a_fact_that_nothing_counted_needs_its_rows_as_well(shop, declared, monkeypatch):
    statement = """select t.occurred_at as at, t.key, '' as money, t.day as rate_day, t.day, t.channel_id, t.topic,
            t.opened_at
        from metrics_ticket t
        where t.workspace_id = %(workspace)s::int and t.day between %(first)s::date and %(last)s::date
            and (%(channel)s::int is null or t.channel_id = %(channel)s::int)"""
    monkeypatch.setitem(rows.SQL._text, "tickets", statement)  # as rows.sql would have it
    tickets = Rows(
        kind="tickets",
        statement="tickets",
        shown=("channel_id", "topic", "opened_at"),
        columns=(rows.CHANNEL, Column("topic", "Topic"), Column("opened_at", "Opened", "moment")),
        key_cast="text",
        daily=True,
    )
    opened = Measure("tickets", label="Tickets opened", unit="count", rows=tickets)
    declared(a_metric("tickets_per_order", opened / sales.ORDERS, unit="ratio"))
    assert shop.metric("tickets_per_order", **DAYS)["total"] == {
        "value": "0.4000000000",
        "numerator": "2",
        "denominator": "5",
    }
    holds(shop, catalogue.BY_NAME["tickets_per_order"])
    for role, topic in (
        ("admin", "where is it, call 13812345021"),
        ("viewer", "where is it, call 138 •••• 5021"),
    ):
        behind = shop.get("/api/metrics/tickets_per_order/rows/", role=role, **DAYS)
        assert [row["topic"] for row in behind["results"]] == ["too small", topic]


def test_a_term_may_bring_a_reader_of_its_own(shop, declared):
    def best_day(db, scope):
        every = sales.ORDERED.read(db, scope)
        best = {}
        for (channel, slot), amount in every.items():
            if slot:
                best[channel] = max(best.get(channel, amount), amount)
        return {(channel, 0): amount for channel, amount in best.items()}

    best = Term("best_day", label="Best day", unit="money", rows=rows.DAYS_OF_STOCK, reader=best_day)
    declared(a_metric("best_day", best, good="up"))
    assert Decimal(shop.metric("best_day", **DAYS)["total"]["value"]) == 170
    assert "Best day" in text(person(shop).get("/kpi/best_day/rows/", DAYS))


@pytest.mark.parametrize("lacks", ["label", "unit", "rows"])
def test_a_term_that_lacks_something_says_which_and_what(lacks):
    with pytest.raises(Trouble, match=rf"The term 'discounts' has no {lacks}: add {lacks}="):
        Measure("discounts", **{name: value for name, value in WHOLE.items() if name != lacks})


@pytest.mark.parametrize("lacks", ["label", "question", "formula", "unit", "good", "group", "value"])
def test_a_metric_that_lacks_something_says_which_and_what(lacks):
    whole = vars(sales.AOV)
    assert Metric(**whole).label == sales.AOV.label
    with pytest.raises(Trouble, match=rf"The metric 'aov' has no {lacks}: add {lacks}="):
        Metric(**{name: value for name, value in whole.items() if name != lacks})


@pytest.mark.parametrize(
    ("declare", "said"),
    [
        (lambda: Measure("x", **WHOLE | {"unit": "share"}), "'x' is counted in 'share'"),
        (
            lambda: Measure("x", **WHOLE, kept="spendings"),
            "'x' is kept as 'spendings': the roll-ups hold gmv",
        ),
        (lambda: Measure("x", **WHOLE | {"rows": rows.SPEND}), r"'x' is not kept, and its rows \(spend\)"),
        (lambda: Term("x", label="X", unit="count", rows=rows.ORDERS), "'x' has no reader"),
        (lambda: Customers("loyal", label="L", rows=rows.BUYERS), "'loyal' are counted by no spans"),
        (
            lambda: Difference("x", label="X", unit="money", rows=rows.MOVES, left=sales.ORDERED),
            "'x' has no less",
        ),
        (
            lambda: Difference(
                "x", label="X", unit="count", rows=rows.MOVES, left=customers.BUYERS, less=customers.NEW
            ),
            "'buyers' and 'new' cannot stand in one list",
        ),
        (lambda: replace(sales.AOV, unit="euro"), "'aov' has unit 'euro'"),
        (lambda: replace(sales.AOV, good="high"), "'aov' has good 'high'"),
        (lambda: Rows(), "has no kind"),
        (lambda: Rows(kind="x", statement="parcels"), "'x' have no statement 'parcels'"),
        (lambda: Rows(kind="x", shown=("sku",)), r"'x' show nothing: give them columns="),
        (lambda: replace(rows.SKUS, columns=(Column("sku", "SKU", "barcode"),)), "'sku' as 'barcode'"),
        (
            lambda: replace(rows.ORDERS, shown=("order_id",)),
            "'orders' have a column 'customer', but 'customer' is",
        ),
        (
            lambda: replace(rows.SPEND, shown=rows.SPEND.shown[:3] + rows.SPEND.shown[4:]),
            "'currency' is not shown",
        ),
        (lambda: replace(rows.ACTIVE, when="ever"), "'customers' are of 'ever'"),
        (lambda: base.by_name((sales.AOV, sales.AOV)), "Two metrics are called 'aov'"),
        (
            lambda: base.by_name((sales.GMV, a_metric("x", replace(sales.ORDERED, label="Other")))),
            "Two terms are called 'gmv'",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(declare, said):
    with pytest.raises(Trouble, match=said):
        declare()


def test_every_form_of_a_cell_is_known_to_the_page():
    assert {*row_cells.SAY, row_cells.PRICES} == {*rows.WORDS, *rows.NUMBERS}


def test_a_unit_is_written_as_the_document_has_it():
    values = {"money": "1234.5", "count": "1234", "ratio": "1.234", "share": "0.123", "turns": "1.234"}
    values |= {"minutes": "12.34", "hours": "12.34", "days": "12.34"}
    assert {unit: format.in_unit(value, unit) for unit, value in values.items()} == base.UNITS


def test_what_is_written_down_is_what_is_declared():
    assert Path("docs/metrics.md").read_text(encoding="utf-8") == document.text(), "make docs"


def test_sums_made_from_rows_are_those_kept(shop):
    """The judge of `kept`: each measure that may be read both ways comes to the same, slot by slot."""
    place = query.reporting_settings(connection, shop.workspace)
    series = tuple(query.intervals(query.Ask(PERIOD)))
    channels = (0, *place.channels)
    scope = Scope(place.workspace, place.zone, place.currency, PERIOD, "day", series, channels)
    terms = {term for metric in catalogue.METRICS for term in base.terms(metric.value)}
    both = [term for term in terms if isinstance(term, Measure) and term.kept and term.rows.daily]
    assert len(both) >= 6
    with localcontext(query.EXACT):
        for term in both:
            assert term.read(connection, scope) == replace(term, kept="").read(connection, scope), term.name
