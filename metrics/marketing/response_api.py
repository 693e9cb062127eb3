"""What more money would bring, over HTTP; money moved in simulation. Not here: how it is found (response.py)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import money
from kernel.errors import BadRequest
from kernel.models import Role
from kernel.web.api import ApiView, body, parameters
from kernel.web.openapi import DecimalText, Unconverted, shape
from metrics import api
from metrics.journeys import asking
from metrics.journeys.base import Asked
from metrics.marketing import curves, response
from metrics.marketing.campaigns_api import AS_OF
from metrics.marketing.response import Impossible, Move, Responses, Simulated

MOST_MOVES: Final = 20
FIELDS: Final = frozenset(("from", "to", "moves"))
SENTENCES: Final[dict[str, Any]] = {
    "no_campaign": gettext_lazy("Nothing was spent on “%(campaign)s” in this period."),
    "no_curve": gettext_lazy("What money brings cannot be told of “%(campaign)s”. %(reason)s"),
    "more_than_spent": gettext_lazy("“%(campaign)s” has only %(spend)s to give away in this period."),
}


class ExpectedCredit(serializers.Serializer):
    """Expected credit with its 95 % interval."""

    value = DecimalText()
    low = DecimalText()
    high = DecimalText()


class CurvePoint(ExpectedCredit):
    """A point of a curve."""

    spend = DecimalText()


class SpendCurve(serializers.Serializer):
    """How a day's credit grows with its spend."""

    bends = serializers.BooleanField(
        help_text="False: a straight line, as nothing flattens as far as can be seen."
    )
    days = serializers.IntegerField(help_text="With spend.")
    most = DecimalText(help_text="Spent on a day: beyond it nobody knows.")
    mean_spend = DecimalText()
    mean_credit = ExpectedCredit()
    next_unit = ExpectedCredit(help_text="What one more unit of money brings on a day of mean spend.")
    points = CurvePoint(many=True)


class SpendDay(serializers.Serializer):
    """A day with spend."""

    day = serializers.DateField()
    spend = DecimalText()
    credit = DecimalText(
        help_text="Revenue of orders whose last marketing touch was of the campaign, on this day."
    )


class CurveRefusal(serializers.Serializer):
    """Why no curve can be told."""

    code = serializers.ChoiceField(choices=sorted(curves.SENTENCES))
    message = serializers.CharField()


class CampaignResponse(serializers.Serializer):
    """A campaign's days and their curve."""

    campaign = serializers.CharField()
    spend = DecimalText()
    credit = DecimalText()
    days = SpendDay(many=True)
    curve = SpendCurve(allow_null=True)
    refused = CurveRefusal(allow_null=True)


class ResponsesAnswer(serializers.Serializer):
    """What more money would bring, campaign by campaign."""

    campaigns = CampaignResponse(many=True)
    currency = serializers.CharField()
    unconverted = Unconverted(many=True)
    as_of = serializers.DateTimeField(allow_null=True, help_text=AS_OF)


BudgetMove = shape(
    "BudgetMove",
    {
        "from": serializers.CharField(allow_null=True, required=False, help_text="null: new money."),
        "to": serializers.CharField(allow_null=True, required=False, help_text="null: money saved."),
        "amount": DecimalText(help_text="Of the whole period, in the workspace's currency."),
    },
)
BudgetAsked = shape(
    "BudgetAsked",
    {
        "from": serializers.DateField(required=False),
        "to": serializers.DateField(required=False),
        "moves": BudgetMove(many=True),
    },
)


class BudgetCampaign(serializers.Serializer):
    """A campaign whose spend changes."""

    campaign = serializers.CharField()
    spend = DecimalText()
    spend_after = DecimalText()
    change = ExpectedCredit()
    beyond = serializers.BooleanField(
        help_text="More on a day than was ever spent: the curve is only drawn on."
    )


class BudgetAnswer(serializers.Serializer):
    """What moved money is expected to bring."""

    campaigns = BudgetCampaign(many=True)
    spend = DecimalText(help_text="More than before; below 0: less.")
    change = ExpectedCredit()
    currency = serializers.CharField()
    as_of = serializers.DateTimeField(allow_null=True, help_text=AS_OF)


class MarketingResponse(ApiView):
    """Diminishing returns of spend."""

    @extend_schema(parameters=api.PERIOD, responses=ResponsesAnswer)
    def get(self, request: Request) -> Response:
        """A curve of daily credit over daily spend for each campaign, with intervals, or why there is none."""
        given = parameters(request, ("from", "to"))
        with asking.opened(self.access.workspace, given) as asked:
            return Response(response.responses(connection, asked).json())


class MarketingSimulation(ApiView):
    """Budget moved in simulation. Nothing is kept."""

    role = Role.ANALYST.value

    @extend_schema(request=BudgetAsked, responses=BudgetAnswer)
    def post(self, request: Request) -> Response:
        """Moves of money between campaigns, and the credit that is expected of them, by the period's curves."""
        asked_for = body(request)
        unknown = sorted(set(asked_for) - FIELDS)
        if unknown:
            raise BadRequest(f"There is no field `{unknown[0][:60]}`.", "unknown_field")
        given = {name: str(asked_for[name]) for name in ("from", "to") if asked_for.get(name)}
        wanted = moves(asked_for.get("moves"))
        with asking.opened(self.access.workspace, given) as asked:
            return Response(simulate(asked, wanted).json())


def simulate(asked: Asked, wanted: list[Move]) -> Simulated:
    """What moves are expected to bring over a period. Raises BadRequest for those that cannot be told."""
    return expected(response.responses(connection, asked), wanted)


def expected(found: Responses, wanted: list[Move]) -> Simulated:
    """The same by curves that are there. Raises BadRequest."""
    try:
        return response.simulated(found, wanted)
    except Impossible as wrong:
        raise BadRequest(str(SENTENCES[wrong.code] % wrong.said), f"bad_move_{wrong.code}") from None


def moves(said: Any) -> list[Move]:
    """The moves of a body. Raises BadRequest for what are none."""
    if not isinstance(said, list) or not 1 <= len(said) <= MOST_MOVES:
        raise BadRequest(
            _("`moves` is a list of 1 to %(most)s moves of money.") % {"most": MOST_MOVES}, "bad_moves"
        )
    return [move(one) for one in said]


def move(said: Any) -> Move:
    """One move: `{"from", "to", "amount"}`."""
    if not isinstance(said, Mapping) or set(said) - {"from", "to", "amount"}:
        raise BadRequest(_("A move is an object with `from`, `to` and `amount`."), "bad_moves")
    source, target = (campaign(said.get(name)) for name in ("from", "to"))
    amount = money.amount(said.get("amount"))
    if amount is None or not amount:
        raise BadRequest(_("The `amount` of a move is a number above 0."), "bad_amount")
    if source == target:
        raise BadRequest(_("A move goes from one campaign to another, or from or to nothing."), "bad_moves")
    return Move(source, target, Decimal(amount))


def campaign(said: Any) -> str | None:
    """A campaign's name; None for none."""
    if said is None or said == "":
        return None
    if not isinstance(said, str):
        raise BadRequest(_("A campaign is named by a text."), "bad_moves")
    return said
