"""Random customers, orders and touches: month edges, nights of daylight saving, equal times, nobody known, refunds."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from tests.reference.journeys import CHANNELS, Happened, Order, Refund, Touch

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC", "Pacific/Apia")
EDGES = [
    datetime(2025, 12, 31, 16, tzinfo=UTC),
    datetime(2026, 1, 31, 23, tzinfo=UTC),
    datetime(2026, 3, 1, 5, tzinfo=UTC),
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York's clocks go forward
    datetime(2026, 3, 29, 1, tzinfo=UTC),  # Berlin's
    datetime(2026, 3, 31, 22, tzinfo=UTC),
]
NAMES = ("", "spring", "other", "red")
TOUCHPOINTS = ("browse", "cart", "store", "marketing", "logistics", "other")
RATES = {"USD": [(date(2026, 1, 10), Decimal("7.1")), (date(2026, 3, 2), Decimal("6.95"))]}


def moments() -> st.SearchStrategy[datetime]:
    """From December to April, often beside an edge, often the same one twice."""
    anywhere = st.integers(0, 150 * 24).map(
        lambda hours: datetime(2025, 11, 20, tzinfo=UTC) + timedelta(hours=hours)
    )
    beside = st.tuples(st.sampled_from(EDGES), st.integers(-90, 90)).map(
        lambda pair: pair[0] + timedelta(minutes=10 * pair[1])
    )
    return st.one_of(anywhere, beside, st.sampled_from(EDGES))


@st.composite
def orders(draw: st.DrawFn) -> list[Order]:
    """Orders with a number of their own each; many of the same few customers."""
    made = []
    ties = draw(st.permutations(range(25)))
    for number in range(draw(st.integers(0, 25))):
        at = draw(moments())
        refunds = draw(st.lists(st.tuples(st.integers(-3, 70), st.integers(1, 30)), max_size=2))
        made.append(
            Order(
                number=f"o{number}",
                channel=draw(st.sampled_from(sorted(CHANNELS))),
                at=at,
                customer=draw(st.sampled_from([None, 1, 2, 3, 4, 5, 6])),
                total=Decimal(draw(st.integers(0, 50_000))) / 100,
                currency=draw(st.sampled_from(["CNY", "CNY", "USD", "XAU"])),
                store=draw(st.sampled_from(NAMES)),
                campaign=draw(st.sampled_from(NAMES)),
                source=draw(st.sampled_from(NAMES)),
                tie=ties[number] - 12,
                refunds=tuple(Refund(at + timedelta(days=days), Decimal(amount)) for days, amount in refunds),
            )
        )
    return made


@st.composite
def touches(draw: st.DrawFn) -> list[Touch]:
    """Touches; `tie` tells equal ones apart, as the id of an event does."""
    return [
        Touch(
            channel=draw(st.sampled_from(sorted(CHANNELS))),
            at=draw(moments()),
            customer=draw(st.integers(1, 6)),
            touchpoint=draw(st.sampled_from(TOUCHPOINTS)),
            active=draw(st.booleans()),
            campaign=draw(st.sampled_from(NAMES)),
            source=draw(st.sampled_from(NAMES)),
            properties=draw(st.sampled_from(["{}", '{"store": "S1"}', '{"store": "S2", "x": 1}'])),
            tie=tie,
        )
        for tie in draw(st.permutations(range(draw(st.integers(0, 30)))))
    ]


@st.composite
def happened(draw: st.DrawFn) -> Happened:
    """All of it, in an order of chance."""
    cities = {who: city for who in range(1, 7) if (city := draw(st.sampled_from(["", "Hangzhou", "Wuhan"])))}
    return Happened(draw(st.sampled_from(ZONES)), draw(orders()), draw(touches()), cities, RATES)


def periods() -> st.SearchStrategy[tuple[date, date]]:
    """First and last day, both inside."""
    return st.tuples(st.integers(0, 120), st.integers(0, 60)).map(
        lambda pair: (
            date(2025, 12, 1) + timedelta(days=pair[0]),
            date(2025, 12, 1) + timedelta(days=pair[0] + pair[1]),
        )
    )
