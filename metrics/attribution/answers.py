"""Attribution answered: rows of credit, what was spent on each, what to beware of. Not here: addresses (api.py)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Final, NamedTuple

from kernel import money
from kernel.db import Connection
from metrics.attribution import paths, spend
from metrics.attribution.kept import KEPT, key_of
from metrics.attribution.models import BY_NAME
from metrics.attribution.models.base import (
    SCALE,
    Fitted,
    Model,
    Path,
    Settings,
    Shares,
    Told,
    Walked,
    Worth,
)
from metrics.attribution.paths import PLACE, Read
from metrics.attribution.question import Question
from metrics.attribution.rounding import largest_remainder
from metrics.attribution.walk import REST
from metrics.breakdown import dimensions
from metrics.journeys.base import OTHER, Asked
from metrics.query import EXACT, RATIO_PLACES

COUNT_UNIT: Final = Decimal("1E-10")  # of conversions and new customers
MEASURES: Final = Worth._fields
Parts = dict[
    tuple[int, int], list[int]
]  # by key and the number of parts: what of each measure, in parts of SCALE
Sums = dict[
    int | None, list[Fraction]
]  # by key (None: what has no touch or no person), in the order of MEASURES


class Credit(NamedTuple):
    """A row. `key`: a channel's slug, a campaign or a source; None: no touch, no person, or a touch that names none."""

    key: str | None
    conversions: Decimal
    revenue: Decimal
    margin: Decimal
    new_customers: Decimal
    spend: Decimal | None  # None: nothing was spent, or it is not known by this
    roi: Decimal | None  # (margin - spend) / spend
    roas: Decimal | None  # revenue / spend
    cpa: Decimal | None  # spend / conversions


class Attributed(NamedTuple):
    """The rows of a model, the largest first by what is measured, None last. Sums of rows are `total`, to the unit."""

    model: str
    rows: list[Credit]
    total: Credit
    currency: str
    warnings: list[Told]
    unconverted: dict[str, Decimal]
    quality: Mapping[str, Any]
    as_of: str | None


def attributed(db: Connection, asked: Asked, question: Question) -> Attributed:
    """A question's rows."""
    return several(db, asked, question, [question.model])[0]


def several(db: Connection, asked: Asked, question: Question, models: Sequence[str]) -> list[Attributed]:
    """The same question under several models, its paths read once; what was answered before is not made again."""

    def make(lacking: Sequence[str]) -> list[Attributed]:
        return list(each(db, asked, question, lacking))

    return KEPT.several(key_of(db, asked, question), models, make)


def each(db: Connection, asked: Asked, question: Question, models: Sequence[str]) -> Iterator[Attributed]:
    """One after the other, made anew, their paths read once."""
    found = paths.read(db, asked, question, timed=any(BY_NAME[name].timed for name in models))
    spent = spend.spent(db, asked, question.by)
    told = list(_warnings(found, question, spent))
    for name in models:
        yield _answer(asked, question, found, spent, told, BY_NAME[name])


def fitted(model: Model, found: Walked, question: Question) -> Fitted:
    """A model with a question's paths in mind."""
    return model.fit(found, Settings(question.order, question.worth))


def shown(asked: Asked, by: str, name: str) -> str | None:
    """A key as answers have it; None for one that names nothing."""
    if not name:
        return None
    if name == REST:
        return OTHER
    if by == "channel":
        return asked.settings.channels.get(int(name), name)
    return dimensions.key(name)


def credit(found: Read, model: Model, how: Fitted) -> Sums:
    """What each key gets, exactly; what has no touch stands apart."""
    sums: Sums = {None: [Fraction(part, SCALE) for part in found.walked.untouched]}
    if model.timed:
        return sums | (found.aged or {})
    alike: dict[Callable[[Path], Shares], list[int]] = {}  # how measures are shared: their places
    for place, measure in enumerate(MEASURES):
        alike.setdefault(how.of(measure), []).append(place)
    parts: Parts = {}
    for share, places in alike.items():
        _share_out(found.walked, share, places, parts)
    for (key, of), got in parts.items():
        row = sums.setdefault(key, [Fraction(0)] * len(MEASURES))
        for place, amount in enumerate(got):
            row[place] += Fraction(amount, of * SCALE)
    return sums


def _share_out(walked: Walked, share: Callable[[Path], Shares], places: list[int], parts: Parts) -> None:
    """Adds what keys get of some measures of all paths."""
    for path, worth in walked.paths.items():
        amounts = [(place, worth[place]) for place in places if worth[place]]
        for key, part, of in share(path) if amounts else ():
            got = parts.setdefault((key, of), [0] * len(MEASURES))
            for place, amount in amounts:
                got[place] += amount * part


def _answer(
    asked: Asked, question: Question, found: Read, spent: spend.Spent, told: list[Told], model: Model
) -> Attributed:
    how = fitted(model, found.walked, question)
    sums: dict[str | None, list[Fraction]] = {None: [Fraction(0)] * len(MEASURES)}
    for key, row in credit(found, model, how).items():
        name = None if key is None else shown(asked, question.by, found.keys.names[key])
        into = sums.setdefault(name, [Fraction(0)] * len(MEASURES))
        sums[name] = [mine + more for mine, more in zip(into, row, strict=True)]
    costs = {shown(asked, question.by, key): amount for key, amount in spent.by_key.items()}
    for name in costs:
        sums.setdefault(name, [Fraction(0)] * len(MEASURES))
    measured = PLACE[question.measure]
    names = sorted(sums, key=lambda name: (name is None, -sums[name][measured], name or ""))
    unit = money.unit(asked.settings.currency)
    units = {"conversions": COUNT_UNIT, "new_customers": COUNT_UNIT}
    columns = [
        largest_remainder([sums[name][place] for name in names], units.get(measure, unit))
        for place, measure in enumerate(MEASURES)
    ]
    spends = [
        money.rounded(costs[name], asked.settings.currency) if name in costs else None for name in names
    ]
    rows = [
        _row(name, Row(*(column[place] for column in columns)), spends[place])
        for place, name in enumerate(names)
    ]
    with localcontext(EXACT):
        total = Row(*(sum(column, Decimal(0)) for column in columns))
        costed = [one for one in spends if one is not None]
        whole = _row(None, total, sum(costed, Decimal(0)) if costed else None)
    return Attributed(
        model.name,
        rows,
        whole,
        asked.settings.currency,
        [*told, *how.told],
        {code: amount for code, amount in found.unconverted.get("revenue", {}).items() if amount},
        _named(asked, question.by, how.quality),
        asked.as_of,
    )


class Row(NamedTuple):
    """The measures of a row, rounded; in the order of MEASURES."""

    conversions: Decimal
    revenue: Decimal
    margin: Decimal
    new_customers: Decimal


def _row(name: str | None, row: Row, spent: Decimal | None) -> Credit:
    with localcontext(EXACT):
        return Credit(
            name,
            row.conversions,
            row.revenue,
            row.margin,
            row.new_customers,
            spent,
            ((row.margin - spent) / spent).quantize(RATIO_PLACES) if spent else None,
            (row.revenue / spent).quantize(RATIO_PLACES) if spent else None,
            (spent / row.conversions).quantize(RATIO_PLACES) if spent and row.conversions > 0 else None,
        )


def _named(asked: Asked, by: str, quality: Mapping[str, Any]) -> dict[str, Any]:
    """Figures by key under the names that rows have."""
    found = dict(quality)
    for name in ("removal_effects", "standard_errors"):
        if name in found:
            found[name] = [
                {"key": shown(asked, by, key), "value": value} for key, value in quality[name].items()
            ]
    return found


def _warnings(found: Read, question: Question, spent: spend.Spent) -> Iterable[Told]:
    """What to beware of, whatever the model."""
    walked = found.walked
    every = sum(walked.converted.values())
    met = {key for touches in walked.paths for key in touches.touches}
    if not every:
        yield Told("no_touch")
    elif len(met) == 1:
        yield Told("one_key", {"by": question.by})
    unnamed = [key for key in met if not walked.keys[key]]
    if unnamed:
        n = sum(worth.conversions for path, worth in walked.paths.items() if set(path.touches) & set(unnamed))
        yield Told("touches_without_key", {"by": question.by, "n": n // SCALE})
    missing, revenue = found.missing()
    if missing:
        yield Told("missing_cost", {"n": missing, "amount": revenue})
    if spent.loose and question.by == "campaign":
        yield Told("spend_without_campaign", {"amount": spent.loose})
    if spent.unconverted:
        yield Told("spend_without_rate", {"currencies": ", ".join(sorted(spent.unconverted))})
