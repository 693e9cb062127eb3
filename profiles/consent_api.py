"""The read API of consent: what a person agrees to, how it came to that. Not here: what holds (privacy/consents.py)."""

from typing import Any

from django.db import connection
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.web.api import ApiView, parameters
from profiles import queries

SOURCES = ["event", "preferences", "gpc"]


class ConsentEvent(serializers.Serializer[Any]):
    """The event that said so."""

    id = serializers.UUIDField()
    message_id = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_blank=True, help_text="Empty for an identify, group or alias.")
    channel = serializers.SlugField(allow_null=True, help_text="Through which channel it came in.")
    occurred_at = serializers.DateTimeField()


class ConsentSaid(serializers.Serializer[Any]):
    """A word of consent, or its withdrawal."""

    purpose = serializers.CharField()
    channel = serializers.CharField(
        allow_null=True, help_text="Of messages (sms, email …); null: all of them."
    )
    given = serializers.BooleanField()
    source = serializers.ChoiceField(choices=SOURCES)  # type: ignore[assignment]  # the field's name in the answer
    event = ConsentEvent()
    proof = serializers.CharField(allow_null=True)
    text_version = serializers.CharField(allow_null=True)


class ConsentNow(ConsentSaid):
    """What holds of a purpose and a channel."""

    since = serializers.DateTimeField(
        help_text="When the answer that holds was first said without another since."
    )
    last_said = serializers.DateTimeField()


class ConsentPast(ConsentSaid):
    """One word of the history."""

    at = serializers.DateTimeField()


class ConsentAnswer(serializers.Serializer[Any]):
    """A person's consent."""

    now = ConsentNow(many=True)
    history = ConsentPast(many=True, help_text="Newest first.")


class Consent(ApiView):
    """What a person agreed to."""

    shows_contacts = True

    @extend_schema(responses=ConsentAnswer)
    def get(self, request: Request, key: str) -> Response:
        """Per purpose and channel the latest word (a withdrawal wins a tie), and every word with its event."""
        parameters(request)
        return Response(queries.consent(connection, self.access.workspace, key, self.access.masked))
