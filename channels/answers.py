"""What the read API answers about channels, connectors and rejects, field by field: for its description alone."""

from typing import Any

from rest_framework import serializers

from channels.connect.answers import Pulled
from channels.health import LEVELS, OUTSIDE
from channels.inbox import fixes
from channels.inbox.rejects import STATES
from channels.models import ChannelKind
from channels.reasons import REASONS
from kernel.web.openapi import JsonValue, page_of


class Health(serializers.Serializer):
    """The last 24 hours."""

    level = serializers.ChoiceField(choices=sorted(set(LEVELS.values())))
    state = serializers.ChoiceField(choices=list(LEVELS))
    received = serializers.IntegerField()
    stored = serializers.IntegerField()
    rejected = serializers.IntegerField()
    repeats = serializers.IntegerField()
    identified = serializers.IntegerField()
    lag_ms = serializers.FloatField(required=False, allow_null=True, help_text="Mean, accepted to stored.")
    last = serializers.DateTimeField(allow_null=True)


class Channel(serializers.Serializer):
    """A channel."""

    slug = serializers.SlugField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=ChannelKind.values)
    currency = serializers.CharField()
    timezone = serializers.CharField()
    health = Health()


class Connector(Pulled):
    """A way into a channel."""

    connector = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.CharField()
    channel = serializers.SlugField()
    enabled = serializers.BooleanField()
    rate_limit = serializers.IntegerField(allow_null=True, help_text="Requests a second; null: no limit.")
    created_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=OUTSIDE)
    hook_url = serializers.CharField(allow_null=True, help_text="Where its platform posts to; null: nowhere.")
    refused = serializers.IntegerField(help_text="Deliveries of 7 days with a wrong signature, not kept.")
    health = Health()


class FixChange(serializers.Serializer):
    """One change of a fix, and what it needs."""

    do = serializers.ChoiceField(choices=fixes.KINDS)
    field = serializers.CharField()
    value = JsonValue(required=False)
    was = JsonValue(required=False)

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's."""
        return super().get_fields() | {"from": serializers.CharField(required=False)}


class Difference(serializers.Serializer):
    """A field that differs; null: it is not there."""

    field = serializers.CharField()
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)


class Repair(serializers.Serializer):
    """What somebody did to a reject, and what that changed in the text before it."""

    at = serializers.DateTimeField()
    by = serializers.CharField()
    fix = FixChange(many=True, allow_null=True, help_text="Null: by hand, or sent in as it was.")
    changed = Difference(many=True)
    sent = serializers.BooleanField()


class Reject(serializers.Serializer):
    """A message that could not be used, whole."""

    id = serializers.UUIDField()
    reason = serializers.ChoiceField(choices=list(REASONS))
    field = serializers.CharField()
    hint = serializers.CharField()
    message_id = serializers.CharField()
    connector = serializers.UUIDField()
    received_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=STATES)
    raw = serializers.CharField(help_text="As it was received.")
    fixed = serializers.CharField(allow_null=True, help_text="As it stands now, where somebody changed it.")
    repairs = Repair(many=True)
    copies = serializers.IntegerField()
    updated_at = serializers.DateTimeField()


class ReplayAsked(serializers.Serializer):
    """Which rejects: one of ids, reason and all."""

    ids = serializers.ListField(child=serializers.UUIDField(), required=False)
    reason = serializers.CharField(required=False)
    all = serializers.BooleanField(required=False)
    connector = serializers.UUIDField(required=False)


class Replayed(serializers.Serializer):
    """What came of it."""

    replayed = serializers.IntegerField()
    still_bad = serializers.IntegerField()


ChannelPage = page_of("Channel", Channel(many=True))
ConnectorPage = page_of("Connector", Connector(many=True))
RejectPage = page_of("Reject", Reject(many=True))
