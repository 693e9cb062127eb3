"""Among persons alike the effect is what was put in, and none where none was; what cannot be compared is refused."""

import numpy as np
import pytest
import statsmodels.api as sm

from metrics.effects.base import LEAST_PERSONS, People, Refusal
from metrics.effects.matching import CELLS, NEAREST, Matched, matched
from tests.metrics.effects.simulated import people


def found(given: People, how: str = CELLS, neighbours: int = 1) -> Matched:
    one = matched(given, how, neighbours=neighbours)
    assert isinstance(one, Matched), str(one)
    return one


def of(exposed: list[int], outcome: list[float], stratum: list[str], **covariates: list[float]) -> People:
    return People(
        range(len(exposed)), [bool(one) for one in exposed], outcome, covariates, {"channel": stratum}
    )


def test_others_weigh_as_those_who_met_it_lie() -> None:
    """Hand-computed: 30 met it in A, 10 in B. A: 18/30 against 20/50, B: 2/10 against 45/50: (30·0.2 - 10·0.7)/40."""
    exposed = [1] * 40 + [0] * 100
    outcome = (
        [1.0] * 18 + [0.0] * 12 + [1.0] * 2 + [0.0] * 8 + [1.0] * 20 + [0.0] * 30 + [1.0] * 45 + [0.0] * 5
    )
    one = found(of(exposed, outcome, ["A"] * 30 + ["B"] * 10 + ["A"] * 50 + ["B"] * 50))
    assert one.with_ == pytest.approx(0.5)
    assert one.without == pytest.approx((30 * 0.4 + 10 * 0.9) / 40)
    assert one.difference.value == pytest.approx(-0.025)
    assert one.plain.value == pytest.approx(0.5 - 0.65)
    assert (one.exposed, one.left_out, one.others) == (40, 0, 100)


def test_a_single_cell_is_two_groups() -> None:
    """Welch's interval of a difference of means, by statsmodels."""
    chance = np.random.default_rng(6)
    mine, its = chance.normal(5, 2, 400), chance.normal(4, 3, 700)
    one = found(of([1] * 400 + [0] * 700, [*mine, *its], ["A"] * 1100))
    welch = sm.stats.CompareMeans(sm.stats.DescrStatsW(mine), sm.stats.DescrStatsW(its))
    low, high = welch.zconfint_diff(usevar="unequal")
    assert one.difference.value == pytest.approx(mine.mean() - its.mean())
    assert (one.difference.low, one.difference.high) == pytest.approx((low, high), abs=2e-3)


def test_rows_of_one_person_hang_together() -> None:
    """Each row written three times says no more than once; statsmodels' errors by cluster agree."""
    given = people(np.random.default_rng(8), 3_000, 0.1)
    thrice = People(
        list(given.person) * 3,
        list(given.exposed) * 3,
        list(given.outcome) * 3,
        {},
        {name: list(values) * 3 for name, values in given.strata.items()},
    )
    once = found(given._replace(covariates={}))
    again = found(thrice)
    assert again.difference.value == pytest.approx(once.difference.value)
    assert again.difference.high - again.difference.low == pytest.approx(
        once.difference.high - once.difference.low, rel=0.01
    )
    flat = thrice._replace(strata={})
    mine = found(flat).difference
    design = sm.add_constant(np.array(flat.exposed, dtype=float))
    fit = sm.OLS(np.array(flat.outcome), design).fit(
        cov_type="cluster", cov_kwds={"groups": np.array(flat.person)}
    )
    assert mine.value == pytest.approx(float(fit.params[1]))
    assert (mine.high - mine.low) / 2 == pytest.approx(1.959964 * float(fit.bse[1]), rel=2e-3)


@pytest.mark.parametrize("how", [CELLS, NEAREST])
def test_a_seeded_effect_is_recovered_and_the_plain_difference_deceives(how: str) -> None:
    for effect in (0.12, 0.0, -0.1):
        one = found(people(np.random.default_rng(12), 8_000, effect), how)
        assert one.difference.low <= effect <= one.difference.high
        assert one.plain.low > effect  # who buys much meets it more often, and stays anyway
        assert one.difference.high - one.difference.low < 0.08
        for covariate in one.balance:
            assert abs(covariate.after) < 0.1
            assert abs(covariate.after) < abs(covariate.before)


def test_amounts_are_compared_too() -> None:
    chance = np.random.default_rng(14)
    given = people(chance, 6_000, 0.0)
    spent = (
        200
        + 80 * np.array(given.covariates["spent"])
        + 25 * np.array(given.exposed)
        + chance.normal(0, 60, 6_000)
    )
    for how in (CELLS, NEAREST):
        one = found(given._replace(outcome=spent.tolist()), how)
        assert one.difference.low <= 25 <= one.difference.high
        assert one.difference.high - one.difference.low < 12


def test_the_same_question_has_the_same_answer() -> None:
    given = people(np.random.default_rng(3), 2_000, 0.1)
    for how in (CELLS, NEAREST):
        assert matched(given, how) == matched(given, how)


def test_neighbours_are_the_nearest_of_the_same_stratum() -> None:
    """Hand-made: 30 who met it, the others a hair beside them with another outcome; those of B never match."""
    places = [float(one) for one in range(30)]
    exposed = [1] * 30 + [0] * 30 + [0] * 30
    outcome = [2.0] * 30 + [1.0] * 30 + [9.0] * 30
    given = of(
        exposed, outcome, ["A"] * 60 + ["B"] * 30, at=[*places, *(one + 0.01 for one in places), *places]
    )
    one = found(given, NEAREST)
    assert one.difference.value == pytest.approx(1.0)
    assert one.others == 30


REFUSED = {
    "exposed": of([1] * 5 + [0] * 50, [1.0] * 55, ["A"] * 55),
    "others": of([1] * 50 + [0] * 5, [1.0] * 55, ["A"] * 55),
    "alike": of([1] * 60 + [0] * 60, [1.0] * 120, ["A"] * 40 + ["B"] * 20 + ["B"] * 60),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_the_persons_cannot_carry_is_refused_in_a_sentence(code: str) -> None:
    one = matched(REFUSED[code])
    assert isinstance(one, Refusal)
    assert one.code == code
    assert str(LEAST_PERSONS) in str(one) or "33 %" in str(one)


def test_those_who_still_differ_are_not_compared() -> None:
    """Within the outermost cell those who met it lie ten times farther out."""
    far = [100.0 + one for one in range(40)]
    near = [one / 40 for one in range(40)]
    given = of(
        [1] * 40 + [0] * 80,
        [1.0, 0.0] * 60,
        ["A"] * 120,
        spent=[*far, *near, *(200.0 + one for one in range(40))],
    )
    one = matched(given._replace(strata={}))
    assert isinstance(one, Refusal)
    assert one.code in {"unbalanced", "alike"}


def covered(how: str, effect: float, times: int, size: int, neighbours: int = 1) -> float:
    chance = np.random.default_rng(31)
    held = 0
    for _ in range(times):
        one = found(people(chance, size, effect), how, neighbours).difference
        held += one.low <= effect <= one.high
    return 100 * held / times


@pytest.mark.parametrize("how", [CELLS, NEAREST])
def test_most_intervals_hold_the_truth(how: str) -> None:
    assert covered(how, 0.1, 60, 1_500) >= 88


@pytest.mark.long
@pytest.mark.parametrize("effect", [0.0, 0.12])
@pytest.mark.parametrize(("how", "neighbours"), [(CELLS, 1), (NEAREST, 1), (NEAREST, 3)])
def test_of_a_hundred_intervals_ninety_five_hold_the_truth(how: str, neighbours: int, effect: float) -> None:
    assert 94 <= covered(how, effect, 4_000, 2_000, neighbours) <= 96
