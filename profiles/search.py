"""One box finds a person: whole phones, e-mails, member and order numbers, names by parts.

Not here: how names become n-grams (summary), the list itself (queries).
"""

from typing import Any
from uuid import UUID

from django.conf import settings

from kernel import values
from kernel.db import Connection, Statements, array, rows, run
from kernel.event import Clean, identifier_key
from profiles import summary

SQL = Statements(__file__)
NUMBERED = frozenset({"order_completed", "order_updated"})
SEARCH_LENGTH = 200
WHOLE_KINDS = ("phone", "email", "member_no")
NAME = f"translate(lower(normalize(s.name, NFKC)), '{summary.JOINERS}', '')"
# A word with an @, or six digits and more however grouped: a viewer could spell out by parts what is masked for him.
CONTACT = r"\S*(@|%40)\S*|[+(]*[0-9](?:[ ().\-]*[0-9]){5,}"
WITHOUT_CONTACTS = f"regexp_replace({NAME}, %(contact)s::text, E'\\n', 'g')"


def index(db: Connection, workspace: int, fresh: list[Clean]) -> None:
    """Keeps the order numbers of a batch's purchases with who is named in them."""
    pairs = {
        (clean.meaning.order_id, clean.sighting)
        for clean in fresh
        if clean.meaning
        and clean.meaning.order_id
        and clean.meaning.kind in NUMBERED
        and clean.sighting is not None
    }
    if pairs:
        ordered = sorted(pairs)
        run(
            db,
            SQL["keep_numbers"],
            workspace=workspace,
            numbers=array(number for number, _ in ordered),
            sightings=array(sighting for _, sighting in ordered),
        )


def key_of(workspace: int, kind: str, value: str, namespace: str = "", region: str = "CN") -> UUID | None:
    """The key of an identifier as a person typed it, normalised as on the way in; None where it cannot be one."""
    found = values.identifier(kind, value, region)
    if found is None:
        return None
    return identifier_key(settings.IDENTITY_SECRET, workspace, kind, namespace, found)


def profiles_of(db: Connection, workspace: int, text: str, region: str = "CN") -> list[int]:
    """The profiles that a whole identifier or order number points to."""
    keys = [key for kind in WHOLE_KINDS if (key := key_of(workspace, kind, text, "", region))]
    number = (values.own_id(text) or "")[:SEARCH_LENGTH]
    found = rows(db, SQL["by_whole"], workspace=workspace, keys=array(keys), number=number)
    return [profile for (profile,) in found]


def name_filter(text: str, masked: bool) -> tuple[str, str, dict[str, Any]]:
    """A name that holds the text: the profiles that may, the condition on the summary row, the values of both.

    `masked`: outside of contact data in it.
    """
    term = summary.plain(text)[:SEARCH_LENGTH]
    size = min(len(term), max(summary.GRAM_SIZES))
    wanted = sorted({term[i : i + size] for i in range(len(term) - size + 1)}) if term else []
    return (
        SQL["by_grams"],
        f"strpos({WITHOUT_CONTACTS if masked else NAME}, %(term)s::text) > 0",
        {"grams": array(wanted), "term": term} | ({"contact": CONTACT} if masked else {}),
    )
