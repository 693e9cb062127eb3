"""What the API answers about allocation, field by field: for its description alone (said.py makes the answers)."""

from rest_framework import serializers

from kernel.web.openapi import DecimalText, JsonObject, page_of, shape
from metrics.allocation.fairness import AXIOMS
from metrics.allocation.statements import SHARE_STATES, STATES

SLUG = serializers.SlugField


class Version(serializers.Serializer):
    """Rules that are or were in force."""

    version = serializers.IntegerField()
    rules = JsonObject()
    reason = serializers.CharField()
    author = serializers.CharField()
    at = serializers.DateTimeField()


class AllocationRules(serializers.Serializer):
    """The rules in force (null: none were agreed), and all there were, the newest first."""

    rules = JsonObject(allow_null=True)
    version = serializers.IntegerField(help_text="0: none is in force.")
    versions = Version(many=True)


class RulesAsked(serializers.Serializer):
    """Rules to be put in force."""

    rules = JsonObject()
    reason = serializers.CharField(required=False)
    version = serializers.IntegerField(
        required=False, help_text="The one that was looked at; another since then is a 409."
    )


SimulationAsked = shape(
    "AllocationSimulationAsked",
    {
        "rules": JsonObject(),
        "from": serializers.DateField(required=False),
        "to": serializers.DateField(required=False),
        "propose": serializers.BooleanField(
            required=False, help_text="Also the weights that come nearest to each channel's contribution."
        ),
    },
)


class AllocationAxiom(serializers.Serializer):
    """One of Shapley's."""

    axiom = serializers.ChoiceField(choices=AXIOMS)
    holds = serializers.BooleanField(allow_null=True, help_text="Null: it cannot be told.")
    channels = serializers.ListField(child=SLUG(allow_null=True), help_text="Those that break it.")


class AllocationFairness(serializers.Serializer):
    """How fair a sharing is."""

    axioms = AllocationAxiom(many=True)
    gini = DecimalText(allow_null=True)


class AllocationStep(serializers.Serializer):
    """A channel's share with the steps to it."""

    channel = SLUG(allow_null=True, help_text="Null: the company's own.")
    earned = DecimalText(help_text="By the weights.")
    models = JsonObject(help_text="Of each model: its share of the pot.")
    factor = DecimalText(help_text="The adjustment by the last period's result.")
    cost = DecimalText(help_text="Recovered first.")
    service = DecimalText()
    target = DecimalText(help_text="Before limits.")
    bound = serializers.CharField(allow_null=True, help_text="`least` (floor or guarantee), `cap`, or null.")
    amount = DecimalText()
    share = DecimalText(allow_null=True, help_text="Of the pot.")


class UnconvertedOrders(serializers.Serializer):
    """Orders that no rate converts."""

    currency = serializers.CharField()
    orders = serializers.IntegerField()
    amount = DecimalText()


class MissingCost(serializers.Serializer):
    """Lines without a cost, and the revenue they are of."""

    lines = serializers.IntegerField()
    orders = serializers.IntegerField()
    revenue = DecimalText()


class AllocationService(serializers.Serializer):
    """What a channel did for orders of others."""

    service = serializers.CharField()
    channel = SLUG(allow_null=True)
    orders = serializers.IntegerField()
    value = DecimalText()
    share = DecimalText()


BESIDE = {
    "orders": serializers.IntegerField(required=False),
    "unconverted": UnconvertedOrders(many=True, required=False),
    "missing_cost": MissingCost(required=False),
    "services": AllocationService(many=True, required=False),
    "short": serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="What was more than the pot: costs, services; pot: it is 0.",
    ),
}
AllocationOutcome = shape(
    "AllocationOutcome",
    {
        "base": DecimalText(),
        "pot": DecimalText(),
        **BESIDE,
        "shares": AllocationStep(many=True),
        "fairness": AllocationFairness(),
    },
)


class AllocationGain(serializers.Serializer):
    """A channel by both rules."""

    channel = SLUG(allow_null=True)
    now = DecimalText(allow_null=True)
    then = DecimalText()
    difference = DecimalText(allow_null=True)
    contribution = DecimalText(allow_null=True, help_text="Its share of what all contribute.")


class AllocationProposal(serializers.Serializer):
    """Weights that come nearest to each channel's contribution."""

    aim = serializers.CharField(allow_null=True, help_text="The model that says what is contributed.")
    weights = JsonObject(allow_null=True)
    away = DecimalText(allow_null=True, help_text="Root mean square of what is left, a share of the pot.")


Simulation = shape(
    "AllocationSimulation",
    {
        "from": serializers.DateField(),
        "to": serializers.DateField(),
        "currency": serializers.CharField(),
        "aim": serializers.CharField(allow_null=True),
        "tried": AllocationOutcome(),
        "in_force": AllocationOutcome(allow_null=True),
        "channels": AllocationGain(many=True),
        "proposal": AllocationProposal(required=False),
    },
)


class StatementStore(serializers.Serializer):
    """A part of an amount, by the store that orders say."""

    store = serializers.CharField(allow_null=True)
    amount = DecimalText()


class StatementShare(AllocationStep):
    """The same in a statement, with what is corrected and who answered."""

    factor = DecimalText(allow_null=True)
    cost = DecimalText(allow_null=True)
    service = DecimalText(allow_null=True)
    target = DecimalText(allow_null=True, help_text="Null: it has corrections alone.")
    corrected = DecimalText()
    to_pay = DecimalText()
    stores = StatementStore(many=True)
    state = serializers.ChoiceField(choices=SHARE_STATES)
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(allow_null=True)


_HEAD = {
    "number": serializers.IntegerField(),
    "from": serializers.DateField(),
    "to": serializers.DateField(),
    "currency": serializers.CharField(),
    "version": serializers.IntegerField(),
    "state": serializers.ChoiceField(choices=STATES),
    "pot": DecimalText(),
    "made_at": serializers.DateTimeField(),
    "sent_at": serializers.DateTimeField(allow_null=True),
    "closed_at": serializers.DateTimeField(allow_null=True),
}
StatementHead = shape("StatementHead", dict(_HEAD))  # a shape takes its fields out of what it is given
StatementPage = page_of("Statement", StatementHead(many=True))
StatementCorrection = shape(
    "StatementCorrection",
    {
        "channel": SLUG(allow_null=True),
        "statement": serializers.IntegerField(),
        "from": serializers.DateField(),
        "to": serializers.DateField(),
        "reason": serializers.CharField(),
        "orders": serializers.IntegerField(),
        "amount": DecimalText(),
    },
)


class StatementFileName(serializers.Serializer):
    """A file that came along."""

    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")


class StatementNote(serializers.Serializer):
    """What was done or said."""

    id = serializers.IntegerField()
    channel = SLUG(allow_null=True)
    act = serializers.CharField()
    author = serializers.CharField()
    at = serializers.DateTimeField()
    text = serializers.CharField()
    file = StatementFileName(allow_null=True)


_OF_ALL = {
    "base": DecimalText(required=False),
    "corrected": DecimalText(required=False),
    "to_pay": DecimalText(required=False),
    "made_by": serializers.CharField(required=False),
    "sent_by": serializers.CharField(required=False, allow_null=True),
    "closed_by": serializers.CharField(required=False, allow_null=True),
    "previous": serializers.CharField(required=False, allow_null=True),
    "digest": serializers.CharField(required=False, allow_null=True),
}
Statement = shape(
    "Statement",
    _HEAD
    | {
        "shares": StatementShare(many=True),
        "corrections": StatementCorrection(many=True),
        "notes": StatementNote(many=True),
    }
    | _OF_ALL
    | BESIDE,
)


class StatementOrder(serializers.Serializer):
    """An order in a statement."""

    order_id = serializers.CharField()
    sold_by = SLUG(allow_null=True)
    day = serializers.DateField()
    store = serializers.CharField(allow_null=True)
    value = DecimalText(help_text="Its total.")
    refunded = DecimalText()
    base = DecimalText(help_text="What the pot is a part of.")
    pot = DecimalText()
    credit = DecimalText(help_text="What of the pot is the channel's.")
    reason = serializers.CharField(allow_null=True, help_text="Of a correction.")
    statement = serializers.IntegerField(help_text="Whose period it belongs to.")


StatementOrderPage = page_of("StatementOrder", StatementOrder(many=True))
StatementAsked = shape("StatementAsked", {"from": serializers.DateField(), "to": serializers.DateField()})


class ActAsked(serializers.Serializer):
    """A deed; `channel` where it is one channel's answer."""

    channel = SLUG(required=False)
    comment = serializers.CharField(required=False)
    file = serializers.FileField(required=False, help_text="With a dispute, as multipart/form-data.")
