"""The API of fixes: one for all rejects that are alike, tried or applied. Not here: its page (fixing.py)."""

from typing import Any

from django.db import connection, transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cdp.pipeline import replays, wake
from cdp.pipeline.replays import Group
from channels import reasons
from channels.inbox import fixes, previews, rejects
from channels.inbox.fixes import Fix
from channels.inbox.previews import Preview
from channels.inbox.rejects import Act
from console.quality.reject_rows import connector
from kernel import audit
from kernel.errors import BadRequest
from kernel.web.api import ApiView, body

LATER = 202  # it is done as a job


class ChangeForm(serializers.Serializer[Any]):
    """One change of a field: `copy` needs `from`, `set` a `value`, `replace` `was` and `value`, others no more."""

    do = serializers.ChoiceField(fixes.KINDS)
    field = serializers.CharField(help_text="A path, such as properties.total.")
    value = serializers.JSONField(required=False, help_text="A text, a number or a truth value.")
    was = serializers.JSONField(required=False, help_text="The same.")

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's."""
        return super().get_fields() | {"from": serializers.CharField(required=False, help_text="A path.")}


class FixForm(serializers.Serializer[Any]):
    """A fix, and the open rejects that it is for."""

    reason = serializers.CharField()
    field = serializers.CharField(
        required=False, help_text="As a reject has it; without it all of the reason."
    )
    connector = serializers.UUIDField(required=False)
    fix = ChangeForm(many=True)


class DifferenceShown(serializers.Serializer[Any]):
    """A field that differs; null: it is not there."""

    field = serializers.CharField()
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)


class ExampleShown(serializers.Serializer[Any]):
    """One message before and after."""

    id = serializers.UUIDField()
    message_id = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    accepted = serializers.BooleanField()
    changed = DifferenceShown(many=True)


class LeftShown(serializers.Serializer[Any]):
    """Of those that would not be accepted: why, where, how many."""

    reason = serializers.CharField()
    field = serializers.CharField()
    hint = serializers.CharField()
    messages = serializers.IntegerField()


class MoneyShown(serializers.Serializer[Any]):
    """An amount."""

    currency = serializers.CharField()
    value = serializers.CharField()


class PreviewShown(serializers.Serializer[Any]):
    """What the fix would do. `looked_at`: the newest of `total`; `untouched`: it has nothing to do there."""

    total = serializers.IntegerField()
    looked_at = serializers.IntegerField()
    accepted = serializers.IntegerField()
    untouched = serializers.IntegerField()
    left = LeftShown(many=True)
    money = MoneyShown(many=True, help_text="What the accepted orders come to.")
    examples = ExampleShown(many=True)


class AppliedShown(serializers.Serializer[Any]):
    """What the fix did; null while a job does it (202)."""

    total = serializers.IntegerField()
    replayed = serializers.IntegerField(allow_null=True)
    still_bad = serializers.IntegerField(allow_null=True)
    job = serializers.IntegerField(allow_null=True)


class _Fix(ApiView):
    role = "analyst"

    def asked(self, request: Request) -> tuple[Fix, Group]:
        """The fix, and the rejects it is for."""
        said = body(request)
        unknown = sorted(set(said) - {"reason", "field", "connector", "fix"})
        if unknown:
            raise BadRequest(f"There is no `{unknown[0][:60]}` in a fix.", "bad_request")
        reason, field, source = said.get("reason"), said.get("field"), said.get("connector")
        if reason not in reasons.REASONS:
            raise BadRequest(f"The reason is one of {', '.join(reasons.REASONS)}.", "bad_reason")
        if not isinstance(field, str | None) or not isinstance(source, str | None):
            raise BadRequest('"field" and "connector" are texts.', "bad_request")
        number = connector(self.access.workspace.pk, source) if source else None
        return tuple(fixes.read(said.get("fix"))), Group(reason, field, number)


class FixPreview(_Fix):
    """A fix tried: nothing changes."""

    shows_contacts = True

    @extend_schema(request=FixForm, responses=PreviewShown)
    def post(self, request: Request) -> Response:
        """How many of the open rejects would be accepted, why the others not, what they are worth, examples."""
        fix, group = self.asked(request)
        found = previews.of(connection, self.access.workspace.pk, fix, **group._asdict())
        return Response(PreviewShown(_plain(found)).data)


class FixAll(_Fix):
    """A fix applied to all rejects that are alike."""

    @extend_schema(request=FixForm, responses={200: AppliedShown, LATER: AppliedShown})
    def post(self, request: Request) -> Response:
        """What would be accepted goes in, the rest stays as it was. Twice changes nothing; many are a job (202)."""
        fix, group = self.asked(request)
        workspace, actor = self.access.workspace, str(request.user)
        total = rejects.waiting(connection, workspace.pk, **group._asdict())
        act, job = Act(actor, fix), None
        done: dict[str, int | None] = {"replayed": None, "still_bad": None}
        with transaction.atomic():
            if total > replays.MANY:
                job = replays.start(workspace, act, group, total).pk
            else:
                done |= rejects.replay(connection, workspace.pk, act, **group._asdict())
            said = {"total": total, **done, "job": job}
            which = {name: value for name, value in group._asdict().items() if value}
            audit.note(
                workspace.pk, actor, "reject.fix", str(group.reason), which=which, fix=act.data, **said
            )
        wake.notify()
        return Response(AppliedShown(said).data, status=LATER if job else 200)


def _plain(found: Preview) -> dict[str, Any]:
    return found._asdict() | {
        "left": [LeftShown(one).data for one in found.left],
        "money": [{"currency": name, "value": str(value)} for name, value in sorted(found.money.items())],
        "examples": [one._asdict() for one in found.examples],
    }
