"""A reference's shelves as rows of PostgreSQL, and random ones. Not here: what they come to (tests/reference)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import connection
from hypothesis import strategies as st

from kernel.db import copy, run
from metrics.assortment.asking import Asked, asked
from metrics.assortment.rules import Promotion, Rules
from metrics.query import ReportingSettings
from tests.reference.assortment import Level, Price, Shelves, Sold

WORKSPACE = 4_071
CHANNELS = {1: "web", 2: "store", 3: "tmall"}
IDS = {slug: channel for channel, slug in CHANNELS.items()}
SKUS = ("a", "b")
STAMP = ("id", "received_at", "request", "position")
BERLIN = ZoneInfo("Europe/Berlin")
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)  # the clocks of Berlin go forward on the 29th
TABLES = ("metrics_price", "metrics_rate", "metrics_stock", "metrics_order_line", "metrics_order")


def settings(world: Shelves) -> ReportingSettings:
    return ReportingSettings(WORKSPACE, str(world.zone), world.home, CHANNELS)


def rules(world: Shelves) -> Rules:
    promotions = tuple(Promotion(*one) for one in world.allowed)
    return Rules(world.tolerance, taxes=world.taxes, promotions=promotions)


def about(world: Shelves, now: datetime) -> Asked:
    """As of a moment."""
    return asked({"at": now.isoformat()}, settings(world), now)


def write(world: Shelves) -> None:
    """In the place of what was there."""
    for table in TABLES:
        run(connection, f"delete from {table} where workspace_id = %(workspace)s::int", workspace=WORKSPACE)

    def records(table: str, columns: str, rows: list[tuple[object, ...]]) -> None:
        named = ("workspace_id", *columns.split(), *STAMP)
        copy(connection, table, named, [(WORKSPACE, *row, uuid4(), BEGIN, uuid4(), 0) for row in rows])

    records(
        "metrics_price",
        "channel_id sku at day price currency promotion",
        [
            (IDS[p.channel], p.sku, p.at, world.day(p.at), p.price, p.currency, p.promotion or None)
            for p in world.prices
        ],
    )
    records(
        "metrics_rate", "currency at day rate", [(c, at, world.day(at), rate) for c, at, rate in world.rates]
    )
    records(
        "metrics_stock",
        "channel_id sku location at day quantity",
        [(IDS[s.channel], s.sku, s.location, s.at, world.day(s.at), s.quantity) for s in world.levels],
    )
    columns = "order_id channel_id line sku occurred_at day quantity currency name category brand"
    lines = [
        (
            WORKSPACE,
            s.order_id,
            IDS[s.channel],
            0,
            s.sku,
            s.at,
            world.day(s.at),
            s.quantity,
            "CNY",
            "",
            "",
            "",
        )
        for s in world.sold
    ]
    copy(connection, "metrics_order_line", ("workspace_id", *columns.split()), lines)
    columns = "order_id channel_id occurred_at day event_id message_id currency total refunded state"
    orders = [
        (
            WORKSPACE,
            s.order_id,
            IDS[s.channel],
            s.at,
            world.day(s.at),
            uuid4(),
            s.order_id,
            "CNY",
            1,
            0,
            "open",
        )
        for s in world.sold
    ]
    copy(connection, "metrics_order", ("workspace_id", *columns.split()), orders)


def moments(days: int = 45) -> st.SearchStrategy[datetime]:
    """Some at the ends of Berlin's days, around the night the clocks change."""
    minutes = st.sampled_from([0, 1, 59, 60, 600, 1_319, 1_320, 1_379, 1_380, 1_439])
    return st.builds(
        lambda day, minute: BEGIN + timedelta(days=day, minutes=minute), st.integers(0, days), minutes
    )


@st.composite
def priced(draw: st.DrawFn) -> Shelves:
    """Prices in three currencies, one without a rate; promotions, taxes, a tolerance."""
    channel = st.sampled_from(list(IDS))
    prices = draw(
        st.lists(
            st.builds(
                Price,
                channel,
                st.sampled_from(SKUS),
                moments(),
                st.sampled_from([Decimal(n) for n in ("0", "9.5", "10", "10", "10.2", "70")]),
                st.sampled_from(["CNY", "CNY", "CNY", "USD", "JPY"]),
                st.sampled_from(["", "", "sale", "club"]),
            ),
            min_size=1,
            max_size=14,
            unique_by=lambda one: (one.channel, one.sku, one.at),
        )
    )
    rates = draw(
        st.lists(
            st.tuples(st.just("USD"), moments(), st.sampled_from([Decimal(7), Decimal("6.8")])),
            max_size=3,
            unique_by=lambda one: one[1],
        )
    )
    allowed = st.tuples(
        channel,
        st.builds(lambda n: date(2026, 3, 1) + timedelta(days=n), st.integers(0, 45)),
        st.sampled_from(["", "sale", "club"]),
    )
    sold = draw(st.lists(st.tuples(channel, st.sampled_from(SKUS), moments(), st.integers(1, 5)), max_size=8))
    return Shelves(
        BERLIN,
        prices=prices,
        rates=rates,
        sold=[Sold(*one, f"o{place}") for place, one in enumerate(sold)],
        tolerance=draw(st.sampled_from([Decimal(0), Decimal("0.02"), Decimal("0.5")])),
        taxes=draw(st.dictionaries(channel, st.sampled_from([Decimal("0.13"), Decimal("0.05")]), max_size=2)),
        allowed=draw(st.lists(allowed, max_size=2)),
    )


@st.composite
def stocked(draw: st.DrawFn) -> Shelves:
    """Levels at two locations, above, at and below 0; and what was sold."""
    channel, sku = st.sampled_from(list(IDS)[:2]), st.sampled_from(SKUS)
    levels = draw(
        st.lists(
            st.builds(
                Level,
                channel,
                sku,
                st.sampled_from(["", "back"]),
                moments(),
                st.sampled_from([-2, 0, 0, 3, 40]),
            ),
            min_size=1,
            max_size=14,
            unique_by=lambda one: one[:4],
        )
    )
    sold = draw(st.lists(st.tuples(channel, sku, moments(), st.integers(1, 5)), max_size=20))
    lines = [Sold(*one, f"o{place}") for place, one in enumerate(sold)]
    return Shelves(BERLIN, levels=levels, sold=lines)
