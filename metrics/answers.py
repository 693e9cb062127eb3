"""What the read API answers about metrics, their rows, records and what waits, field by field: for its description.

A row is described by its list's declaration (catalogue/rows.py), a record by its type's (queries.py); KINDS says what
each of their columns holds. Not here: how answers come about (query.py, drill.py, queries.py).
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from kernel.errors import Trouble
from kernel.web.openapi import DecimalText, Unconverted, page_of, shape
from metrics import queries
from metrics.catalogue import METRICS
from metrics.catalogue.base import GOOD, UNITS
from metrics.catalogue.parts import lists
from metrics.catalogue.rows import Rows


class Metric(serializers.Serializer):
    """A metric of the catalogue."""

    name = serializers.SlugField()
    label = serializers.CharField()  # type: ignore[assignment]  # the name that the field has in the answer
    unit = serializers.ChoiceField(choices=list(UNITS))
    formula = serializers.CharField()
    good = serializers.ChoiceField(choices=GOOD)


class Figure(serializers.Serializer):
    """A value and what it is made of; null: over 0, or no ratio."""

    value = DecimalText(allow_null=True)
    numerator = DecimalText()
    denominator = DecimalText(allow_null=True)


class Point(Figure):
    """The figure of an interval. The last four where `anomalies` is asked for; null for a day that is not judged."""

    start = serializers.DateField()
    expected = DecimalText(required=False, allow_null=True)
    low = DecimalText(required=False, allow_null=True, help_text="Below it is an anomaly.")
    high = DecimalText(required=False, allow_null=True, help_text="Above it is an anomaly.")
    anomaly = serializers.BooleanField(required=False, allow_null=True)


class Line(serializers.Serializer):
    """The figures of a channel."""

    total = Figure()
    series = Point(many=True)


class ListedValue(serializers.Serializer):
    """A value that a metric is broken down by, the largest first."""

    key = serializers.CharField(help_text="In `by` and in a `filter`; `null` and `other` are no values.")
    value = serializers.CharField(allow_null=True, help_text="Null: none, or all that are not listed.")


class Measured(Line):
    """A metric over a period."""

    metric = serializers.SlugField()
    unit = serializers.ChoiceField(choices=list(UNITS))
    currency = serializers.CharField()
    formula = serializers.CharField()
    by = serializers.DictField(
        child=Line(), required=False, help_text="By the slug of each channel, or by the key of each value."
    )
    unconverted = Unconverted(many=True)
    missing_cost = serializers.IntegerField(help_text="Sold items without a known cost.")
    as_of = serializers.DateTimeField(
        required=False, allow_null=True, help_text="The newest event in it, where it is read from the mirror."
    )
    values = ListedValue(many=True, required=False)
    adds_up = serializers.BooleanField(
        required=False,
        help_text="Whether the values come to the total: customers of several count once in it.",
    )


class Waiting(serializers.Serializer):
    """A message that speaks of an order and counts nothing yet."""

    occurred_at = serializers.DateTimeField()
    id = serializers.UUIDField()
    order_id = serializers.CharField()
    reason = serializers.ChoiceField(choices=queries.WHY)
    kind = serializers.CharField()
    channel = serializers.SlugField(allow_null=True)
    order_channel = serializers.SlugField(allow_null=True)
    message_id = serializers.CharField()
    amount = DecimalText(allow_null=True)
    currency = serializers.CharField(allow_null=True)


# ---- rows and records, by their columns --------------------------------------------------------------

Field = Callable[..., serializers.Field]


def _list(of: Field) -> Field:
    return lambda **how: serializers.ListField(child=of(allow_null=True), **how)


KINDS: Final[dict[Field, tuple[str, ...]]] = {
    serializers.CharField: (
        *(
            "order_id",
            "state",
            "reason",
            "what",
            "store",
            "sku",
            "name",
            "currency",
            "cost_currency",
            "campaign",
        ),
        *(
            "medium",
            "kind",
            "category",
            "brand",
            "promotion",
            "location",
            "metric",
            "customer",
            "id",
            "period",
            "ref",
            "method",
            "carrier",
            "ticket",
            "topic",
        ),
    ),
    serializers.SlugField: ("channel", "service_channel"),
    serializers.UUIDField: ("profile",),
    serializers.DateTimeField: (
        "at",
        "occurred_at",
        "received_at",
        "first_at",
        "last_at",
        "began",
        "ended",
        "added_at",
        "ordered_at",
        *(
            "delivered_at",
            "promised_at",
            "opened_at",
            "first_response_at",
            "resolved_at",
            "returned_at",
            "since",
            "counted_at",
        ),
    ),
    serializers.DateField: ("order_day", "day", "from", "to", "first", "last"),
    serializers.IntegerField: ("events", "orders", "answers", "clicks", "impressions", "days", "days_out"),
    serializers.BooleanField: ("satisfied", "agreeing", "on_time"),
    DecimalText: (
        *(
            "total",
            "refunded",
            "refund",
            "moved",
            "quantity",
            "unit_cost",
            "spent",
            "score",
            "scale",
            "price",
        ),
        *("list_price", "amount", "value", "rate", "counts", "spread"),
        *("paid", "merchant_discount", "platform_discount", "fees", "payout"),
        *("hours", "minutes", "exposed", "due"),
    ),
    _list(serializers.SlugField): ("channels",),
    _list(DecimalText): ("prices",),
    _list(serializers.CharField): ("tags",),
}
FIELDS: Final = {name: field for field, names in KINDS.items() for name in names}


def _fields(names: Iterable[str]) -> dict[str, Any]:
    """Each may be null: not every message says everything."""
    wanted = list(names)
    if unknown := [name for name in wanted if name not in FIELDS]:
        raise Trouble(
            f"The API does not say what {', '.join(unknown)} hold: add them to KINDS in metrics/answers.py."
        )
    return {name: FIELDS[name](allow_null=True) for name in wanted}


def _row(of: Rows) -> type[serializers.Serializer]:
    name = (of.statement or (of.kind if of.mirrored else f"{of.kind}_moved")).title().replace("_", "")
    hidden = {"profile_id", "sighting_id"}  # ours; who it is stands as profile and customer
    return shape(f"{name}Row", _fields([*sorted(of.answered - hidden), "counts"]))


def _rows() -> list[type[serializers.Serializer]]:
    """Of each list that a number is made of; those that show the same are one."""
    every = [part.rows for metric in METRICS for part in lists(metric)]
    return [_row(of) for of in {of.shown: of for of in reversed(every)}.values()]


def _record(kind: str, shown: tuple[str, ...]) -> type[serializers.Serializer]:
    fields = {"type": serializers.ChoiceField(choices=[kind])}
    names = ("at", "id", "channel", *(queries.SAID.get(column, column) for column in shown))
    return shape(f"{kind.title()}Record", fields | _fields(names))


def _one_of(name: str, forms: list[type[serializers.Serializer]]) -> serializers.BaseSerializer:
    """A list whose rows have one of several forms each."""
    found: serializers.BaseSerializer = PolymorphicProxySerializer(
        component_name=name, serializers=forms, resource_type_field_name=None, many=True
    )
    return found


RECORDS = [_record(kind, shown) for kind, (_table, _filters, shown) in queries.RECORDS.items()]
MetricPage = page_of("Metric", Metric(many=True))
WaitingPage = page_of("Waiting", Waiting(many=True))
RecordPage = page_of("Record", _one_of("Record", RECORDS))
RowPage = page_of("Row", _one_of("Row", _rows()), rows=serializers.CharField(help_text="What the rows are."))
