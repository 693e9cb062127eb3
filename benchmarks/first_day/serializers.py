"""What a message must look like."""

from typing import Any

from rest_framework import serializers
from rest_framework.validators import UniqueValidator

from benchmarks.first_day.models import Event, Name, Person


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


class ReceivedSerializer(EventSerializer):
    """As the front door takes it: whose it is, by the first name it brings. Nobody is joined here."""

    def create(self, validated_data: dict[str, Any]) -> Event:
        """The event, and its person if he is new."""
        kind = "user_id" if validated_data.get("user_id") else "anonymous_id"
        name, _new = Name.objects.select_related("person").get_or_create(
            kind=kind, value=validated_data.get(kind, ""), defaults={"person": Person.objects.create}
        )
        return Event.objects.create(**validated_data, person=name.person)
