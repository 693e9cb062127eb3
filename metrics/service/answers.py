"""What the read API answers about service, field by field: for its description. Not here: how answers come about."""

from rest_framework import serializers

from kernel.web.openapi import DecimalText, Unconverted, page_of, shape
from metrics.service import payments, return_rows, story, troubles

AS_OF = "The newest event that is in it."


def _as_of() -> serializers.DateTimeField:
    return serializers.DateTimeField(allow_null=True, help_text=AS_OF)


class ReturnsCell(serializers.Serializer):
    """Bought in a channel, returned in one."""

    bought = serializers.SlugField()
    returned = serializers.SlugField(
        allow_null=True, help_text="null: money back without goods, and cancellations."
    )
    returns = serializers.IntegerField(help_text="Received in the period.")
    orders = serializers.IntegerField(help_text="Of these returns; without goods, of the refunds.")
    lines = serializers.IntegerField(help_text="Lines of orders that came back, in part or whole.")
    amount = DecimalText(help_text="Refunded in the period for such returns, in the workspace's currency.")
    refunded = serializers.IntegerField(help_text="Of these returns, those that money was given back for.")
    median_hours = DecimalText(allow_null=True, help_text="From the request to the first refund.")
    satisfied = serializers.IntegerField()
    answered = serializers.IntegerField(help_text="Orders of the cell with an answer; the latest counts.")


class ReturnsTotal(serializers.Serializer):
    """All cells together: the catalogue's returns, returns elsewhere and refunds."""

    returns = serializers.IntegerField()
    elsewhere = serializers.IntegerField()
    lines = serializers.IntegerField()
    amount = DecimalText()


class RefundTimes(serializers.Serializer):
    """How long refunds take where goods are returned."""

    channel = serializers.SlugField()
    returns = serializers.IntegerField()
    refunded = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="Received, and nothing refunded yet.")
    median_hours = DecimalText(allow_null=True)
    slow_hours = DecimalText(allow_null=True, help_text="Nine of ten take at most so long.")


class ReturnsAnswer(serializers.Serializer):
    """Returns by where they were bought and where they were returned."""

    cells = ReturnsCell(many=True)
    total = ReturnsTotal()
    refund_times = RefundTimes(many=True)
    currency = serializers.CharField()
    unconverted = Unconverted(many=True)
    as_of = _as_of()


def _row(name: str, fields: dict[str, serializers.Field]) -> serializers.BaseSerializer:
    return shape(name, fields)(many=True)


def _who() -> dict[str, serializers.Field]:
    return {"profile": serializers.UUIDField(allow_null=True), "customer": serializers.CharField()}


def _text(*, required: bool = True) -> serializers.CharField:
    return serializers.CharField(allow_null=True, required=required)


def _time() -> serializers.DateTimeField:
    return serializers.DateTimeField(allow_null=True)


# Of returns and of refunds: what is not said of the one kind is left out there.
ServiceReturnPage = page_of(
    "ServiceReturn",
    _row(
        "ServiceReturn",
        {
            "order_id": serializers.CharField(),
            "bought": serializers.SlugField(),
            "returned": serializers.SlugField(allow_null=True),
            "store": _text(required=False),
            "requested_at": serializers.DateTimeField(required=False),
            "received_at": serializers.DateTimeField(required=False),
            "refunded_at": _time(),
            "hours": DecimalText(allow_null=True, required=False),
            "refunded": DecimalText(allow_null=True, required=False),
            "refunded_in": serializers.SlugField(required=False),
            "kind": serializers.ChoiceField(choices=("refund", "cancel"), required=False),
            "amount": DecimalText(required=False),
            "currency": _text(),
            **_who(),
        },
    ),
    rows=serializers.ChoiceField(choices=return_rows.WHAT),
)


class Handled(serializers.Serializer):
    """What became of tickets."""

    opened = serializers.IntegerField()
    resolved = serializers.IntegerField(help_text="Once at least.")
    open = serializers.IntegerField(help_text="Now.")
    answered = serializers.IntegerField()
    median_response_minutes = DecimalText(allow_null=True)
    median_resolution_hours = DecimalText(allow_null=True)
    reopened = serializers.IntegerField(help_text="Opened again after they were resolved.")


class TicketsCell(Handled):
    """Tickets about orders of a channel, served in a channel."""

    bought = serializers.SlugField(allow_null=True, help_text="null: about no order that is known.")
    served = serializers.SlugField()


class TicketsChannel(Handled):
    """The tickets of a service channel and their cost."""

    channel = serializers.SlugField()
    cost_each = DecimalText(allow_null=True, help_text="As `cost` says; null: nobody says it.")
    cost = DecimalText(allow_null=True)


class TicketsAnswer(serializers.Serializer):
    """Tickets by where was bought and where was served."""

    cells = TicketsCell(many=True)
    channels = TicketsChannel(many=True)
    total = Handled()
    cost = DecimalText(help_text="Where it is said.")
    missing_cost = serializers.IntegerField(help_text="Tickets of which nobody says what they cost.")
    currency = serializers.CharField()
    as_of = _as_of()


ServiceTicketPage = page_of(
    "ServiceTicket",
    _row(
        "ServiceTicket",
        {
            "ticket_id": serializers.CharField(),
            "served": serializers.SlugField(),
            "bought": serializers.SlugField(allow_null=True),
            "order_id": _text(),
            "topic": _text(),
            "opened_at": serializers.DateTimeField(),
            "first_response_at": _time(),
            "resolved_at": _time(),
            "closed_at": _time(),
            "response_hours": DecimalText(allow_null=True),
            "resolution_hours": DecimalText(allow_null=True),
            "reopened": serializers.IntegerField(),
            **_who(),
        },
    ),
)


class OrderStoryLine(serializers.Serializer):
    """A line of the order, and how much of it came back."""

    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = DecimalText()
    price = DecimalText(allow_null=True)
    returned = DecimalText()


class OrderHappening(serializers.Serializer):
    """Something that happened to it."""

    at = serializers.DateTimeField()
    what = serializers.ChoiceField(choices=story.WHAT)
    channel = serializers.SlugField(allow_null=True)
    key = serializers.CharField()
    amount = DecimalText(allow_null=True)
    detail = serializers.CharField()


class OrderStory(serializers.Serializer):
    """An order from end to end."""

    order_id = serializers.CharField()
    channel = serializers.SlugField()
    occurred_at = serializers.DateTimeField()
    currency = serializers.CharField()
    total = DecimalText()
    refunded = DecimalText()
    state = serializers.CharField()
    returned_elsewhere = serializers.BooleanField(help_text="In another channel than it was bought in.")
    profile = serializers.UUIDField(allow_null=True)
    customer = serializers.CharField()
    lines = OrderStoryLine(many=True)
    events = OrderHappening(many=True, help_text="By time.")


class Ended(serializers.Serializer):
    """How payments ended."""

    started = serializers.IntegerField()
    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()
    open = serializers.IntegerField(help_text="Neither, so far.")
    conversion = DecimalText(allow_null=True, help_text="succeeded ÷ started")
    retried_elsewhere = serializers.IntegerField(
        help_text="Of the failed: by another method or in another channel within 24 hours."
    )
    won = serializers.IntegerField(help_text="Of those: one of the attempts succeeded.")


class PaymentGroup(Ended):
    """The payments of a method, channel or reason."""

    key = serializers.CharField(allow_null=True, help_text="null: it is not said.")


class PaymentsAnswer(serializers.Serializer):
    """How payments of a period ended."""

    by = serializers.ChoiceField(choices=list(payments.BY))
    groups = PaymentGroup(many=True)
    total = Ended(help_text="By reason: of those that failed at some time.")
    as_of = _as_of()


ServicePaymentPage = page_of(
    "ServicePayment",
    _row(
        "ServicePayment",
        {
            "order_id": serializers.CharField(),
            "channel": serializers.SlugField(),
            "paid_in": serializers.SlugField(),
            "method": _text(),
            "reason": _text(),
            "state": serializers.ChoiceField(choices=("started", "succeeded", "failed")),
            "amount": DecimalText(allow_null=True),
            "currency": serializers.CharField(),
            "at": serializers.DateTimeField(),
            "succeeded_at": _time(),
            "failed_at": _time(),
            "retried_elsewhere": serializers.BooleanField(),
            "won": serializers.BooleanField(),
            **_who(),
        },
    ),
)


class ArrivalSide(serializers.Serializer):
    """Orders that somebody tried to pay in some days, and those that were paid within 24 hours."""

    orders = serializers.IntegerField()
    paid = serializers.IntegerField()
    conversion = DecimalText(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        """With `from`, which is no name in Python."""
        days = {"from": serializers.DateField(), "to": serializers.DateField()}
        return days | super().get_fields()


class ArrivalDifference(serializers.Serializer):
    """A difference with its 95 % interval."""

    value = DecimalText()
    low = DecimalText()
    high = DecimalText()


class ArrivalOthers(serializers.Serializer):
    """The channels without the method, taken together."""

    channels = serializers.ListField(child=serializers.SlugField())
    before = ArrivalSide(allow_null=True)
    after = ArrivalSide(allow_null=True)


class ArrivalAnswer(serializers.Serializer):
    """What a method's arrival changed on a channel."""

    method = serializers.CharField()
    channel = serializers.SlugField()
    at = serializers.DateField()
    days = serializers.IntegerField(help_text="On each side.")
    before = ArrivalSide(allow_null=True)
    after = ArrivalSide(allow_null=True)
    change = ArrivalDifference(allow_null=True, help_text="After less before, in shares.")
    lift = ArrivalDifference(allow_null=True, help_text="The same as a share of before.")
    interval_by = serializers.ChoiceField(
        choices=("days", "orders"), help_text="What the interval of `change` takes as drawn by chance."
    )
    others = ArrivalOthers()
    difference = ArrivalDifference(allow_null=True, help_text="How much more it changed than the others.")
    relative = ArrivalDifference(allow_null=True, help_text="The same of the ratios after ÷ before, less 1.")
    parallel = serializers.BooleanField(
        allow_null=True, help_text="Whether it went as the others did before, or what is apart may be chance."
    )
    refused = serializers.ListField(child=serializers.CharField(), help_text="What cannot be told, and why.")
    as_of = _as_of()


PaymentTroublePage = page_of(
    "PaymentTrouble",
    _row(
        "PaymentTrouble",
        {
            "at": serializers.DateTimeField(help_text="Of the last payment."),
            "order_id": serializers.CharField(),
            "channel": serializers.SlugField(allow_null=True),
            "paid_in": serializers.SlugField(allow_null=True),
            "method": _text(),
            "paid": DecimalText(allow_null=True),
            "currency": serializers.CharField(),
            "payments": serializers.IntegerField(),
            "total": DecimalText(allow_null=True, help_text="Of the order."),
            "excess": DecimalText(allow_null=True, help_text="What there is to give back."),
        },
    ),
    kind=serializers.ChoiceField(choices=list(troubles.KINDS)),
)
