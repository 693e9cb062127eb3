"""Every metric over any period, by channel or not, is what its formula says when counted by hand."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from uuid import uuid4

import pytest
from django.db import connection

from kernel.db import copy
from kernel.errors import BadRequest, NotFound
from metrics import query
from metrics.catalogue import METRICS
from metrics.query import EXACT, Ask, Days, ReportingSettings
from tests.metrics.test_spans import random_batch
from tests.metrics.world import BEGIN, DAY, WORKSPACE, Batch, Ground
from tests.reference.metrics import Money, customers, parity, retained

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]

SHOP = ReportingSettings(WORKSPACE, "UTC", "CNY", {1: "web", 2: "store", 3: "tmall"})
LENGTH = 50  # days of the random ledgers
MONEY = ("gmv", "refunds", "cogs", "cogs_returned", "spend_acquisition", "stock_value")
COUNTS = ("orders", "returns", "returns_elsewhere", "missing_cost")
RECORD = (UTC, datetime(2026, 1, 1, tzinfo=UTC))
PLACES = Decimal("1E-10")


def record(*values: object) -> tuple[object, ...]:
    """A record's row: what it says, then who said it when."""
    return (WORKSPACE, *values, uuid4(), RECORD[1], uuid4(), 0)


def random_money(dice: random.Random) -> Money:
    """Sums in four currencies; one has no rate at all, one only from the tenth day on."""
    sums = {}
    for _ in range(dice.randint(5, 120)):
        day, rate_day = sorted(BEGIN + DAY * dice.randint(0, LENGTH - 1) for _ in range(2))
        key = (
            dice.choice(MONEY),
            dice.randint(1, 3),
            rate_day,
            day,
            dice.choice(["CNY", "CNY", "USD", "EUR", "JPY"]),
        )
        sums[key] = Decimal(dice.randint(-500, 100_000)) / 100
    for _ in range(dice.randint(5, 60)):
        day = BEGIN + DAY * dice.randint(0, LENGTH - 1)
        sums[dice.choice(COUNTS), dice.randint(1, 3), day, day, ""] = Decimal(dice.randint(1, 9))
    rates = [("USD", BEGIN - DAY * 90, Decimal("7.1")), ("EUR", BEGIN + DAY * 9, Decimal("7.73519"))]
    rates.append(("USD", BEGIN + DAY * 20, Decimal("7.25")))
    return Money([(*key, amount) for key, amount in sums.items() if amount], rates, "CNY")


def write_money(money: Money) -> None:
    columns = ("workspace_id", "measure", "channel_id", "day", "rate_day", "currency", "amount")
    copy(connection, "metrics_rollup", columns, [(WORKSPACE, *row) for row in money.sums])
    columns = ("workspace_id", "currency", "at", "day", "rate", "id", "received_at", "request", "position")
    at = [(c, datetime(d.year, d.month, d.day, 9, tzinfo=UTC), d, rate) for c, d, rate in money.rates]
    copy(connection, "metrics_rate", columns, [record(*row) for row in at])


def ask(dice: random.Random, low: int = -5, high: int = LENGTH + 5) -> Ask:
    first, last = sorted(BEGIN + DAY * dice.randint(low, high) for _ in range(2))
    return Ask(
        Days(first, last),
        dice.choice(["day", "week", "month"]),
        "channel" if dice.random() < 0.7 else "",
        dice.choice([None, None, 1, 2]),
    )


def lines(answer: query.Answer, asked: Ask):
    """(channel, first, last, figure) of everything in an answer."""
    ids = {slug: channel for channel, slug in SHOP.channels.items()}
    own = asked.channel or 0
    for channel, line in [
        (own, answer.line),
        *((ids[slug], line) for slug, line in (answer.by or {}).items()),
    ]:
        yield channel, asked.period.first, asked.period.last, line.total
        for interval, (start, figure) in zip(query.intervals(asked), line.series, strict=True):
            assert start == interval.start
            yield channel, interval.first, interval.last, figure


def over(top: Decimal, bottom: Decimal) -> Decimal | None:
    return (top / bottom).quantize(PLACES) if bottom else None


@pytest.mark.parametrize("seed", range(12))
def test_money_is_summed_and_converted_as_by_hand(seed: int) -> None:
    dice = random.Random(seed)
    money = random_money(dice)
    write_money(money)
    for _ in range(4):
        asked = ask(dice)
        for name, measure in (("gmv", "gmv"), ("refunds", "refunds"), ("orders", "orders")):
            answer = query.measure(connection, SHOP, name, asked)
            for channel, first, last, figure in lines(answer, asked):
                assert figure.value == figure.numerator == money.total(measure, channel, first, last)
                assert figure.denominator is None
            assert answer.total.unconverted == money.apart(measure, asked.channel or 0, *asked.period)
        _ratios(money, asked)


def _ratios(money: Money, asked: Ask) -> None:
    def total(measure, *where):
        return money.total(measure, *where)

    formulas = {
        "refund_rate": lambda *w: (total("refunds", *w), total("gmv", *w)),
        "cross_channel_return_rate": lambda *w: (total("returns_elsewhere", *w), total("returns", *w)),
        "inventory_turnover": lambda *w: (
            total("cogs", *w) - total("cogs_returned", *w),
            money.average_stock(*w),
        ),
    }
    for name, formula in formulas.items():
        answer = query.measure(connection, SHOP, name, asked)
        with localcontext(EXACT):
            for channel, first, last, figure in lines(answer, asked):
                top, bottom = formula(channel, first, last)
                assert (figure.numerator, figure.denominator) == (top, bottom), name
                assert figure.value == over(top, bottom)
    missing = money.total("missing_cost", asked.channel or 0, *asked.period)
    assert query.measure(connection, SHOP, "inventory_turnover", asked).missing_cost == missing


@pytest.mark.parametrize("seed", range(12))
def test_customers_are_counted_as_by_hand(seed: int) -> None:
    dice = random.Random(500 + seed)
    ground = Ground(connection)
    for _ in range(4):
        ground.take(random_batch(dice, ground, late=True))
    world = ground.world()
    formulas = {
        "active_customers": ("active", None),
        "buyers": ("buyers", None),
        "new_customers": ("new", None),
        "cross_channel_share": ("cross", "active"),
        "repeat_purchase_rate": ("repeat", "buyers"),
        "satisfaction": ("satisfied", "answered"),
    }
    for name, (top, bottom) in formulas.items():
        asked = ask(dice, -3, 16)
        for channel, first, last, figure in lines(query.measure(connection, SHOP, name, asked), asked):
            assert figure.numerator == customers(world, top, channel, first, last), name
            if bottom:
                assert figure.denominator == customers(world, bottom, channel, first, last), name
                assert figure.value == over(figure.numerator, figure.denominator)


@pytest.mark.parametrize("seed", range(8))
def test_retention_takes_whole_calendar_intervals(seed: int) -> None:
    dice = random.Random(900 + seed)
    ground = Ground(connection)
    active = [
        (dice.randint(1, 6), BEGIN + DAY * dice.randint(-40, 40), dice.randint(1, 3)) for _ in range(30)
    ]
    ground.take(Batch(active, [], [], {s: s // 2 for s in range(1, 7)}))
    world, asked = ground.world(), ask(dice, -10, 40)
    answer = query.measure(connection, SHOP, "retention", asked)
    channel = asked.channel or 0
    before = (asked.period.first - DAY * asked.period.length, asked.period.first - DAY)
    assert answer.total.numerator == retained(world, channel, asked.period, before)
    assert answer.total.denominator == customers(world, "active", channel, *before)
    for start, figure in answer.series:
        end, start_before = _calendar(start, asked.interval)
        assert figure.numerator == retained(world, channel, (start, end), (start_before, start - DAY))
        assert figure.denominator == customers(world, "active", channel, start_before, start - DAY)


def _calendar(start: date, interval: str) -> tuple[date, date]:
    """The end of an interval, and the start of the one before."""
    if interval == "month":
        end = max(start + DAY * n for n in range(31) if (start + DAY * n).month == start.month)
        return end, (start - DAY).replace(day=1)
    length = timedelta(days=7 if interval == "week" else 1)
    return start + length - DAY, start - length


@pytest.mark.parametrize("seed", range(8))
def test_parity_compares_the_newest_prices_at_the_end(seed: int) -> None:
    dice = random.Random(700 + seed)
    found = {}
    for _ in range(dice.randint(3, 60)):
        day = BEGIN + DAY * dice.randint(-9, 20)
        price, currency = Decimal(dice.randint(1, 3)), "USD" if dice.random() < 0.1 else "CNY"
        found[day, dice.randint(1, 3), f"s{dice.randint(1, 6)}"] = (price, currency)
    prices = sorted((*key, *value) for key, value in found.items())
    columns = "workspace_id channel_id sku at day price currency id received_at request position"
    at = [
        (c, sku, datetime(d.year, d.month, d.day, 9, tzinfo=UTC), d, price, cur)
        for d, c, sku, price, cur in prices
    ]
    copy(connection, "metrics_price", tuple(columns.split()), [record(*row) for row in at])
    for _ in range(4):
        asked = ask(dice, -9, 25)
        for channel, _first, last, figure in lines(
            query.measure(connection, SHOP, "price_parity", asked), asked
        ):
            assert (figure.numerator, figure.denominator) == parity(prices, channel, last)


def test_orders_without_a_rate_are_left_out_below_their_money_too() -> None:
    sums = [
        ("gmv", 1, BEGIN, BEGIN, "CNY", Decimal("30.00")),
        ("gmv", 1, BEGIN, BEGIN, "JPY", Decimal(500)),
        ("orders", 1, BEGIN, BEGIN, "CNY", Decimal(2)),
        ("orders", 1, BEGIN, BEGIN, "JPY", Decimal(1)),
    ]
    write_money(Money(sums, [], "CNY"))
    answer = query.measure(connection, SHOP, "aov", Ask(Days(BEGIN, BEGIN)))
    assert answer.json()["total"] == {"value": "15.0000000000", "numerator": "30.00", "denominator": "2"}
    assert answer.json()["unconverted"] == [{"currency": "JPY", "value": "500"}]
    assert query.measure(connection, SHOP, "orders", Ask(Days(BEGIN, BEGIN))).json()["total"]["value"] == "3"


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_with_nothing_there_a_ratio_is_nothing_and_a_sum_is_0(metric) -> None:
    answer = query.measure(
        connection, SHOP, metric.name, Ask(Days(BEGIN, BEGIN + DAY * 2), by="channel")
    ).json()
    ratio = answer["total"]["denominator"] is not None
    assert answer["total"] == {
        "value": None if ratio else "0",
        "numerator": "0",
        "denominator": "0" if ratio else None,
    }
    assert [item["start"] for item in answer["series"]] == ["2026-01-01", "2026-01-02", "2026-01-03"]
    assert list(answer["by"]) == ["web", "store", "tmall"]
    assert all(len(line["series"]) == 3 for line in answer["by"].values())


def test_what_cannot_be_answered_is_refused() -> None:
    with pytest.raises(NotFound):
        query.measure(connection, SHOP, "happiness", Ask(Days(BEGIN, BEGIN)))
    with pytest.raises(BadRequest):
        query.measure(connection, SHOP, "gmv", Ask(Days(BEGIN, BEGIN - DAY)))
    with pytest.raises(BadRequest):
        query.measure(connection, SHOP, "gmv", Ask(Days(BEGIN, BEGIN), "year"))
    with pytest.raises(BadRequest):
        query.measure(connection, SHOP, "gmv", Ask(Days(date(1, 1, 1), date(1, 1, 2))))
