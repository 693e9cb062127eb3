"""Whatever happens to orders before and after closing, statements add up to what a plain ledger says.

Orders in three currencies, partial and full refunds, cancellations, exchanges (a return and another order), messages
that come late and messages that come twice, across four periods that close one after the other.
"""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metrics.allocation.settling import APRIL, MARCH, MAY, STATEMENTS, Settling, refund
from tests.shop import START, order, track

pytestmark = pytest.mark.django_db
JUNE = ("2026-06-01", "2026-06-30")
PERIODS = (MARCH, APRIL, MAY, JUNE)
LENGTHS = (31, 30, 31, 30)  # days
RATES = {"CNY": Decimal(1), "EUR": Decimal("7.8123"), "JPY": Decimal("0.0487")}
PLACES = {"CNY": Decimal("0.01"), "EUR": Decimal("0.01"), "JPY": Decimal(1)}
SHARE = Decimal("0.137")
CENT = Decimal("0.01")
CHANNELS = {"CNY": "web-shop", "EUR": "europe", "JPY": "japan"}


@st.composite
def histories(draw):
    """What happens: (period in which it arrives, its own day, what, of which order, in which currency, how much)."""
    happened = []
    for number in range(draw(st.integers(1, 7))):
        currency = draw(st.sampled_from(list(RATES)))
        total = draw(st.integers(1, 90_000)) * PLACES[currency]
        arrives = draw(st.integers(0, 2))
        day = draw(st.integers(0, sum(LENGTHS[: arrives + 1]) - 1))  # in its own period, or late
        happened.append((arrives, day, "order", number, currency, total))
        for part in range(draw(st.integers(0, 3))):
            later_ = draw(st.integers(arrives, 3))
            from_, to = sum(LENGTHS[:later_]), sum(LENGTHS[: later_ + 1]) - 1
            if to < day:
                continue
            own = draw(st.integers(max(from_, day), to))
            what = draw(st.sampled_from(["refund", "refund", "cancel", "exchange", "twice"]))
            amount = draw(st.integers(1, 60_000)) * PLACES[currency]
            happened.append((later_, own, what, f"{number}-{part}", currency, amount))
    return sorted(happened, key=lambda one: one[0])


class Ledger:
    """Orders by number: day, currency, total, and what was taken back by day."""

    def __init__(self):
        self.orders = {}

    def take(self, what, day, number, currency, amount):
        """Books what happened."""
        if what == "order":
            self.orders[number] = [day, currency, amount, []]
        elif what in {"refund", "exchange"}:
            self.orders[number][3].append((day, amount))
        elif what == "cancel":
            self.orders[number][3].append((day, None))

    def worth(self, number, until):
        """What is left of an order at the end of a day, in our currency."""
        _day, currency, total, back = self.orders[number]
        left = total
        for day, amount in sorted(back, key=lambda one: one[0]):
            if day <= until:
                left -= left if amount is None else min(amount, left)
        return left * RATES[currency]


def shop_of():
    """A shop in three currencies."""
    shop = Settling({"pot": {"of": "revenue", "rate": str(SHARE)}, "weights": {"sold": 1}})
    shop.channel("Europe", "web", currency="EUR")
    shop.channel("Japan", "web", currency="JPY")
    for currency, rate in RATES.items():
        if currency != "CNY":
            shop.records({"type": "rate", "currency": currency, "rate": str(rate), "at": START.isoformat()})
    return shop


def send(shop, what, day, number, currency, amount, place):
    """One thing that happened, as a message; what is sent twice is the order's own."""
    at, order_id, to = START + timedelta(days=day, seconds=place), f"o{number}", CHANNELS[currency]
    message = {
        "order": lambda: order(order_id, str(amount), None, at),
        "refund": lambda: refund(order_id, str(amount), at, refund_id=f"r{place}"),
        "exchange": lambda: refund(order_id, str(amount), at, refund_id=f"x{place}"),
        "cancel": lambda: track("Order Cancelled", at=at, order_id=order_id),
    }[what]()
    shop.sends(message, to=to)
    return message


@settings(max_examples=12)
@given(histories())
def test_statements_add_up_to_what_a_plain_ledger_says(happened):
    with transaction.atomic():
        _check(happened)
        transaction.set_rollback(True)


def _check(happened):
    shop, ledger, sent, paid = shop_of(), Ledger(), {}, {}
    for number, days in enumerate(PERIODS):
        for place, (arrives, day, what, key, currency, amount) in enumerate(happened):
            if arrives != number:
                continue
            order_number = int(str(key).split("-")[0])
            if what == "twice":
                shop.sends(dict(sent[order_number]), to=CHANNELS[currency])
                continue
            message = send(shop, what, day, order_number, currency, amount, place)
            if what == "order":
                sent[order_number] = message
            if what == "exchange":  # the other goods are an order of their own
                send(shop, "order", day, f"9{place}", currency, amount, place)
                ledger.take("order", day, f"9{place}", currency, amount)
            ledger.take(what, day, order_number, currency, amount)
        _settled(shop, ledger, number, days, paid)


def _settled(shop, ledger, number, days, paid):
    """One more period closed: its sums, and each order's credits so far against the ledger."""
    statement = shop.settles(days)
    shares = statement["shares"]
    assert sum(Decimal(one["amount"]) for one in shares) == Decimal(statement["pot"])
    assert sum(Decimal(one["corrected"]) for one in shares) == Decimal(statement["corrected"])
    until = sum(LENGTHS[: number + 1]) - 1
    own = [one for one, (day, *_rest) in ledger.orders.items() if until - LENGTHS[number] < day <= until]
    base = sum((ledger.worth(one, until) for one in own), Decimal(0))
    assert Decimal(statement["pot"]) == (base * SHARE).quantize(CENT, ROUND_HALF_UP)
    total = Decimal(0)
    for line in shop.get(f"{STATEMENTS}{number + 1}/orders/", limit=500)["results"]:
        paid[line["order_id"]] = paid.get(line["order_id"], Decimal(0)) + Decimal(line["credit"])
        total += Decimal(line["credit"])
    assert total == Decimal(statement["to_pay"])
    for one, (day, *_rest) in ledger.orders.items():
        if day <= until:
            exact = ledger.worth(one, until) * SHARE
            given_ = paid.get(f"o{one}", Decimal(0))
            assert abs(given_ - exact) < CENT, (one, given_, exact)
            if not exact:
                assert given_ == 0, one
