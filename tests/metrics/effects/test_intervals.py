"""Intervals are the published ones."""

import random
from statistics import mean, variance

import pytest

from metrics.effects.intervals import Sample, Share, Stratum, matched, means, newcombe, share, wilson

# R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, Table II: the 95 % intervals by method 10.
TABLE_II = [
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0000)),
    ((10, 10, 0, 10), (0.6075, 1.0000)),
]


@pytest.mark.parametrize(("given", "published"), TABLE_II)
def test_the_difference_of_two_shares_is_as_newcombe_published_it(given, published) -> None:
    a, m, b, n = given
    found = newcombe(share(a, m), share(b, n))
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == published
    assert found.value == pytest.approx(a / m - b / n)


def test_wilsons_interval_is_as_newcombe_published_it() -> None:
    """Statistics in Medicine 17 (1998) 857-872, Table I, method 3."""
    for hits, of, published in (
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0000, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ):
        low, high = wilson(Share(hits / of, of))
        assert (round(low, 4), round(high, 4)) == published


def test_nobody_has_no_share() -> None:
    assert share(0, 0) is None
    assert newcombe(None, share(1, 2)) is None
    assert newcombe(share(1, 2), None) is None


def test_a_stratum_alone_is_compared_as_it_is() -> None:
    own, other = matched([Stratum(10, 6, 40, 10)])
    assert own == Share(0.6, 10)
    assert other == Share(0.25, 40)


def test_strata_weigh_as_much_as_there_are_with() -> None:
    """90 of 100 with are of the second kind, of whom one in ten buys again anyway: that explains all."""
    own, other = matched(
        [Stratum(10, 5, 90, 45), Stratum(90, 9, 10, 1), Stratum(7, 7, 0, 0), Stratum(0, 0, 9, 9)]
    )
    assert own == Share(0.14, 100)
    assert other is not None
    assert other.value == pytest.approx(0.14)
    assert other.of == pytest.approx(100**2 / (90 * (10 / 90) ** 2 + 10 * 9**2))
    assert matched([Stratum(7, 7, 0, 0), Stratum(0, 0, 9, 9)]) == (None, None)


def test_a_difference_of_means_takes_each_groups_own_variance() -> None:
    chance = random.Random(3)
    one, other = ([chance.gauss(middle, 5) for _ in range(50)] for middle in (10, 7))
    samples = [Sample(len(x), sum(x), sum(value * value for value in x)) for x in (one, other)]
    found = means(*samples)
    assert found is not None
    assert found.value == pytest.approx(mean(one) - mean(other))
    error = (variance(one) / 50 + variance(other) / 50) ** 0.5
    assert found.high - found.value == pytest.approx(1.96 * error, rel=1e-3)
    assert means(Sample(1, 5.0, 25.0), samples[0]) is None
