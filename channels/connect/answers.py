"""What the API answers about kinds of connectors and their settings, field by field: for its description alone."""

from rest_framework import serializers

from channels.connectors.base import API, CATEGORIES, FILE, HOOK, PULL
from kernel.web.openapi import JsonValue


class Secret(serializers.Serializer):
    """Something that is written and never read."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF's own word for a field's title
    help = serializers.CharField()
    needed = serializers.BooleanField(help_text="Without it nothing is taken.")


class Docs(serializers.Serializer):
    """What an admin reads."""

    steps = serializers.ListField(child=serializers.CharField())
    untold = serializers.ListField(
        child=serializers.CharField(), help_text="What the platform does not tell us."
    )
    source = serializers.CharField(help_text="The document it was written by.")  # type: ignore[assignment]
    read_on = serializers.CharField(help_text="The day that document was read.")
    verified = serializers.BooleanField(help_text="Against the platform itself.")


class Kind(serializers.Serializer):
    """A kind of connector."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    category = serializers.ChoiceField(choices=CATEGORIES)
    direction = serializers.ChoiceField(choices=(API, HOOK, FILE, PULL))
    about = serializers.CharField()
    settings_schema = JsonValue(help_text="JSON Schema.")
    secrets = Secret(many=True)
    docs = Docs()


class Made(serializers.Serializer):
    """A connector to be made."""

    channel = serializers.SlugField()
    kind = serializers.CharField()
    name = serializers.CharField(required=False)
    settings = JsonValue(required=False)
    secrets = JsonValue(required=False)


class Patched(serializers.Serializer):
    """What is to be changed."""

    name = serializers.CharField(required=False)
    settings = JsonValue(required=False)
    secrets = JsonValue(required=False)


class Failure(serializers.Serializer):
    """Why what is asked of a platform does not come."""

    code = serializers.CharField()
    message = serializers.CharField()
    words = serializers.CharField(help_text="The platform's own.")
    at = serializers.DateTimeField(allow_null=True)


class Pulled(serializers.Serializer):
    """How what is asked of a platform stands."""

    next_run = serializers.DateTimeField(allow_null=True, help_text="Of what is pulled; null: nothing is.")
    cursor = JsonValue(allow_null=True, help_text="Of what is pulled: how far it came.")
    last_success = serializers.DateTimeField(allow_null=True, help_text="Of a whole run.")
    failure = Failure(allow_null=True)
    waiting = serializers.IntegerField(help_text="Things that notices named and that are not looked up yet.")
    given_up = serializers.IntegerField(help_text="The same, that the platform says it does not have.")


class Settings(Pulled):
    """A connector without its secrets."""

    connector = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.CharField()
    channel = serializers.SlugField()
    enabled = serializers.BooleanField()
    rate_limit = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    hook_url = serializers.CharField(allow_null=True, help_text="Where its platform posts to.")
    settings = JsonValue()
    secrets_set = serializers.ListField(child=serializers.CharField())
    write_key = serializers.CharField(required=False, help_text="Once, where it is made.")


class Tried(serializers.Serializer):
    """What came of it."""

    ok = serializers.BooleanField()
    message = serializers.CharField()
