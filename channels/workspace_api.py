"""The workspace of who asks, over the API: its settings. Not here: what they may be (workspaces.py)."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from channels import workspaces
from kernel import audit
from kernel.errors import BadRequest
from kernel.web import access
from kernel.web.api import ApiView, body, parameters


class WorkspaceAsked(serializers.Serializer[Any]):
    """What is to be different."""

    name = serializers.CharField(max_length=120, required=False)
    timezone = serializers.CharField(required=False, help_text="Until the first event.")
    currency = serializers.CharField(required=False, help_text="Until the first event.")
    language = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Of pages, for who has chosen none; empty: their browser's.",
    )


class WorkspaceSettings(serializers.Serializer[Any]):
    """A workspace."""

    slug = serializers.CharField()
    name = serializers.CharField()
    timezone = serializers.CharField(help_text="Its days are days there.")
    currency = serializers.CharField(help_text="Its money is counted in this.")
    language = serializers.CharField(allow_blank=True)
    fixed = serializers.ListField(
        child=serializers.CharField(), help_text="The fields that can no longer be changed."
    )


class Workspace(ApiView):
    """The workspace of the token or session."""

    def get_permissions(self) -> list[Any]:
        """Everybody may read it, an admin may change it."""
        return [access.at_least("admin" if self.request.method == "PATCH" else self.role)()]

    @extend_schema(responses=WorkspaceSettings)
    def get(self, request: Request) -> Response:
        """Its settings, and which of them are fixed."""
        parameters(request)
        return Response(self._said())

    @extend_schema(request=WorkspaceAsked, responses=WorkspaceSettings)
    def patch(self, request: Request) -> Response:
        """Some of them. Zone and currency are fixed with the first event: 409 says so."""
        place, asked = self.access.workspace, body(request)
        for name, value in asked.items():
            if name not in workspaces.FIELDS:
                raise BadRequest(
                    f"There is no {name[:60]!r} here: {', '.join(workspaces.FIELDS)}.", "unknown_field"
                )
            if not isinstance(value, str):
                raise BadRequest(f'"{name}" is a text.', "bad_value")
        with transaction.atomic():
            if changed := workspaces.change(place, asked):
                audit.note(place.pk, str(request.user), "workspace.change", place.slug, **changed)
        place.refresh_from_db()
        return Response(self._said())

    def _said(self) -> dict[str, Any]:
        place = self.access.workspace
        fixed = list(workspaces.FIXED) if workspaces.fixed(place) else []
        return {"slug": place.slug, **workspaces.shown(place), "fixed": fixed}
