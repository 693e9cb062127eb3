"""Making, changing and letting go of destinations: what is said is checked, secrets are sealed.

Not here: who may do it (api.py), what is sent (work.py).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from django.db import connection, transaction
from django.utils.translation import gettext as _
from msgspec import UNSET

from channels import destinations
from channels.connect import connections
from channels.delivery import said
from channels.delivery.said import Said
from channels.destinations.base import DestinationKind, Target
from channels.models import Channel, Destination
from kernel import vocabulary
from kernel.db import Connection, Statements, rows, run
from kernel.errors import BadRequest, NotFound, Refused
from kernel.models import Workspace

sql = Statements(__file__)

NOUN: Final = "destination"
MOST: Final = 200  # of a workspace
SINCE: Final = "since"


class Unreadable(Refused):
    """Settings that an older version wrote and this one does not read."""

    code = "bad_settings"


def one_of(workspace: Workspace, uuid: UUID | None) -> Destination:
    """The destination of an address; raises NotFound."""
    found = (
        Destination.objects.filter(workspace=workspace, uuid=uuid, deleted_at=None).first() if uuid else None
    )
    if found is None:
        raise NotFound(_("There is no such destination in this workspace."))
    return found


def all_of(workspace: Workspace) -> list[Destination]:
    """In the order in which they were made."""
    return list(Destination.objects.filter(workspace=workspace, deleted_at=None).order_by("pk"))


def make(workspace: Workspace, asked: Mapping[str, Any]) -> Destination:
    """A new one, whole or not at all."""
    given = said.read(asked)
    kind = destinations.kind(given.kind or "")
    if not given.name:
        raise BadRequest(_("A destination needs a name."), "bad_destination")
    if Destination.objects.filter(workspace=workspace, deleted_at=None).count() >= MOST:
        raise BadRequest(_("A workspace has at most %(most)s destinations.") % {"most": MOST}, "too_many")
    made = Destination(workspace=workspace, uuid=uuid4(), kind=kind.name)
    with transaction.atomic():
        _write(made, kind, given)
        made.save()
        _ask(connection, made, given)
    return made


def change(destination: Destination, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What is given, nothing else; settings by field, secrets by name. What changed; of a secret only that it did."""
    given = said.read(asked)
    kind = destinations.kind(destination.kind)
    if given.kind not in (UNSET, kind.name):
        raise BadRequest(_("The kind of a destination stays: make another one."), "kind_stays")
    with transaction.atomic():
        held = Destination.objects.select_for_update().get(pk=destination.pk)
        before = shown(connection, held)
        _write(held, kind, given)
        held.held_until, held.troubles = None, 0  # what was wrong may be right now
        held.save()
        _ask(connection, held, given)
        after = shown(connection, held)
    changed = {name: [before[name], value] for name, value in after.items() if before[name] != value}
    return changed | dict.fromkeys(given.secrets or {}, "changed")


def drop(destination: Destination) -> None:
    """Nothing is sent there any more, its secrets go; what went out stays in the log."""
    with transaction.atomic():
        Destination.objects.filter(pk=destination.pk).update(
            deleted_at=datetime.now(UTC), enabled=False, secrets="", segments=[]
        )
        run(connection, sql["unask"], destination=destination.pk, names=[])
        run(connection, sql["let_go"], destination=destination.pk)


def _write(one: Destination, kind: DestinationKind, given: Said) -> None:
    """What was given, into the row."""
    if given.settings is not UNSET or not one.pk:
        own = {**one.settings, **(given.settings or {})}
        one.settings = connections.checked(kind, own)
        kind.check(msgspec.convert(one.settings, kind.settings))
    if given.secrets:
        one.secrets = connections.sealed(kind, place(one), one.secrets, given.secrets, NOUN)
    for name, as_kept in PLAIN.items():
        if (value := getattr(given, name)) is not UNSET:
            setattr(one, name, as_kept(value))
    if given.segments is not UNSET:
        _tie(one, given.segments or [])


def _text(value: str | None) -> str:
    return (value or "").strip()


def _struct(value: msgspec.Struct | None) -> Any:
    return None if value is None else msgspec.to_builtins(value)


# What is kept as it is said, or nearly.
PLAIN: Final[Mapping[str, Callable[[Any], Any]]] = {
    "name": _text,
    "enabled": bool,
    "purpose": _text,
    "purpose_channel": _text,
    "cap": _struct,
    "quiet": _struct,
    "fields": lambda names: list(dict.fromkeys(names or ())),
    "holdout": said.share,
}


def _tie(one: Destination, ties: list[said.Tie]) -> None:
    """Segments, each with the time from which on its changes are sent; one that stays keeps its own."""
    now = datetime.now(UTC).isoformat()
    known = {(tie["segment"], tie["on"]): tie[SINCE] for tie in one.segments}
    wanted = {tie.segment: tie.on for tie in ties}
    if len(wanted) != len(ties):
        raise BadRequest(_("A segment stands in the list once."), "bad_destination")
    after = [
        {"segment": segment, "on": on, SINCE: known.get((segment, on), now)} for segment, on in wanted.items()
    ]
    if after != one.segments:
        one.segments, one.changes_read = after, 0


def _ask(db: Connection, one: Destination, given: Said) -> None:
    """Event names, as the pipeline finds them; one that stays is asked for since it was."""
    if given.events is UNSET:
        return
    names: list[str] = []
    channel = None
    if given.events:
        names = list(dict.fromkeys(vocabulary.called(name.strip()) for name in given.events.names))
        if given.events.channel:
            channel = Channel.objects.filter(workspace=one.workspace, slug=given.events.channel).first()
            if channel is None:
                raise BadRequest(
                    f"There is no channel {given.events.channel!r} in this workspace.", "unknown_channel"
                )
    run(db, sql["unask"], destination=one.pk, names=names)
    run(
        db,
        sql["ask"],
        workspace=one.workspace_id,
        destination=one.pk,
        names=names,
        channel=channel.pk if channel else None,
    )


# ---- as it is read --------------------------------------------------------------------------------


def shown(db: Connection, one: Destination) -> dict[str, Any]:
    """What is set, without secrets."""
    names, channel = rows(db, sql["asked_for"], destination=one.pk)[0]
    return {
        "name": one.name,
        "kind": one.kind,
        "enabled": one.enabled,
        "settings": one.settings,
        "segments": [{"segment": tie["segment"], "on": tie["on"]} for tie in one.segments],
        "events": {"names": names, "channel": channel} if names else None,
        "purpose": one.purpose,
        "purpose_channel": one.purpose_channel,
        "fields": one.fields,
        "cap": one.cap,
        "quiet": one.quiet,
        "holdout": f"{one.holdout:f}",
    }


def secrets_set(one: Destination) -> list[str]:
    """The names of the secrets that are there; what they are is never read."""
    return sorted(connections.unsealed(place(one), one.secrets))


def target(one: Destination) -> Target:
    """A destination as its kind sees it; raises Unreadable."""
    kind = destinations.kind(one.kind)
    known = {field.encode_name for field in msgspec.structs.fields(kind.settings)}
    try:
        own = msgspec.convert(
            {name: value for name, value in one.settings.items() if name in known}, kind.settings
        )
    except msgspec.ValidationError:
        raise Unreadable(
            _("The settings of this destination are not read any more: set them anew.")
        ) from None
    return Target(one.uuid, own, connections.unsealed(place(one), one.secrets), tuple(one.fields))


def place(one: Destination) -> str:
    """What its secrets are sealed for."""
    return f"{NOUN}:{one.uuid}"
