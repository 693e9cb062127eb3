"""Consistency over HTTP, and the people behind its churn. Not here: how it is found (consistency.py)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import money
from kernel.errors import BadRequest
from kernel.web import access
from kernel.web.api import ApiView, parameters
from kernel.web.openapi import DecimalText, shape
from metrics import api
from metrics.consistency import churn, consistency
from metrics.consistency.churn import ANY, Churn
from metrics.consistency.consistency import Consistency
from metrics.consistency.costs import Gap
from metrics.consistency.met import KINDS
from metrics.consistency.standing import MEASURES
from metrics.effects.base import Refusal
from metrics.effects.intervals import Difference
from metrics.effects.matching import Matched
from metrics.journeys import asking
from metrics.query import text
from profiles.answers import ProfilePage

NAMED: Final = ("from", "to", "within")
LONGEST: Final = timedelta(days=366)
EVERY: Final = (ANY, *KINDS)
WITHIN = asking.text_of("within", "how long nobody orders again who has left, like 60d or 90d (default)")
GAP = OpenApiParameter(
    "gap", OpenApiTypes.STR, enum=EVERY, description="the kind of gap; default any of them"
)
MET = OpenApiParameter(
    "met", OpenApiTypes.STR, enum=("1", "0"), description="who met it (default), or who did not"
)


class ConsistencyFigure(serializers.Serializer):
    """A channel's figure. Of a median the denominator says of how many it is."""

    value = DecimalText(allow_null=True)
    numerator = DecimalText()
    denominator = DecimalText(allow_null=True)
    apart = DecimalText(allow_null=True, help_text="Less the mean of all channels.")
    worse = serializers.BooleanField(help_text="Whether it lies on the wrong side of the mean.")


ConsistencyChannel = shape(
    "ConsistencyChannel",
    {"channel": serializers.SlugField(), **{one.name: ConsistencyFigure() for one in MEASURES}},
)
ConsistencyMean = shape("ConsistencyMean", {one.name: DecimalText(allow_null=True) for one in MEASURES})
ConsistencyDays = shape("ConsistencyDays", {"from": serializers.DateField(), "to": serializers.DateField()})


class GapInterval(serializers.Serializer):
    """A figure and the ends of its 95 % interval."""

    value = DecimalText()
    low = DecimalText()
    high = DecimalText()


class ChurnBalance(serializers.Serializer):
    """How far apart the groups lie in what they are matched by, in standard deviations."""

    name = serializers.CharField()
    before = DecimalText()
    after = DecimalText()


class MatchedChurn(serializers.Serializer):
    """Shares that left among customers alike."""

    met = serializers.IntegerField()
    left_out = serializers.IntegerField(help_text="Who met it and has nobody alike.")
    not_met = serializers.IntegerField()
    share_met = DecimalText()
    share_not_met = DecimalText()
    difference = GapInterval()
    balance = ChurnBalance(many=True)


class RefusedChurn(serializers.Serializer):
    """Why nothing can be told."""

    code = serializers.CharField()
    message = serializers.CharField()


class GapChurn(serializers.Serializer):
    """One kind of gap."""

    gap = serializers.ChoiceField(choices=EVERY)
    met = serializers.IntegerField()
    met_left = serializers.IntegerField()
    not_met = serializers.IntegerField()
    not_met_left = serializers.IntegerField()
    plain = GapInterval(allow_null=True, help_text="The difference of all, alike or not.")
    matched = MatchedChurn(allow_null=True)
    refused = RefusedChurn(allow_null=True)


class ConsistencyChurn(serializers.Serializer):
    """Churn of customers whose time is over."""

    orders = ConsistencyDays(help_text="The days of their orders.")
    lag_days = serializers.IntegerField(help_text="After the order: a gap met in these counts.")
    within_days = serializers.IntegerField(help_text="After that: who orders in these has stayed.")
    customers = serializers.IntegerField()
    worth = DecimalText(allow_null=True, help_text="Spent in that time by one who stayed.")
    gaps = GapChurn(many=True)


class CostlyGap(serializers.Serializer):
    """A gap, and what it costs by the customers it lost."""

    gap = serializers.ChoiceField(choices=KINDS)
    channel = serializers.SlugField()
    sku = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    customers = serializers.IntegerField()
    times = serializers.IntegerField()
    cost = GapInterval(allow_null=True)


class ConsistencyAnswer(serializers.Serializer):
    """How alike the channels are."""

    channels = ConsistencyChannel(many=True)
    mean = ConsistencyMean()
    churn = ConsistencyChurn()
    gaps = CostlyGap(many=True, help_text="The ten that cost most.")
    currency = serializers.CharField()
    as_of = serializers.DateTimeField(allow_null=True)


class ConsistencyView(ApiView):
    """How alike the channels are."""

    @extend_schema(operation_id="consistency", parameters=[*api.PERIOD, WITHIN], responses=ConsistencyAnswer)
    def get(self, request: Request) -> Response:
        """One row a channel against the mean of all; whether who met a gap left; the gaps that cost most."""
        given = parameters(request, NAMED)
        lasts = within(given.get("within", ""))
        with asking.opened(self.access.workspace, given) as asked:
            found = consistency.consistency(connection, asked, lasts)
        return Response(answer(found, masked=self.access.masked))


class ConsistencyPeople(ApiView):
    """The people behind the churn."""

    shows_contacts = True

    @extend_schema(parameters=[*api.PERIOD, WITHIN, GAP, MET, *asking.PEOPLE], responses=ProfilePage)
    def get(self, request: Request) -> Response:
        """A cursor page of profiles that met a gap, or did not."""
        given = parameters(request, (*NAMED, "gap", "met", "ordering"))
        lasts = within(given.get("within", ""))
        kind = asking.one_of("gap", given.get("gap", ANY), EVERY)
        hit = asking.one_of("met", given.get("met", "1"), ("1", "0")) == "1"
        return asking.listed(
            request, self.access, given, lambda asked: churn.people(connection, asked, lasts, kind, hit=hit)
        )


def within(given: str) -> timedelta:
    """How long nobody orders again who has left; a BadRequest for what is no length, or longer than a year."""
    lasts = asking.length("within", given) if given else churn.WITHIN
    if lasts > LONGEST:
        raise BadRequest(f"`within` is at most {LONGEST.days} days.", "bad_within")
    return lasts


def answer(found: Consistency, *, masked: bool) -> dict[str, Any]:
    """Contracts 11."""
    currency, looked = found.asked.settings.currency, found.looked
    return {
        "channels": [
            {"channel": slug, **{one.name: of[one.name].json(one) for one in MEASURES}}
            for slug, of in found.standings.channels.items()
        ],
        "mean": {name: None if mean is None else text(mean) for name, mean in found.standings.mean.items()},
        "churn": {
            "orders": {"from": looked.days.first.isoformat(), "to": looked.days.last.isoformat()},
            "lag_days": churn.LAG.days,
            "within_days": found.within.days,
            "customers": len(looked.ones),
            "worth": None if looked.worth is None else _amount(looked.worth, currency),
            "gaps": [_churn(one) for one in looked.churns],
        },
        "gaps": [_gap(one, currency, masked=masked) for one in found.gaps],
        "currency": currency,
        "as_of": found.asked.as_of,
    }


def _churn(one: Churn) -> dict[str, Any]:
    found = one.effect
    told = isinstance(found, Matched)
    return {
        "gap": one.kind,
        "met": one.met,
        "met_left": one.met_left,
        "not_met": one.not_met,
        "not_met_left": one.not_met_left,
        "plain": _interval(found.plain) if isinstance(found, Matched) else None,
        "matched": _matched(found) if isinstance(found, Matched) else None,
        "refused": None
        if told or not isinstance(found, Refusal)
        else {"code": found.code, "message": str(found)},
    }


def _matched(found: Matched) -> dict[str, Any]:
    return {
        "met": found.exposed,
        "left_out": found.left_out,
        "not_met": found.others,
        "share_met": _text(found.with_),
        "share_not_met": _text(found.without),
        "difference": _interval(found.difference),
        "balance": [
            {"name": one.name, "before": _text(one.before), "after": _text(one.after)}
            for one in found.balance
        ],
    }


def _gap(one: Gap, currency: str, *, masked: bool) -> dict[str, Any]:
    sku, name = (access.scrub(said) if masked else said for said in (one.sku, one.name))
    return {
        "gap": one.kind,
        "channel": one.channel,
        "sku": sku or None,
        "name": name,
        "customers": one.customers,
        "times": one.times,
        "cost": one.cost and {part: _amount(value, currency) for part, value in one.cost._asdict().items()},
    }


def _interval(one: Difference) -> dict[str, str]:
    return {part: _text(value) for part, value in one._asdict().items()}


def _text(value: float) -> str:
    return f"{value:.10f}"


def _amount(value: float, currency: str) -> str:
    """An estimate of money, to the minor unit."""
    return text(money.rounded(Decimal(value), currency))
