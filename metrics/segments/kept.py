"""Segments as they are kept: their rules read, with those of the segments that they name. Not here: changing them."""

from typing import Any

from kernel.db import Connection
from kernel.models import Workspace
from metrics import query
from metrics.models import Segment
from metrics.segments import rule
from metrics.segments.rule import Node


def node_of(db: Connection, workspace: Workspace, segment: Segment) -> Node:
    """A segment's whole rule. Raises BadRequest where it can no longer be asked."""
    return whole(db, workspace, segment.rule, segment.slug)


def whole(db: Connection, workspace: Workspace, given: Any, slug: str = "") -> Node:
    """A rule with those that it names. `slug`: of the segment that it is to be the rule of; "" for none yet."""
    channels = query.reporting_settings(db, workspace).channels
    node = rule.read(given, channels)
    if not rule.named(node):
        return node
    rules = dict(Segment.objects.filter(workspace=workspace).values_list("slug", "rule"))

    def look(wanted: str) -> Node | None:
        return rule.read(rules[wanted], channels) if wanted in rules else None

    return rule.whole(node, look, (slug,) if slug else ())


def moves_by_time(given: Any) -> bool:
    """Whether a kept rule, by itself, changes its members by time passing."""
    return any(
        word in one and one[word] is not None for one in _objects(given) for word in ("within", "within_last")
    )


def naming(workspace: Workspace, slug: str) -> list[str]:
    """The segments whose rules name another one, by slug."""
    found = Segment.objects.filter(workspace=workspace).values_list("slug", "rule").order_by("slug")
    return [one for one, given in found if any(part.get("segment") == slug for part in _objects(given))]


def _objects(given: Any) -> list[dict[str, Any]]:
    """Every object in a rule's JSON."""
    if isinstance(given, list):
        return [one for part in given for one in _objects(part)]
    if not isinstance(given, dict):
        return []
    return [given, *(one for part in given.values() for one in _objects(part))]
