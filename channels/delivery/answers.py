"""What the API answers about destinations and deliveries, field by field: for its description alone."""

from rest_framework import serializers

from channels.connect.answers import Docs, Secret
from channels.delivery.log import STATES
from channels.destinations.base import CAUSES
from kernel.web.openapi import JsonValue


class DestinationKind(serializers.Serializer):
    """A kind of destination."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF's own word for a field's title
    about = serializers.CharField()
    personal = serializers.BooleanField(help_text="It reaches a person.")
    settings_schema = JsonValue(help_text="JSON Schema.")
    secrets = Secret(many=True)
    docs = Docs()


class DestinationSegment(serializers.Serializer):
    """A segment whose changes are sent."""

    segment = serializers.SlugField()
    on = serializers.ChoiceField(
        choices=("entered", "left", "all"), help_text="all: both, and who is in it already."
    )


class DestinationEvents(serializers.Serializer):
    """Events that are sent."""

    names = serializers.ListField(child=serializers.CharField())
    channel = serializers.SlugField(allow_null=True, required=False, help_text="Of this one alone.")


class DestinationCap(serializers.Serializer):
    """So many a person within so many hours."""

    count = serializers.IntegerField()
    hours = serializers.IntegerField()


class DestinationQuiet(serializers.Serializer):
    """When nobody is sent anything, in the workspace's zone."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """`from` is a word of Python's."""
        return {
            "from": serializers.CharField(help_text="HH:MM"),
            "to": serializers.CharField(help_text="HH:MM"),
            "then": serializers.ChoiceField(choices=("wait", "refuse"), required=False),
        }


class DestinationChanged(serializers.Serializer):
    """What is set of a destination."""

    name = serializers.CharField(required=False)
    settings = JsonValue(required=False)
    secrets = JsonValue(required=False, help_text="By name; an empty one goes. Never read again.")
    segments = DestinationSegment(many=True, required=False)
    events = DestinationEvents(required=False, allow_null=True)
    purpose = serializers.CharField(
        required=False, help_text="Of consent, which is asked when something is sent; empty: none is needed."
    )
    purpose_channel = serializers.CharField(required=False, help_text="Of consent: sms, email …")
    fields = serializers.ListField(  # type: ignore[assignment]
        child=serializers.CharField(),
        required=False,
        help_text="What is told: id, name, phone, email, event, segment, change, channel, at, key, workspace, "
        "identifier.KIND, trait.NAME, property.NAME.",
    )
    cap = DestinationCap(required=False, allow_null=True)
    quiet = DestinationQuiet(required=False, allow_null=True)
    holdout = serializers.CharField(required=False, help_text="Share of people who are sent nothing, 0 to 1.")
    enabled = serializers.BooleanField(required=False)


class DestinationMade(DestinationChanged):
    """A destination to be made."""

    kind = serializers.CharField()


class DestinationTrouble(serializers.Serializer):
    """Why nothing goes out."""

    code = serializers.CharField()
    message = serializers.CharField()
    words = serializers.CharField(help_text="The server's own.")
    at = serializers.DateTimeField(allow_null=True)


class DeliveryCounts(serializers.Serializer):
    """Open deliveries, and those that ended otherwise in the last 24 hours, by state."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """One a state."""
        return {state: serializers.IntegerField() for state in STATES}


class Destination(DestinationMade):
    """A destination without its secrets."""

    id = serializers.UUIDField()
    secrets = None  # type: ignore[assignment]
    secrets_set = serializers.ListField(child=serializers.CharField())
    held_until = serializers.DateTimeField(allow_null=True, help_text="Its server is left alone until then.")
    trouble = DestinationTrouble(allow_null=True)
    deliveries = DeliveryCounts()
    created_at = serializers.DateTimeField()


class DestinationPage(serializers.Serializer):
    """All destinations."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = Destination(many=True)


class Delivery(serializers.Serializer):
    """What went out to whom, or why not."""

    id = serializers.IntegerField()
    key = serializers.UUIDField(help_text="Its Idempotency-Key.")
    destination = serializers.UUIDField()
    destination_name = serializers.CharField()
    cause = serializers.ChoiceField(choices=CAUSES)
    name = serializers.CharField(help_text="Of the event, or the segment's slug.")
    at = serializers.DateTimeField(help_text="Of its cause.")
    event = serializers.UUIDField(allow_null=True)
    profile = serializers.UUIDField(allow_null=True)
    state = serializers.ChoiceField(choices=STATES)
    reason = serializers.CharField(allow_blank=True, help_text="A code.")
    message = serializers.CharField(allow_blank=True, help_text="The same in words.")
    tries = serializers.IntegerField()
    next_try = serializers.DateTimeField(allow_null=True)
    status = serializers.IntegerField(allow_null=True, help_text="Of the answer.")
    answer = serializers.CharField(allow_blank=True, help_text="Its first 200 characters.")
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class DeliveryPage(serializers.Serializer):
    """Deliveries, the newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = Delivery(many=True)


class DeliveriesReplay(serializers.Serializer):
    """What is sent once more, under the same keys."""

    destination = serializers.UUIDField()
    state = serializers.ChoiceField(
        choices=("failed", "dead", "refused", "sent"), required=False, help_text="Without: failed and dead."
    )
    after = serializers.DateTimeField(required=False, help_text="Noted from then on.")
    before = serializers.DateTimeField(required=False)


class DeliveriesReplayed(serializers.Serializer):
    """How many that are."""

    replayed = serializers.IntegerField()


class DestinationTrial(serializers.Serializer):
    """What is tried."""

    profile = serializers.UUIDField(required=False, help_text="About whom; needed where it reaches a person.")
    send = serializers.BooleanField(required=False, help_text="false: only what would be sent.")


class DestinationTried(serializers.Serializer):
    """What came of it."""

    ok = serializers.BooleanField()
    message = serializers.CharField()
    status = serializers.IntegerField(allow_null=True)
    answer = serializers.CharField(allow_blank=True)
    request = JsonValue(allow_null=True)
