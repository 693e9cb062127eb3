"""What joining brought, over HTTP. Not here: how it is found (roi.py)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import money
from kernel.web.api import ApiView, parameters
from kernel.web.openapi import DecimalText, Unconverted, shape
from metrics import api, query
from metrics.breakdown import terms as counted
from metrics.catalogue import BY_NAME
from metrics.catalogue.base import terms
from metrics.effects.base import Refusal
from metrics.effects.changes import Change, Compared
from metrics.effects.intervals import Difference
from metrics.journeys import asking
from metrics.mirror import reading
from metrics.query import Figure, text
from metrics.roi import question, roi
from metrics.roi.days import groups
from metrics.roi.money import Money, Part
from metrics.roi.question import AFTER, BEFORE, Question
from metrics.scope import Days

PLACES: Final = 10  # of shares and means

RoiDays = shape("RoiDays", {"from": serializers.DateField(), "to": serializers.DateField()})


class EffectInterval(serializers.Serializer):
    """An effect and the ends of its 95 % interval."""

    value = DecimalText()
    low = DecimalText()
    high = DecimalText()


class EffectSizes(serializers.Serializer):
    """In the metric's unit, and as a share (0.29: 29 % more)."""

    absolute = EffectInterval()
    relative = EffectInterval(allow_null=True, help_text="null: one of the values is not above 0.")


class RoiFigure(serializers.Serializer):
    """A value of the catalogue for these days and channels."""

    value = DecimalText(allow_null=True)
    numerator = DecimalText()
    denominator = DecimalText(allow_null=True)
    rows = serializers.ListField(child=serializers.CharField(), help_text="Addresses of the rows behind it.")


class RoiGroup(serializers.Serializer):
    """A group before and after."""

    before = RoiFigure()
    after = RoiFigure()


class RoiChannel(RoiGroup):
    """One channel before and after."""

    channel = serializers.SlugField()
    joined = serializers.BooleanField()


class RoiDrift(serializers.Serializer):
    """By what share the groups moved apart over the days before."""

    drift = EffectInterval()
    parallel = serializers.BooleanField(help_text="Whether that may be chance.")
    days = serializers.IntegerField()


class RefusedEffect(serializers.Serializer):
    """Why no effect can be told."""

    code = serializers.CharField()
    message = serializers.CharField()


class RoiMetric(serializers.Serializer):
    """A metric, and what joining did to it."""

    metric = serializers.SlugField()
    label = serializers.CharField()  # type: ignore[assignment]
    unit = serializers.CharField()
    good = serializers.CharField()
    formula = serializers.CharField()
    joined = RoiGroup()
    others = RoiGroup()
    channels = RoiChannel(many=True)
    change = EffectSizes(allow_null=True, help_text="Of the joined alone, after less before.")
    effect = EffectSizes(
        allow_null=True, help_text="Difference in differences: against the channels not joined."
    )
    drift = RoiDrift(allow_null=True)
    placebo = EffectInterval(
        allow_null=True, help_text="`effect.relative` one window earlier: nothing was joined."
    )
    refused = RefusedEffect(allow_null=True)


class RoiPart(serializers.Serializer):
    """Money won or saved."""

    value = EffectInterval(allow_null=True)
    basis = serializers.ChoiceField(choices=("others", "before"), help_text="Held against what.")
    refused = RefusedEffect(allow_null=True)


class RoiMoney(serializers.Serializer):
    """What it was worth in the window after."""

    currency = serializers.CharField()
    won = RoiPart(help_text="Net revenue beyond what would have come without joining.")
    saved = RoiPart(help_text="Acquisition spend below what the same new customers would have cost.")
    margin_rate = DecimalText(allow_null=True)
    earned = EffectInterval(allow_null=True, help_text="Won, at the margin rate.")
    cost = DecimalText(allow_null=True)
    net = EffectInterval(allow_null=True, help_text="Earned and saved, less the cost.")
    roi = EffectInterval(allow_null=True, help_text="Net over cost.")


class RoiAnswer(serializers.Serializer):
    """What joining brought."""

    at = serializers.DateField()
    window = serializers.IntegerField(help_text="Days.")
    before = RoiDays()
    after = RoiDays()
    joined = serializers.ListField(child=serializers.SlugField())
    others = serializers.ListField(child=serializers.SlugField())
    currency = serializers.CharField()
    kpis = RoiMetric(many=True)
    money = RoiMoney()
    unconverted = Unconverted(many=True)
    data_from = serializers.DateField()
    as_of = serializers.DateTimeField(allow_null=True)


class Roi(ApiView):
    """What joining the data of channels brought."""

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "at", OpenApiTypes.DATE, required=True, description="the first day they were joined"
            ),
            asking.text_of("window", "whole days before and after, like 30d (default), from 21d to 366d"),
            asking.text_of("joined", "slugs of the channels joined, with commas between", required=True),
            asking.text_of("cost", "what joining cost, in the workspace's currency"),
        ],
        responses=RoiAnswer,
    )
    def get(self, request: Request) -> Response:
        """Four metrics before and after, against channels that were not joined, with 95 % intervals; the money."""
        given = parameters(request, question.NAMED)
        settings = query.reporting_settings(connection, self.access.workspace)
        asked = question.read(given, settings, api.today(settings))
        with reading.open_mirror(self.access.workspace.pk) as mirror:
            return Response(answer(roi.roi(connection, settings, mirror, asked)))


def answer(found: roi.Roi) -> dict[str, Any]:
    """Contracts 11."""
    asked, slugs = found.question, found.settings.channels
    return {
        "at": asked.at.isoformat(),
        "window": asked.window,
        "before": _days(asked.days(BEFORE)),
        "after": _days(asked.days(AFTER)),
        "joined": [slugs[channel] for channel in asked.joined],
        "others": [slugs[channel] for channel in asked.others],
        "currency": found.settings.currency,
        "kpis": [_kpi(found, one) for one in found.kpis],
        "money": _money(found.money, found.settings.currency),
        "unconverted": [
            {"currency": currency, "value": text(value)}
            for currency, value in sorted(found.unconverted.items())
        ],
        "data_from": found.begins.isoformat(),
        "as_of": found.as_of,
    }


def _kpi(found: roi.Roi, one: roi.Brought) -> dict[str, Any]:
    metric = BY_NAME[one.name]
    asked, slugs = found.question, found.settings.channels
    return {
        "metric": one.name,
        "label": str(metric.label),
        "unit": metric.unit,
        "good": metric.good,
        "formula": str(metric.formula),
        **{
            group: {
                side: _figure(one.figures[group, number])
                | {"rows": _links(one.name, asked, number, channels, slugs)}
                for side, number in (("before", BEFORE), ("after", AFTER))
            }
            for group, channels in groups(asked).items()
        },
        "channels": [
            {
                "channel": slugs[channel],
                "joined": channel in asked.joined,
                **{
                    side: _figure(one.channels[channel, number])
                    | {"rows": _links(one.name, asked, number, (channel,), slugs)}
                    for side, number in (("before", BEFORE), ("after", AFTER))
                },
            }
            for channel in (*asked.joined, *asked.others)
        ],
        "change": _sizes(one.change),
        "effect": _sizes(one.effect),
        "drift": one.drift
        and {"drift": _difference(one.drift.drift), "parallel": one.drift.parallel, "days": one.drift.days},
        "placebo": one.placebo and _difference(one.placebo),
        "refused": _refused(one.refused),
    }


def rows_asked(
    name: str, asked: Question, number: int, channels: tuple[int, ...], slugs: Mapping[int, str]
) -> list[list[tuple[str, str]]]:
    """What the lists of rows behind a figure are asked with: one list, or one for each channel."""
    days = asked.days(number)
    period = [("from", days.first.isoformat()), ("to", days.last.isoformat())]
    together = all(term.name in counted.TERMS for term in terms(BY_NAME[name].value))
    if len(channels) > 1 and together:
        return [[*period, *(("filter", f"channel:{slugs[channel]}") for channel in channels)]]
    return [[*period, ("channel", slugs[channel])] for channel in channels]


def _links(
    name: str, asked: Question, number: int, channels: tuple[int, ...], slugs: Mapping[int, str]
) -> list[str]:
    address = reverse("api-metric-rows", args=[name])
    return [f"{address}?{urlencode(one)}" for one in rows_asked(name, asked, number, channels, slugs)]


def _money(found: Money, currency: str) -> dict[str, Any]:
    def amount(one: Difference | None) -> dict[str, str] | None:
        return one and {part: _amount(value, currency) for part, value in one._asdict().items()}

    def part(one: Part) -> dict[str, Any]:
        return {"value": amount(one.value), "basis": one.basis, "refused": _refused(one.refused)}

    return {
        "currency": currency,
        "won": part(found.won),
        "saved": part(found.saved),
        "margin_rate": None if found.margin_rate is None else text(found.margin_rate),
        "earned": amount(found.earned),
        "cost": None if found.cost is None else text(found.cost),
        "net": amount(found.net),
        "roi": found.roi and _difference(found.roi),
    }


def _amount(value: float, currency: str) -> str:
    """An estimate of money, to the minor unit: finer it is not known."""
    return text(money.rounded(Decimal(value), currency))


def _figure(one: Figure) -> dict[str, str | None]:
    return one.json()


def _days(days: Days) -> dict[str, str]:
    return {"from": days.first.isoformat(), "to": days.last.isoformat()}


def _sizes(one: Change | Compared | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {"absolute": _difference(one.absolute), "relative": one.relative and _difference(one.relative)}


def _difference(one: Difference) -> dict[str, str]:
    return {part: f"{value:.{PLACES}f}" for part, value in one._asdict().items()}


def _refused(why: Any) -> dict[str, str] | None:
    if why is None:
        return None
    return {"code": why.code if isinstance(why, Refusal) else "lacking", "message": str(why)}
