"""What a person says of two customers that may be one: accept, refuse, later, many at once; and looking for such pairs.

Accepting is a merge by hand and is undone like one; refusing keeps the two apart for good.
Not here: the list (profiles/suggestions/api.py), the looking (cdp/pipeline/suggesting.py).
"""

import time
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.pipeline import patience, store, suggesting
from kernel import audit, values
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.web.api import ApiView, body, uuid_of
from profiles.identity import edits
from profiles.suggestions import kept, listing
from profiles.suggestions.api import Suggestion

LATER: Final = 202  # it is done as a job
MOST_AT_ONCE: Final = 500  # that one call accepts
LONGEST_SECONDS: Final = 20.0  # of it; what is left is said


def accept(workspace: int, number: UUID, reason: str, actor: str) -> None:
    """The two are one customer: a merge by hand; the numbers follow in the same transaction."""
    with patience.worker_lock(connection, alone=False), transaction.atomic():
        one, edit = _waiting(workspace, number), edits.Edit(reason, actor, datetime.now(UTC))
        kept.check(connection, workspace, one)
        owners = edits.merge(connection, workspace, one.one_key, one.other_key, edit)
        store.settle(connection, workspace, owners)
        _decide(workspace, one, "accepted", edit)


class Accepted(NamedTuple):
    """What became of many: merged; closed, because there was nothing left to decide; still waiting."""

    accepted: int
    closed: int
    left: int


def accept_above(workspace: int, score: float, reason: str, actor: str) -> Accepted:
    """Those that reach a score, the likeliest first, up to a number and a time: each in a transaction of its own."""
    until, accepted, closed = time.monotonic() + LONGEST_SECONDS, 0, 0
    for number in kept.above(connection, workspace, score, MOST_AT_ONCE):
        if time.monotonic() > until:
            break
        try:
            accept(workspace, number, reason, actor)
            accepted += 1
        except (
            Conflict,
            NotFound,
        ):  # an earlier one of these joined the two, or filled up what they may hold
            with transaction.atomic():
                kept.hold(connection, workspace)
                kept.drop(connection, workspace, number)
            closed += 1
    return Accepted(accepted, closed, kept.count_above(connection, workspace, score))


def refuse(workspace: int, number: UUID, reason: str, actor: str) -> None:
    """The two are two customers, for good: until a person merges them."""
    with patience.worker_lock(connection, alone=False), transaction.atomic():
        one, edit = _waiting(workspace, number), edits.Edit(reason, actor, datetime.now(UTC))
        edits.keep_apart(connection, workspace, one.one_key, one.other_key, edit)
        _decide(workspace, one, "refused", edit)


def leave(workspace: int, number: UUID, actor: str) -> None:
    """Not now: it waits again after a month."""
    with transaction.atomic():
        one = _waiting(workspace, number)
        _decide(workspace, one, "later", edits.Edit("", actor, datetime.now(UTC)))


def _waiting(workspace: int, number: UUID) -> kept.Standing:
    kept.hold(connection, workspace)
    return kept.waiting(connection, workspace, number)


def _decide(workspace: int, one: kept.Standing, state: str, edit: edits.Edit) -> None:
    kept.decide(connection, workspace, one.id, state, edit.actor, edit.at)
    detail = {"profiles": [str(one.one_key), str(one.other_key)]}
    audit.note(workspace, edit.actor, f"suggestion.{state}", str(one.id), **detail)


def _reason(asked: dict[str, Any]) -> str:
    """Why, where a person says so; else what it was decided by."""
    return (values.text(asked.get("reason")) or _("Suggested match"))[: edits.REASON_LENGTH]


def number_of(text: str) -> UUID:
    """A suggestion's id; NotFound for what is none."""
    found = uuid_of(text)
    if found is None:
        raise NotFound(_("There is no such suggestion in this workspace."))
    return found


class WhySerializer(serializers.Serializer[Any]):
    """Why; it is kept with the decision."""

    reason = serializers.CharField(required=False, max_length=edits.REASON_LENGTH)


class SuggestionAccept(ApiView):
    """The two are one customer."""

    role = "analyst"
    shows_contacts = True

    @extend_schema(request=WhySerializer, responses=Suggestion)
    def post(self, request: Request, number: str) -> Response:
        """Merges them, as by hand: it can be undone on the customer's page or by a split."""
        asked, context = body(request), self.access
        accept(context.workspace.pk, number_of(number), _reason(asked), str(request.user))
        return Response(listing.one(connection, context.workspace.pk, number_of(number), context.masked))


class SuggestionRefuse(ApiView):
    """The two are two customers."""

    role = "analyst"
    shows_contacts = True

    @extend_schema(request=WhySerializer, responses=Suggestion)
    def post(self, request: Request, number: str) -> Response:
        """Keeps them apart for good: never suggested again, and joined by nothing but a person's merge."""
        asked, context = body(request), self.access
        refuse(context.workspace.pk, number_of(number), _reason(asked), str(request.user))
        return Response(listing.one(connection, context.workspace.pk, number_of(number), context.masked))


class SuggestionLater(ApiView):
    """Not now."""

    role = "analyst"
    shows_contacts = True

    @extend_schema(request=None, responses=Suggestion)
    def post(self, request: Request, number: str) -> Response:
        """Hides it for 30 days."""
        context = self.access
        leave(context.workspace.pk, number_of(number), str(request.user))
        return Response(listing.one(connection, context.workspace.pk, number_of(number), context.masked))


class AcceptAsked(serializers.Serializer[Any]):
    """From which score on, and why."""

    min_score = serializers.FloatField(min_value=0, max_value=1)
    reason = serializers.CharField(required=False, max_length=edits.REASON_LENGTH)


class AcceptDone(serializers.Serializer[Any]):
    """What became of them."""

    accepted = serializers.IntegerField()
    closed = serializers.IntegerField(
        help_text="Were one customer by then, or are kept apart by the rules by now."
    )
    left = serializers.IntegerField(help_text="Still wait: ask again.")


class SuggestionsAccept(ApiView):
    """All that are likely enough, the likeliest first."""

    role = "analyst"

    @extend_schema(request=AcceptAsked, responses=AcceptDone)
    def post(self, request: Request) -> Response:
        """Accepts those with `min_score` or more, at most 500 a call; `left` says how many still wait."""
        asked, workspace = body(request), self.access.workspace.pk
        score, reason = _score(asked), _reason(asked)
        return Response(accept_above(workspace, score, reason, str(request.user))._asdict())


def _score(asked: dict[str, Any]) -> float:
    given = asked.get("min_score")
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 1:
        raise BadRequest(_("“min_score” is a number from 0 to 1."), "bad_score")
    return float(given)


class RunBegun(serializers.Serializer[Any]):
    """The job that does it."""

    job = serializers.IntegerField()


class SuggestionsRun(ApiView):
    """Looks for customers that may be one."""

    role = "analyst"

    @extend_schema(request=None, responses={LATER: RunBegun})
    def post(self, request: Request) -> Response:
        """Compares all customers anew, beside the line; while that runs, the same job is answered."""
        workspace = self.access.workspace
        job = suggesting.ask(workspace)
        audit.note(workspace.pk, str(request.user), "suggestions.run", str(job.pk))
        return Response({"job": job.pk}, status=LATER)
