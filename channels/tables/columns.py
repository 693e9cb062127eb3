"""A file's headers -> our fields: by what an admin said, else by what they are called in English and Chinese.

Not here: the fields there are and their names (fields.py), which row of a file is its header (imports/detect.py).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from channels.tables.fields import TABLES, Table

OWN: Final = ("properties.", "traits.")  # before a name of one's own, where a setting sends a column
NONE: Final = "-"  # a setting that leaves a column out
_ASIDE = re.compile(r"[(（\[【<].*?[)）\]】>]")
_BREAKS = re.compile(r"[\W_]+")


class Matched(NamedTuple):
    """A field for each column, "" where it says none; and the needs that no column meets."""

    fields: list[str]
    lacking: list[tuple[str, ...]]

    @property
    def found(self) -> int:
        """How many columns are known."""
        return sum(bool(one) for one in self.fields)


def folded(header: str) -> str:
    """A header without case, blanks, joints and what stands in brackets: '实付金额（元）' is '实付金额'."""
    plain = unicodedata.normalize("NFKC", header).casefold()
    return _BREAKS.sub("", _ASIDE.sub("", plain)) or _BREAKS.sub("", plain)


@lru_cache(maxsize=len(TABLES))
def _names(table: str) -> dict[str, tuple[str, int]]:
    """Folded header -> its field and how good a name it is; the smaller the better."""
    found: dict[str, tuple[str, int]] = {}
    for field in TABLES[table].fields:
        for rank, name in enumerate((field.name, field.english, field.chinese, *field.headers.split())):
            found.setdefault(folded(name), (field.name, rank))
    return found


def match(table: str, headers: Sequence[str], said: Mapping[str, str]) -> Matched:
    """The fields of a file's headers. Of two columns for one field the better name has it, else the first."""
    wanted = {folded(header): field for header, field in said.items()}
    names = _names(table)
    best: dict[str, tuple[int, int]] = {}
    fields = [""] * len(headers)
    for place, header in enumerate(headers):
        own = wanted.get(folded(header))
        if own is not None:
            if own != NONE and is_field(table, own) and best.get(own, (0, 0))[0] >= 0:
                _take(fields, best, own, (-1, place))
            continue
        field, rank = names.get(folded(header), ("", 0))
        if field and (field not in best or rank < best[field][0]):
            _take(fields, best, field, (rank, place))
    lacking = [need for need in TABLES[table].needs if not any(one in best for one in need)]
    return Matched(fields, lacking)


def _take(fields: list[str], best: dict[str, tuple[int, int]], field: str, mine: tuple[int, int]) -> None:
    if field in best:
        fields[best[field][1]] = ""
    best[field] = mine
    fields[mine[1]] = field


def is_field(table: str, name: str) -> bool:
    """Whether a setting may send a column there."""
    if name.startswith(OWN):
        return len(name.partition(".")[2]) > 0
    return any(field.name == name for field in TABLES[table].fields)


def titles(table: Table, chinese: bool) -> list[str]:
    """The header of a template."""
    return [field.chinese if chinese else field.english for field in table.fields]


def distinct(headers: Sequence[str]) -> list[str]:
    """Headers with none twice: the second '金额' is '金额 (2)'; one without a name is called by its place."""
    found: list[str] = []
    taken: set[str] = set()
    for place, header in enumerate(headers, 1):
        name = base = " ".join(header.replace("\x00", "").split()) or f"column {place}"
        count = 1
        while name in taken:
            count += 1
            name = f"{base} ({count})"
        taken.add(name)
        found.append(name)
    return found
