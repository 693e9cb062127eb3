"""What was done with a statement and said of it, files along with it. Not here: who may (statements.py)."""

from datetime import datetime
from pathlib import PurePath
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from kernel.db import Connection, Statements, rows
from kernel.errors import BadRequest

SQL = Statements(__file__)
MOST_ID: Final = 2**63 - 1  # an address may name any number; the column holds none above it
LONGEST: Final = 2_000  # characters of a comment
LARGEST_FILE: Final = 2 * 1024 * 1024  # bytes
LONGEST_NAME: Final = 120  # characters
# What may be attached, by how its name ends: none of it is shown by a browser as a page.
TYPES: Final = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "csv": "text/csv",
    "txt": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Attached(NamedTuple):
    """A file as it came."""

    name: str
    data: bytes

    @property
    def type(self) -> str:
        """By its name."""
        return TYPES[PurePath(self.name).suffix.lower().removeprefix(".")]


class Note(NamedTuple):
    """A deed or a comment. `channel`: None: of the whole statement."""

    id: int
    channel: int | None
    act: str
    author: str
    at: datetime
    text: str
    file_name: str | None
    file_type: str | None
    file_size: int | None  # bytes


def attached(name: str, data: bytes) -> Attached:
    """A file that may be kept. BadRequest says why another may not."""
    base = PurePath(name.replace("\\", "/")).name[-LONGEST_NAME:]
    ending = PurePath(base).suffix.lower().removeprefix(".")
    if ending not in TYPES:
        said = _("“%(name)s” cannot be attached: it is one of %(all)s.")
        raise BadRequest(said % {"name": base, "all": ", ".join(TYPES)}, "bad_file")
    if not 0 < len(data) <= LARGEST_FILE:
        said = _("A file has 1 byte to %(most)s MB.") % {"most": LARGEST_FILE // 1024 // 1024}
        raise BadRequest(said, "bad_file")
    return Attached(base, data)


def text_of(text: str, *, needed: bool) -> str:
    """A comment. BadRequest for none where one is needed."""
    found = text.strip()
    if needed and not found:
        raise BadRequest(_("Say in a sentence what is wrong: the others read it."), "comment_missing")
    if len(found) > LONGEST:
        raise BadRequest(_("A comment has at most %(most)s characters.") % {"most": LONGEST}, "bad_comment")
    return found


def add(  # noqa: PLR0913 (one note, whole)
    db: Connection,
    statement: int,
    act: str,
    author: str,
    now: datetime,
    text: str = "",
    channel: int | None = None,
    file: Attached | None = None,
) -> int:
    """Keeps one; its id."""
    found = rows(
        db,
        SQL["add_note"],
        id=statement,
        channel=channel,
        act=act,
        by=author,
        at=now,
        text=text,
        file_name=file.name if file else None,
        file_type=file.type if file else None,
        file=file.data if file else None,
    )
    return int(found[0][0])


def of(db: Connection, statement: int) -> list[Note]:
    """All of a statement, the oldest first."""
    return [Note(*row) for row in rows(db, SQL["notes"], id=statement)]


def file(db: Connection, statement: int, note: int) -> tuple[int | None, str, str, bytes] | None:
    """A file: the channel it is of, its name, its type, its bytes."""
    found = rows(db, SQL["file"], id=statement, note=note) if note <= MOST_ID else []
    return (found[0][0], found[0][1], found[0][2], bytes(found[0][3])) if found else None
