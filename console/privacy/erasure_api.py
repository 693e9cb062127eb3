"""The API of erasures: ask for one, see how it stands with its certificate, look again. Admins alone.

Not here: the work (cdp/pipeline/erasure.py), what a look finds (cdp/pipeline/privacy/look.py).
"""

from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.pipeline import erasure, wake
from cdp.pipeline.erasure import Asked, Erasure
from cdp.pipeline.privacy import look
from kernel import audit, values
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.models import Role, Workspace
from kernel.periods import utc_text
from kernel.web.api import ApiView, body, parameters, uuid_of
from profiles import erase as people
from profiles import queries

REASON_LENGTH = 500  # characters
MOST_IDENTIFIERS = 50  # of one look
MOST_LISTED = 200


class SaidIdentifier(serializers.Serializer[Any]):
    """An identifier as it is typed."""

    kind = serializers.CharField()
    value = serializers.CharField()
    namespace = serializers.CharField(required=False)


class ProfileErase(serializers.Serializer[Any]):
    """Why, and whether the person may come again."""

    reason = serializers.CharField(help_text="Kept with the erasure, without the person's values.")
    suppress = serializers.BooleanField(
        default=True, help_text="Later messages with one of the identifiers make nobody; what counts stays."
    )


class Erase(ProfileErase):
    """The same of whom an identifier belongs to."""

    identifier = SaidIdentifier()


class Begun(serializers.Serializer[Any]):
    """An erasure that was asked for."""

    erasure = serializers.UUIDField()


class Looked(serializers.Serializer[Any]):
    """What a look found."""

    clean = serializers.BooleanField(help_text="Nothing is there, and the certificate is as it was signed.")
    signature = serializers.ChoiceField(choices=["good", "bad"])
    found = serializers.DictField(
        child=serializers.IntegerField(), help_text="Rows that hold a value, by table."
    )
    suppressed = serializers.BooleanField()
    values = serializers.IntegerField(help_text="How many identifiers were looked for by their values.")
    at = serializers.DateTimeField()


class Told(serializers.Serializer[Any]):
    """An erasure."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["waiting", "erased", "done", "failed"])
    asked_at = serializers.DateTimeField()
    by = serializers.CharField()
    reason = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Rows that changed, by table.")
    totals = serializers.ChoiceField(
        choices=["equal", "differ"], allow_null=True, help_text="Every metric before and after, to the cent."
    )
    certificate = serializers.JSONField(allow_null=True)
    checked = Looked(allow_null=True)


class ToldList(serializers.Serializer[Any]):
    """Erasures, the newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = Told(many=True)


class Verify(serializers.Serializer[Any]):
    """Identifiers that are said again, to be looked for by their values; they are kept nowhere."""

    identifiers = SaidIdentifier(many=True, required=False)


def told(one: Erasure) -> dict[str, Any]:
    """An erasure as the API gives it."""
    document = one.certificate or {}
    return {
        "id": str(one.id),
        "state": one.state,
        "asked_at": utc_text(one.asked_at),
        "by": one.actor,
        "reason": one.reason if one.certificate else "",  # it may name the person until that is done
        "counts": document.get("counts", {}),
        "totals": document.get("totals", {}).get("compared"),
        "certificate": one.certificate,
        "checked": one.checked,
    }


def begin(workspace: Workspace, keys: list[UUID], asked: dict[str, Any], actor: str) -> Response:
    """Asks for it, and wakes the worker."""
    id_ = erasure.ask(workspace, keys, _asked(asked, actor))
    transaction.on_commit(wake.notify)
    return Response({"erasure": str(id_)}, status=status.HTTP_202_ACCEPTED)


def _asked(asked: dict[str, Any], actor: str) -> Asked:
    reason, suppress = values.text(asked.get("reason")), asked.get("suppress", True)
    if not isinstance(asked.get("reason"), str) or not reason:
        raise BadRequest(_('"reason" says why: it stands in the certificate.'), "missing_field")
    if not isinstance(suppress, bool):
        raise BadRequest(_('"suppress" is true or false.'), "bad_value")
    return Asked(actor, reason[:REASON_LENGTH], suppress)


def keys_of(workspace: int, asked: Any) -> list[tuple[UUID, str, str]]:
    """What an identifier may be, by namespace: (key, kind, value in its one form). BadRequest for what is none."""
    if not isinstance(asked, dict) or not all(isinstance(asked.get(name), str) for name in ("kind", "value")):
        raise BadRequest(_('An identifier is {"kind", "value"}.'), "bad_identifier")
    namespace = asked.get("namespace")
    if namespace is not None and not isinstance(namespace, str):
        raise BadRequest(_('"namespace" is a text.'), "bad_identifier")
    kind = asked["kind"].strip().lower()
    found = queries.identifier_keys(connection, workspace, f"{kind}:{asked['value']}", namespace)
    value = values.identifier(kind, asked["value"], "CN")
    if not found or value is None:
        raise BadRequest(_("The value is no identifier of this kind."), "bad_identifier")
    return [(key, kind, value) for key in found]


class EraseByIdentifier(ApiView):
    """Erases whom an identifier belongs to."""

    role = Role.ADMIN

    @extend_schema(request=Erase, responses={202: Begun})
    def post(self, request: Request) -> Response:
        """`{"identifier": {"kind", "value"}, "reason", "suppress"}`; answers at once, the worker does it."""
        asked, workspace = body(request), self.access.workspace
        wanted = [key for key, _kind, _value in keys_of(workspace.pk, asked.get("identifier"))]
        _asked(asked, "")
        owned = people.of_keys(connection, workspace.pk, wanted)
        if not owned:
            raise NotFound(_("Nobody in this workspace has this identifier."))
        keys = [key for key, _profile, shared in owned if not shared]
        if not keys:
            raise Conflict(_("Many people share this identifier: erase each by the customer's own."))
        return begin(workspace, keys, asked, request.user.get_username())


class EraseProfile(ApiView):
    """Erases the person of a profile."""

    role = Role.ADMIN

    @extend_schema(request=ProfileErase, responses={202: Begun})
    def post(self, request: Request, key: str) -> Response:
        """`{"reason", "suppress"}`; answers at once, the worker does it."""
        asked, workspace = body(request), self.access.workspace
        _serial, public = queries.resolve(connection, workspace.pk, key)
        return begin(workspace, [public], asked, request.user.get_username())


class Erasures(ApiView):
    """Erasures that were asked for."""

    role = Role.ADMIN

    @extend_schema(responses=ToldList)
    def get(self, request: Request) -> Response:
        """The newest ones."""
        parameters(request)
        found = [told(one) for one in erasure.newest(self.access.workspace.pk, MOST_LISTED)]
        return Response({"next": None, "previous": None, "results": found})


class ErasureDetail(ApiView):
    """One erasure."""

    role = Role.ADMIN

    @extend_schema(responses=Told)
    def get(self, request: Request, number: str) -> Response:
        """How it stands, and its certificate."""
        parameters(request)
        return Response(told(one_of(self.access.workspace.pk, number)))


class ErasureVerify(ApiView):
    """A look at what is there of an erased person."""

    role = Role.ADMIN

    @extend_schema(request=Verify, responses=Looked)
    def post(self, request: Request, number: str) -> Response:
        """Signature and keyed hashes; with `identifiers` also every table and file for their values."""
        asked, workspace = body(request), self.access.workspace.pk
        found = one_of(workspace, number)
        said = asked.get("identifiers", [])
        if not isinstance(said, list) or len(said) > MOST_IDENTIFIERS:
            raise BadRequest(_('"identifiers" is a list of at most 50.'), "bad_value")
        if found.certificate is None:
            raise Conflict(_("The erasure is not done yet."))
        given = []
        for one in said:
            mine = [entry for entry in keys_of(workspace, one) if entry[0] in found.keys]
            if not mine:
                raise BadRequest(_("An identifier is none of those that were erased."), "other_identifier")
            given += mine
        seen = look.at(connection, workspace, found, look.forms_of(given))
        erasure.note_look(workspace, found.id, seen)
        audit.note(
            workspace, request.user.get_username(), "erasure.verify", str(found.id), clean=seen["clean"]
        )
        return Response(seen)


def one_of(workspace: int, text: str) -> Erasure:
    """The erasure of an address; raises NotFound."""
    id_ = uuid_of(text)
    found = None if id_ is None else erasure.one(workspace, id_)
    if found is None:
        raise NotFound(_("There is no such erasure in this workspace."))
    return found
