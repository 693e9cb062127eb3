"""What many events say alike of their surroundings, kept once a distinct value: browser, library, locale, campaign as
one, the page as another.

An event's row points to both and holds only what is its own: address, device. Reading puts them together.
Not here: events themselves (events.py). What is shared says nothing of a person, but for a page whose address or title
names one: who erases a person must look at the pages of his events too.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from kernel.db import Connection, Statements, array, copy_text, escaped, rows
from kernel.event import Clean

SQL = Statements(__file__)
TABLE, COLUMNS = "profiles_surrounding", ("workspace_id", "id", "key", "data")
# Entries of a context that come in few values. What is a device's or a moment's own is not among them.
SHARED = frozenset(
    (
        "library",
        "userAgent",
        "userAgentData",
        "locale",
        "timezone",
        "campaign",
        "os",
        "app",
        "screen",
        "network",
    )
)
PAGE = "page"
OFTEN = 2  # times in a batch, or met before: a page that is seen once stays with its event
NOTHING = b""
NONE = 0  # the id of nothing
ENCODER = msgspec.json.Encoder(decimal_format="number", order="sorted")


class Parted(NamedTuple):
    """A batch's contexts: what is each event's own; what is shared, as JSON (empty: nothing)."""

    own: list[dict[str, Any]]
    shared: list[bytes]
    pages: list[bytes]


def parted(fresh: list[Clean]) -> Parted:
    """Of each event what of its context is its own, and what it may share with others."""
    found = Parted([], [], [])
    encode = ENCODER.encode
    for clean in fresh:
        common, own, page = {}, {}, NOTHING
        for name, value in clean.context.items():
            if name in SHARED:
                common[name] = value
            elif name == PAGE and type(value) is dict and value and _again(value):
                page = encode({PAGE: value})
            else:
                own[name] = value
        found.own.append(own)
        found.shared.append(encode(common) if common else NOTHING)
        found.pages.append(page)
    return found


def _again(page: dict[str, Any]) -> bool:
    """Whether others may come to the same page."""
    for name in ("url", "search"):
        text = page.get(name)
        if isinstance(text, str) and (
            "?" in text or "#" in text
        ):  # with a query an address is nearly always seen once
            return False
    return True


def settled(db: Connection, workspace: int, fresh: list[Clean]) -> Parted:
    """A batch's contexts in parts; a page that nobody else came to goes back to its event. Nothing is written."""
    found = parted(fresh)
    rare = {page for page, times in Counter(found.pages).items() if page and times < OFTEN}
    if rare:
        rare -= _known(db, workspace, _keyed(rare)).keys()
    if rare:
        for place, page in enumerate(found.pages):
            if page in rare:
                found.pages[place] = NOTHING
                found.own[place] = found.own[place] | {PAGE: fresh[place].context[PAGE]}
    return found


def ids(db: Connection, workspace: int, shared: Iterable[bytes]) -> dict[bytes, int]:
    """The ids of shared values, 0 of none; new ones are written. The workspace is held: nobody else does it now."""
    by_key = _keyed(set(shared))
    found = _known(db, workspace, by_key) | {NOTHING: NONE}
    missing = [entry for entry in sorted(by_key.items()) if entry[1] not in found]
    if missing:
        new: list[int] = rows(db, SQL["next"], n=len(missing))[0][0]
        lines = []
        for id_, (key, value) in zip(new, missing, strict=True):
            found[value] = id_
            lines.append(f"{workspace}\t{id_}\t{key}\t{escaped(value.decode())}\n")
        copy_text(db, TABLE, COLUMNS, "".join(lines))
    return found


def _keyed(values: Iterable[bytes]) -> dict[str, bytes]:
    """Values by what they are found by: the first half of their SHA-256, as hex."""
    return {hashlib.sha256(value).hexdigest()[:32]: value for value in values if value}


def _known(db: Connection, workspace: int, by_key: dict[str, bytes]) -> dict[bytes, int]:
    if not by_key:
        return {}
    return {by_key[key]: id_ for key, id_ in rows(db, SQL["known"], workspace=workspace, keys=array(by_key))}


def of(db: Connection, workspace: int, wanted: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Shared values by their ids."""
    asked = sorted(set(wanted) - {NONE})
    if not asked:
        return {}
    found = rows(db, SQL["of"], workspace=workspace, ids=array(asked))
    return {id_: msgspec.json.decode(text) for id_, text in found}
