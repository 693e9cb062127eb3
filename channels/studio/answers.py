"""What the API answers about mappings, field by field: for its description alone."""

from rest_framework import serializers

from kernel.web.openapi import JsonValue


class MappingVersion(serializers.Serializer):
    """A version of a mapping."""

    version = serializers.IntegerField()
    author = serializers.CharField()
    why = serializers.CharField()
    saved_at = serializers.DateTimeField()
    valid_from = serializers.DateTimeField(help_text="Requests received from here on are read by it.")


class Mapping(serializers.Serializer):
    """A connector's mapping."""

    version = serializers.IntegerField(help_text="0: there is none yet.")
    text = serializers.CharField(help_text="TOML.")
    form = JsonValue(help_text="The same as JSON.")
    versions = MappingVersion(many=True)


class MappingSaved(serializers.Serializer):
    """A text to be saved; or a form, whose text is written."""

    text = serializers.CharField(required=False)
    form = JsonValue(required=False)
    why = serializers.CharField(required=False)


class MappingTried(serializers.Serializer):
    """A text or form to be tried, on payloads or on the last that came."""

    text = serializers.CharField(required=False)
    form = JsonValue(required=False)
    payloads = serializers.ListField(child=JsonValue(), required=False)
    last = serializers.IntegerField(required=False, help_text="At most 100.")


class Problem(serializers.Serializer):
    """What stands against it."""

    field = serializers.CharField()
    message = serializers.CharField()


class TriedPayload(serializers.Serializer):
    """What becomes of a payload."""

    payload = JsonValue(help_text="As it came.")
    before = serializers.ListField(child=JsonValue(), help_text="What the mapping in use makes of it.")
    after = serializers.ListField(child=JsonValue(), help_text="What the text that is tried makes of it.")
    messages = serializers.ListField(child=JsonValue(), help_text="The messages as that text makes them.")
    problems = Problem(many=True)


class Amount(serializers.Serializer):
    """An amount over all payloads."""

    event = serializers.CharField()
    field = serializers.CharField()
    currency = serializers.CharField()
    count = serializers.IntegerField()
    sum = serializers.CharField()
    largest = serializers.CharField()


class Total(serializers.Serializer):
    """All payloads together."""

    events = serializers.DictField(child=serializers.IntegerField())
    rejected = serializers.IntegerField()
    amounts = Amount(many=True)


class Totals(serializers.Serializer):
    """By the mapping in use and by the text that is tried."""

    before = Total()
    after = Total()


class Preview(serializers.Serializer):
    """What a text would do."""

    results = TriedPayload(many=True)
    totals = Totals()


class CleaningCount(serializers.Serializer):
    """What a part of a rule did on a day. Rule `skip` without a field: payloads that make nothing on purpose."""

    day = serializers.DateField()
    field = serializers.CharField()
    rule = serializers.CharField()
    changed = serializers.IntegerField()
    refused = serializers.IntegerField()


class Cleaning(serializers.Serializer):
    """What the rules did."""

    results = CleaningCount(many=True)
