"""Rules tried on past days beside those in force: who gains, who loses, how fair both are; weights proposed.

Not here: the form they come from (rules.py), the reckoning (metrics/allocation/simulate.py).
"""

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.db import connection
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from channels.models import Channel
from console.allocation import asked, base, draft, words
from console.allocation.asked import Asked
from kernel.errors import BadRequest, TryAgain
from kernel.web import access, format, shell
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from metrics.allocation import rules, simulate, versions
from metrics.allocation.fairness import Fairness
from metrics.allocation.proposal import Proposal
from metrics.allocation.rules import MODEL_WORDS, Fault, Rules
from metrics.allocation.simulate import Gain, Simulated
from metrics.scope import Days

LONGEST = 366  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A channel by both rules."""

    one: Gain
    channel: Channel | None
    share: str
    contribution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An axiom by both: None where it cannot be told."""

    words: str
    now: bool | None
    then: bool | None
    breaking: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """Weights that would have come nearest to what was contributed."""

    words: str
    aim: str
    away: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(shell.PeriodPage):
    """The page."""

    tabs: list[base.ShownTab]
    finding: str
    problem: str
    faults: list[Fault]
    tried: list[str]
    in_force: list[str]
    currency: str
    pot: Decimal | None
    pot_now: Decimal | None
    rows: list[Row]
    judged: list[Judged]
    gini: tuple[str, str] | None
    proposed: Proposed | None
    kept: list[tuple[str, str]]
    back: str
    aim: str


@access.require_role("analyst")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The rules of the address, else those in force, over the period."""
    given = asked.of(request)
    slugs = list(given.channels)
    current = versions.in_force(connection, given.settings.workspace)
    in_force = current.rules if current else None
    form = draft.given(request.GET.dict(), slugs)
    if draft.MARK not in form:
        form = draft.typed(in_force or Rules(), slugs)
    read = rules.read(draft.rules_of(form, slugs), slugs, given.settings.currency)
    period = shell.period_of(request)
    problem, found, proposed = period.problem, None, None
    days = Days(period.first, period.last)
    if days.length > LONGEST:
        problem = _("Rules are tried on at most %(n)s days.") % {"n": LONGEST}
    elif not read.faults:
        try:
            found = simulate.of(connection, given.settings, read.rules, in_force, days)
            nearest, aim = simulate.proposed(connection, given.settings, read.rules, days)
            proposed = _proposed(nearest, aim, read.rules, form) if nearest and aim else None
        except (BadRequest, TryAgain) as wrong:
            problem = str(wrong)
    page = Page(
        period=period,
        presets=shell.presets(request, period),
        neighbours=shell.neighbours(request, period),
        tabs=base.tabs(request),
        finding=_finding(found, given, same=read.rules == in_force) if found else "",
        problem=problem,
        faults=read.faults,
        tried=[] if read.faults else words.sentences(read.rules, given.channels, given.settings.currency),
        in_force=words.sentences(in_force, given.channels, given.settings.currency) if in_force else [],
        currency=given.settings.currency,
        pot=found.tried.settled.sheet.pot if found else None,
        pot_now=found.in_force.settled.sheet.pot if found and found.in_force else None,
        rows=[_row(one, found, given) for one in found.gains] if found else [],
        judged=_judged(found, given) if found else [],
        gini=_gini(found) if found else None,
        proposed=proposed,
        kept=list(form.items()),
        back=reverse("allocation-rules") + "?" + urlencode(form),
        aim=str(MODEL_WORDS[found.aim]) if found and found.aim else "",
    )
    return render(request, "allocation/simulation.html", page, 422 if read.faults else 200)


def _row(one: Gain, found: Simulated, given: Asked) -> Row:
    pot = found.tried.settled.sheet.pot
    return Row(
        one=one,
        channel=given.by_id.get(one.channel),
        share=words.share(one.then / pot) if pot > 0 else format.NOTHING,
        contribution=words.share(one.contribution),
    )


def _finding(found: Simulated, given: Asked, *, same: bool) -> str:
    """Who gains most, who loses most."""
    if not found.gains or found.in_force is None:
        return _("There are no rules in force to compare with.") if found.gains else _("Nothing was sold.")
    if same:
        return _("These are the rules in force: change one to see who gains and who loses.")
    names = words.names(list(given.channels.values()))
    best, worst = found.gains[0], found.gains[-1]
    if not best.difference and not worst.difference:
        return _("Nobody gains and nobody loses.")
    said = _("%(best)s gains %(gain)s, %(worst)s loses %(loss)s.")
    currency = given.settings.currency
    return said % {
        "best": names.get(best.channel, _("Company")),
        "gain": format.money(best.difference, currency),
        "worst": names.get(worst.channel, _("Company")),
        "loss": format.money(abs(worst.difference or Decimal(0)), currency),
    }


def _judged(found: Simulated, given: Asked) -> list[Judged]:
    now = found.in_force.fairness.axioms if found.in_force else [None] * len(found.tried.fairness.axioms)
    names = words.names(list(given.channels.values()))
    return [
        Judged(
            words=str(words.AXIOM_WORDS[then.name]),
            now=before.holds if before else None,
            then=then.holds,
            breaking=_(", ").join(names.get(one, _("Company")) for one in then.channels),
        )
        for then, before in zip(found.tried.fairness.axioms, now, strict=True)
    ]


def _gini(found: Simulated) -> tuple[str, str]:
    def said(one: Fairness | None) -> str:
        return format.number(one.gini, 3) if one and one.gini is not None else format.NOTHING

    return said(found.in_force.fairness if found.in_force else None), said(found.tried.fairness)


def _proposed(nearest: Proposal, aim: str, tried: Rules, form: dict[str, str]) -> Proposed:
    weights = [f"{words.share(one)} {MODEL_WORDS[name]}" for name, one in nearest.weights.items()]
    kept = {name: value for name, value in form.items() if not name.startswith("weight:")}
    kept |= {
        name: value
        for name, value in draft.typed(tried._replace(weights=nearest.weights), []).items()
        if name.startswith("weight:")
    }
    return Proposed(
        words=" + ".join(weights),
        aim=str(MODEL_WORDS[aim]),
        away=words.share(nearest.away),
        address=reverse("allocation-simulation") + "?" + urlencode(kept),
    )
