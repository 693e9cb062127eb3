"""What a target asks of a period: the share of it by days, the whole of it, or nothing, with the reason."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from metrics import targets
from metrics.catalogue import BY_NAME, METRICS
from metrics.scope import Days
from metrics.targets import GAPS, OTHER_LENGTH, Target

NOVEMBER = Days(date(2026, 11, 1), date(2026, 11, 30))
WEEK = Days(date(2026, 11, 9), date(2026, 11, 15))
SET = datetime(2026, 10, 1, tzinfo=UTC)


def target(
    value: str = "3000",
    period: str = "month",
    first: date = date(2026, 1, 1),
    last: date | None = None,
    metric: str = "gmv",
) -> Target:
    return Target(metric, 0, first, last, Decimal(value), period, "", None, SET)


def asked(*set_: Target, days: Days = WEEK) -> targets.Goal:
    newest_first = sorted(set_, key=lambda one: one.first, reverse=True)
    goal = targets.goal(BY_NAME[set_[0].metric], newest_first, days)
    assert goal
    return goal


@pytest.mark.parametrize(
    ("period", "days", "value"),
    [
        ("month", WEEK, "700"),  # 7 of 30 days
        ("month", NOVEMBER, "3000"),
        ("month", Days(date(2026, 2, 1), date(2026, 2, 14)), "1500"),  # 14 of 28
        ("month", Days(date(2026, 10, 31), date(2026, 11, 1)), str(Decimal(3000) / 31 + Decimal(100))),
        ("month", Days(date(2026, 1, 1), date(2026, 12, 31)), "36000"),
        ("day", WEEK, "21000"),
        ("week", Days(date(2026, 11, 9), date(2026, 11, 9)), str(Decimal(3000) / 7)),
        ("quarter", NOVEMBER, str(Decimal(3000) * 30 / 92)),
        ("quarter", Days(date(2026, 10, 1), date(2026, 12, 31)), "3000"),
        ("year", Days(date(2024, 1, 1), date(2024, 12, 31)), "3000"),
        ("year", Days(date(2026, 1, 1), date(2026, 1, 1)), str(Decimal(3000) / 365)),
        ("10d", WEEK, "2100"),
        ("", WEEK, "700"),  # nobody said: per month
    ],
)
def test_a_sum_is_asked_for_its_share_by_days(period, days, value):
    goal = asked(target(period=period, first=date(2020, 1, 1)), days=days)
    assert goal.value is not None
    assert round(goal.value, 9) == round(Decimal(value), 9)
    assert goal.scaled == (round(goal.value, 9) != 3000)


def test_one_for_all_its_days_together_is_spread_over_them():
    whole = target(period="whole", first=date(2026, 11, 11), last=date(2026, 11, 20))
    assert asked(whole, days=Days(date(2026, 11, 11), date(2026, 11, 20))).value == 3000
    assert asked(whole, days=Days(date(2026, 11, 12), date(2026, 11, 13))).value == 600


def test_where_another_one_begins_each_is_asked_for_its_own_days():
    goal = asked(target("3000"), target("6000", first=date(2026, 11, 13)))
    assert goal.value == 4 * 100 + 3 * 200
    assert goal.target.value == 6000


def test_of_several_that_hold_the_one_that_began_last_is_taken():
    festival = target("500", "day", date(2026, 11, 10), date(2026, 11, 11))
    assert asked(target("3000"), festival).value == 5 * 100 + 2 * 500


def test_days_without_a_target_leave_nothing_to_compare_with():
    goal = asked(target(first=date(2026, 11, 12)))
    assert (goal.value, goal.why, goal.gaps) == (None, GAPS, 3)
    ended = asked(target(last=date(2026, 11, 10)))
    assert (ended.value, ended.why, ended.gaps) == (None, GAPS, 5)


def test_before_it_begins_and_after_its_end_it_asks_nothing():
    later, earlier = target(first=date(2026, 12, 1)), target(last=date(2026, 11, 8))
    assert targets.goal(BY_NAME["gmv"], [later, earlier], WEEK) is None


@pytest.mark.parametrize("metric", ["aov", "refund_rate", "cac", "satisfaction", "price_parity"])
def test_a_ratio_of_sums_is_the_same_in_every_period(metric):
    for days in (WEEK, NOVEMBER):
        goal = asked(target("0.5", "month", metric=metric), days=days)
        assert (goal.value, goal.per, goal.scaled) == (Decimal("0.5"), "", False)


@pytest.mark.parametrize("metric", ["active_customers", "buyers", "retention", "repeat_purchase_rate"])
def test_customers_who_count_once_are_compared_only_with_periods_of_that_length(metric):
    one = target("0.5", "month", metric=metric)
    assert asked(one, days=NOVEMBER).value == Decimal("0.5")
    assert asked(one, days=Days(date(2026, 10, 29), date(2026, 11, 27))).value == Decimal("0.5")
    goal = asked(one, days=WEEK)
    assert (goal.value, goal.why) == (None, OTHER_LENGTH)
    assert asked(target("0.5", "7d", metric=metric)).value == Decimal("0.5")


def test_a_ratio_of_customers_of_which_no_period_was_said_holds_for_any():
    assert asked(target("0.5", "", metric="retention")).value == Decimal("0.5")
    assert asked(target("500", "", metric="buyers")).value is None


def test_turns_and_first_orders_add_up():
    assert {one.name for one in METRICS if one.over_time == "adds_up"} == {
        *(
            "gmv",
            "refunds",
            "net_revenue",
            "orders",
            "new_customers",
            "inventory_turnover",
            "units",
            "margin",
            "platform_fees",
            "payout",
        ),
        "visits",
    }


def test_a_series_is_held_against_it_where_its_intervals_are_the_target_s_own():
    one = target("3000")
    assert (asked(one).every("day"), asked(one).every("month")) == (None, 3000)
    assert asked(target("0.5", metric="aov")).every("day") == Decimal("0.5")
