"""Destinations and deliveries over the API. Secrets are written and never read; what is done is kept.

Not here: what a kind wants (destinations/), sending (work.py).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from channels import destinations
from channels.connect import connections
from channels.delivery import answers, log, setup, trial, words
from channels.delivery.work import Ports
from channels.destinations.base import DestinationKind
from channels.models import Destination
from kernel import audit, normalise
from kernel.errors import BadRequest, NotFound
from kernel.periods import utc_text
from kernel.told import Wanted
from kernel.web import access
from kernel.web.api import ApiView, body, limit, paged, parameters, uuid_of

FILTERS: Final = ("destination", "profile", "state")
REPLAY: Final = frozenset(("destination", "state", "after", "before"))


def nobody() -> Ports:
    """Where the addresses do not say whom to ask."""
    return Ports(people=lambda *_: {}, events=lambda *_: {}, consented=lambda *_: set())


def shown_kind(kind: DestinationKind) -> dict[str, Any]:
    """A kind as the API says it."""
    return {
        "kind": kind.name,
        "label": str(kind.label),
        "about": str(kind.about),
        "personal": kind.personal,
        "settings_schema": connections.schema(kind),
        "secrets": [
            {"name": one.name, "label": str(one.label), "help": str(one.help), "needed": one.needed}
            for one in kind.secrets
        ],
        "docs": {
            "steps": [str(one) for one in kind.guide.steps],
            "untold": [str(one) for one in kind.guide.untold],
            "source": kind.guide.source,
            "read_on": kind.guide.read_on,
            "verified": kind.guide.verified,
        },
    }


def shown(several: list[Destination]) -> list[dict[str, Any]]:
    """Destinations as the API says them: no secret, but which are set; and how each does."""
    counts = log.counts(connection, [one.pk for one in several]) if several else {}
    return [
        {
            "id": str(one.uuid),
            **setup.shown(connection, one),
            "secrets_set": setup.secrets_set(one),
            "held_until": utc_text(one.held_until) if one.held_until else None,
            "trouble": _trouble(one.trouble),
            "deliveries": counts[one.pk],
            "created_at": utc_text(one.created_at),
        }
        for one in several
    ]


def _trouble(found: dict[str, Any] | None) -> dict[str, Any] | None:
    if not found:
        return None
    return {
        "code": found["code"],
        "message": words.said(found["code"], found["params"]),
        "words": found["words"],
        "at": found["at"],
    }


class DestinationKinds(ApiView):
    """Ways out of the product."""

    @extend_schema(responses=answers.DestinationKind(many=True))
    def get(self, request: Request) -> Response:
        """Every kind of destination, with the form of its settings."""
        parameters(request)
        return Response([shown_kind(kind) for kind in destinations.ALL])


class _Written(ApiView):
    """An analyst may look, an admin may write: an address may hold what is nobody else's business."""

    role = "analyst"

    def get_permissions(self) -> list[Any]:
        """By what is asked."""
        return [access.at_least(self.role if self.request.method == "GET" else "admin")()]

    def note(self, action: str, target: str, **detail: Any) -> None:
        """Who did it."""
        audit.note(self.access.workspace.pk, str(self.request.user), action, target, **detail)


class Destinations(_Written):
    """The workspace's destinations."""

    @extend_schema(responses=answers.DestinationPage)
    def get(self, request: Request) -> Response:
        """All destinations, and how each does."""
        parameters(request)
        found = shown(setup.all_of(self.access.workspace))
        return Response({"next": None, "previous": None, "results": found})

    @extend_schema(request=answers.DestinationMade, responses={201: answers.Destination})
    def post(self, request: Request) -> Response:
        """A new one."""
        made = setup.make(self.access.workspace, body(request))
        self.note("destination.add", str(made.uuid), kind=made.kind, name=made.name)
        return Response(shown([made])[0], status=201)


class DestinationDetail(_Written):
    """One destination."""

    @extend_schema(responses=answers.Destination)
    def get(self, request: Request, uuid: str) -> Response:
        """What is set, without its secrets."""
        parameters(request)
        return Response(shown([self._one(uuid)])[0])

    @extend_schema(request=answers.DestinationChanged, responses=answers.Destination)
    def patch(self, request: Request, uuid: str) -> Response:
        """What is given; settings by field, secrets by name (an empty one goes)."""
        found = self._one(uuid)
        changed = setup.change(found, body(request))
        if changed:
            self.note("destination.change", str(found.uuid), changed=changed)
        return Response(shown([self._one(uuid)])[0])

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, uuid: str) -> Response:
        """Nothing is sent there any more; what went out stays in the log."""
        found = self._one(uuid)
        setup.drop(found)
        self.note("destination.delete", str(found.uuid), name=found.name)
        return Response(status=204)

    def _one(self, uuid: str) -> Destination:
        return setup.one_of(self.access.workspace, uuid_of(uuid))


class DestinationTest(_Written):
    """A destination tried."""

    ports: Callable[[], Ports] = staticmethod(nobody)

    @extend_schema(request=answers.DestinationTrial, responses=answers.DestinationTried)
    def post(self, request: Request, uuid: str) -> Response:
        """Sends one delivery that is made up, about nobody or about the profile that is named; or shows it alone."""
        one, asked = setup.one_of(self.access.workspace, uuid_of(uuid)), body(request)
        _only(asked, frozenset(("profile", "send")))
        profile, send = asked.get("profile"), asked.get("send", True)
        key = uuid_of(profile) if isinstance(profile, str) else None
        if (profile is not None and key is None) or not isinstance(send, bool):
            raise BadRequest(_("“profile” is a profile's id, “send” is true or false."))
        tried = trial.run(connection, one, self.ports(), key, send=send)
        self.note("destination.test", str(one.uuid), ok=tried.ok, profile=profile, send=send)
        return Response(tried._asdict())


class Deliveries(_Written):
    """What went out, and what did not."""

    ports: Callable[[], Ports] = staticmethod(nobody)

    @extend_schema(
        parameters=[OpenApiParameter(name, OpenApiTypes.STR) for name in (*FILTERS, "cursor", "limit")],
        responses=answers.DeliveryPage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page of deliveries, newest first."""
        given, workspace = parameters(request, FILTERS), self.access.workspace
        state, profiles, destination = given.get("state", ""), None, None
        if state and state not in log.STATES:
            raise BadRequest(f"`state` is one of {', '.join(log.STATES)}.", "bad_state")
        if given.get("destination"):
            destination = _destination(workspace, given["destination"]).pk
        if text := given.get("profile"):
            key = uuid_of(text)
            if key is None:
                raise BadRequest("`profile` is a profile's id.", "bad_profile")
            person = self.ports().people(connection, workspace.pk, [key], Wanted()).get(key)
            profiles = person.keys if person else {key}
        found = log.page(
            connection,
            workspace.pk,
            destination=destination,
            profiles=profiles,
            state=state,
            at=given.get("cursor"),
            limit=limit(request),
        )
        return paged(request, found)


class DeliveryRetry(_Written):
    """One delivery once more."""

    @extend_schema(request=None, responses=answers.Delivery)
    def post(self, request: Request, number: int) -> Response:
        """At once, under the same key: one that failed, is dead, was refused or sent."""
        found = log.retry(connection, self.access.workspace.pk, number)
        self.note("delivery.retry", str(number), destination=found["destination"])
        return Response(found)


class DeliveryReplay(_Written):
    """Many deliveries once more."""

    @extend_schema(request=answers.DeliveriesReplay, responses=answers.DeliveriesReplayed)
    def post(self, request: Request) -> Response:
        """Those of a destination that failed or are dead, or in the state that is named, under the same keys."""
        asked = body(request)
        _only(asked, REPLAY)
        one = _destination(self.access.workspace, str(asked.get("destination", "")))
        state = asked.get("state")
        if state is not None and state not in log.AGAIN:
            raise BadRequest(f'"state" is one of {", ".join(log.AGAIN)}.', "bad_state")
        states = (state,) if state else log.UNSENT
        n = log.replay(connection, one, states, _time(asked, "after"), _time(asked, "before"))
        self.note("delivery.replay", str(one.uuid), states=states, replayed=n)
        return Response({"replayed": n})


def _destination(workspace: Any, text: str) -> Destination:
    try:
        return setup.one_of(workspace, uuid_of(text))
    except NotFound as why:
        raise BadRequest(str(why), "unknown_destination") from None


def _time(asked: dict[str, Any], name: str) -> datetime | None:
    if asked.get(name) is None:
        return None
    found = normalise.moment(asked[name]) if isinstance(asked[name], str) else None
    if found is None:
        raise BadRequest(f'"{name}" is a time like 2026-11-01T08:00:00Z.', "bad_time")
    return found


def _only(asked: dict[str, Any], known: frozenset[str]) -> None:
    for name in asked:
        if name not in known:
            raise BadRequest(f"There is no {name[:60]!r} here: {', '.join(sorted(known))}.", "unknown_field")
