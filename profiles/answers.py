"""What the read API answers about people and events, field by field: for its description alone (api.py).

Not here: how answers come about (queries.py, timeline.py, reasons.py).
"""

from rest_framework import serializers

from kernel.web.openapi import DecimalText, JsonObject, JsonValue, Unconverted, page_of, shape


class Profile(serializers.Serializer):
    """A customer in a list."""

    id = serializers.UUIDField()
    called = serializers.CharField(help_text="By name, else by the best identifier.")
    name = serializers.CharField(help_text="What is known; empty where nothing is.")
    channels = serializers.ListField(child=serializers.SlugField())
    first_seen = serializers.DateTimeField(allow_null=True)
    last_seen = serializers.DateTimeField(allow_null=True)
    events = serializers.IntegerField()
    orders = serializers.IntegerField()
    revenue = DecimalText()
    currency = serializers.CharField()


class Trait(serializers.Serializer):
    """The value of a trait that survived."""

    value = JsonValue()
    channel = serializers.SlugField(allow_null=True)
    observed_at = serializers.DateTimeField()


class Identifier(serializers.Serializer):
    """An identifier of a customer."""

    kind = serializers.CharField()
    namespace = serializers.CharField()
    value = serializers.CharField()
    channel = serializers.SlugField(allow_null=True)
    first_seen = serializers.DateTimeField()
    last_seen = serializers.DateTimeField()
    shared = serializers.BooleanField()


class Summary(serializers.Serializer):
    """A customer in figures."""

    events = serializers.IntegerField()
    orders = serializers.IntegerField()
    revenue = DecimalText()
    currency = serializers.CharField()
    first_seen = serializers.DateTimeField(allow_null=True)
    last_seen = serializers.DateTimeField(allow_null=True)
    channels = serializers.ListField(child=serializers.SlugField())
    unconverted = Unconverted(many=True)


class WholeProfile(serializers.Serializer):
    """A customer, whole."""

    id = serializers.UUIDField()
    called = serializers.CharField()
    traits = serializers.DictField(child=Trait())
    identifiers = Identifier(many=True)
    segments = serializers.ListField(child=serializers.CharField())
    summary = Summary()
    merged_ids = serializers.ListField(
        child=serializers.UUIDField(), help_text="Other ids that lead here, for good."
    )


class Mention(serializers.Serializer):
    """An identifier that an event names."""

    kind = serializers.CharField()
    value = serializers.CharField()
    namespace = serializers.CharField(required=False)


class Event(serializers.Serializer):
    """An event as it is stored."""

    id = serializers.UUIDField()
    message_id = serializers.CharField()
    type = serializers.ChoiceField(choices=["identify", "track", "page", "screen", "group", "alias"])
    name = serializers.CharField(help_text="As it was sent.")
    means = serializers.CharField(allow_null=True, help_text="The event of ours that it was taken for.")
    channel = serializers.SlugField(allow_null=True)
    connector = serializers.UUIDField(allow_null=True)
    occurred_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    touchpoint = serializers.CharField()
    profile = serializers.UUIDField(allow_null=True)
    properties = JsonObject()
    traits = JsonObject()
    context = JsonObject()  # type: ignore[assignment]  # the name that the field has in the answer
    identifiers = Mention(many=True)
    marks = serializers.ListField(child=serializers.CharField())
    groupId = JsonValue(required=False)  # noqa: N815 (as it was sent)
    previousId = JsonValue(required=False)  # noqa: N815
    category = JsonValue(required=False)


class Named(serializers.Serializer):
    """An identifier as evidence names it."""

    kind = serializers.CharField()
    namespace = serializers.CharField()
    value = serializers.CharField()
    key = serializers.UUIDField()
    profile = serializers.UUIDField()
    shared = serializers.BooleanField()


RANK = serializers.IntegerField(help_text="The class of the evidence; 0: by hand.")

Join = shape(
    "Join",
    {
        "a": Named(),
        "b": Named(),
        "class": RANK,
        "message_id": serializers.CharField(allow_null=True),
        "reason": serializers.CharField(allow_null=True, help_text="What a person gave as the reason."),
        "event": serializers.UUIDField(allow_null=True),
        "at": serializers.DateTimeField(),
    },
)
Conflict = shape(
    "Conflict",
    {
        "a": Named(),
        "b": Named(),
        "class": RANK,
        "message_id": serializers.CharField(),
        "event": serializers.UUIDField(allow_null=True),
        "at": serializers.DateTimeField(),
        "reason": serializers.CharField(),
        "kind": serializers.CharField(allow_null=True),
        "namespace": serializers.CharField(allow_null=True),
        "limit": serializers.IntegerField(allow_null=True),
    },
)


class Violation(serializers.Serializer):
    """An identifier that many share, a limit reached, a value with many conflicts."""

    what = serializers.CharField()
    identifier = Named()
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    namespace = serializers.CharField()
    count = serializers.IntegerField()
    limit = serializers.IntegerField(allow_null=True)
    would_join = Named(many=True)


class Edge(serializers.Serializer):
    """Two identifiers seen together, and what came of it."""

    a = Named()
    b = Named()
    result = serializers.ChoiceField(choices=["joined", "refused", "shared", "waiting"])


class Identity(serializers.Serializer):
    """What an event said about who is who."""

    identifiers = Named(many=True)
    owner = Named()
    profile = serializers.UUIDField()
    edges = Edge(many=True)


class TraitWritten(serializers.Serializer):
    """A trait's value of which an event is evidence."""

    trait = serializers.CharField()
    value = JsonValue()
    evidence = serializers.ChoiceField(choices=["first", "latest"])
    said = serializers.IntegerField(help_text="How often it was said.")
    at = serializers.DateTimeField()


ProfilePage = page_of("Profile", Profile(many=True))
EventPage = page_of("Event", Event(many=True))
JoinPage = page_of("Join", Join(many=True))
ConflictPage = page_of("Conflict", Conflict(many=True))
ViolationPage = page_of("Violation", Violation(many=True))
