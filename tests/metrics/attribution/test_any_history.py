"""Attribution over random histories against the judge: equal times, edges of windows, refunds of any time, no rate."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from metrics.attribution import answers, orders, paths, spend
from metrics.attribution.answers import Attributed
from metrics.attribution.models import MODELS
from metrics.attribution.models.base import SCALE
from metrics.attribution.question import DIMENSIONS, Question
from metrics.journeys.base import Asked
from tests.metrics.journeys import chance
from tests.reference import attribution as judge
from tests.reference import journeys
from tests.reference.journeys import Happened, Order, Refund, Touch

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
OWN = ("first", "last", "last_non_direct", "linear", "position", "time_decay", "shapley")
CENT, COUNT = Fraction(1, 100), Fraction(1, 10**10)
LOOKBACKS = st.sampled_from((timedelta(days=1), timedelta(days=7), timedelta(days=30), timedelta(days=90)))
TOUCHES = st.sampled_from((("marketing",), ("browse", "marketing"), ("browse", "cart", "store", "marketing")))
QUESTIONS = st.tuples(st.sampled_from(DIMENSIONS), LOOKBACKS, TOUCHES).map(
    lambda drawn: Question(by=drawn[0], lookback=drawn[1], touches=drawn[2])
)


@contextmanager
def rated(happened: Happened) -> Iterator[None]:
    """The rates are those of what happened, and nothing was spent."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (paths, spend):
            patch.setattr(
                module, "rates", lambda *_: lambda code, day: happened.rate(code, day) if day else Decimal(1)
            )
        patch.setattr(spend, "rows", lambda *_args, **_values: [])
        first = {code: held[0][0] for code, held in happened.rates.items()}
        for module in (paths, orders):
            patch.setattr(module, "first_days", lambda *_: first)
        yield


def asks(question: Question, days: tuple[date, date]) -> judge.Asked:
    return judge.Asked(*days, question.by, question.lookback, question.touches)


def figures(found: Attributed) -> dict[str | None, list[Fraction]]:
    return {
        row.key: [Fraction(row.conversions), Fraction(row.revenue), Fraction(row.new_customers)]
        for row in found.rows
    }


def whole(happened: Happened, asked: judge.Asked) -> list[Fraction]:
    sums = [Fraction(0)] * 3
    for order in happened.orders:
        worth = judge.worth(happened, order, asked)
        for place, amount in enumerate(
            (worth.conversions, worth.revenue or Fraction(0), worth.new_customers)
        ):
            sums[place] += amount
    return sums


@settings(max_examples=25, phases=PHASES)
@given(happened=chance.happened(), days=chance.periods(), question=QUESTIONS, model=st.sampled_from(OWN))
def test_models_of_one_path(
    happened: Happened, days: tuple[date, date], question: Question, model: str
) -> None:
    """Each row is what the judge finds, to less than a unit, and all come to the whole, to the unit."""
    asked = journeys.asked(happened, *days)
    with rated(happened):
        found = answers.attributed(None, asked, question._replace(model=model))
    wanted = judge.rows(happened, model, asks(question, days))
    got = figures(found)
    # What no rate converts has no amount: a row of it alone is nothing, and may stand there or not.
    assert {key for key, row in got.items() if any(row)} == {key for key, row in wanted.items() if any(row)}
    assert got.keys() <= wanted.keys()
    got = {key: [Fraction(0)] * 3 for key in wanted} | got
    for key, row in wanted.items():
        for mine, its, unit in zip(got[key], row, (COUNT, CENT, COUNT), strict=True):
            assert abs(mine - its) < unit + Fraction(1, 10**9), (key, got, wanted)
    totals = whole(happened, asks(question, days))
    for place, unit in enumerate((COUNT, CENT, COUNT)):
        (rounded,) = judge.rounded([totals[place]], unit)
        assert sum(row[place] for row in got.values()) == rounded


@settings(max_examples=25, phases=PHASES)
@given(happened=chance.happened(), days=chance.periods(), question=QUESTIONS, model=st.sampled_from(OWN[:5]))
def test_rounded_as_the_judge_rounds(
    happened: Happened, days: tuple[date, date], question: Question, model: str
) -> None:
    """Exact models: the very cents, by largest remainder in the order of the rows."""
    asked = journeys.asked(happened, *days)
    with rated(happened):
        found = answers.attributed(None, asked, question._replace(model=model))
    wanted = judge.rows(happened, model, asks(question, days))
    for place, unit in enumerate((COUNT, CENT, COUNT)):
        exact = [wanted[row.key][place] for row in found.rows]
        got = [figures(found)[row.key][place] for row in found.rows]
        assert got == list(judge.rounded(exact, unit))


@settings(max_examples=25, phases=PHASES)
@given(happened=chance.happened(), days=chance.periods(), question=QUESTIONS)
def test_paths_are_those_that_the_judge_walks(
    happened: Happened, days: tuple[date, date], question: Question
) -> None:
    asked = journeys.asked(happened, *days)
    with rated(happened):
        walked = paths.read(None, asked, question).walked

    def named(counts: Any) -> dict[tuple[str | None, ...], int]:
        return {
            tuple(answers.shown(asked, question.by, walked.keys[key]) for key in path): n
            for path, n in counts.items()
        }

    assert named(walked.converted) == judge.converted(happened, asks(question, days))
    assert named(walked.lost) == judge.lost(happened, asks(question, days))
    assert walked.untouched.conversions % SCALE == 0


@settings(max_examples=15, phases=PHASES)
@given(
    happened=chance.happened(),
    days=chance.periods(),
    question=QUESTIONS,
    order=st.integers(1, 3),
    model=st.sampled_from(("markov", "chain")),
)
def test_models_of_all_paths(
    happened: Happened, days: tuple[date, date], question: Question, order: int, model: str
) -> None:
    """Conversions are the judge's, whatever single orders get."""
    asked, its = journeys.asked(happened, *days), asks(question, days)
    won, gone = judge.converted(happened, its), judge.lost(happened, its)
    if model == "chain":
        if len(judge.keys(won, gone)) > 5:
            return
        wanted, name = judge.shapley(won, gone, "chain"), "shapley"
    else:
        wanted, name = judge.markov(won, gone, order), "markov"
    with rated(happened):
        found = answers.attributed(None, asked, question._replace(model=name, order=order, worth="chain"))
    untouched = sum(judge.worth(happened, one, its).conversions for one in happened.orders) - sum(
        won.values()
    )
    for row in found.rows:
        conversions = wanted.get(row.key, 0.0) + (untouched if row.key is None else 0)
        assert float(row.conversions) == pytest.approx(float(conversions), abs=1e-8)


@settings(max_examples=15, phases=PHASES)
@given(
    happened=chance.happened(),
    days=chance.periods(),
    question=QUESTIONS,
    model=st.sampled_from([model.name for model in MODELS]),
)
def test_single_orders_come_to_the_rows(
    happened: Happened, days: tuple[date, date], question: Question, model: str
) -> None:
    """Shares of an order add up to exactly 1; each share of what moved, over all orders, is the row."""
    question = question._replace(measure="revenue")
    asked, its = journeys.asked(happened, *days), asks(question, days)
    with rated(happened):
        found = answers.attributed(None, asked, question._replace(model=model))
        parts = orders.credits(None, asked, question._replace(model=model))
    sums: dict[str, Fraction] = {}
    rows: dict[str | None, Fraction] = {}
    by_number = {one.number: one for one in happened.orders}
    for one in parts:
        sums[one.order_id] = sums.get(one.order_id, Fraction(0)) + one.share
        moved = judge.worth(happened, by_number[one.order_id], its).revenue or Fraction(0)
        rows[one.key] = rows.get(one.key, Fraction(0)) + one.share * moved
    assert set(sums.values()) <= {Fraction(1)}
    for row in found.rows:
        assert abs(rows.get(row.key, Fraction(0)) - Fraction(row.revenue)) < CENT + Fraction(1, 10**7)


@settings(max_examples=15, phases=PHASES)
@given(
    happened=chance.happened(),
    days=chance.periods(),
    question=QUESTIONS,
    model=st.sampled_from([model.name for model in MODELS]),
)
def test_the_orders_behind_a_row_come_to_it_in_every_measure(
    happened: Happened, days: tuple[date, date], question: Question, model: str
) -> None:
    asked, question = journeys.asked(happened, *days), question._replace(model=model)
    with rated(happened):
        found = answers.attributed(None, asked, question)
        for row in found.rows:
            its = orders.behind(None, asked, question, row.key)
            for measure in answers.MEASURES:
                whole = sum((getattr(one, measure) for one in its), Fraction(0))
                assert abs(whole - Fraction(getattr(row, measure))) < CENT + Fraction(1, 10**7)


@settings(max_examples=15, phases=PHASES)
@given(
    happened=chance.happened(),
    days=chance.periods(),
    question=QUESTIONS,
    models=st.lists(st.sampled_from([model.name for model in MODELS]), min_size=1, unique=True),
)
def test_orders_shared_a_way_at_a_time_get_what_each_gets_by_itself(
    happened: Happened, days: tuple[date, date], question: Question, models: list[str]
) -> None:
    """Several models from one reading say what each says order by order."""
    asked = journeys.asked(happened, *days)
    with rated(happened):
        together = orders.alike(None, asked, question, models)
        for name in models:
            each: dict[tuple[str, int], dict[str | None, Fraction]] = {}
            for one in orders.credits(None, asked, question._replace(model=name, measure="revenue")):
                each.setdefault((one.order_id, one.channel), {})[one.key] = one.share
            ours: dict[tuple[str, int], dict[str | None, Fraction]] = {}
            for way in together[name]:
                for key in way.orders:
                    assert key not in ours
                    got = ours[key] = {}
                    for of, part, whole in way.shares:
                        got[of] = got.get(of, Fraction(0)) + Fraction(part, whole)
            assert ours.keys() == each.keys()
            for key, shares in each.items():
                assert ours[key].keys() == shares.keys()
                for of, share in shares.items():  # times and all paths have the noise of binary fractions
                    assert abs(ours[key][of] - share) < Fraction(1, 10**12)


# ---- by hand ---------------------------------------------------------------------------------------------


def at(month: int, day: int) -> Any:
    return journeys.datetime(2026, month, day, tzinfo=journeys.UTC)


def answered(happened: Happened, days: tuple[date, date], **how: Any) -> Attributed:
    asked: Asked = journeys.asked(happened, *days)
    with rated(happened):
        return answers.attributed(None, asked, Question(**how))


MARCH, APRIL = (date(2026, 3, 1), date(2026, 3, 31)), (date(2026, 4, 1), date(2026, 4, 30))


def test_what_is_refunded_takes_back_its_credit_in_its_own_month() -> None:
    """100.01 by three channels alike: a refund of all of it next month takes back all of what each had, to the cent."""
    order = Order("a", 1, at(3, 20), 1, Decimal("100.01"), refunds=(Refund(at(4, 9), Decimal("100.01")),))
    touches = [Touch(n, at(3, n), 1, "marketing", tie=n) for n in (1, 2, 3)]
    happened = Happened("UTC", [order], touches)
    then = answered(happened, MARCH, model="linear")
    after = answered(happened, APRIL, model="linear")
    both = answered(happened, (MARCH[0], APRIL[1]), model="linear")
    assert sorted(str(row.revenue) for row in then.rows) == ["0.00", "33.33", "33.34", "33.34"]
    assert after.total.revenue == Decimal("-100.01")
    assert all(row.conversions == 0 for row in after.rows)
    assert all(row.revenue == 0 for row in both.rows)
    assert both.total.conversions == 1


def test_nothing_at_all_and_one_channel_alone_are_said() -> None:
    nothing = answered(Happened("UTC", [Order("a", 1, at(3, 2), 1)], []), MARCH, model="markov")
    assert [row.key for row in nothing.rows] == [None]
    assert [told.code for told in nothing.warnings] == ["no_touch", "no_lost_paths"]
    alone = Happened("UTC", [Order("a", 1, at(3, 9), 1)], [Touch(2, at(3, 2), 1, "marketing")])
    for model in MODELS:
        found = answered(alone, MARCH, model=model.name)
        assert {row.key: row.revenue for row in found.rows} == {"store": Decimal(100), None: Decimal(0)}
        assert "one_key" in [told.code for told in found.warnings]


def test_more_campaigns_than_are_listed_stand_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metrics.attribution.walk.MOST_VALUES", 2)
    names = ["a", "b", "c", "d", "other"]
    touches = [
        Touch(1, at(3, 2), who, "marketing", campaign=name, tie=10 * who + n)
        for who, name in enumerate(names, 1)
        for n in range(6 - who)
    ]
    happened = Happened("UTC", [Order(f"o{who}", 1, at(3, 9), who) for who in range(1, 6)], touches)
    found = answered(happened, MARCH, model="last", by="campaign")
    assert {row.key: row.revenue for row in found.rows} == {
        "a": Decimal(100),
        "b": Decimal(100),
        "other": Decimal(300),
        None: Decimal(0),
    }
