"""What people decided about who is who, as pages tell it: with author, reason, and the way back. Not here: deciding."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from channels.models import Channel
from console.customer import evidence
from kernel.models import Workspace
from profiles import queries, reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision: `merge`, `split` or `apart`. `here`, `other`: whose the two ends are now."""

    what: str
    words: str
    a: evidence.End
    b: evidence.End
    together: bool  # now
    here: str  # a profile's id
    other: str
    other_name: str
    reason: str
    back: str  # the reason of taking it back
    actor: str
    at: str


def of(
    workspace: Workspace, serial: int, public: str, masked: bool, channels: dict[str, Channel]
) -> list[Decision]:
    """What was decided about a customer, the last first."""
    return told(
        workspace.pk, reasons.decisions(connection, workspace.pk, serial, masked), masked, public, channels
    )


def told(
    workspace: int,
    found: list[dict[str, Any]],
    masked: bool,
    here: str = "",
    channels: dict[str, Channel] | None = None,
) -> list[Decision]:
    """Decisions in words. `here`: the customer whose page it is, who stands first."""
    keys = {one[side]["profile"] for one in found for side in ("a", "b")}
    names = queries.names_of(connection, workspace, keys, masked=masked)
    return [_decision(one, names, here, channels or {}) for one in found]


def _decision(
    one: dict[str, Any], names: dict[str, str], here: str, channels: dict[str, Channel]
) -> Decision:
    a, b = (evidence.end(one[side], channels) for side in ("a", "b"))
    if b.profile == here != a.profile:
        a, b = b, a
    said = {
        "merge": _("Merged by hand"),
        "split": _("Join undone: two people"),
        "apart": _("Kept apart: two people"),
    }
    return Decision(
        what=one["what"],
        words=said[one["what"]],
        a=a,
        b=b,
        together=one["together"],
        here=a.profile,
        other=b.profile,
        other_name=names.get(b.profile, ""),
        reason=evidence.words_of(one["reason"]),
        back=evidence.BACK + one["reason"],
        actor=one["actor"],
        at=one["at"],
    )
