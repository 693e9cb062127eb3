"""Members, tokens and the record of what was done, over the API. Not here: the rules (members.py, tokens.py)."""

from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import audit, models, periods
from kernel.errors import BadRequest
from kernel.models import Role
from kernel.people import answers, members, record, tokens
from kernel.people.members import Link
from kernel.periods import utc_text
from kernel.web.api import PAGING, ApiView, body, limit, paged, parameters

FILTERS = [OpenApiParameter(name, OpenApiTypes.STR) for name in (*record.FILTERS, *record.DAYS, *PAGING)]


def said(one: models.Member) -> dict[str, Any]:
    """A member as the API says it."""
    return {
        "id": one.pk,
        "email": one.user.email or one.user.get_username(),
        "role": one.role,
        "state": "active" if one.user.has_usable_password() else "invited",
        "last_login": utc_text(one.user.last_login),
        "last_seen": utc_text(one.seen_at),
        "invited_until": utc_text(one.link_until)
        if one.link_until and one.link_until > timezone.now()
        else None,
    }


class Members(ApiView):
    """Who belongs to the workspace."""

    role = Role.ADMIN.value

    @extend_schema(responses=answers.MemberPage)
    def get(self, request: Request) -> Response:
        """Everybody, admins first."""
        parameters(request)
        found = [said(one) for one in members.listed(self.access.workspace)]
        return Response({"next": None, "previous": None, "results": found})

    @extend_schema(request=answers.InvitationAsked, responses={201: answers.Invited})
    def post(self, request: Request) -> Response:
        """Invites somebody: the answer has the link by which they set a password, good for seven days."""
        asked = _asked(request, ("email", "role"))
        member, link = members.invite(
            self.access.workspace, str(asked.get("email", "")), str(asked.get("role", ""))
        )
        _note(self, "member.invite", member.user.get_username(), role=member.role)
        return Response(said(member) | _linked(request, link), status=201)


class MemberDetail(ApiView):
    """One member."""

    role = Role.ADMIN.value

    @extend_schema(request=answers.RoleAsked, responses=answers.Member)
    def patch(self, request: Request, number: int) -> Response:
        """Another role; the last admin keeps his."""
        found, asked = members.one(self.access.workspace, number), _asked(request, ("role",))
        before = found.role
        members.change_role(found, str(asked.get("role", "")))
        _note(self, "member.role", found.user.get_username(), before=before, after=found.role)
        return Response(said(found))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, number: int) -> Response:
        """Out of the workspace, their tokens with them."""
        found = members.one(self.access.workspace, number)
        members.let_go(found)
        _note(self, "member.remove", found.user.get_username(), role=found.role)
        return Response(status=204)


class MemberLink(ApiView):
    """A new link for one who lost theirs, or their password."""

    role = Role.ADMIN.value

    @extend_schema(request=None, responses=answers.Invited)
    def post(self, request: Request, number: int) -> Response:
        """By it they set another password; until then the old one goes on."""
        found = members.one(self.access.workspace, number)
        link = members.link(found)
        _note(self, "member.link", found.user.get_username())
        return Response(said(found) | _linked(request, link))


class Tokens(ApiView):
    """Tokens for the API: one's own; an admin sees everybody's."""

    @extend_schema(responses=answers.TokenPage)
    def get(self, request: Request) -> Response:
        """Those that work, newest first."""
        parameters(request)
        found = [_token(one) for one in tokens.listed(self.access.workspace, _whose(self))]
        return Response({"next": None, "previous": None, "results": found})

    @extend_schema(request=answers.TokenAsked, responses={201: answers.TokenMade})
    def post(self, request: Request) -> Response:
        """A new one of one's own, shown in this answer and never again."""
        asked = _asked(request, ("name", "role", "days", "scope"))
        days = asked.get("days")
        if days is not None and type(days) is not int:
            raise BadRequest('"days" is a whole number.', "bad_days")
        role = str(asked.get("role") or self.access.role)
        if not self.access.reaches(role if role in Role.values else Role.ADMIN.value):
            raise BadRequest("A token reaches at most as far as you do here.", "bad_role")
        name, scope = str(asked.get("name") or ""), str(asked.get("scope") or "")
        made, text = tokens.make(self.access.workspace, _user(request), name, role, days, scope)
        _note(self, "token.make", made.prefix, name=made.name, role=made.role, scope=made.scope)
        return Response(_token(made) | {"token": text}, status=201)


class TokenDetail(ApiView):
    """One token."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, number: int) -> Response:
        """It stops working at once."""
        gone = tokens.revoke(self.access.workspace, _whose(self), number)
        _note(self, "token.revoke", gone.prefix, name=gone.name)
        return Response(status=204)


class Audit(ApiView):
    """Who did what, when, on what: kept for good, changed by nobody."""

    role = Role.ADMIN.value

    @extend_schema(parameters=FILTERS, responses=answers.AuditPage)
    def get(self, request: Request) -> Response:
        """A cursor page, newest first; `action` takes a whole kind by its first word (`member`)."""
        given = parameters(request, (*record.FILTERS, *record.DAYS))
        place = self.access.workspace
        asked = record.read(given, periods.zone(place.timezone))
        found = record.page(connection, place.pk, asked, given.get("cursor"), limit(request))
        return paged(request, found)


def _asked(request: Request, known: tuple[str, ...]) -> dict[str, Any]:
    asked = body(request)
    for name in asked:
        if name not in known:
            raise BadRequest(f"There is no {name[:60]!r} here: {', '.join(known)}.", "unknown_field")
    return asked


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101 (a view of ours is for who is signed in)
    return request.user


def _whose(view: ApiView) -> User | None:
    return None if view.access.role == Role.ADMIN else _user(view.request)


def _note(view: ApiView, action: str, target: str, /, **detail: Any) -> None:
    audit.note(view.access.workspace.pk, str(view.request.user), action, target, **detail)


def _linked(request: Request, link: Link | None) -> dict[str, Any]:
    address = request.build_absolute_uri(link.path) if link else None
    return {"link": address, "link_until": link.until if link else None}


def _token(one: models.ApiToken) -> dict[str, Any]:
    return {
        "id": one.pk,
        "name": one.name,
        "owner": one.user.get_username(),
        "role": one.role,
        "scope": one.scope,
        "prefix": one.prefix,
        "created_at": utc_text(one.created_at),
        "used_at": utc_text(one.used_at),
        "expires_at": utc_text(one.expires_at),
    }
