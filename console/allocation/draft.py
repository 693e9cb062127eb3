"""Rules as a form: per cents and amounts as people type them, to the JSON that is read, and back. Pure.

Not here: what they may say (metrics/allocation/rules.py), the pages (rules.py, simulation.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from channels.models import Channel
from console.allocation import words
from kernel import money
from metrics.allocation.rules import EVERY, LIMITS, MODEL_WORDS, MODELS, SERVICES, Rules, text

HUNDRED: Final = Decimal(100)
LONGEST: Final = 40  # characters of a field
MARK: Final = "pot"  # a query with this field holds a draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A number of the form: what it is called there, in words, and what stands in it."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """What a channel gets at least and at most; no channel: each that has no row of its own."""

    channel: Channel | None
    fields: list[Field]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The form as it stands."""

    pot: str
    rate: str
    weights: list[Field]
    lookback: str
    untouched: str
    costs: bool
    services: list[Field]
    adjusted: str
    most: str
    limits: list[LimitRow]


def names(channels: Iterable[str]) -> list[str]:
    """The form's fields."""
    single = ["pot", "rate", "lookback", "untouched", "costs", "adjusted", "most"]
    single += [f"weight:{name}" for name in MODELS] + [f"service:{name}" for name in SERVICES]
    return single + [f"{limit}:{slug}" for slug in (EVERY, *channels) for limit in LIMITS]


def typed(rules: Rules, channels: Sequence[str]) -> dict[str, str]:
    """Rules as they stand in the form's fields."""
    found = {
        "pot": rules.pot,
        "rate": _per_cent(rules.rate),
        "lookback": str(rules.lookback),
        "untouched": rules.untouched,
        "costs": "yes" if rules.costs_first else "",
        "adjusted": _per_cent(rules.adjustment),
        "most": _per_cent(rules.most),
    }
    found |= {f"weight:{name}": _per_cent(value) for name, value in rules.weights.items()}
    found |= {f"service:{name}": _per_cent(value) for name, value in rules.services.items()}
    for slug in (EVERY, *channels):
        limit = rules.limits.get(slug)
        if limit:
            found[f"floor:{slug}"] = _per_cent(limit.floor)
            found[f"cap:{slug}"] = "" if limit.cap == 1 else _per_cent(limit.cap)
            found[f"guarantee:{slug}"] = text(limit.guarantee) if limit.guarantee else ""
    return {name: value for name, value in found.items() if value}


def given(form: Mapping[str, str], channels: Sequence[str]) -> dict[str, str]:
    """The fields of a form or an address that are filled in."""
    return {name: value for name in names(channels) if (value := form.get(name, "").strip()[:LONGEST])}


def rules_of(form: Mapping[str, str], channels: Sequence[str]) -> dict[str, Any]:
    """What the form says, as rules are read: what is no number stays as it was typed, so that it is said."""
    limits = {}
    for slug in (EVERY, *channels):
        own = {name: form[f"{name}:{slug}"] for name in LIMITS if form.get(f"{name}:{slug}")}
        if own:
            limits[slug] = {
                name: value if name == "guarantee" else _share(value) for name, value in own.items()
            }
    return {
        "pot": {"of": form.get("pot", ""), "rate": _share(form.get("rate", ""))},
        "weights": {name: _share(form[f"weight:{name}"]) for name in MODELS if form.get(f"weight:{name}")},
        "lookback": f"{form.get('lookback', '30')}d",
        "untouched": form.get("untouched", ""),
        "costs_first": form.get("costs") == "yes",
        "services": {
            name: _share(form[f"service:{name}"]) for name in SERVICES if form.get(f"service:{name}")
        },
        "limits": limits,
        "adjustment": {"rate": _share(form.get("adjusted", "")), "most": _share(form.get("most", ""))},
    }


def draft(form: Mapping[str, str], channels: Sequence[Channel]) -> Draft:
    """The form to be shown."""
    rows: list[Channel | None] = [None, *channels]
    return Draft(
        pot=form.get("pot", ""),
        rate=form.get("rate", ""),
        weights=[_field(form, f"weight:{name}", str(MODEL_WORDS[name])) for name in MODELS],
        lookback=form.get("lookback", "30"),
        untouched=form.get("untouched", ""),
        costs=form.get("costs") == "yes",
        services=[_field(form, f"service:{name}", str(words.SERVICE_WORDS[name])) for name in SERVICES],
        adjusted=form.get("adjusted", ""),
        most=form.get("most", ""),
        limits=[
            LimitRow(
                channel=one,
                fields=[_field(form, f"{name}:{one.slug if one else EVERY}", name) for name in LIMITS],
            )
            for one in rows
        ],
    )


def _field(form: Mapping[str, str], name: str, label: str) -> Field:
    return Field(name=name, label=label, value=form.get(name, ""))


def _per_cent(value: Decimal) -> str:
    return text(value * HUNDRED) if value else ""


def _share(typed_: str) -> str:
    """`22` -> `0.22`; what is no number as it stands."""
    number = money.number(typed_.removesuffix("%"))
    return typed_ if number is None else text(number / HUNDRED)
