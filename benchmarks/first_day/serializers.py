"""What a message must look like."""

from rest_framework import serializers
from rest_framework.validators import UniqueValidator

from benchmarks.first_day.models import Event


class EventSerializer(serializers.ModelSerializer):
    """The names that clients use, the columns that we use."""

    messageId = serializers.CharField(  # noqa: N815 (the clients' names)
        source="message_id", max_length=100, validators=[UniqueValidator(Event.objects.all())]
    )
    type = serializers.ChoiceField(["track", "identify", "page", "screen", "group", "alias"])
    event = serializers.CharField(source="name", max_length=200, required=False)
    userId = serializers.CharField(source="user_id", max_length=200, required=False)  # noqa: N815
    anonymousId = serializers.CharField(source="anonymous_id", max_length=200, required=False)  # noqa: N815
    timestamp = serializers.DateTimeField(source="at")
    properties = serializers.DictField(required=False)
    traits = serializers.DictField(required=False)
    context = serializers.DictField(required=False)

    class Meta:
        model = Event
        fields = (
            "messageId", "type", "event", "name", "userId", "anonymousId", "timestamp", "properties", "traits",
            "context",
        )  # fmt: skip
        extra_kwargs = {"name": {"required": False}}  # noqa: RUF012 (DRF's way)
