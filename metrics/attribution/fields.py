"""What attribution's addresses take and answer, field by field: for the API's description. Not here: views (api.py)."""

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from kernel.web.openapi import DecimalText, Unconverted, page_of, shape
from metrics import api
from metrics.attribution import question
from metrics.attribution.models import NAMES
from metrics.attribution.sentences import CODES
from metrics.journeys.asking import text_of


def _choice(name: str, choices: Any, about: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, enum=list(choices), description=about)


ASKED: Final = [
    _choice("model", NAMES, f"default {question.MODEL}"),
    _choice("by", question.DIMENSIONS, "of whom rows are; default channel"),
    *api.PERIOD,
    text_of("lookback", f"how long before an order a touch counts, like 30d; default {question.LOOKBACK}"),
    text_of(
        "touches",
        f"what counts as a touch, with commas, of {', '.join(question.TOUCHPOINTS)}; default marketing",
    ),
    text_of("conversion", "`order` (default), or a step like Product Added that is counted in its place"),
    text_of("order", f"of the Markov chain, 1 to {question.MOST_ORDER}; default 1"),
    _choice(
        "worth",
        question.WORTHS,
        "of a set, for Shapley: conversions of paths inside it (default), or its chance in the chain",
    ),
]
SORTED: Final = [
    _choice("measure", question.MEASURES, "by what rows are sorted; default revenue"),
    _choice("compare", NAMES, "a second model, whose figures stand beside each row"),
]
KEY: Final = text_of(
    "key", "whose credit: a row's channel, campaign or source; null: the row without", required=True
)
NO_KEY: Final = (
    "null: no touch, no person, or touches that name none; `other`: what is not among the 50 largest."
)

_MEASURED: Final = {
    "conversions": DecimalText(help_text="Shares of orders placed in the period."),
    "revenue": DecimalText(
        help_text="Net: less what was refunded in the period, whenever the order was placed."
    ),
    "margin": DecimalText(help_text="Of lines with a known cost, less what was taken back in the period."),
    "new_customers": DecimalText(help_text="Shares of first orders."),
}
_SPENT: Final = {
    "spend": DecimalText(allow_null=True, help_text="null: nothing was spent, or none is known by this."),
    "roi": DecimalText(allow_null=True, help_text="(margin - spend) / spend."),
    "roas": DecimalText(allow_null=True, help_text="revenue / spend."),
    "cpa": DecimalText(allow_null=True, help_text="spend / conversions."),
}
AttributionCompared = shape("AttributionCompared", dict(_MEASURED) | dict(_SPENT))
AttributionTotal = shape("AttributionTotal", dict(_MEASURED) | dict(_SPENT))
AttributionRow = shape(
    "AttributionRow",
    {
        "channel": serializers.CharField(allow_null=True, required=False, help_text=f"By channel. {NO_KEY}"),
        "campaign": serializers.CharField(
            allow_null=True, required=False, help_text=f"By campaign. {NO_KEY}"
        ),
        "source": serializers.CharField(allow_null=True, required=False, help_text=f"By source. {NO_KEY}"),
        **_MEASURED,
        **_SPENT,
        "compare": AttributionCompared(required=False, help_text="The same under the second model."),
    },
)


class AttributionWarning(serializers.Serializer):
    """What to beware of."""

    code = serializers.ChoiceField(choices=CODES)
    message = serializers.CharField()


class AttributionFigure(serializers.Serializer):
    """A figure of a key."""

    key = serializers.CharField(allow_null=True)
    value = DecimalText()


class AttributionQuality(serializers.Serializer):
    """How a model was made and how sure it is; what does not concern it is not there."""

    method = serializers.CharField(required=False)
    order = serializers.IntegerField(required=False, help_text="Of the Markov chain.")
    worth = serializers.ChoiceField(choices=question.WORTHS, required=False)
    removal_effects = AttributionFigure(many=True, required=False)
    permutations = serializers.IntegerField(required=False)
    standard_errors = AttributionFigure(many=True, required=False, help_text="Of conversions.")
    penalty = DecimalText(required=False)
    log_loss = DecimalText(required=False, help_text="A person's mean, on paths not learnt from.")
    base_log_loss = DecimalText(required=False, help_text="The same of the mean rate alone.")
    auc = DecimalText(required=False, help_text="On paths not learnt from; 0.5 is chance.")


class AttributionAnswer(serializers.Serializer):
    """Credit under a model. Rows come to the catalogue's net revenue, margin, orders and new customers."""

    model = serializers.ChoiceField(choices=NAMES)
    compare = serializers.ChoiceField(choices=NAMES, allow_null=True)
    by = serializers.ChoiceField(choices=question.DIMENSIONS)
    measure = serializers.ChoiceField(choices=question.MEASURES)
    currency = serializers.CharField()
    channels = AttributionRow(
        many=True, help_text="Rows, whatever they are by; the one of nobody is the last."
    )
    total = AttributionTotal()
    unconverted = Unconverted(many=True, help_text="Revenue that has no rate: in no row.")
    warnings = AttributionWarning(many=True)
    quality = AttributionQuality()
    as_of = serializers.DateTimeField(allow_null=True, help_text="The newest event that is in it.")


class AttributionMaking(serializers.Serializer):
    """An answer that is being calculated."""

    job = serializers.IntegerField()
    state = serializers.ChoiceField(choices=["waiting", "running"])
    done = serializers.IntegerField(help_text="Steps of `total`.")
    total = serializers.IntegerField()
    message = serializers.CharField()


class AttributionTouch(serializers.Serializer):
    """A touch before an order."""

    at = serializers.DateTimeField()
    channel = serializers.SlugField(allow_null=True)
    touchpoint = serializers.CharField()
    name = serializers.CharField()
    campaign = serializers.CharField(allow_null=True)
    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]  # the field's name in the answer


class AttributionCredit(serializers.Serializer):
    """Whose a part of an order is."""

    key = serializers.CharField(allow_null=True, help_text=NO_KEY)
    share = DecimalText()
    revenue = DecimalText(
        help_text="In the order's currency, to its minor unit: its total less what was refunded."
    )


class AttributionOfModel(serializers.Serializer):
    """An order under a model."""

    model = serializers.ChoiceField(choices=NAMES)
    credits = AttributionCredit(many=True)


class AttributedOrder(serializers.Serializer):
    """An order, the touches before it, whose it is."""

    order_id = serializers.CharField()
    channel = serializers.SlugField()
    at = serializers.DateTimeField()
    currency = serializers.CharField()
    total = DecimalText()
    refunded = DecimalText()
    by = serializers.ChoiceField(choices=question.DIMENSIONS)
    touches = AttributionTouch(many=True)
    models = AttributionOfModel(many=True)
    as_of = serializers.DateTimeField(allow_null=True)


class AttributionOrderRow(serializers.Serializer):
    """An order's part of a row; all of them come to the row."""

    order_id = serializers.CharField()
    channel = serializers.SlugField(allow_null=True)
    at = serializers.DateTimeField()
    share = DecimalText()
    conversions = DecimalText()
    revenue = DecimalText()
    margin = DecimalText()
    new_customers = DecimalText()


AttributionOrderPage = page_of("AttributionOrder", AttributionOrderRow(many=True))
