"""What a customer is called, on pages, in the API and in files alike. Not here: which name survives (golden.py)."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from kernel.db import Connection, Statements, array, rows
from kernel.web import access
from profiles.identity import kinds

SQL = Statements(__file__)

SPOKEN = ("member_no", "phone", "email")  # what a person could say aloud, the best first
CALLED_BY = (*SPOKEN, "user_id")  # then what a shop's own system calls him
SHORT = 8  # characters of an id


def called(
    db: Connection, workspace: int, names: Mapping[str, str], *, masked: bool = True
) -> dict[str, str]:
    """By public id: the name, else what a nameless customer could say of himself, his account, the beginning of his id.

    `names`: as they are to be seen.
    """
    nameless = [key for key, name in names.items() if not name]
    said: dict[str, str] = {}
    if nameless:
        found = rows(
            db, SQL["spoken"], workspace=workspace, keys=array(sorted(nameless)), kinds=array(CALLED_BY)
        )
        for key, kind, value in found:
            plain = kinds.opened(workspace, kind, value)
            said[str(key)] = access.mask(kind, plain) if masked else plain
    return {
        key: name or said.get(key) or _("Unknown %(id)s") % {"id": key[:SHORT]} for key, name in names.items()
    }
