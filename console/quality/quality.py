"""What is wrong in what we get: rejects, conflicts, shared values, completeness, freshness. Not here: cures."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels import health, queries
from channels.models import Channel
from console.channel import flow
from console.customer import evidence
from console.event import event_labels
from console.quality import conflicts, reject_rows
from console.quality.conflicts import Conflict, Decided
from kernel import cursor
from kernel.web import access, format, looks
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render
from profiles import completeness as known
from profiles import reasons
from profiles.identity import conflicts as kept_apart

PER_PAGE = 10
SLOW_SECONDS, KEPT_SECONDS = 0.25, 120  # of counting completeness


@dataclass(frozen=True, slots=True)
class Counts:
    """Of what is wrong: how much."""

    rejects: int
    conflicts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A value that is no good as an identifier, or a profile that is full."""

    what: str
    identifier: evidence.End
    words: str
    title: str
    at: str
    would_join: list[evidence.End]
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """A channel: its last message, how many in 24 hours, how late they came."""

    channel: Channel
    state: flow.State
    last: datetime | None
    received: int
    stored: int
    rejected: int
    repeats: int
    identified: int
    lag: float | None  # seconds, the mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page without completeness."""

    groups: list[reject_rows.Group]
    counts: Counts
    conflicts: cursor.Page
    conflict_rows: list[Conflict]
    decided: Decided
    violations: cursor.Page
    violation_rows: list[Violation]
    lags: list[Lag]
    finding: str


@access.require_role("viewer")
def show(request: WorkspaceRequest) -> HttpResponse:
    """The whole page; completeness comes after it."""
    workspace, masked = request.workspace, request.access.masked
    at, now = request.GET.get, timezone.now()
    apart = reasons.undecided(connection, workspace.pk, now, masked, at("conflicts") or None, PER_PAGE)
    broken = reasons.violations(connection, workspace.pk, masked, at("violations") or None, PER_PAGE)
    groups = [reject_rows.told(group) for group in queries.reject_groups(workspace.pk)]
    open_conflicts = kept_apart.count_undecided(connection, workspace.pk, now)
    counts = Counts(sum(group.count for group in groups), open_conflicts)
    channels = queries.channels_of(workspace.pk)
    page = Page(
        groups=groups,
        counts=counts,
        conflicts=apart,
        conflict_rows=conflicts.listed(workspace.pk, apart.items, masked),
        decided=conflicts.decided(workspace, now, masked),
        violations=broken,
        violation_rows=[_violation(one) for one in broken.items],
        lags=_fresh(workspace.pk, channels.values()),
        finding=_finding(counts),
    )
    looks.listed(request, "quality", len(page.conflict_rows) + len(page.violation_rows))
    return render(request, "quality/quality.html", page)


@dataclass(frozen=True, slots=True)
class Known:
    """Of how many customers something is known."""

    words: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How much is known of how many."""

    at: datetime
    profiles: int
    kinds: list[Known]
    traits: list[Known]


@access.require_role("viewer")
def completeness(request: WorkspaceRequest) -> HttpResponse:
    """How much is known of how many; a piece."""
    found, at = _counted(request.workspace.pk)
    piece = Completeness(
        at=at,
        profiles=found.profiles,
        kinds=[Known(event_labels.kind(name), n) for name, n in found.kinds],
        traits=[Known(event_labels.trait(name), n) for name, n in found.traits],
    )
    return render(request, "quality/_completeness.html", piece)


def _counted(workspace: int) -> tuple[known.Completeness, datetime]:
    """The counts and when they were made: where they take long, they are kept for a moment."""
    key = f"completeness:{workspace}"
    kept: tuple[known.Completeness, datetime] | None = cache.get(key)
    if kept:
        return kept
    begin = time.perf_counter()
    made = known.of(connection, workspace), timezone.now()
    if time.perf_counter() - begin > SLOW_SECONDS:
        cache.set(key, made, KEPT_SECONDS)
    return made


def _finding(counts: Counts) -> str:
    """The sentence under the title."""
    if not counts.rejects and not counts.conflicts:
        return _("All messages were usable, and no identifiers conflict.")
    waiting = ngettext("%(n)s message needs fixing", "%(n)s messages need fixing", counts.rejects) % {
        "n": format.number(counts.rejects)
    }
    apart = ngettext(
        "%(n)s pair of identifiers was kept apart",
        "%(n)s pairs of identifiers were kept apart",
        counts.conflicts,
    ) % {"n": format.number(counts.conflicts)}
    return _("%(one)s; %(two)s.") % {"one": waiting, "two": apart}


def _violation(one: dict[str, Any]) -> Violation:
    said = {
        "n": format.number(one["count"]),
        "limit": format.number(one["limit"] or 0),
        "kind": event_labels.kind(one["kind"]),
    }
    told = {
        "shared": (
            _("shared by %(n)s customers") % said,
            _(
                "It no longer joins customers. If it is a placeholder or a shop's own number, have the "
                "sender leave it out."
            ),
        ),
        "limit": (
            _("%(n)s values of the kind “%(kind)s”, the limit is %(limit)s") % said,
            _("Check whether this is one person; undo a join if it is not."),
        ),
        "conflicts": (
            _("%(n)s refused joins") % said,
            _("Check the sender: one value appears with too many different people."),
        ),
    }
    title, remedy = told[one["what"]]
    identifier = conflicts.end(one["identifier"])
    return Violation(
        what=one["what"],
        identifier=identifier,
        words=identifier.words,
        title=title,
        at=one["at"],
        would_join=[conflicts.end(other) for other in one["would_join"]],
        remedy=remedy,
    )


def _fresh(workspace: int, channels: Iterable[Channel]) -> list[Lag]:
    how = health.of_channels(workspace)
    return [_lag(channel, how.get(channel.pk, health.NOTHING)) for channel in channels]


def _lag(channel: Channel, one: health.Health) -> Lag:
    return Lag(
        channel=channel,
        state=flow.state(one),
        last=one.last,
        **one.counts._asdict(),
        lag=one.lag_ms / 1000 if one.lag_ms is not None else None,
    )
