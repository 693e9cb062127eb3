"""A period settled: its orders booked, the pot shared, and what changed of earlier periods. Reading only.

Not here: keeping it (store.py), who may do what with it (statements.py).
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from kernel.db import Connection
from kernel.errors import BadRequest
from kernel.web import format
from metrics.allocation import amounts, corrections, credited, sharing, store, versions
from metrics.allocation.corrections import Correction
from metrics.allocation.rounding import amount
from metrics.allocation.rules import EVERY, Limit, Rules
from metrics.allocation.sharing import Booked, Given, NotFitting, Shares, Sheet
from metrics.allocation.versions import Version
from metrics.query import EXACT, ReportingSettings
from metrics.scope import Days

LOOKS_BACK: Final = timedelta(days=400)  # on closed periods: what changes of older ones is nobody's any more


class Settled(NamedTuple):
    """A period by rules: the orders, the sheet, and what is said beside it."""

    period: Days
    currency: str
    base: Decimal  # what the pot is a part of
    booked: list[Booked]
    models: Mapping[str, Shares]
    sheet: Sheet
    said: dict[str, Any]


def of(
    db: Connection,
    settings: ReportingSettings,
    rules: Rules,
    period: Days,
    last: Mapping[int, Decimal] | None = None,
) -> Settled:
    """The period by these rules. `last`: earned in the period before; None: as it was settled.

    Raises BadRequest where limits cannot all hold.
    """
    found = amounts.of(db, settings, rules, period, period.last)
    models = credited.of(db, settings, sharing.asked_models(rules), period, rules.lookback)
    booked = sharing.book(found.orders, rules, models, settings.currency)
    services = amounts.served(db, settings, rules, period)
    given = Given(
        spend=amounts.spent(db, settings, period) if rules.costs_first else {},
        services=amounts.by_channel(services),
        last=store.last_earned(db, settings.workspace, period.first) if last is None else last,
    )
    given = limits(settings, rules, given)
    sheet = shared(booked, rules, models, given, settings.currency)
    with localcontext(EXACT):
        base = sum((one.amount for one in found.orders), Decimal(0))
    said = _said(found, services, sheet, len(booked))
    return Settled(period, settings.currency, base, booked, models, sheet, said)


def limits(settings: ReportingSettings, rules: Rules, given: Given | None = None) -> Given:
    """What a sharing is made of, with the limits of the rules."""
    ids = {slug: channel for channel, slug in settings.channels.items()}
    own = {ids[slug]: one for slug, one in rules.limits.items() if slug in ids}
    return (given or Given())._replace(limits=own, every=rules.limits.get(EVERY, Limit()))


def shared(
    booked: Sequence[Booked], rules: Rules, models: Mapping[str, Shares], given: Given, currency: str
) -> Sheet:
    """The pot shared out; limits that do not fit are said."""
    try:
        return sharing.share(booked, rules, models, given, currency)
    except NotFitting as wrong:
        values = {
            "sum": format.money(wrong.comes_to, currency),
            "pot": format.money(wrong.pot, currency),
        }
        if wrong.kind == "caps":
            said = _("The caps come to %(sum)s, the pot to %(pot)s: a part of the pot is nobody's.")
        else:
            said = _(
                "Guarantees and floors come to %(sum)s, the pot to %(pot)s: they give more than the pot."
            )
        raise BadRequest(said % values, "rules_do_not_fit") from None


def _said(
    found: amounts.Amounts, services: Sequence[amounts.Service], sheet: Sheet, orders: int
) -> dict[str, Any]:
    """What stands beside a sheet: JSON."""
    return {
        "orders": orders,
        "unconverted": [
            {"currency": one.currency, "orders": one.orders, "amount": str(one.amount)} for one in found.apart
        ],
        "missing_cost": {
            "lines": found.uncosted.lines,
            "orders": found.uncosted.orders,
            "revenue": str(found.uncosted.revenue),
        },
        "services": [
            {
                "service": one.service,
                "channel": one.channel,
                "orders": one.orders,
                "value": str(one.value),
                "share": str(one.share),
            }
            for one in services
        ],
        "short": list(sheet.short),
    }


# ---- what changed of earlier periods ---------------------------------------------------------------------


def changes(
    db: Connection, settings: ReportingSettings, period: Days, number: int
) -> tuple[list[Correction], dict[int, Decimal]]:
    """The lines of what changed since, up to the period's end; and what they come to by channel."""
    found: list[Correction] = []
    for one in store.earlier(db, settings.workspace, period.first - LOOKS_BACK, number):
        version = versions.one(db, settings.workspace, one.version)
        found += _changed(db, settings, one, version, period.last)
    sums = corrections.by_channel(found)
    return found, {channel: amount(value, settings.currency) for channel, value in sums.items()}


def _changed(
    db: Connection, settings: ReportingSettings, closed: store.Earlier, version: Version, until: date
) -> list[Correction]:
    """Of one closed statement, by the rules it was closed by."""
    period, rules = Days(closed.first, closed.last), version.rules
    before = store.booked(db, closed.id)
    now = {one.key: one for one in amounts.of(db, settings, rules, period, until).orders}
    models = credited.of(db, settings, sharing.asked_models(rules), period, rules.lookback)
    ways = sharing.Ways(rules, models)
    reasons = corrections.changed(now, before, ways)
    given = store.given(db, closed.id, list(reasons), settings.currency) if reasons else {}
    return corrections.lines(closed.id, reasons, now, before, given, ways, settings.currency)
