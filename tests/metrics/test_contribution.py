"""The parts of a change add up to it, exactly, and say what they should."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from metrics.contribution import Made, contributions

numbers = st.fractions(min_value=-1000, max_value=1000, max_denominator=100)
positive = st.fractions(min_value=Fraction(1, 100), max_value=1000, max_denominator=100)
channels = st.dictionaries(st.sampled_from("abcd"), st.tuples(numbers, positive), min_size=1)


def summed(by):
    return Made(
        sum((one.numerator for one in by.values()), Fraction(0)),
        sum((one.denominator for one in by.values()), Fraction(0)),
    )


@given(channels, channels)
def test_the_parts_of_a_ratio_sum_to_its_change(now, before):
    by_now = {slug: Made(*made) for slug, made in now.items()}
    by_before = {slug: Made(*made) for slug, made in before.items()}
    total, old = summed(by_now), summed(by_before)
    found = contributions(total, old, by_now, by_before)
    assert sum(found.by.values()) == found.change == total.value - old.value
    assert found.between == 0


@given(channels, channels, numbers, positive)
def test_what_no_channel_has_alone_is_its_own_part(now, before, top, bottom):
    by_now = {slug: Made(*made) for slug, made in now.items()}
    by_before = {slug: Made(*made) for slug, made in before.items()}
    total = Made(top, bottom)
    found = contributions(total, summed(by_before), by_now, by_before)
    assert sum(found.by.values()) + found.between == found.change


@given(st.dictionaries(st.sampled_from("abcd"), numbers), st.dictionaries(st.sampled_from("abcd"), numbers))
def test_the_parts_of_a_sum_are_the_channels_own_changes(now, before):
    found = contributions(
        Made(sum(now.values(), Fraction(0))),
        Made(sum(before.values(), Fraction(0))),
        {slug: Made(n) for slug, n in now.items()},
        {slug: Made(n) for slug, n in before.items()},
    )
    assert found.by == {
        slug: now.get(slug, Fraction(0)) - before.get(slug, Fraction(0)) for slug in {**now, **before}
    }
    assert found.between == 0


def test_cheaper_customers_of_one_channel_lower_the_cost_of_all():
    before = {"a": Made(Fraction(100), Fraction(10)), "b": Made(Fraction(100), Fraction(10))}
    now = {"a": Made(Fraction(50), Fraction(10)), "b": Made(Fraction(100), Fraction(10))}
    found = contributions(Made(Fraction(150), Fraction(20)), Made(Fraction(200), Fraction(20)), now, before)
    assert (found.by["a"], found.by["b"], found.change) == (Fraction(-5, 2), 0, Fraction(-5, 2))


def test_nothing_to_hold_against_has_no_parts():
    assert contributions(Made(Fraction(1), Fraction(0)), Made(Fraction(1), Fraction(2)), {}, {}) is None
