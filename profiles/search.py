"""One box finds a person: whole identifiers and order numbers, what a mask shows of a phone or an e-mail, the beginning
of an id, names by parts.

Not here: how names become n-grams (summary), what is kept of masked values (identity/hints.py), the list (queries).
"""

import re
import unicodedata
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from kernel import values
from kernel.db import Connection, Statements, array, rows, run
from kernel.event import Clean, identifier_key
from kernel.web import access
from profiles import called, summary
from profiles.identity import hints, kinds

SQL = Statements(__file__)
NUMBERED = frozenset({"order_completed", "order_updated"})
SEARCH_LENGTH = 200
HANDED_OVER = 5_000  # profiles found by a filter that go into the list's statement one by one
MOST_SPACES = 200  # pairs of kind and namespace that a whole value is looked for in
MOST_OPENED = 20_000  # phones with the same last digits that are opened to compare their masks
_COVER = r"[•·●*xX.\-]"  # how a hidden part is written
MASKED_PHONE = re.compile(
    rf"(?:(?P<head>\d{{3}}) ?(?={_COVER}))?(?:{_COVER}{{2,12}} ?)?(?P<tail>\d{{{hints.TAIL}}})"
)
MASKED_MAIL = re.compile(rf"(?P<first>[^\s@]){_COVER}{{2,12}}@{_COVER}{{2,12}}\.(?P<top>[^\s@.]+)")
ID_DIGITS = 32
ID_BEGIN = re.compile(rf"[0-9a-f]{{{called.SHORT},{ID_DIGITS}}}")
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


# ---- as conditions of a list -------------------------------------------------------------------------


def found(db: Connection, workspace: int, text: str, masked: bool, values: dict[str, Any]) -> str:
    """The condition on a summary row `s` that a text finds it; adds to the statement's `values`.

    A whole identifier or order number; what everybody may see of one, or part of a name, where it may be meant.
    """
    either: list[str] = []
    if certain := {one.profile for one in whole(db, workspace, text)}:
        either.append("s.profile_id = any(%(found)s::bigint[])")
        values["found"] = array(sorted(certain))
    if maybe := near(db, workspace, text):
        values |= maybe.values
        either.append(is_of(db, "near", maybe.select, values))
    if maybe or not certain:
        either.append(named(db, text, masked, values))
    return f"({' or '.join(either)})"


def named(db: Connection, text: str, masked: bool, values: dict[str, Any]) -> str:
    """The same of a name that holds the text. `masked`: outside of contact data in it."""
    term = summary.plain(text)[:SEARCH_LENGTH]
    size = min(len(term), max(summary.GRAM_SIZES))
    wanted = sorted({term[i : i + size] for i in range(len(term) - size + 1)}) if term else []
    values |= {"grams": array(wanted), "term": term} | ({"contact": CONTACT} if masked else {})
    holds = f"strpos({WITHOUT_CONTACTS if masked else NAME}, %(term)s::text) > 0"
    return f"{is_of(db, 'named', SQL['by_grams'], values)} and {holds}"


def is_of(db: Connection, name: str, select: str, values: dict[str, Any]) -> str:
    """The condition that a profile is one a select finds, each in one look: the planner cannot know how many they are.

    Few are handed over as a list; of many the select stands in a hash (`case`: else it might be joined row by row).
    """
    profiles = rows(db, f"select profile_id from ({select}) f limit {HANDED_OVER + 1}", **values)  # noqa: S608
    if len(profiles) > HANDED_OVER:
        return f"case when s.profile_id in ({select}) then true else false end"
    values[name] = array(sorted({profile for (profile,) in profiles}))
    return f"s.profile_id = any(%({name})s::bigint[])"


# ---- what a text may mean ----------------------------------------------------------------------------


class Found(NamedTuple):
    """A profile that a whole value points to, and what the value is: a kind of identifier, or `number`."""

    profile: int
    kind: str
    namespace: str
    value: str  # as stored


class Near(NamedTuple):
    """Profiles that what was typed may mean, though it is no whole value: a select of their ids, and its values.

    `how`: `tail` (the last digits of a phone), `mask` (as a masked phone or e-mail is shown), `id` (how an id begins).
    """

    how: str
    kind: str
    shown: str  # by what they are found
    select: str
    values: dict[str, Any]


def whole(db: Connection, workspace: int, text: str, region: str = "CN") -> list[Found]:
    """The profiles that a whole identifier of any kind, or an order number, points to."""
    spaces: dict[str, list[str]] = {}
    for kind, namespace in rows(db, SQL["spaces"], workspace=workspace, limit=MOST_SPACES):
        spaces.setdefault(kind, []).append(namespace)
    keys = {
        key_of(workspace, kind, text, namespace, region)
        for kind in kinds.of(db, workspace)
        for namespace in ("", *spaces.get(kind, ()))
    }
    asked = array(sorted(key for key in keys if key))
    number = (values.own_id(text) or "")[:SEARCH_LENGTH]
    return [Found(*row) for row in rows(db, SQL["by_whole"], workspace=workspace, keys=asked, number=number)]


def near(db: Connection, workspace: int, text: str) -> Near | None:
    """What else may be meant: no more is matched than everybody may see, whatever the role."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    if found := MASKED_PHONE.fullmatch(plain):
        head, tail = found["head"] or "", found["tail"]
        asked = {"hint": hints.hint(workspace, "phone", tail)}
        if not head:
            return Near("tail", "phone", tail, SQL["by_hint"], asked)
        masked = f"{head} {access.DOTS} {tail}"
        same = _same_mask(db, workspace, masked, asked["hint"])
        return Near("mask", "phone", masked, SQL["given"], {"given": array(same)})
    if found := MASKED_MAIL.fullmatch(plain.lower()):
        masked = access.mask_email(f"{found['first']}@x.{found['top']}")
        return Near("mask", "email", masked, SQL["by_hint"], {"hint": hints.hint(workspace, "email", masked)})
    return _by_id(plain)


def _same_mask(db: Connection, workspace: int, masked: str, hint: int) -> list[int]:
    """The profiles with a phone that is masked like this, among those with its last digits."""
    found = rows(db, SQL["hinted"], workspace=workspace, hint=hint, limit=MOST_OPENED)
    return sorted(
        {
            profile
            for profile, kind, value in found
            if access.mask(kind, kinds.opened(workspace, kind, value)) == masked
        }
    )


def _by_id(plain: str) -> Near | None:
    """The beginning of an id, as lists show it: bare, behind the word for a nameless customer, or cut off by dots."""
    nameless = (_("Unknown %(id)s") % {"id": ""}).strip()
    bare = plain.removeprefix(nameless).strip().rstrip(".").replace("-", "").lower()
    if not ID_BEGIN.fullmatch(bare):
        return None
    low, high = UUID(bare.ljust(ID_DIGITS, "0")), UUID(bare.ljust(ID_DIGITS, "f"))
    return Near("id", "id", bare[: called.SHORT], SQL["by_id"], {"low": low, "high": high})
