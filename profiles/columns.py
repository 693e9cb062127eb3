"""What a list of profiles may show beside its own columns: identifiers by kind and traits that survive.

Read for a page of profiles at once. Not here: which profiles are on it (queries).
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from kernel.db import Connection, Statements, array, rows
from kernel.models import Workspace
from kernel.web import access
from profiles import golden, traits
from profiles.identity import kinds

SQL = Statements(__file__)
Shown = dict[str, dict[str, Any]]  # public id -> column -> value


def details(
    db: Connection,
    workspace: Workspace,
    keys: Collection[str],
    wanted_kinds: Sequence[str],
    wanted_traits: Sequence[str],
    masked: bool,
) -> Shown:
    """By public id: for each kind the identifiers, for each trait the value that survives."""
    found: Shown = {key: {} for key in keys}
    if not keys or not (wanted_kinds or wanted_traits):
        return found
    asked = array(UUID(key) for key in keys)
    public = {
        serial: str(key) for serial, key in rows(db, SQL["serials"], workspace=workspace.pk, keys=asked)
    }
    serials = sorted(public)
    for serial, kind, value in (
        rows(db, SQL["of_kinds"], workspace=workspace.pk, profiles=array(serials), kinds=array(wanted_kinds))
        if wanted_kinds
        else ()
    ):
        plain = kinds.opened(workspace.pk, kind, value)
        shown = access.mask(kind, plain) if masked else plain
        found[public[serial]].setdefault(kind, []).append(shown)
    if wanted_traits:
        for serial, by_name in golden.load(db, workspace.pk, serials, wanted_traits).items():
            for name, values in by_name.items():
                best = golden.order(values, golden.rule_of(workspace.settings, name))[0]
                value = traits.unseal(workspace.pk, name, best.text)
                found[public[serial]][name] = access.scrub({name: value})[name] if masked else value
    return found
