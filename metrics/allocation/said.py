"""Rules, simulations and statements as the API says them: decimals as strings, channels by slug (null: the company).

Not here: what is answered to whom (api.py, statements_api.py), its description (answers.py).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from kernel import money
from kernel.periods import utc_text
from kernel.web import access
from metrics import query
from metrics.allocation.fairness import Fairness
from metrics.allocation.notes import Note
from metrics.allocation.proposal import Proposal
from metrics.allocation.rules import text
from metrics.allocation.simulate import Outcome, Simulated
from metrics.allocation.statements import Actor
from metrics.allocation.store import CorrectionSum, OrderLine, Share, Statement
from metrics.allocation.versions import Version

Slugs = Mapping[int, str]
STEPS = ("models", "factor", "cost", "service", "target", "bound")


# ---- rules ---------------------------------------------------------------------------------------------


def version(found: Version) -> dict[str, Any]:
    """A version of the rules."""
    return {
        "version": found.version,
        "rules": found.rules.json(),
        "reason": found.reason,
        "author": found.author,
        "at": utc_text(found.at),
    }


def proposal(found: Proposal | None, aim: str | None) -> dict[str, Any]:
    """Weights proposed; null where nothing can be aimed at."""
    if found is None:
        return {"aim": aim, "weights": None, "away": None}
    weights = {name: text(one) for name, one in found.weights.items()}
    return {"aim": aim, "weights": weights, "away": query.text(found.away)}


def simulated(found: Simulated, slugs: Slugs) -> dict[str, Any]:
    """Rules tried beside those in force."""
    return {
        "from": found.period.first.isoformat(),
        "to": found.period.last.isoformat(),
        "currency": found.tried.settled.currency,
        "aim": found.aim,
        "tried": outcome(found.tried, slugs),
        "in_force": outcome(found.in_force, slugs) if found.in_force else None,
        "channels": [
            {
                "channel": slugs.get(one.channel),
                "now": _text(one.now),
                "then": query.text(one.then),
                "difference": _text(one.difference),
                "contribution": _ratio(one.contribution),
            }
            for one in found.gains
        ],
    }


def outcome(found: Outcome, slugs: Slugs) -> dict[str, Any]:
    """A period by one set of rules."""
    sheet = found.settled.sheet
    return {
        "base": query.text(money.at_least(found.settled.base, found.settled.currency)),
        "pot": query.text(sheet.pot),
        **beside(found.settled.said, slugs),
        "shares": [
            {
                "channel": slugs.get(line.channel),
                "earned": query.text(line.earned),
                "models": {name: _ratio(one) for name, one in line.models.items()},
                "factor": _ratio(line.factor),
                "cost": query.text(line.cost),
                "service": query.text(line.service),
                "target": query.text(line.target),
                "bound": line.bound or None,
                "amount": query.text(line.amount),
                "share": _share(line.amount, sheet.pot),
            }
            for line in sheet.lines
        ],
        "fairness": fairness(found.fairness, slugs),
    }


def fairness(found: Fairness, slugs: Slugs) -> dict[str, Any]:
    """Axioms and Gini."""
    axioms = [
        {"axiom": one.name, "holds": one.holds, "channels": [slugs.get(channel) for channel in one.channels]}
        for one in found.axioms
    ]
    return {"axioms": axioms, "gini": _text(found.gini)}


def beside(given: Mapping[str, Any], slugs: Slugs) -> dict[str, Any]:
    """What stands beside a sheet, with slugs."""
    services = [{**one, "channel": slugs.get(one["channel"])} for one in given["services"]]
    return {**given, "services": services}


# ---- statements ------------------------------------------------------------------------------------------


def head(found: Statement) -> dict[str, Any]:
    """A statement as lists have it."""
    return {
        "number": found.number,
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
        "currency": found.currency,
        "version": found.version,
        "state": found.state,
        "pot": query.text(found.pot),
        "made_at": utc_text(found.made_at),
        "sent_at": utc_text(found.sent_at),
        "closed_at": utc_text(found.closed_at),
    }


def whole(
    found: Statement,
    shares: Sequence[Share],
    corrections: Sequence[CorrectionSum],
    notes: Sequence[Note],
    slugs: Slugs,
    actor: Actor,
) -> dict[str, Any]:
    """A statement; to a channel's own people without what is of others or of all."""
    answer = head(found) | {
        "shares": [share(one, found, slugs) for one in shares],
        "corrections": [correction(one, slugs) for one in corrections],
        "notes": [note(one, slugs) for one in notes],
    }
    if actor.channels:
        return answer
    return answer | {
        "base": query.text(money.at_least(found.base, found.currency)),
        "corrected": query.text(found.corrected),
        "to_pay": query.text(found.to_pay),
        "made_by": found.made_by,
        "sent_by": found.sent_by,
        "closed_by": found.closed_by,
        "previous": found.previous,
        "digest": found.digest,
        **beside(found.said, slugs),
    }


def share(one: Share, of: Statement, slugs: Slugs) -> dict[str, Any]:
    """A channel's share with the steps to it."""
    steps = one.steps
    return {
        "channel": slugs.get(one.channel),
        "earned": query.text(one.earned),
        **{name: steps.get(name) for name in STEPS},
        "models": steps.get("models", {}),
        "bound": steps.get("bound") or None,
        "amount": query.text(one.amount),
        "share": _share(one.amount, of.pot),
        "corrected": query.text(one.corrected),
        "to_pay": query.text(one.to_pay),
        "stores": [
            {"store": name or None, "amount": value} for name, value in steps.get("stores", {}).items()
        ],
        "state": one.state,
        "decided_at": utc_text(one.decided_at),
        "decided_by": one.decided_by,
    }


def correction(one: CorrectionSum, slugs: Slugs) -> dict[str, Any]:
    """Corrections alike."""
    return {
        "channel": slugs.get(one.channel),
        "statement": one.number,
        "from": one.first.isoformat(),
        "to": one.last.isoformat(),
        "reason": one.reason,
        "orders": one.orders,
        "amount": query.text(one.amount),
    }


def note(one: Note, slugs: Slugs) -> dict[str, Any]:
    """What was done or said."""
    return {
        "id": one.id,
        "channel": slugs.get(one.channel) if one.channel else None,
        "act": one.act,
        "author": one.author,
        "at": utc_text(one.at),
        "text": one.text,
        "file": {"name": one.file_name, "size": one.file_size} if one.file_name else None,
    }


def order(one: OrderLine, slugs: Slugs, *, masked: bool) -> dict[str, Any]:
    """An order in a statement."""
    return {
        "order_id": access.scrub(one.order_id) if masked else one.order_id,
        "sold_by": slugs.get(one.channel),
        "day": one.day.isoformat(),
        "store": one.store or None,
        "value": query.text(one.value),
        "refunded": query.text(one.refunded),
        "base": query.text(one.amount),
        "pot": query.text(one.pot),
        "credit": query.text(one.credit),
        "reason": one.reason or None,
        "statement": one.number,
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else query.text(value)


def _ratio(value: Decimal | None) -> str | None:
    return None if value is None else query.text(value.quantize(query.RATIO_PLACES, context=query.EXACT))


def _share(part: Decimal, whole_: Decimal) -> str | None:
    return _ratio(query.EXACT.divide(part, whole_)) if whole_ > 0 else None
