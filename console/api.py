"""API calls that need several parts: a person's merge and split, and what he says of a conflict."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.pipeline import patience, store
from console import answers
from kernel import values
from kernel.errors import BadRequest, NotFound
from kernel.periods import utc_text
from kernel.web.api import ApiView, body, uuid_of
from profiles import queries
from profiles.answers import WholeProfile
from profiles.identity import edits, later

REASON_LENGTH = 500


def _reason(asked: dict[str, Any]) -> str:
    text = values.text(asked.get("reason"))
    if not text:
        raise BadRequest('"reason" says why: it stands in the audit log.', "missing_field")
    return text[:REASON_LENGTH]


def merge(workspace: int, one: str, other: str, reason: str, actor: str) -> None:
    """Joins two profiles by a person's hand; the numbers follow in the same transaction."""
    with patience.worker_lock(connection, alone=False), transaction.atomic():
        owners = edits.merge(
            connection, workspace, _key(workspace, one), _key(workspace, other), _edit(reason, actor)
        )
        store.settle(connection, workspace, owners)


def split(workspace: int, a: UUID, b: UUID, reason: str, actor: str) -> None:
    """Undoes whatever joins two identifiers of a profile; they are not joined again until a person says so."""
    with patience.worker_lock(connection, alone=False), transaction.atomic():
        owners = edits.split(connection, workspace, a, b, _edit(reason, actor))
        store.settle(connection, workspace, owners)


def keep_apart(workspace: int, a: UUID, b: UUID, reason: str, actor: str) -> None:
    """Two identifiers that were seen together are two people, for good."""
    with patience.worker_lock(connection, alone=False), transaction.atomic():
        edits.keep_apart(connection, workspace, a, b, _edit(reason, actor))


def leave(workspace: int, a: UUID, b: UUID, actor: str) -> datetime:
    """A conflict is hidden until new evidence or the time that is answered."""
    with transaction.atomic():
        return later.leave(connection, workspace, a, b, actor, datetime.now(UTC))


def show_again(workspace: int, a: UUID, b: UUID, actor: str) -> None:
    """A conflict that was left for later stands in the list again."""
    with transaction.atomic():
        later.again(connection, workspace, a, b, actor)


def _edit(reason: str, actor: str) -> edits.Edit:
    return edits.Edit(reason, actor, datetime.now(UTC))


def _key(workspace: int, text: str) -> UUID:
    return queries.resolve(connection, workspace, text)[1]


def identifier(workspace: int, serial: int, asked: Any) -> UUID:
    """The key of an identifier of this profile, named by kind and value (and namespace where it has one)."""
    if not isinstance(asked, dict) or not all(isinstance(asked.get(name), str) for name in ("kind", "value")):
        raise BadRequest('An identifier is {"kind", "value"}.', "bad_identifier")
    named = f"{asked['kind']}:{asked['value']}"
    keys = set(queries.identifier_keys(connection, workspace, named, asked.get("namespace")))
    for item in queries.identifiers(connection, workspace, serial, masked=False):
        if UUID(item["key"]) in keys:
            return UUID(item["key"])
    raise NotFound("This profile has no such identifier.")


class Merge(ApiView):
    """Two profiles are one person, a person says."""

    role = "analyst"
    shows_contacts = True

    @extend_schema(request=answers.MergeAsked, responses=WholeProfile)
    def post(self, request: Request, key: str) -> Response:
        """`{"other": profile id, "reason"}`; answers with the joined profile."""
        asked, context = body(request), self.access
        other = asked.get("other")
        if not isinstance(other, str) or uuid_of(other) is None:
            raise BadRequest('"other" is the id of the profile to join.', "missing_field")
        merge(context.workspace.pk, key, other, _reason(asked), str(request.user))
        return Response(queries.profile(connection, context.workspace, key, context.masked))


class Split(ApiView):
    """Two identifiers are not one person, a person says."""

    role = "analyst"
    shows_contacts = True

    @extend_schema(request=answers.SplitAsked, responses=answers.SplitDone)
    def post(self, request: Request, key: str) -> Response:
        """`{"a": {"kind", "value"}, "b": {"kind", "value"}, "reason"}`; answers with both profiles."""
        asked, context = body(request), self.access
        workspace = context.workspace.pk
        serial, _public = queries.resolve(connection, workspace, key)
        a, b = (identifier(workspace, serial, asked.get(name)) for name in ("a", "b"))
        split(workspace, a, b, _reason(asked), str(request.user))
        found = [queries.profile(connection, context.workspace, one, context.masked) for one in (a, b)]
        return Response({"profiles": found})


class DecisionAsked(serializers.Serializer[Any]):
    """What is said of a conflict. One person: merge the two profiles."""

    a = serializers.UUIDField(help_text="The key of the conflict's first identifier.")
    b = serializers.UUIDField(help_text="The key of its second one.")
    decision = serializers.ChoiceField(choices=["two_people", "later", "open"])
    reason = serializers.CharField(
        required=False, max_length=REASON_LENGTH, help_text="For `two_people`: why."
    )


class DecisionMade(serializers.Serializer[Any]):
    """What became of it."""

    decision = serializers.ChoiceField(choices=["two_people", "later", "open"])
    until = serializers.DateTimeField(
        allow_null=True, help_text="For `later`: when it is shown again at the latest."
    )


class Decide(ApiView):
    """A conflict ends: they are two people, or it is left for later."""

    role = "analyst"

    @extend_schema(request=DecisionAsked, responses=DecisionMade)
    def post(self, request: Request) -> Response:
        """`two_people` keeps them apart for good, `later` hides it until new evidence or 30 days; `open` undoes it."""
        asked, workspace, actor = body(request), self.access.workspace.pk, str(request.user)
        a, b = (uuid_of(str(asked.get(name))) for name in ("a", "b"))
        decision, until = asked.get("decision"), None
        if a is None or b is None:
            raise BadRequest('"a" and "b" are the keys of the two identifiers.', "missing_field")
        if decision == "two_people":
            keep_apart(workspace, a, b, _reason(asked), actor)
        elif decision == "later":
            until = utc_text(leave(workspace, a, b, actor))
        elif decision == "open":
            show_again(workspace, a, b, actor)
        else:
            raise BadRequest('"decision" is two_people, later or open.', "bad_decision")
        return Response({"decision": decision, "until": until})
