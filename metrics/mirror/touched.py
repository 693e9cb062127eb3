"""Touches as batches packed them, read into DuckDB. Not here: the packing (packed.py), the table's files (writer.py).

NumPy is loaded with it: where files are written, never in a web process.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

import duckdb
import numpy as np

from metrics.mirror import packed

SIGN: Final = np.uint64(
    1 << 63
)  # a tie without its sign sorts as its bytes do, one with it as the mirror's do
UNIX: Final = 946_684_800_000_000  # microseconds from 1970 to 2000
KINDS: Final = ("channel", "touchpoint", "name", "active", "campaign", "source")


def load(db: duckdb.DuckDBPyConnection, bodies: Sequence[bytes]) -> bool:
    """Makes the temporary table `touched` of what batches packed, its columns the mirror's; whether it has rows."""
    parts = [packed.DECODE(body) for body in bodies]
    alike = list(chain.from_iterable(part.alike for part in parts))
    if not alike:
        return False
    starts = np.cumsum([0, *(len(part.alike) for part in parts[:-1])])
    lines = chain.from_iterable(_lines(part.properties) for part in parts)
    touches = {
        "moment": _joined("<i8", [part.moments for part in parts]),
        "tie": (_joined("<u8", [part.ties for part in parts]) ^ SIGN).view("<i8"),
        "sighting": _joined("<i8", [part.sightings for part in parts]),
        "kind": np.concatenate(
            [np.frombuffer(part.kinds, "<u4") + at for part, at in zip(parts, starts, strict=True)]
        ),
        "said": np.fromiter(lines, dtype=object),
    }
    kinds: dict[str, Any] = {"kind": np.arange(len(alike))}
    kinds |= {name: _objects(column) for name, column in zip(KINDS, zip(*alike, strict=True), strict=True)}
    kinds["channel"], kinds["active"] = kinds["channel"].astype("i4"), kinds["active"].astype(bool)
    db.register("touched_rows", touches)
    db.register("touched_kinds", kinds)
    db.execute(
        "create or replace temp table touched as select "
        f"make_timestamp(r.moment + {UNIX}) as occurred_at, r.tie, r.sighting, k.channel, k.touchpoint, k.name, "
        "k.active, k.campaign::varchar as campaign, k.source::varchar as source, "
        "nullif(r.said, 'null')::json as properties "
        "from touched_rows r join touched_kinds k using (kind)"
    )
    db.unregister("touched_rows")
    db.unregister("touched_kinds")
    return True


def _joined(kind: str, parts: Sequence[bytes]) -> Any:
    return np.frombuffer(b"".join(parts), kind)


def _lines(properties: bytes) -> list[str]:
    """A text for each touch: a line end stands after the last one too."""
    return properties.decode().split("\n")[:-1]


def _objects(column: Sequence[Any]) -> Any:
    found = np.empty(len(column), dtype=object)
    found[:] = column
    return found
