"""The form of a metric: terms, each declared whole, and how a value is put together of them.

A value is a term, one term less another, or one such over another: `ACQUISITION_SPEND / NEW`. Page, API, docs and the
rows behind a number are read off the declaration; what one lacks is said when the catalogue is imported.
Not here: which there are (sales.py …), the lists of rows (rows.py), reading (metrics/term_readers.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel.db import Connection
from kernel.errors import Trouble
from metrics import distinct_windows, rollups, term_readers
from metrics.breakdown import terms as counted
from metrics.catalogue.rows import Rows
from metrics.scope import Reader, Reading, Scope

# Units, each with an example of how it is written (kernel/web/format.py:in_unit does it).
UNITS = {
    "money": "¥1,234.50",
    "count": "1,234",
    "ratio": "1.234",
    "share": "12.3%",
    "turns": "1.234",
    "minutes": "12.3 min",
    "hours": "12.3 h",
    "days": "12.3 d",
}
SUMS = ("money", "count", "minutes", "hours")  # those that add up
GOOD = ("up", "down", "none")
# What becomes of a value in a longer period: it adds up by days, it stays as it is (a ratio, a state), or each length
# has its own, as of customers who count once however often they come.
OVER_TIME = ("adds_up", "steady", "own")
MISSING: Any = None


class Value:
    """What a metric can be."""


@dataclass(frozen=True)
class Listed(Value):
    """What adds up from rows: a term, or one less another. Two are the same if their names are."""

    name: str  # in addresses and in the API's `part`
    label: Any = field(default=MISSING, compare=False, kw_only=True)
    unit: str = field(default="", compare=False, kw_only=True)  # of SUMS
    rows: Rows = field(default=MISSING, compare=False, kw_only=True)  # what it is made of
    sum: str = field(
        default="", compare=False, kw_only=True
    )  # the column that adds up; without: each row counts 1
    where: str = field(default="", compare=False, kw_only=True)  # which of the rows, of a row `x`; empty: all
    priced: bool = field(default=False, compare=False, kw_only=True)  # leaves out what has no rate

    def __post_init__(self) -> None:
        """Says what is missing."""
        need("term", self, label='label=_("…")', unit='unit="money" or "count"', rows="rows=… (of rows.py)")
        if self.unit not in SUMS:
            raise Trouble(
                f"The term {self.name!r} is counted in {self.unit!r}: a term's unit is one of {SUMS}."
            )

    def __truediv__(self, other: "Listed") -> "Ratio":
        return Ratio(self, other)


@dataclass(frozen=True)
class Term(Listed):
    """A plain one. `reader`: the function that reads it, of term_readers.py."""

    reader: Reader = field(default=MISSING, compare=False, kw_only=True)

    def __post_init__(self) -> None:
        """Says what is missing."""
        super().__post_init__()
        if type(self) is Term:
            need("term", self, reader="reader=… (a function of metrics/term_readers.py)")

    def read(self, db: Connection, scope: Scope) -> Reading:
        """It by channel and slot."""
        return self.reader(db, scope)


@dataclass(frozen=True)
class Measure(Term):
    """Money, time, or things counted, summed over rows.

    `kept`: the measure of the roll-ups that has these sums ready (rollups.py: MEASURES); several come together.
    Without it they are made from the rows when asked for: as exact, and as slow as there are rows in the period.
    """

    kept: str | tuple[str, ...] = field(default="", compare=False, kw_only=True)

    def __post_init__(self) -> None:
        """Says what is missing."""
        super().__post_init__()
        for kept in self.measures:
            if kept not in rollups.MEASURES:
                known = ", ".join(rollups.MEASURES)
                raise Trouble(f"The term {self.name!r} is kept as {kept!r}: the roll-ups hold {known}.")
        if not self.kept and not self.rows.daily:
            raise Trouble(
                f"The term {self.name!r} is not kept, and its rows ({self.rows.kind}) count on no single day: "
                "give it kept=… (a measure of the roll-ups), or declare a Term with a reader."
            )

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures of the roll-ups that have it."""
        several = self.kept if isinstance(self.kept, tuple) else (self.kept,)
        return tuple(filter(None, several))

    def read(self, db: Connection, scope: Scope) -> Reading:
        """From the roll-ups if they have it, else from the rows."""
        if self.kept:
            found = [row for kept in self.measures for row in term_readers.kept(db, scope, kept)]
        else:
            found = term_readers.summed(db, scope, self.rows.text, self.sum, self.where)
        return term_readers.added(db, scope, found, money=self.unit == "money", priced=self.priced)


@dataclass(frozen=True)
class Customers(Term):
    """Distinct customers, by the spans that bear its name (metrics/distinct_windows.py)."""

    unit: str = field(default="count", compare=False, kw_only=True)

    def __post_init__(self) -> None:
        """Says what is missing."""
        super().__post_init__()
        if self.name not in distinct_windows.MEASURES:
            known = ", ".join(distinct_windows.MEASURES)
            raise Trouble(
                f"The customers {self.name!r} are counted by no spans, which there are of {known}: "
                "metrics/distinct_windows.py counts a new kind."
            )

    def read(self, db: Connection, scope: Scope) -> Reading:
        """Whatever the period."""
        return term_readers.customers(db, scope, self.name)


@dataclass(frozen=True)
class Mirrored(Term):
    """Counted in the mirror alone: by its name, of metrics/breakdown/terms.py. Its rows are listed there too."""

    unit: str = field(default="count", compare=False, kw_only=True)

    def __post_init__(self) -> None:
        """Says what is missing."""
        super().__post_init__()
        if self.name not in counted.TERMS:
            raise Trouble(
                f"The term {self.name!r} is not counted in the mirror: add its line to metrics/breakdown/terms.py."
            )

    def read(self, db: Connection, scope: Scope) -> Reading:
        """Never from PostgreSQL: metrics/query.py asks the mirror for all terms of such a metric."""
        raise Trouble(f"The term {self.name!r} is read from the mirror.")


@dataclass(frozen=True)
class Mean(Term):
    """What some days up to the end of the period come to on the mean: so many as its rows go back."""

    of: Listed = field(
        default=MISSING, compare=False, kw_only=True
    )  # what is counted, that has amounts by day

    def __post_init__(self) -> None:
        """Says what is missing."""
        super().__post_init__()
        need("mean", self, of="of=… (a term)")
        if not (self.rows.by_day and self.rows.mean and self.rows.back):
            raise Trouble(
                f"The mean {self.name!r} is of no days: give it rows=… of kind days, with mean=True and back=…"
            )

    def read(self, db: Connection, scope: Scope) -> Reading:
        """From the days of the longer period, each read once."""
        daily = term_readers.widened(scope, self.rows.back)
        readings = [(sign, term.read(db, daily)) for sign, term in signed(self.of)]
        return term_readers.moving_means(scope, self.rows.back, readings)


@dataclass(frozen=True)
class Difference(Listed):
    """One term less another; the first may be such itself.

    Its rows are those of both, the second's taken away; or, if `rows` has a statement, rows of its own; or days.
    """

    left: Listed = field(default=MISSING, compare=False, kw_only=True)
    less: Term = field(default=MISSING, compare=False, kw_only=True)

    def __post_init__(self) -> None:
        """Says what is missing."""
        super().__post_init__()
        need("difference", self, left="left=… (a term)", less="less=… (the term taken away)")
        of = (self.left.rows, self.less.rows)
        if not (self.rows.statement or self.rows.by_day) and not (
            all(one.statement and not one.spread and not one.people for one in of)
            and len({(one.at_cast, one.key_cast) for one in (self.rows, *of)}) == 1
        ):
            raise Trouble(
                f"The rows of {self.left.name!r} and {self.less.name!r} cannot stand in one list: "
                f"give the difference {self.name!r} rows with a statement of their own."
            )


@dataclass(frozen=True)
class Ratio(Value):
    """One value over another; nothing at all over 0."""

    top: Listed
    bottom: Listed


@dataclass(frozen=True)
class Metric:
    """A named formula. Words are translated when they are shown."""

    name: str
    label: Any = MISSING
    question: Any = MISSING  # what it answers, in a sentence
    formula: Any = MISSING  # in words
    unit: str = ""  # of UNITS: also how it is written
    good: str = ""  # of GOOD: which way is better
    group: Any = MISSING  # what it stands under in lists
    value: Listed | Ratio = MISSING
    care: Any = MISSING  # what to beware of, if anything
    aside: tuple[Listed, ...] = ()  # no term of the formula, and still what somebody looks for
    needs_cost: bool = False  # also says how many lines had no cost
    over_time: str = (
        ""  # of OVER_TIME; without: a ratio is steady, sums of rows add up, others have their own
    )

    def __post_init__(self) -> None:
        """Says what is missing."""
        words = {name: f'{name}=_("…")' for name in ("label", "question", "formula", "group")}
        need("metric", self, **words, unit="unit=…", good="good=…", value="value=…")
        if not self.over_time:
            object.__setattr__(self, "over_time", _over_time(self.value))
        for name, known in (("unit", UNITS), ("good", GOOD), ("over_time", OVER_TIME)):
            if getattr(self, name) not in known:
                said = ", ".join(known)
                raise Trouble(
                    f"The metric {self.name!r} has {name} {getattr(self, name)!r}: one of {said} is known."
                )

    @property
    def mirrored(self) -> bool:
        """Whether it is read from the mirror, however it is asked for."""
        return any(isinstance(term, Mirrored) for term in terms(self.value))

    @property
    def whole_intervals(self) -> bool:
        """Whether its series speaks of whole calendar intervals, as it holds each against the one before."""
        return any(term.rows.when != "period" for term in terms(self.value))


def _over_time(value: Listed | Ratio) -> str:
    """How a value that says nothing of it goes with the length of a period."""
    if isinstance(value, Ratio):
        return "steady"
    return "adds_up" if all(isinstance(term, Measure) for term in terms(value)) else "own"


def need(kind: str, one: Any, **fields: str) -> None:
    """Raises a sentence that names what was declared and the first of `fields` (name -> how it is written) it lacks."""
    for name, written in fields.items():
        if getattr(one, name) is MISSING or (isinstance(getattr(one, name), str) and not getattr(one, name)):
            raise Trouble(
                f"The {kind} {one.name!r} has no {name}: add {written} where metrics/catalogue/ declares it."
            )


def terms(value: Value) -> list[Term]:
    """The plain terms of a value, each once, in order."""
    if isinstance(value, Difference):
        found = [*terms(value.left), value.less]
    elif isinstance(value, Ratio):
        found = terms(value.top) + terms(value.bottom)
    else:
        assert isinstance(value, Term)  # noqa: S101 (there is no other)
        found = [value]
    return list(dict.fromkeys(found))


def signed(value: Listed, sign: int = 1) -> list[tuple[int, Term]]:
    """The plain terms of what adds up, with how they count in it."""
    if isinstance(value, Difference):
        return [*signed(value.left, sign), *signed(value.less, -sign)]
    assert isinstance(value, Term)  # noqa: S101 (there is no other)
    return [(sign, value)]


def by_name(metrics: Iterable[Metric]) -> Mapping[str, Metric]:
    """Metrics by their names, in order. Raises a sentence where two metrics, or two terms, bear one name."""
    found: dict[str, Metric] = {}
    known: dict[str, Listed] = {}
    for metric in metrics:
        if metric.name in found:
            raise Trouble(f"Two metrics are called {metric.name!r}: name one of them otherwise.")
        found[metric.name] = metric
        for one in named(metric):
            if known.setdefault(one.name, one) is not one:
                raise Trouble(
                    f"Two terms are called {one.name!r}: use the one that is there, or name it otherwise."
                )
    return found


def named(metric: Metric) -> list[Listed]:
    """Everything in a metric that has a name of its own."""
    value = metric.value
    sides = [value.top, value.bottom] if isinstance(value, Ratio) else [value]
    return [*sides, *(term for side in (*sides, *metric.aside) for term in terms(side)), *metric.aside]
