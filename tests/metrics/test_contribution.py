"""The parts of a change add up to it, exactly, and say what they should."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from metrics.contribution import Contributions, Made, cause, contributions

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


def plain(now, before):
    """Rate and mix as the book has them, channel by channel: by -> part. Each channel has a denominator in both."""
    total = [sum(n for n, _d in one.values()) / sum(d for _n, d in one.values()) for one in (now, before)]
    weight = [sum(d for _n, d in one.values()) for one in (now, before)]
    found = {}
    for slug in now:
        (n1, d1), (n0, d0) = now[slug], before[slug]
        share1, share0 = d1 / weight[0], d0 / weight[1]
        own = (share1 + share0) / 2 * (n1 / d1 - n0 / d0)
        mix = ((n1 / d1 + n0 / d0) / 2 - (total[0] + total[1]) / 2) * (share1 - share0)
        found[slug] = own + mix
    return found


pairs = st.tuples(numbers, positive)
both = st.dictionaries(st.sampled_from("abcd"), st.tuples(pairs, pairs), min_size=1)


@given(both)
def test_the_parts_of_a_ratio_are_rate_and_mix(made):
    now, before = ({slug: pair[i] for slug, pair in made.items()} for i in (0, 1))
    by_now = {slug: Made(*one) for slug, one in now.items()}
    by_before = {slug: Made(*one) for slug, one in before.items()}
    found = contributions(summed(by_now), summed(by_before), by_now, by_before)
    assert found.by == plain(now, before)


@given(channels, positive)
def test_what_grows_everywhere_alike_moves_no_ratio(made, factor):
    before = {slug: Made(*one) for slug, one in made.items()}
    now = {slug: Made(n * factor, d * factor) for slug, (n, d) in made.items()}
    found = contributions(summed(now), summed(before), now, before)
    assert found.change == 0
    assert set(found.by.values()) == {0}


@given(st.dictionaries(st.sampled_from("abcd"), numbers), numbers)
def test_the_cause_went_the_way_of_the_change_and_none_went_further(by, change):
    found = cause(Contributions(change, by, change - sum(by.values(), Fraction(0))))
    same = {slug: part for slug, part in by.items() if part * change > 0}
    assert (found is None) == (not same)
    assert found is None or abs(by[found]) == max(abs(part) for part in same.values())


def test_the_biggest_mover_against_the_change_is_not_its_cause():
    by = {"a": Fraction(90), "b": Fraction(-60), "c": Fraction(-40)}
    assert cause(Contributions(Fraction(-10), by, Fraction(0))) == "b"
