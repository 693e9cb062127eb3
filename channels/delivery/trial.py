"""A destination tried: what would be sent, for a person who is named or for nobody; and sent, if that is wanted.

Nothing of it stands in the log; its key is of this one trial. Not here: who may do it (api.py).
"""

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from channels import destinations
from channels.delivery import sending, setup, words, work
from channels.delivery.sending import Sender
from channels.delivery.work import Batch, Claimed, Ports
from channels.destinations.base import ENTERED, EVENT, DestinationKind, Target, Told
from channels.models import Destination
from kernel.db import Connection
from kernel.errors import BadRequest, NotFound, Refused

SECONDS: Final = 10.0
SHOWN: Final = 4_000  # characters of a body


class Tried(NamedTuple):
    """What came of it. `request`: what was or would be sent, without secrets."""

    ok: bool
    message: str
    status: int | None = None
    answer: str = ""
    request: dict[str, Any] | None = None


def run(db: Connection, one: Destination, ports: Ports, profile: UUID | None, *, send: bool) -> Tried:
    """One delivery, made up: BadRequest where a person is needed and none is named, NotFound for one unknown."""
    kind = destinations.kind(one.kind)
    if kind.personal and profile is None:
        raise BadRequest(
            _("This reaches a person: name one, “profile”, such as a colleague."), "profile_needed"
        )
    try:
        target = setup.target(one)
        told, why = _made(db, one, kind, target, ports, profile)
        if why:
            return Tried(False, words.said(why, None))
        shown = _shown(kind, target, told)
    except (BadRequest, NotFound):
        raise
    except Refused as trouble:
        return Tried(False, str(trouble))
    if not send:
        return Tried(True, _("This would be sent. Nothing was."), request=shown)
    with Sender(SECONDS) as sender:
        outcome = (
            sender.put(kind, target, [told]) if kind.file is not None else sender.send(kind, target, told)
        )
    if outcome.state == "sent":
        return Tried(True, _("The server took it."), outcome.status, outcome.answer, shown)
    said = words.said(outcome.reason, outcome.params)
    return Tried(False, said, outcome.status, outcome.answer, shown)


def _made(
    db: Connection,
    one: Destination,
    kind: DestinationKind,
    target: Target,
    ports: Ports,
    profile: UUID | None,
) -> tuple[Told, str]:
    """The delivery, and why it must not be sent: consent is asked here too."""
    now, segments = datetime.now(UTC), one.segments
    cause, name = (ENTERED, segments[0]["segment"]) if segments else (EVENT, "Test")
    claimed = Claimed(0, uuid4(), cause, name, now, None, profile, 1)
    batch: Batch = work.read(db, one, kind, target, [claimed], ports)
    if profile is not None and profile not in batch.people:
        raise NotFound(_("There is no profile with this id."))
    why = ""
    if profile is not None:
        one.cap, one.quiet, one.holdout = None, None, type(one.holdout)(0)
        refused = work.judged(db, batch, ports.consented, now)
        why = refused[0].reason if refused else ""
    return work.told(batch, claimed), why


def _shown(kind: DestinationKind, target: Target, told: Told) -> dict[str, Any]:
    secrets = tuple(target.secrets.values())
    if kind.file is not None:
        file = kind.file(target, [told], datetime.now(UTC).timestamp())
        text = file.body[:SHOWN].decode("utf-8", "replace") if file.name.endswith(".csv") else ""
        return {"method": "PUT", "url": f"{file.place.rstrip('/')}/{file.name}", "headers": {}, "body": text}
    call = sending.request(kind, target, told)
    return {
        "method": call.method,
        "url": sending.hidden(call.url, secrets),
        "headers": {name: sending.hidden(text, secrets) for name, text in call.headers.items()},
        "body": sending.hidden(call.body.decode("utf-8", "replace"), secrets)[:SHOWN],
    }
