"""The credit of single orders: whose each is under a model, and the touches behind it. Not here: rows (answers.py).

Shares of an order come to exactly 1, and over all orders, each with what moved of it in the period, to the model's
rows: for first, last, last non-direct, linear, position, time decay and Shapley over conversions by the order's own
path alone, whatever the days; for Markov, Shapley over the chain and data-driven by what the period's paths taught.
Markov and Shapley over the chain share an order's money otherwise than its conversion (models/fitting.py): which is
told is the question's measure. What was taken back of an order is taken back by the same shares.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, NamedTuple

from kernel.db import Connection
from metrics.attribution import answers, paths
from metrics.attribution.models import BY_NAME
from metrics.attribution.models.base import Fitted, Path, Shares, Walked
from metrics.attribution.question import Question
from metrics.attribution.rounding import largest_remainder
from metrics.attribution.walk import Order, Walk
from metrics.conversion import first_days
from metrics.journeys.base import Asked

PLACED = """select o.profile, o.occurred_at, o.currency, o.total, o.refunded from purchases o
where o.order_id = $order_id and o.channel = $channel"""


class OrderCredit(NamedTuple):
    """A part of an order. `channel`: the id of its channel. `key`: as in rows."""

    order_id: str
    channel: int
    key: str | None
    share: Fraction


class Alike(NamedTuple):
    """Orders that a model shares alike: (channel's key as in rows, parts, of how many), and their keys."""

    shares: tuple[tuple[str | None, int, int], ...]
    orders: list[tuple[str, int]]


class Row(NamedTuple):
    """An order of the mirror. `occurred_at` is naive and in UTC."""

    order_id: str
    channel: int
    profile: int | None
    occurred_at: datetime


class Behind(NamedTuple):
    """An order with its part of a row: its share, and what of it moved in the period times that."""

    order_id: str
    channel: int
    profile: int | None
    occurred_at: datetime
    share: Fraction
    conversions: Fraction
    revenue: Fraction
    margin: Fraction
    new_customers: Fraction


class Touched(NamedTuple):
    """A touch before an order. `occurred_at` is naive and in UTC."""

    occurred_at: datetime
    channel: int
    touchpoint: str
    name: str
    campaign: str | None
    source: str | None
    key: str | None


class Explained(NamedTuple):
    """An order with its touches and, by model, whose its money is."""

    order: Order
    occurred_at: datetime
    currency: str
    total: Decimal
    refunded: Decimal
    touches: list[Touched]
    shares: dict[str, dict[str | None, Fraction]]
    as_of: str | None


def credits(db: Connection, asked: Asked, question: Question) -> list[OrderCredit]:  # noqa: A001 (its name)
    """All orders that were placed in the period or of which something was taken back in it, the newest first."""
    found = paths.read(db, asked, question)
    return [
        OrderCredit(row.order_id, row.channel, key, part)
        for row, shares in _shared(asked, question, found)
        for key, part in shares[question.measure].items()
    ]


def alike(db: Connection, asked: Asked, question: Question, models: Sequence[str]) -> dict[str, list[Alike]]:
    """By model the same as `credits` says of money, the orders that went one way together: each way is shared once.

    The mirror is read once for all models that look at no times. A key may stand in shares more than once.
    """
    learnt = paths.read(db, asked, question) if any(_fits(name, question) for name in models) else None
    walk = learnt.walk if learnt else Walk(asked, question, first_days(db, asked.settings.workspace))
    keys, walked = (learnt.keys, learnt.walked) if learnt else (paths.Keys(), EMPTY)
    signs = learnt.signs if learnt else paths.Signs(walk.keys(), keys)
    share = {name: answers.fitted(BY_NAME[name], walked, question).of("revenue") for name in models}
    found: dict[str, list[Alike]] = {name: [] for name in models}
    timed = [name for name in models if BY_NAME[name].timed]
    plain = [name for name in models if name not in timed]
    shown = _Shown(asked, question.by, keys)
    for text, named, ids, channels in walk.alike() if plain else ():
        those = list(zip(ids, channels, strict=True))
        path = None if text is None else signs.path(text, named)
        for name in plain:
            found[name].append(Alike(NOBODYS if path is None else shown.of(share[name](path)), those))
    for order_id, channel, _who, _at, text, named, ages in walk.orders(timed=True) if timed else ():
        path = None if text is None else signs.path(text, named, ages)
        for name in timed:
            whose = NOBODYS if path is None else shown.of(share[name](path))
            found[name].append(Alike(whose, [(order_id, channel)]))
    return found


NOBODYS: Final = ((None, 1, 1),)


class _Shown:
    """Shares by the names of keys, each name made once."""

    def __init__(self, asked: Asked, by: str, keys: paths.Keys) -> None:
        self._asked, self._by, self._keys = asked, by, keys
        self._names: dict[int, str | None] = {}

    def of(self, shares: Shares) -> tuple[tuple[str | None, int, int], ...]:
        """Of a path."""
        names = self._names
        for key, _part, _of in shares:
            if key not in names:
                names[key] = answers.shown(self._asked, self._by, self._keys.names[key])
        return tuple([(names[key], part, of) for key, part, of in shares])


def behind(db: Connection, asked: Asked, question: Question, key: str | None) -> list[Behind]:
    """The orders that a row's credit is made of, the newest first, each with its part of the row."""
    found = paths.read(db, asked, question)
    nothing = Fraction(0)
    shared = [
        (row, {measure: of.get(key, nothing) for measure, of in shares.items()})
        for row, shares in _shared(asked, question, found)
        if any(key in of for of in shares.values())
    ]
    worth = _worth(found) if shared else {}
    nothings = [nothing] * len(answers.MEASURES)
    return [
        Behind(
            *row,
            parts[question.measure],
            *(
                parts[measure] * amount
                for measure, amount in zip(
                    answers.MEASURES, worth.get((row.order_id, row.channel), nothings), strict=True
                )
            ),
        )
        for row, parts in shared
    ]


Named = dict[str | None, Fraction]  # shares by the names of keys


def _shared(asked: Asked, question: Question, found: paths.Read) -> Iterator[tuple[Row, dict[str, Named]]]:
    """Each order with its shares, by measure."""
    model = BY_NAME[question.model]
    how = answers.fitted(model, found.walked, question)
    known: dict[tuple[str, str | None], dict[str, Named]] = {}
    nobodys: dict[str, Named] = {measure: {None: Fraction(1)} for measure in answers.MEASURES}
    for order_id, channel, profile, at, text, named, ages in found.walk.orders(timed=model.timed):
        row = Row(order_id, channel, profile, at)
        if text is None:
            yield row, nobodys
            continue
        place = (text, named) if not model.timed else None
        if place is None or place not in known:
            path = found.signs.path(text, named, ages or ())
            shares = _by_measure(asked, question, found.keys.names, how, path)
            if place is None:
                yield row, shares
                continue
            known[place] = shares
        yield row, known[place]


def _by_measure(
    asked: Asked, question: Question, names: Sequence[str], how: Fitted, path: Path
) -> dict[str, Named]:
    """A path's shares by measure; made once where all measures are shared alike."""
    made: dict[Any, Named] = {}
    found = {}
    for measure in answers.MEASURES:
        share = how.of(measure)
        if share not in made:
            made[share] = _named(asked, question, names, share(path))
        found[measure] = made[share]
    return found


def _worth(found: paths.Read) -> dict[tuple[str, int], list[Fraction]]:
    """What moved of each order in the period, as far as it has a rate."""
    worth: dict[tuple[str, int], list[Fraction]] = {}
    for order_id, channel, currency, day, *amounts in found.walk.moves():
        by = found.rate(currency, day)
        if by is not None:
            row = worth.setdefault((order_id, channel), [Fraction(0)] * len(answers.MEASURES))
            for place, amount in enumerate(amounts):
                row[place] += Fraction(amount) * Fraction(by)
    return worth


def explained(
    db: Connection, asked: Asked, question: Question, order: Order, models: Sequence[str]
) -> Explained | None:
    """One order under some models; None: there is no such order."""
    head = asked.mirror.rows(PLACED, order_id=order.order_id, channel=order.channel)
    if not head:
        return None
    _profile, placed_at, currency, total, refunded = head[0]
    walk, keys = Walk(asked, question, first_days(db, asked.settings.workspace), order), paths.Keys()
    ((*_order, text, named, ages),) = walk.orders(timed=True)
    shares: dict[str, dict[str | None, Fraction]] = {name: {None: Fraction(1)} for name in models}
    if text is not None:
        names = walk.keys()
        touches = [names[sign] for sign in text]
        whole = any(_fits(name, question) for name in models)
        learnt = paths.read(db, asked, question) if whole else None
        for name in models:
            model = BY_NAME[name]
            if learnt is not None and _fits(name, question):
                keys_of, how = learnt.keys, answers.fitted(model, learnt.walked, question)
            else:
                keys_of, how = keys, answers.fitted(model, EMPTY, question)
            path = keys_of.path(touches, None if named is None else names[named], ages)
            shares[name] = _named(asked, question, keys_of.names, how.of("revenue")(path))
    told = [
        Touched(at, channel, point, name, campaign, source, answers.shown(asked, question.by, key))
        for at, channel, point, name, campaign, source, key in walk.touches()
    ]
    return Explained(order, placed_at, currency, total, refunded, told, shares, asked.as_of)


EMPTY = Walked((), {})


def _fits(name: str, question: Question) -> bool:
    """Whether a model has to know all paths."""
    return BY_NAME[name].whole and not (name == "shapley" and question.worth == "conversions")


def _named(asked: Asked, question: Question, names: Sequence[str], shares: Shares) -> Named:
    """Shares by the names of keys, the largest first."""
    found: Named = {}
    for one in shares:
        key = answers.shown(asked, question.by, names[one.key])
        found[key] = found.get(key, Fraction(0)) + one.value
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0] or "")))


def amounts(shares: Mapping[str | None, Fraction], amount: Decimal, unit: Decimal) -> dict[str | None, Any]:
    """An amount by shares, to the unit."""
    parts = largest_remainder([part * Fraction(amount) for part in shares.values()], unit)
    return dict(zip(shares, parts, strict=True))
