"""The customers that are compared, page by page: what survived of each, and the phone and e-mail that are its alone.

What a workspace blocks and what many share is nobody's. Not here: how it is compared (features.py, linking.py).
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from kernel import values
from kernel.db import Connection, Statements, array, rows
from profiles import golden, traits
from profiles.identity import kinds
from profiles.identity.kinds import Rules
from profiles.suggestions import features
from profiles.suggestions.wire import Customer

SQL = Statements(__file__)

PAGE: Final = 2_000  # customers
CONTACTS: Final = ("phone", "email")
MOST_SHARED: Final = 100_000  # shared phones and e-mails that are known


def count(db: Connection, workspace: int) -> int:
    """How many there are to compare, about."""
    return int(rows(db, SQL["count"], workspace=workspace)[0][0])


def everyone(db: Connection, workspace: int) -> Iterator[list[Customer]]:
    """All customers, some at a time; not those whose strongest identifier is shared: many persons, or none."""
    nobodys, after = nobodys_of(db, workspace), 0
    while True:
        found = rows(db, SQL["walk"], workspace=workspace, after=after, limit=PAGE)
        if not found:
            return
        after = found[-1][0]
        known = of(db, workspace, [one for one, shared in found if not shared], nobodys)
        yield [Customer(one, said) for one, said in known.items() if said]


class Nobodys:
    """The phones and e-mails that say nothing of whom they stand with."""

    def __init__(self, rules: Rules, shared: frozenset[tuple[str, str]]) -> None:
        self._rules, self._shared = rules, shared

    def has(self, kind: str, value: str) -> bool:
        """Whether this normalised value is one."""
        return (kind, value) in self._shared or self._rules.blocks(kind, value)


def nobodys_of(db: Connection, workspace: int) -> Nobodys:
    """Those of a workspace as it stands."""
    found = rows(db, SQL["shared"], workspace=workspace, kinds=array(CONTACTS), most=MOST_SHARED)
    shared = frozenset((kind, kinds.opened(workspace, kind, value)) for kind, value in found)
    return Nobodys(kinds.of(db, workspace), shared)


def of(
    db: Connection, workspace: int, profiles: Collection[int], nobodys: Nobodys
) -> dict[int, dict[str, Any]]:
    """The surviving traits of profiles that are compared, by profile; nothing that is nobody's."""
    settings = golden.settings_of(workspace)
    own = _identifiers(db, workspace, profiles)
    known = golden.load(db, workspace, profiles, features.TRAITS)
    return {
        one: _contacts(_survivors(workspace, settings, known.get(one, {})), own.get(one, {}), nobodys)
        for one in profiles
    }


def _survivors(
    workspace: int, settings: dict[str, Any], by_trait: Mapping[str, list[golden.Value]]
) -> dict[str, Any]:
    return {
        name: traits.unseal(workspace, name, golden.order(said, golden.rule_of(settings, name))[0].text)
        for name, said in by_trait.items()
    }


def _contacts(said: dict[str, Any], own: Mapping[str, list[str]], nobodys: Nobodys) -> dict[str, Any]:
    """The one phone and the one e-mail to compare: what was said last, else the identifier known longest."""
    for kind in CONTACTS:
        spelt = [said.pop(name, None) for name in features.SPELLINGS[kind]]
        given = [values.identifier(kind, text) for text in spelt if isinstance(text, str)]
        best = next((one for one in (*given, *own.get(kind, ())) if one and not nobodys.has(kind, one)), None)
        if best:
            said[kind] = best
    return said


def _identifiers(
    db: Connection, workspace: int, profiles: Collection[int]
) -> dict[int, dict[str, list[str]]]:
    """The phones and e-mails of profiles, the first known first."""
    found: dict[int, dict[str, list[str]]] = {}
    for profile, kind, value in rows(
        db, SQL["contacts"], workspace=workspace, profiles=array(sorted(profiles)), kinds=array(CONTACTS)
    ):
        found.setdefault(profile, {}).setdefault(kind, []).append(kinds.opened(workspace, kind, value))
    return found
