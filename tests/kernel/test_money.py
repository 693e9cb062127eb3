"""Amounts are exact, and rounded half up to what the currency has."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import money


@pytest.mark.parametrize(
    ("sent", "code", "kept"),
    [
        ("1.005", "CNY", "1.01"),
        (Decimal("2.675"), "CNY", "2.68"),
        ("0.004", "USD", "0.00"),
        ("0.005", "USD", "0.01"),
        ("1234.5", "JPY", "1235"),
        ("1.0005", "KWD", "1.001"),
        ("1.00005", "CLF", "1.0001"),
        (199, "CNY", "199.00"),
        ("1e3", "CNY", "1000.00"),
        ("999999999999999.99", "CNY", "999999999999999.99"),
    ],
)
def test_half_up_to_the_minor_unit(sent, code, kept):
    assert str(money.rounded(money.amount(sent), code)) == kept


@pytest.mark.parametrize(
    "sent",
    [
        "NaN",
        "Infinity",
        "-1",
        -1,
        "1,000.00",
        "1_0",
        "٣",
        "¥9",
        True,
        None,
        [],
        {},
        "",
        "1e999",
        10**16,
        "0x10",
    ],
)
def test_what_is_no_amount(sent):
    assert money.amount(sent) is None


def test_the_largest_amount_is_one():
    assert money.amount(10**15) == Decimal(10) ** 15
    assert money.amount("1000000000000000.01") is None


def test_a_float_is_the_number_that_was_written():
    assert money.amount(0.1) == Decimal("0.1")
    assert money.amount(1e-7) == Decimal("0.0000001")


@pytest.mark.parametrize(
    ("sent", "code"), [(" cny ", "CNY"), ("Usd", "USD"), ("RMB", None), ("", None), (None, None), (1, None)]
)
def test_currencies(sent, code):
    assert money.currency(sent) == code


@given(st.decimals(0, 10**9, places=2), st.integers(1, 400))
def test_shares_add_up_to_the_total_and_differ_by_one_unit(total, parts):
    found = money.shares(total, parts, "CNY")
    assert sum(found) == total
    assert found == sorted(found, reverse=True)
    assert found[0] - found[-1] <= Decimal("0.01")


@pytest.mark.parametrize(
    ("value", "code", "kept"),
    [
        ("5", "CNY", "5.00"),
        ("76.3052340", "CNY", "76.305234"),
        ("465.50", "JPY", "465.5"),
        ("0", "KWD", "0.000"),
    ],
)
def test_a_sum_keeps_all_its_decimals_and_has_at_least_the_currency_s(value, code, kept):
    assert f"{money.at_least(Decimal(value), code):f}" == kept
