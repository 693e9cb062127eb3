"""What a masked phone or e-mail still shows, kept beside the identifier: it is found by what everybody may see of it.

Of a phone the last four digits, of an e-mail its first character and the end of its domain, and these only where the
mask shows them. Kept as HMACs: the database alone tells nobody's digits.
Not here: how what was typed is read (search.py).
"""

import hmac
import re
from collections.abc import Iterable, Mapping

from django.conf import settings

from kernel import erased
from kernel.db import Connection, Statements, array, copy_text, rows
from kernel.event import Identifier
from kernel.web import access
from profiles.identity import kinds

SQL = Statements(__file__)

COLUMNS = ("identifier_id", "hint", "workspace_id")
TAIL = 4  # digits that a masked phone ends in
AT_ONCE = 20_000  # identifiers of a step of `fill`
_SHOWS_TAIL = re.compile(rf"\d{{{TAIL}}}\Z")


def hint(workspace: int, kind: str, shown: str) -> int:
    """What is looked up for what a mask shows: 64 bits, signed."""
    text = f"hint\x00{workspace}\x00{kind}\x00{shown}".encode("utf-8", "replace")
    return int.from_bytes(hmac.digest(settings.IDENTITY_SECRET, text, "sha256")[:8], "big", signed=True)


def shown(kind: str, value: str) -> str:
    """What the mask of a normalised value leaves to be found by; "" for nothing, or a kind that is not masked."""
    if erased.is_token(value):
        return ""
    if kind == "phone":
        found = _SHOWS_TAIL.search(access.mask_phone(value))
        return found[0] if found else ""
    if kind == "email":
        masked = access.mask_email(value)
        return masked if masked != access.DOTS else ""
    return ""


def write(db: Connection, workspace: int, made: Mapping[int, Identifier]) -> None:
    """The hints of identifiers never met before, by their ids."""
    values = ((id_, one.kind, one.value) for id_, one in made.items() if one.kind in kinds.ENCRYPTED)
    copy_text(db, "profiles_hint", COLUMNS, "".join(_lines(workspace, values)))


def _lines(workspace: int, values: Iterable[tuple[int, str, str]]) -> Iterable[str]:
    for id_, kind, value in values:
        if found := shown(kind, value):
            yield f"{id_}\t{hint(workspace, kind, found)}\t{workspace}\n"


def fill(db: Connection) -> None:
    """The hints of all identifiers that are there: for the migration that makes the table."""
    last, wanted = (0, 0), array(sorted(kinds.ENCRYPTED))
    while found := rows(db, SQL["contacts"], workspace=last[0], after=last[1], kinds=wanted, limit=AT_ONCE):
        lines: list[str] = []
        for workspace, id_, kind, value in found:
            lines += _lines(workspace, [(id_, kind, kinds.opened(workspace, kind, value))])
        copy_text(db, "profiles_hint", COLUMNS, "".join(lines))
        last = found[-1][:2]
