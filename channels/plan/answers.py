"""What the API answers about tracking plans, field by field: for its description alone."""

from rest_framework import serializers

from channels.plan import checker, form
from kernel.web.openapi import JsonObject, JsonValue, page_of, shape

PlanProperty = shape(
    "PlanProperty",
    {
        "type": serializers.ChoiceField(form.TYPES, allow_null=True, required=False),
        "required": serializers.BooleanField(required=False),
        "enum": serializers.ListField(child=JsonValue(), allow_null=True, required=False),
        "pattern": serializers.CharField(allow_null=True, required=False, help_text="Of the whole text."),
        "min": serializers.FloatField(allow_null=True, required=False),
        "max": serializers.FloatField(allow_null=True, required=False),
        "__doc__": "What a property is to be; null: nothing is said. A name with dots is a path, also through lists.",
    },
)


class PlanEvent(serializers.Serializer):
    """What an event's properties are to be."""

    mode = serializers.ChoiceField(
        form.MODES, required=False, help_text="open: not checked; warn: counted; refuse: rejected."
    )
    properties = serializers.DictField(child=PlanProperty(), required=False)


class PlanVersion(serializers.Serializer):
    """A version of the plan."""

    version = serializers.IntegerField()
    author = serializers.CharField()
    why = serializers.CharField()
    saved_at = serializers.DateTimeField()
    valid_from = serializers.DateTimeField(help_text="Messages received from here on are checked by it.")


class Plan(serializers.Serializer):
    """The tracking plan."""

    version = serializers.IntegerField(help_text="0: there is none yet.")
    events = serializers.DictField(
        child=PlanEvent(), help_text="By the name under which they are stored; others are let through."
    )
    versions = PlanVersion(many=True)


class PlanSaved(serializers.Serializer):
    """A plan to be saved, whole."""

    events = serializers.DictField(child=PlanEvent())
    why = serializers.CharField(required=False)
    version = serializers.IntegerField(
        required=False, help_text="The one it was made from: 409 if it is not the newest."
    )


class PlanSchema(serializers.Serializer):
    """The plan as JSON Schema, draft 2020-12: each event's properties under `$defs`, with `x-mode`."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """Their names are no names of Python's."""
        return {
            "$schema": serializers.CharField(required=False),
            "type": serializers.CharField(required=False),
            "$defs": serializers.DictField(child=JsonObject()),
            "allOf": serializers.ListField(child=JsonObject(), required=False),
        }


class ViolationExample(serializers.Serializer):
    """The newest message that breaks the plan so."""

    message_id = serializers.CharField()
    value = serializers.CharField(help_text="The beginning of what stood there; empty: nothing.")
    received_at = serializers.DateTimeField()


class PlanViolation(serializers.Serializer):
    """One way in which an event of a connector broke the plan on a day."""

    day = serializers.DateField(help_text="Of receipt, in the workspace's zone.")
    event = serializers.CharField()
    property = serializers.CharField()
    code = serializers.ChoiceField(checker.CODES)
    connector = serializers.UUIDField()
    channel = serializers.CharField()
    count = serializers.IntegerField()
    refused = serializers.IntegerField(help_text="How many of them were rejected.")
    checked = serializers.IntegerField(help_text="This event from this connector, that day.")
    wanted = serializers.CharField(help_text="What the plan says.")
    example = ViolationExample()


ViolationPage = page_of("PlanViolation", PlanViolation(many=True))
