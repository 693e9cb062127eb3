"""Who joined the programme or rose in it. Not here: the member number (an identifier: profiles)."""

from collections.abc import Iterable
from typing import Any

from kernel.db import Connection, copy
from kernel.event import Clean
from metrics.facts.base import WorkspaceSettings
from metrics.facts.messages import meant

KINDS = {"membership_joined": "joined", "membership_upgraded": "upgraded"}
COLUMNS = ("workspace_id", "id", "channel_id", "sighting_id", "occurred_at", "day", "kind", "tier")


def apply(db: Connection, settings: WorkspaceSettings, fresh: Iterable[Clean]) -> None:
    """Writes the batch's steps of membership; each message is one."""
    lines: list[tuple[Any, ...]] = [
        (
            settings.workspace,
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
    lines.sort(key=lambda line: line[1])
    copy(db, "metrics_membership", COLUMNS, lines)
