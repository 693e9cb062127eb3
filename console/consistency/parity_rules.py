"""The form of what is called the same price: tolerance, tax by channel, promotions that may differ. An admin's.

Not here: what rules may be (metrics/assortment/rules.py), the page around it (parity.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from channels.models import Channel
from kernel.web import format
from kernel.web.access import WorkspaceRequest
from metrics.assortment import rules
from metrics.assortment.rules import Rules

PERCENT = Decimal(100)
LINES = 3  # empty lines for promotions to add


@dataclass(frozen=True, slots=True)
class Tax:
    """What a channel's prices leave out, in per cent."""

    channel: Channel
    field: str
    percent: str


@dataclass(frozen=True, slots=True)
class Line:
    """A promotion that may differ, as it stands in the form."""

    number: int
    channel: str
    until: str
    promotion: str
    over: bool  # its last day is past


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The rules as fields."""

    tolerance: str
    alert: str
    taxes: list[Tax]
    lines: list[Line]
    said: list[str]  # the rules in sentences
    problem: str = ""

    @property
    def open(self) -> bool:
        """Whether it stands open at first."""
        return bool(self.problem)


def form_of(held: Rules, channels: Mapping[str, Channel], today: date | None = None) -> Form:
    """The rules that hold."""
    lines = [
        Line(n, one.channel, one.until.isoformat(), one.promotion, bool(today and one.until < today))
        for n, one in enumerate(held.promotions)
    ]
    taxes = [
        Tax(channel, f"tax-{slug}", _percent(held.taxes.get(slug, rules.NOUGHT)))
        for slug, channel in channels.items()
    ]
    return Form(
        tolerance=_percent(held.tolerance),
        alert=_percent(held.alert),
        taxes=taxes,
        lines=[*lines, *(Line(len(lines) + n, "", "", "", False) for n in range(LINES))],
        said=_said(held, channels),
    )


def given(request: WorkspaceRequest, channels: Mapping[str, Channel]) -> dict[str, Any]:
    """What was typed, as rules are given."""
    post = request.POST
    taxes = {slug: _share(post.get(f"tax-{slug}", "")) for slug in channels}
    return {
        "tolerance": _share(post.get("tolerance", "")),
        "alert": _share(post.get("alert", "")),
        "taxes": {slug: value for slug, value in taxes.items() if value != "0"},
        "promotions": [
            {"channel": channel, "until": until, "promotion": promotion}
            for channel, until, promotion in _lines(request)
        ],
    }


def _lines(request: WorkspaceRequest) -> list[tuple[str, str, str]]:
    post = request.POST
    found = zip(post.getlist("channel"), post.getlist("until"), post.getlist("promotion"), strict=False)
    return [(channel, until.strip(), named.strip()) for channel, until, named in found if channel]


def typed(request: WorkspaceRequest, channels: Mapping[str, Channel], problem: str) -> Form:
    """All that was typed, and what is wrong with it."""
    post = request.POST
    lines = [Line(n, *one, False) for n, one in enumerate(_lines(request))]
    return Form(
        tolerance=post.get("tolerance", ""),
        alert=post.get("alert", ""),
        taxes=[
            Tax(channel, f"tax-{slug}", post.get(f"tax-{slug}", "")) for slug, channel in channels.items()
        ],
        lines=[*lines, *(Line(len(lines) + n, "", "", "", False) for n in range(LINES))],
        said=_said(rules.of(request.workspace), channels),
        problem=problem,
    )


def _share(percent: str) -> str:
    """A percentage as a share; what is none stays as it is, for the rules to refuse."""
    text = percent.strip().removesuffix("%").strip()
    if not text:
        return "0"
    found = format.decimal(text)
    return text if found is None or not found.is_finite() else f"{(found / PERCENT).normalize():f}"


def _percent(share: Decimal) -> str:
    return f"{(share * PERCENT).normalize():f}"


def _said(held: Rules, channels: Mapping[str, Channel]) -> list[str]:
    said = []
    if held.tolerance:
        said.append(
            _("Prices within %(share)s of the usual one are the same.")
            % {"share": format.percent(held.tolerance, 2)}
        )
    else:
        said.append(_("Prices are the same only to the last cent."))
    for slug, tax in held.taxes.items():
        if slug in channels:
            said.append(
                _("On %(channel)s %(tax)s tax is put on top.")
                % {"channel": channels[slug].name, "tax": format.percent(tax, 2)}
            )
    for one in held.promotions:
        if one.channel in channels:
            words = {"channel": channels[one.channel].name, "day": format.day(one.until, year=True)}
            said.append(
                _("The promotion “%(name)s” is allowed on %(channel)s until %(day)s.")
                % {**words, "name": one.promotion}
                if one.promotion
                else _("Promotions are allowed on %(channel)s until %(day)s.") % words
            )
    if held.alert:
        said.append(
            _("A new price further apart than %(share)s is an alarm.")
            % {"share": format.percent(held.alert, 2)}
        )
    return said
