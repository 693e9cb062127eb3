"""Changes are what was put in, as often as the interval says, and nothing where nothing was put in."""

from collections.abc import Callable

import numpy as np
import pytest
import statsmodels.api as sm

from metrics.effects import blocks
from metrics.effects.base import Refusal
from metrics.effects.changes import (
    Change,
    Compared,
    Daily,
    Drift,
    Sides,
    before_after,
    difference_in_differences,
    drift,
    pooled,
    relative_effect,
)
from tests.metrics.effects.simulated import Weather, noise, shops


def plain(values: list[float]) -> Daily:
    return Daily(values, [1.0] * len(values))


def compared(joined: Sides, others: Sides) -> Compared:
    found = difference_in_differences(joined, others)
    assert isinstance(found, Compared)
    return found


def test_values_are_sums_over_sums() -> None:
    """Hand-computed: 28 days of 10 over 2, then of 12 over 2; the others 8 over 4, then 9 over 4."""
    wiggle = [
        1.0,
        -2.0,
        3.0,
        -1.0,
        0.5,
        -0.5,
        0.0,
        -3.0,
        2.0,
        0.0,
        1.0,
        -1.0,
        2.0,
        -2.0,
    ] * 2  # adds up to nothing

    def days(top: float, bottom: float, sign: int) -> Daily:
        return Daily([top + sign * one for one in wiggle], [bottom] * 28)

    found = compared(Sides(days(10, 2, 1), days(12, 2, -1)), Sides(days(8, 4, 1), days(9, 4, 2)))
    assert (found.joined.before, found.joined.after) == pytest.approx((5.0, 6.0))
    assert (found.others.before, found.others.after) == pytest.approx((2.0, 2.25))
    assert found.joined.absolute.value == pytest.approx(1.0)
    assert found.joined.relative is not None
    assert found.joined.relative.value == pytest.approx(0.2)
    assert found.absolute.value == pytest.approx(1.0 - 0.25)
    assert found.relative is not None
    assert found.relative.value == pytest.approx(1.2 / 1.125 - 1)
    for one in (found.absolute, found.relative, found.joined.absolute, found.others.absolute):
        assert one.low < one.value < one.high


def test_the_difference_in_differences_is_that_of_a_regression() -> None:
    """Of values a day: the interaction of group and time in least squares with all four cells (statsmodels)."""
    joined, others = shops(np.random.default_rng(5), 28, 0.2)
    flat = [plain([*side.top]) for group in (joined, others) for side in group]
    found = compared(Sides(*flat[:2]), Sides(*flat[2:]))
    values = np.concatenate([side.top for side in flat])
    group = np.repeat([1.0, 1.0, 0.0, 0.0], 28)
    later = np.repeat([0.0, 1.0, 0.0, 1.0], 28)
    fit = sm.OLS(values, np.column_stack([np.ones(112), group, later, group * later])).fit()
    assert found.absolute.value == pytest.approx(float(fit.params[3]))


def test_the_error_is_newey_and_wests() -> None:
    """statsmodels' HAC errors of a mean, with the same bandwidth."""
    series = noise(np.random.default_rng(3), 60, 1.0, 0.6)
    adds = (series - series.mean())[None, :] / 60
    fit = sm.OLS(series, np.ones(60)).fit(
        cov_type="HAC", cov_kwds={"maxlags": blocks.BANDWIDTH - 1, "use_correction": False}
    )
    assert float(blocks.errors(adds)[0]) == pytest.approx(float(fit.bse[0]), rel=1e-12)


def test_what_repeats_by_the_week_is_no_chance() -> None:
    season = np.tile([3.0, -1.0, -1.0, -1.0, 2.0, -4.0, 2.0], 12)[None, :]
    assert float(blocks.errors(season)[0]) < 0.2 * float(np.sqrt((season**2).sum()))
    days = blocks.drawn(28)
    assert days.shape == (blocks.TIMES, 28)
    assert (np.diff(days[:, : blocks.BLOCK]) % 28 == 1).all()  # a block's days follow on each other


def test_the_same_question_has_the_same_answer() -> None:
    joined, others = shops(np.random.default_rng(9), 30, 0.1)
    assert difference_in_differences(joined, others) == difference_in_differences(joined, others)


def test_channels_are_taken_together_day_by_day() -> None:
    assert pooled([Daily([1, 2], [3, 4]), Daily([10, 20], [1, 1])]) == Daily([11, 22], [4, 5])


def test_what_hits_both_on_one_day_is_no_uncertainty() -> None:
    """The others had the same sales fair: it widens before/after, not the difference in differences."""
    chance = np.random.default_rng(2)
    joined, others = shops(chance, 28, 0.1, Weather(noise=0.02, stays=0.0, shared=0.0))
    fair = np.where(np.arange(28) % 11 == 3, 4.0, 1.0)

    def hit(side: Daily) -> Daily:
        return plain((np.array(side.top) * fair).tolist())

    found = compared(
        Sides(plain(list(joined.before.top)), hit(joined.after)),
        Sides(plain(list(others.before.top)), hit(others.after)),
    )
    assert found.relative is not None
    assert found.joined.relative is not None
    wide = found.joined.relative.high - found.joined.relative.low
    assert found.relative.high - found.relative.low < wide / 2


@pytest.mark.parametrize(
    ("sides", "code"),
    [
        (Sides(plain([1.0] * 20), plain([2.0] * 20)), "days"),
        (Sides(plain([1.0] * 30), plain([2.0] * 29)), "lengths"),
        (Sides(Daily([0.0] * 30, [0.0] * 30), plain([1.0, 2.0] * 15)), "nothing"),
        (Sides(plain([1.0] * 30), plain([2.0] * 30)), "same"),
        (Sides(Daily([1.0, *[0.0] * 29], [2.0, *[0.0] * 29]), plain([1.0, 2.0] * 15)), "thin"),
    ],
)
def test_what_the_days_cannot_carry_is_refused_in_a_sentence(sides: Sides, code: str) -> None:
    found = before_after(sides)
    assert isinstance(found, Refusal)
    assert found.code == code
    assert str(found).endswith(".")
    assert "%" not in str(found)


def test_a_value_below_nothing_has_no_share() -> None:
    found = before_after(Sides(plain([-2.0, 1.0] * 14), plain([3.0, 2.0] * 14)))
    assert isinstance(found, Change)
    assert found.relative is None
    assert found.absolute.value == pytest.approx(3.0)


def test_groups_that_part_before_are_seen_to() -> None:
    """The joined grew by 40 % over the 60 days before; of two that went alike it is not said."""
    chance = np.random.default_rng(11)
    (joined, _), (others, _) = shops(chance, 60, 0.0)
    alike = drift(joined, others)
    assert isinstance(alike, Drift)
    assert alike.parallel
    rises = np.linspace(0.8, 1.2, 60)
    parted = drift(Daily((np.array(joined.top) * rises).tolist(), joined.bottom), others)
    assert isinstance(parted, Drift)
    assert not parted.parallel
    assert parted.drift.value == pytest.approx(alike.drift.value + 0.4, abs=0.05)


def test_the_drift_is_a_least_squares_slope() -> None:
    (joined, _), (others, _) = shops(np.random.default_rng(4), 28, 0.0)
    found = drift(joined, others)
    assert isinstance(found, Drift)
    shares = []
    for one in (joined, others):
        top, bottom = np.array(one.top), np.array(one.bottom)
        shares.append((top - top.sum() / bottom.sum() * bottom) / top.mean())
    fit = sm.OLS(shares[0] - shares[1], sm.add_constant(np.arange(28.0))).fit()
    assert found.drift.value == pytest.approx(28 * float(fit.params[1]))


Interval = Callable[[np.random.Generator], tuple[float, float]]


def covered(times: int, truth: float, seed: int, interval: Interval) -> float:
    """Of 100, how many intervals hold the truth."""
    chance = np.random.default_rng(seed)
    held = 0
    for _ in range(times):
        low, high = interval(chance)
        held += low <= truth <= high
    return 100 * held / times


def of_differences(days: int, effect: float, weather: Weather) -> Interval:
    def found(chance: np.random.Generator) -> tuple[float, float]:
        one = relative_effect(*shops(chance, days, effect, weather))
        assert one is not None
        return one.low, one.high

    return found


def of_drifts(days: int, weather: Weather) -> Interval:
    def found(chance: np.random.Generator) -> tuple[float, float]:
        (joined, _), (others, _) = shops(chance, days, 0.0, weather)
        one = drift(joined, others)
        assert isinstance(one, Drift)
        return one.drift.low, one.drift.high

    return found


def test_a_seeded_effect_is_recovered_and_none_is_shown_where_there_is_none() -> None:
    for effect in (0.29, -0.37, 0.0):
        assert covered(60, effect, 17, of_differences(28, effect, Weather())) >= 88
    shown = compared(*shops(np.random.default_rng(1), 60, 0.29)).relative
    assert shown is not None
    assert shown.low > 0.1


WEATHERS = [Weather(0.15, 0.0, 0.1), Weather(0.15, 0.3, 0.1)]


@pytest.mark.long
@pytest.mark.parametrize("weather", WEATHERS)
@pytest.mark.parametrize("days", [28, 30, 60, 90])
def test_of_a_hundred_intervals_ninety_five_hold_the_truth(days: int, weather: Weather) -> None:
    assert 94 <= covered(2_000, 0.29, 23, of_differences(days, 0.29, weather)) <= 96


@pytest.mark.long
@pytest.mark.parametrize("weather", WEATHERS)
def test_of_a_hundred_groups_that_go_alike_five_seem_to_part(weather: Weather) -> None:
    assert 94 <= covered(2_000, 0.0, 29, of_drifts(60, weather)) <= 96
