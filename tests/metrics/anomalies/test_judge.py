"""Clean noise is left alone, what is wrong is found: simulated series of a fixed seed."""

from collections.abc import Callable

import numpy as np
import pytest

from metrics.anomalies.judge import NORMAL, SEASON, SEASONS, SENSITIVITIES, answer, judged

WEEK = np.array([1.0, 0.9, 0.85, 0.9, 1.0, 1.3, 1.4])
HISTORY, PERIOD = 56, 90  # days
SERIES = 60  # of each kind
Noise = Callable[[np.random.Generator, np.ndarray], np.ndarray]


def _persistent(chance: np.random.Generator, mean: np.ndarray) -> np.ndarray:
    """A good day is followed by a good day."""
    moved = np.zeros(len(mean))
    for day in range(1, len(mean)):
        moved[day] = 0.3 * moved[day - 1] + chance.normal(0, 0.08)
    return mean * np.exp(moved)


NOISES: dict[str, Noise] = {
    "counts": lambda chance, mean: chance.poisson(mean).astype(float),
    "normal": lambda chance, mean: mean + chance.normal(0, 0.1 * mean.mean(), len(mean)),
    "money": lambda chance, mean: np.array([chance.gamma(4, 100, chance.poisson(day)).sum() for day in mean]),
    "persistent": _persistent,
    "below 0": lambda chance, mean: mean - 0.7 * mean.mean() + chance.normal(0, 0.1 * mean.mean(), len(mean)),
    "share": lambda chance, mean: chance.normal(0.5, 0.03, len(mean)),
}


def clean(noise: str, chance: np.random.Generator, levels: tuple[float, ...] = (20, 120, 300)) -> list[float]:
    """A series of weeks, that grows or shrinks, with nothing wrong in it. `levels`: of orders a day, one by chance."""
    days = np.arange(HISTORY + PERIOD)
    level = chance.choice(levels)
    mean = level * WEEK[days % SEASON] * (1 + chance.uniform(-0.3, 0.3) * days / len(days))
    return [float(value) for value in NOISES[noise](chance, mean)]


def marks(values: list[float], sensitivity: str, *, counts: bool = False) -> list[int]:
    """The days of the period that are marked."""
    found = judged(values, sensitivity, counts=counts)
    return [day for day, one in enumerate(found) if one is not None and one.anomaly and day >= HISTORY]


@pytest.mark.parametrize("noise", NOISES)
def test_clean_noise_has_at_most_one_false_mark_in_90_days(noise: str) -> None:
    """At the highest sensitivity one series in fifty may have more, at the usual one none."""
    chance = np.random.default_rng(18)
    series = [clean(noise, chance) for _n in range(SERIES)]
    counts = noise == "counts"
    false = {how: [len(marks(one, how, counts=counts)) for one in series] for how in SENSITIVITIES}
    assert max(false["low"]) <= 1
    assert max(false["medium"]) <= 1
    assert sum(n > 1 for n in false["high"]) <= SERIES / 50
    assert sum(false["low"]) <= sum(false["medium"]) <= sum(false["high"]) < SERIES / 4


@pytest.mark.parametrize("days", [1, 2, 4])
@pytest.mark.parametrize("end", [HISTORY + PERIOD, HISTORY + 50])
@pytest.mark.parametrize("sensitivity", SENSITIVITIES)
def test_a_channel_s_outage_is_found_in_its_middle_and_at_the_end(
    sensitivity: str, days: int, end: int
) -> None:
    chance = np.random.default_rng(3)
    for _n in range(10):
        # Of some twenty orders a day a day without any is no proof yet at the lowest sensitivity.
        values = clean("counts", chance, (20, 300) if sensitivity == "high" else (120, 300))
        values[end - days : end] = [0.0] * days
        assert set(range(end - days, end)) <= set(marks(values, sensitivity, counts=True))


@pytest.mark.parametrize("noise", ["money", "normal"])
def test_a_price_mistake_is_found(noise: str) -> None:
    """For a day and a half goods are sold at a fifth of their price: revenue of a day down, of the next by half."""
    chance = np.random.default_rng(5)
    for _n in range(10):
        values = clean(noise, chance, (120, 300))
        values[100] *= 0.2
        values[101] *= 0.6
        assert 100 in marks(values, "medium")


def test_a_rush_is_found_above_and_its_band_says_what_was_expected() -> None:
    values = clean("counts", np.random.default_rng(8))
    usual = values[120]
    values[120] *= 4
    one = judged(values, "medium", counts=True)[120]
    assert one is not None
    assert one.anomaly
    assert one.low < usual < one.high < values[120]
    assert one.low < one.expected < one.high


def test_fewer_than_three_seasons_are_judged_by_nobody() -> None:
    values = clean("normal", np.random.default_rng(1))
    least = SEASONS * SEASON
    assert judged(values[:least], "high") == [None] * least
    found = judged(values[: least + 3], "high")
    assert [one is None for one in found] == [True] * least + [False] * 3


def test_days_without_a_value_are_not_judged_and_make_no_marks() -> None:
    values: list[float | None] = list(clean("share", np.random.default_rng(2)))
    for day in range(3, 140, 11):
        values[day] = None
    found = judged(values, "high")
    assert all(found[day] is None for day in range(3, 140, 11))
    assert sum(one is not None and one.anomaly for one in found) <= 1


@pytest.mark.parametrize(
    "values", [[0.0] * 60, [0.0, 0.0, 1.0] * 30, [None] * 60, [None, None, 1.0] * 30, []]
)
def test_where_too_little_happens_nothing_is_said(values: list[float | None]) -> None:
    assert judged(values, "high") == [None] * len(values)


@pytest.mark.parametrize("many", [2, 6, 30])
@pytest.mark.parametrize("level", [0.92, 0.5, 0.04])
def test_a_share_of_few_is_left_alone(level: float, many: int) -> None:
    """How many are satisfied of some answers a day: of two mostly all, or none."""
    chance = np.random.default_rng(11)
    for _n in range(SERIES // 3):
        assert len(marks_of_shares(*shares(chance, level, many))) <= 1


@pytest.mark.parametrize("level", [0.92, 0.7])
def test_a_share_of_many_that_falls_is_found(level: float) -> None:
    chance = np.random.default_rng(11)
    for _n in range(SERIES // 3):
        values, of = shares(chance, level, 30)
        values[100], of[100] = 0.1, 40
        assert 100 in marks_of_shares(values, of)


def shares(chance: np.random.Generator, level: float, many: int) -> tuple[list[float], list[float]]:
    """A share a day, and of how many."""
    of = chance.poisson(many, HISTORY + PERIOD) + 1
    return (chance.binomial(of, level) / of).tolist(), of.astype(float).tolist()


def marks_of_shares(values: list[float], of: list[float]) -> list[int]:
    found = judged(values, "medium", of=of, share=True)
    return [day for day, one in enumerate(found) if one is not None and one.anomaly]


def test_a_mean_of_few_is_left_alone_and_one_of_many_is_found() -> None:
    """What an order is worth, of two a day or of forty; one day all is sold at a tenth."""
    chance = np.random.default_rng(12)
    for many in (2, 40):
        for _n in range(SERIES):
            of = chance.poisson(many, HISTORY + PERIOD) + 1
            values = np.array([chance.exponential(300, n).mean() for n in of])
            values[100], of[100] = 30.0, 80
            found = judged([float(one) for one in values], "medium", of=[float(one) for one in of])
            marked = [day for day, one in enumerate(found) if one is not None and one.anomaly]
            assert len(set(marked) - {100}) <= 1
            assert many == 2 or 100 in marked


def test_what_never_moves_has_a_narrow_band_and_a_step_out_of_it_is_marked() -> None:
    values = [1.0] * 100
    values[80] = 0.9
    found = judged(values, "medium")
    assert [day for day, one in enumerate(found) if one and one.anomaly] == [80]


def test_the_residuals_deviation_is_the_median_s() -> None:
    chance = np.random.default_rng(4)
    rest = chance.normal(0, 2, 20_000)
    assert NORMAL * np.median(np.abs(rest - np.median(rest))) == pytest.approx(2, rel=0.03)


def test_a_question_is_a_line_and_so_is_its_answer() -> None:
    assert answer('{"values": [1.0, null], "sensitivity": "low", "counts": false}') == "[null, null]"
