"""The read API of suggestions. Not here: accepting, refusing and finding them, which need the pipeline
(console/quality/suggestions_api.py)."""

from typing import Any

from django.db import connection
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.web.api import ApiView, limit, paged, parameters
from kernel.web.openapi import page_of
from profiles.suggestions import kept, listing

PARAMETERS = [
    OpenApiParameter("state", OpenApiTypes.STR, enum=kept.STATES, description="`open` where none is given."),
    OpenApiParameter("cursor", OpenApiTypes.STR),
    OpenApiParameter("limit", OpenApiTypes.INT),
]


class Evidence(serializers.Serializer[Any]):
    """A field of two customers, side by side."""

    field = serializers.CharField(help_text="name, phone, email, birthday, address, city, …")
    a = serializers.CharField(allow_null=True, help_text="Of the first; contact data masked for a viewer.")
    b = serializers.CharField(allow_null=True)
    level = serializers.CharField(
        help_text="How alike: exact, sounds_alike, typing_error, …, different, missing."
    )
    weight = serializers.FloatField(help_text="In bits: above 0 it speaks for one person, below 0 against.")


class Suggestion(serializers.Serializer[Any]):
    """Two customers that may be one person."""

    id = serializers.UUIDField()
    profiles = serializers.ListField(
        child=serializers.UUIDField(), min_length=2, max_length=2, help_text="As they are now."
    )
    score = serializers.FloatField(help_text="Probability, 0 to 1.")
    weight = serializers.FloatField(help_text="Of all evidence, in bits.")
    evidence = Evidence(many=True)
    state = serializers.ChoiceField(choices=kept.STATES)


SuggestionPage = page_of("Suggestion", Suggestion(many=True))


class Suggestions(ApiView):
    """Customers that may be one person, and why."""

    shows_contacts = True

    @extend_schema(parameters=PARAMETERS, responses=SuggestionPage)
    def get(self, request: Request) -> Response:
        """A cursor page, the likeliest first."""
        given, context = parameters(request, ["state"]), self.access
        found = listing.page(
            connection,
            context.workspace.pk,
            given.get("state") or "open",
            timezone.now(),
            context.masked,
            given.get("cursor"),
            limit(request),
        )
        return paged(request, found)
