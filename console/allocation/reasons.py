"""Why a channel gets what it gets, step by step with the numbers put in; what stands beside a sheet.

Not here: the steps themselves (metrics/allocation/sharing.py).
"""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from channels.models import Channel
from console.allocation import words
from console.allocation.asked import Asked
from kernel.web import format
from metrics.allocation.rules import MODEL_WORDS, Rules
from metrics.allocation.store import Share, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A line of the reckoning: what is put together, what it comes to, and a sentence on it."""

    terms: str
    result: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A part of the share."""

    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A share explained."""

    channel: Channel | None
    share: str
    steps: list[Step]
    stores: list[Store]


def why(one: Share, of: Statement, rules: Rules, given: Asked) -> Why:
    """From the models to what is paid."""
    said = one.steps
    steps = [_earned(one, of, rules)] if said.get("models") else []
    factor = Decimal(said.get("factor", "1"))
    if factor != 1:
        steps.append(
            Step(
                terms=_("weight × %(factor)s") % {"factor": format.number(factor, 4)},
                result=format.number(factor, 4),
                note=_("for its growth since the last period"),
            )
        )
    target = Decimal(said.get("target", "0"))
    if target and target != one.earned:
        steps.append(_first(one, of, target))
    if target != one.amount:
        steps.append(_limited(one, of, target, rules, given))
    steps.append(
        Step(
            terms=f"{format.money(one.amount, of.currency)} + {format.money(one.corrected, of.currency)}",
            result=format.money(one.to_pay, of.currency),
            note=_("with what changed of earlier periods"),
        )
    )
    stores = [Store(name=name, amount=Decimal(part)) for name, part in said.get("stores", {}).items() if name]
    part = words.share(one.amount / of.pot) if of.pot > 0 else format.NOTHING
    return Why(channel=given.by_id.get(one.channel), share=part, steps=steps, stores=stores)


def _earned(one: Share, of: Statement, rules: Rules) -> Step:
    """Each model's share times its weight, as a part of the pot."""
    models = one.steps["models"]
    terms = [
        f"{words.share(weight)} × {words.share(Decimal(models.get(name, '0')))} ({MODEL_WORDS[name]})"
        for name, weight in rules.weights.items()
    ]
    pot = format.money(of.pot, of.currency)
    return Step(
        terms=" + ".join(terms),
        result=format.money(one.earned, of.currency),
        note=_("of the pot of %(pot)s, order by order to the minor unit") % {"pot": pot},
    )


def _first(one: Share, of: Statement, target: Decimal) -> Step:
    """What goes ahead of the weights, for all channels: what they spent, what they did for orders of others."""
    cost, service = (Decimal(one.steps.get(name, "0")) for name in ("cost", "service"))
    parts = [
        (
            target - cost - service - one.earned,
            _("its part of what goes first to costs, services and growth"),
        ),
        (cost, _("what it spent comes back first")),
        (service, _("for orders of others")),
    ]
    there = [(value, note) for value, note in parts if value]
    return Step(
        terms=format.money(one.earned, of.currency)
        + "".join(
            f" {'+' if value > 0 else format.MINUS} {format.money(abs(value), of.currency)}"
            for value, _note in there
        ),
        result=format.money(target, of.currency),
        note=_("; ").join(note for _value, note in there),
    )


def _limited(one: Share, of: Statement, target: Decimal, rules: Rules, given: Asked) -> Step:
    channel = given.by_id.get(one.channel)
    limit = rules.limit(channel.slug if channel else "")
    bound = one.steps.get("bound", "")
    if bound == "cap":
        note = _("over the cap of %(cap)s: the rest goes to the others") % {"cap": words.share(limit.cap)}
    elif bound == "least":
        values = {
            "floor": words.share(limit.floor),
            "amount": format.money(limit.guarantee, of.currency),
        }
        note = _("raised to its floor (%(floor)s) or guarantee (%(amount)s)") % values
    else:
        note = _("in proportion, with what floors and caps of others take or leave")
    apart = one.amount - target
    terms = f"{format.money(target, of.currency)} {'+' if apart > 0 else format.MINUS} "
    return Step(
        terms=terms + format.money(abs(apart), of.currency),
        result=format.money(one.amount, of.currency),
        note=note,
    )


def beside(found: Statement, given: Asked) -> list[str]:
    """What was left out, and what did not fit."""
    said = [str(words.SHORT_WORDS[name]) for name in found.said.get("short", [])]
    for one in found.said.get("unconverted", []):
        told = _("%(n)s orders in %(currency)s (%(amount)s) have no exchange rate and are not in it.")
        values = {
            "n": format.number(one["orders"]),
            "currency": one["currency"],
            "amount": format.money(Decimal(one["amount"]), one["currency"]),
        }
        said.append(told % values)
    lacking = found.said.get("missing_cost", {})
    if lacking.get("lines"):
        told = _("%(n)s order lines have no cost: %(amount)s of revenue earns no margin here.")
        values = {
            "n": format.number(lacking["lines"]),
            "amount": format.money(Decimal(lacking["revenue"]), found.currency),
        }
        said.append(told % values)
    return said
