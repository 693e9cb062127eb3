"""Rules tried on past days beside those in force: who gains, who loses, how fair both are. Reading only.

Also the other way round: which weights would have come nearest to what each channel contributed.
Not here: the sharing (sharing.py), the judgement (fairness.py), the search (proposal.py).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Final, NamedTuple

from kernel import money
from kernel.db import Connection
from kernel.errors import TryAgain
from metrics.allocation import amounts, credited, fairness, proposal, settlement, sharing, store
from metrics.allocation.fairness import Fairness
from metrics.allocation.proposal import Proposal
from metrics.allocation.rounding import amount
from metrics.allocation.rules import BY_PATH, SOLD, Rules
from metrics.allocation.settlement import Settled
from metrics.query import EXACT, ReportingSettings
from metrics.scope import Days

AIM: Final = "shapley"  # what a channel contributed: its worth by conversions


class Outcome(NamedTuple):
    """A period by one set of rules."""

    settled: Settled
    fairness: Fairness


class Gain(NamedTuple):
    """A channel by both."""

    channel: int
    now: Decimal | None  # by the rules in force; None: there are none
    then: Decimal
    contribution: Decimal | None  # its share of what all contribute

    @property
    def difference(self) -> Decimal | None:
        """What it gains; below 0: loses."""
        return None if self.now is None else self.then - self.now


class Simulated(NamedTuple):
    """The rules tried, those in force, and each channel by both; the largest gain first."""

    period: Days
    tried: Outcome
    in_force: Outcome | None
    gains: list[Gain]
    aim: str | None  # the model that says what was contributed


def of(
    db: Connection, settings: ReportingSettings, tried: Rules, in_force: Rules | None, period: Days
) -> Simulated:
    """The period by both. Raises BadRequest where limits cannot all hold."""
    worth, aim = contribution(db, settings, tried, period)
    then = _outcome(db, settings, tried, period, worth)
    now = _outcome(db, settings, in_force, period, worth) if in_force else None
    return Simulated(period, then, now, _gains(then, now, worth), aim)


def _outcome(
    db: Connection,
    settings: ReportingSettings,
    rules: Rules,
    period: Days,
    worth: Mapping[int, Decimal] | None,
) -> Outcome:
    settled = settlement.of(db, settings, rules, period, before(db, settings, rules, period))
    shares = amounts_of(settled)
    halves = _halves(settled, rules, settings)
    judged = fairness.of(settled.sheet.pot, shares, worth, halves, money.unit(settings.currency))
    return Outcome(settled, judged)


def amounts_of(settled: Settled) -> dict[int, Decimal]:
    """What each channel gets."""
    return {line.channel: line.amount for line in settled.sheet.lines}


def before(
    db: Connection, settings: ReportingSettings, rules: Rules, period: Days
) -> dict[int, Decimal] | None:
    """What channels earned in as many days before, where no statement says it; None: it does, or it is no matter."""
    if not rules.adjustment or store.last_earned(db, settings.workspace, period.first):
        return None
    days = period.before()
    found = amounts.of(db, settings, rules, days, days.last).orders
    models = credited.of(db, settings, sharing.asked_models(rules), days, rules.lookback)
    return _earned(sharing.book(found, rules, models, settings.currency), settings.currency)


def _earned(booked: Sequence[sharing.Booked], currency: str) -> dict[int, Decimal]:
    sums: dict[int, int] = {}
    for one in booked:
        for channel, part in one.credits.items():
            sums[channel] = sums.get(channel, 0) + part
    return {channel: amount(value, currency) for channel, value in sums.items()}


def _halves(settled: Settled, rules: Rules, settings: ReportingSettings) -> dict[int, Decimal] | None:
    """What the period's two halves give together by the same rules; None where it has no two, or limits do not fit."""
    if settled.period.length < 2:
        return None
    middle = settled.period.first.fromordinal(settled.period.first.toordinal() + settled.period.length // 2)
    limits = settlement.limits(settings, rules)
    found: dict[int, Decimal] = {}
    for half in (
        [one for one in settled.booked if one.order.day < middle],
        [one for one in settled.booked if one.order.day >= middle],
    ):
        try:
            sheet = sharing.share(half, rules, settled.models, limits, settings.currency)
        except sharing.NotFitting:
            return None
        for line in sheet.lines:
            found[line.channel] = found.get(line.channel, Decimal(0)) + line.amount
    return found


def _gains(then: Outcome, now: Outcome | None, worth: Mapping[int, Decimal] | None) -> list[Gain]:
    after = amounts_of(then.settled)
    before_ = amounts_of(now.settled) if now else {}
    zero = Decimal(0)
    gains = [
        Gain(
            channel,
            before_.get(channel, zero) if now else None,
            after.get(channel, zero),
            worth.get(channel, zero) if worth is not None else None,
        )
        for channel in {*after, *before_}
    ]
    return sorted(gains, key=lambda one: (-(one.difference or zero), -one.then, one.channel))


# ---- what was contributed ----------------------------------------------------------------------------------


def contribution(
    db: Connection, settings: ReportingSettings, rules: Rules, period: Days
) -> tuple[dict[int, Decimal] | None, str | None]:
    """Each channel's share of what all contribute, and the model that says it; None where none can."""
    try:
        return _shares(db, settings, rules, [AIM], period)[AIM], AIM
    except TryAgain:  # the mirror is not there yet: rules without models can be tried all the same
        return None, None


def proposed(
    db: Connection, settings: ReportingSettings, rules: Rules, period: Days
) -> tuple[Proposal | None, str | None]:
    """The weights that come nearest to what each channel contributed in the period, and the model of that."""
    candidates = [SOLD, *(one for one in BY_PATH if one != AIM)]
    try:
        found = _shares(db, settings, rules, [*candidates, AIM], period)
    except TryAgain:
        return None, None
    return proposal.nearest({name: found[name] for name in candidates}, found[AIM]), AIM


def _shares(
    db: Connection, settings: ReportingSettings, rules: Rules, names: Sequence[str], period: Days
) -> dict[str, dict[int, Decimal]]:
    """By model each channel's share of the pot's base."""
    orders = amounts.of(db, settings, rules, period, period.last).orders
    models = credited.of(db, settings, [one for one in names if one != SOLD], period, rules.lookback)
    found: dict[str, dict[int, Decimal]] = {}
    with localcontext(EXACT):
        whole = sum((one.amount for one in orders), Decimal(0))
        for name in names:
            sums: dict[int, Decimal] = {}
            for order in orders:
                for channel, share in sharing.of_model(order, name, rules, models):
                    sums[channel] = sums.get(channel, Decimal(0)) + order.amount * share
            found[name] = {channel: value / whole if whole else Decimal(0) for channel, value in sums.items()}
    return found
