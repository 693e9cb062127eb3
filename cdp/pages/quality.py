"""What is wrong in what we get: rejects, conflicts, shared values, completeness, freshness. Not here: cures."""

import time
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cdp.kernel import access, speech
from cdp.kernel.models import Role
from cdp.pages import identity, words
from cdp.pages.event import address
from channels import queries as channels
from channels.inbox import rejects
from channels.models import Channel
from profiles import completeness as known
from profiles import queries, reasons
from profiles.identity import conflicts

PER_PAGE = 10
SLOW_SECONDS, KEPT_SECONDS = 0.25, 120  # of counting completeness


@access.needs("viewer")
def show(request: HttpRequest) -> HttpResponse:
    """The whole page; completeness comes after it."""
    workspace, masked = request.workspace, request.role == Role.VIEWER  # type: ignore[attr-defined]
    at = request.GET.get
    apart = reasons.refused(connection, workspace.pk, masked, at("conflicts") or None, PER_PAGE)
    broken = reasons.violations(connection, workspace.pk, masked, at("violations") or None, PER_PAGE)
    groups = channels.reject_groups(workspace.pk)
    for group in groups:
        reason = rejects.REASONS.get(group["reason"])
        group["label"], group["cure"] = (
            (reason.label, reason.cure) if reason else (group["reason"], group["hint"])
        )
    counts = {
        "rejects": sum(int(group["count"]) for group in groups),
        "conflicts": conflicts.count(connection, workspace.pk),
    }
    values = {
        "groups": groups,
        "counts": counts,
        "conflicts": apart,
        "conflict_rows": _conflicts(workspace.pk, apart.items, masked),
        "violations": broken,
        "violation_rows": [_violation(one) for one in broken.items],
        "lags": _fresh(workspace.pk),
        "finding": _finding(counts),
    }
    return render(request, "cdp/quality.html", values)


@access.needs("viewer")
def completeness(request: HttpRequest) -> HttpResponse:
    """How much is known of how many; a piece."""
    found, at = _counted(request.workspace.pk)  # type: ignore[attr-defined]
    values = {
        "at": at,
        "profiles": found.profiles,
        "kinds": [{"words": words.kind(name), "n": n} for name, n in found.kinds],
        "traits": [{"words": words.trait(name), "n": n} for name, n in found.traits],
    }
    return render(request, "cdp/_completeness.html", values)


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


def _finding(counts: dict[str, int]) -> str:
    """The sentence under the title."""
    if not any(counts.values()):
        return _("Every message could be used, and nobody's identifiers contradict each other.")
    waiting = ngettext(
        "%(n)s message waits for a repair", "%(n)s messages wait for a repair", counts["rejects"]
    ) % {"n": speech.number(counts["rejects"])}
    apart = ngettext(
        "%(n)s pair of identifiers was kept apart",
        "%(n)s pairs of identifiers were kept apart",
        counts["conflicts"],
    ) % {"n": speech.number(counts["conflicts"])}
    return _("%(one)s; %(two)s.") % {"one": waiting, "two": apart}


def _conflicts(workspace: int, found: list[dict[str, Any]], masked: bool) -> list[dict[str, Any]]:
    """With the names of both, each looked up once."""
    keys = {one[side]["profile"] for one in found for side in ("a", "b")}
    names = {key: queries.name_of(connection, workspace, key, masked=masked) for key in sorted(keys)}
    return [_conflict(one, names) for one in found]


def _conflict(one: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Seen together and yet two customers: the evidence, the reason, what to do."""
    cure = (
        _("A person split them. Merge them by hand if that was wrong.")
        if one["reason"] == "forbidden"
        else _("Look at both. If they are one person, merge them; if not, leave it: they stay apart.")
    )
    return one | {
        "left": words.kind(one["a"]["kind"]),
        "right": words.kind(one["b"]["kind"]),
        "sides": [(one[side], names[one[side]["profile"]]) for side in ("a", "b")],
        "why": identity.why(one),
        "cure": cure,
        "address": address(one["message_id"]) if one["event"] else "",
    }


def _violation(one: dict[str, Any]) -> dict[str, Any]:
    """A value that is no good as an identifier, or a profile that is full."""
    said = {
        "n": speech.number(one["count"]),
        "limit": speech.number(one["limit"] or 0),
        "kind": words.kind(one["kind"]),
    }
    told = {
        "shared": (
            _("shared by %(n)s customers") % said,
            _(
                "It joins nobody any more. If it is a placeholder or a shop's own number, have the sender leave it out."
            ),
        ),
        "limit": (
            _("%(n)s values of the kind “%(kind)s”, the limit is %(limit)s") % said,
            _("Look whether this is one person; undo a join if it is not."),
        ),
        "conflicts": (
            _("%(n)s refused joins") % said,
            _("Look at what sends it: one value stands with too many different people."),
        ),
    }
    title, cure = told[one["what"]]
    return one | {"words": words.kind(one["identifier"]["kind"]), "title": title, "cure": cure}


def _fresh(workspace: int) -> list[dict[str, Any]]:
    """Each channel: its last message, how many in 24 hours, how late they came."""
    flows, last = channels.channel_flows(workspace), channels.last_heard(workspace)
    found = []
    for channel in Channel.objects.filter(workspace_id=workspace).order_by("id"):
        flow = flows.get(channel.pk)
        lag = flow.lag_ms if flow else None
        found.append(
            {
                "channel": channel,
                "last": last.get(channel.pk),
                "received": flow.received if flow else 0,
                "rejected": flow.rejected if flow else 0,
                "identified": flow.identified if flow else 0,
                "stored": flow.stored if flow else 0,
                "lag": lag / 1000 if lag is not None else None,
            }
        )
    return found
