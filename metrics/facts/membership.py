"""Who joined the programme or rose in it. Not here: the member number (an identifier: profiles)."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from kernel.db import Connection, copy
from kernel.event import Clean
from metrics.facts.base import WorkspaceSettings
from metrics.facts.messages import meant

KINDS = {"membership_joined": "joined", "membership_upgraded": "upgraded"}


class Step(NamedTuple):
    """A step of membership: each message is one."""

    id: UUID
    channel_id: int
    sighting_id: int | None
    occurred_at: datetime
    day: date
    kind: str
    tier: str | None


def apply(db: Connection, settings: WorkspaceSettings, fresh: Iterable[Clean]) -> list[Step]:
    """Writes the batch's steps of membership."""
    steps = [
        Step(
            clean.id,
            clean.channel,
            clean.sighting,
            clean.occurred_at,
            settings.day(clean.occurred_at),
            KINDS[meaning.kind],
            meaning.fields.get("tier"),
        )
        for clean, meaning in meant(fresh, KINDS)
    ]
    steps.sort()
    copy(
        db,
        "metrics_membership",
        ("workspace_id", *Step._fields),
        [(settings.workspace, *step) for step in steps],
    )
    return steps
