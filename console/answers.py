"""What the read API answers where several parts are asked, field by field: for its description alone.

Not here: how the answers come about (api.py, event/event_trace.py).
"""

from rest_framework import serializers

from channels.answers import Reject, Repair
from kernel.web.openapi import DecimalText, JsonValue
from profiles.answers import Event, Identity, TraitWritten, WholeProfile


class MergeAsked(serializers.Serializer):
    """The profile to join, and why."""

    other = serializers.UUIDField()
    reason = serializers.CharField()


class Which(serializers.Serializer):
    """An identifier."""

    kind = serializers.CharField()
    value = serializers.CharField()
    namespace = serializers.CharField(required=False)


class SplitAsked(serializers.Serializer):
    """The two identifiers that are not one person, and why."""

    a = Which()
    b = Which()
    reason = serializers.CharField()


class SplitDone(serializers.Serializer):
    """Both profiles."""

    profiles = WholeProfile(many=True)


class Fact(serializers.Serializer):
    """A fact that an event touched."""

    fact = serializers.CharField()
    key = serializers.CharField()
    channel = serializers.SlugField(allow_null=True)
    day = serializers.DateField(allow_null=True)
    amount = DecimalText(allow_null=True)
    currency = serializers.CharField(allow_null=True)
    state = serializers.CharField(allow_null=True)


class Refused(serializers.Serializer):
    """Why a message was refused before somebody repaired it."""

    reason = serializers.CharField()
    field = serializers.CharField()
    hint = serializers.CharField()
    received_at = serializers.DateTimeField()


class Trace(serializers.Serializer):
    """All steps of one message; those that it has not come to are null or empty."""

    state = serializers.ChoiceField(choices=["stored", "rejected", "record"])
    raw = JsonValue()
    fixed = JsonValue(allow_null=True)
    refused = Refused(allow_null=True)
    repairs = Repair(many=True)
    mapped = Event(allow_null=True)
    identity = Identity(allow_null=True)
    traits = TraitWritten(many=True)
    facts = Fact(many=True)
    reject = Reject(required=False)
    connector = serializers.UUIDField(required=False, help_text="Of a record.")
