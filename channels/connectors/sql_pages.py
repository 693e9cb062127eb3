"""A page of a foreign database's rows: what is asked for, where a page ends, where the next one begins.

Rows are ordered by a column that only grows, and by a key. With a key the next page begins behind value and key of the
last row, and rows that share both stay in one page. Without one it begins AT the last value, and what its rows said is
remembered: none is lost, none comes twice. Not here: the settings (sql_pull.py), what the rows mean (sql_rows.py).
"""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any, Final, NamedTuple

import msgspec
from django.utils.translation import gettext as _

from channels.connectors import sql_values
from channels.connectors.base import Page
from channels.connectors.sql_servers import Column, Server
from channels.tables import columns
from kernel.errors import BadRequest

LINES: Final = "order_lines"
ANY: Final = "any"
LARGEST: Final = 1_000_000  # characters of a page
TIED: Final = 5_000  # rows of one value and key, or of one value without a key: more cannot be told apart
NAMED: Final = 50  # columns in a sentence
BAD: Final = "bad_settings"
Settings = Any  # of sql_pull.py


class Place(msgspec.Struct, frozen=True):
    """How far it came. `seen`: without a key, what the rows of the last value said."""

    column: str
    keyed: bool
    value: str
    key: str = ""
    seen: tuple[str, ...] = ()


class Asked(NamedTuple):
    """A question, and where its answer holds what orders it."""

    columns: list[Column]
    column: int
    key: int  # -1: none
    statement: str
    values: dict[str, object]
    most: int


def place(own: Settings, cursor: Mapping[str, Any]) -> Place | None:
    """Where it goes on; at the beginning where another column orders the rows now."""
    try:
        found = msgspec.convert(dict(cursor), Place) if cursor else None
    except msgspec.ValidationError:
        return None
    same = found is not None and (found.column, found.keyed) == (own.column, bool(own.key))
    return found if same else None


def question(own: Settings, server: Server, before: Place | None, zone: tzinfo) -> Asked:
    """What is asked: at most a page of rows, and as many as may belong to its last one."""
    source = source_of(own, server)
    found = server.columns(f"select * from {source} limit 0")  # noqa: S608 (its names are quoted)
    column, key = _found(found, own.column), _found(found, own.key) if own.key else -1
    grows = found[column]
    if grows.type not in sql_values.ORDERED:
        raise BadRequest(
            _("“%(column)s” cannot say what is newer: a time, a date or a number that counts up can.")
            % {"column": grows.name},
            BAD,
        )
    if key >= 0 and found[key].type not in sql_values.KEYS:
        raise BadRequest(
            _("“%(column)s” is no key that rows can be ordered by: a number or a text.")
            % {"column": found[key].name},
            BAD,
        )
    lack = lacking(own, [one.name for one in found])
    if lack:
        raise lack
    name = server.quoted(grows.name)
    wheres, values = [f"{name} is not null"], dict[str, object]()
    until = sql_values.bound(grows, server.now() - own.lag, zone)
    if until is not None:
        wheres.append(f"{name} <= %(until)s")
        values["until"] = until
    if before:
        values["value"] = server.literal(grows.type, before.value)
        wheres.append(f"{name} >= %(value)s")
    if key >= 0:
        wheres.append(f"{server.quoted(found[key].name)} is not null")
    if before and key >= 0:
        values["key"] = server.literal(found[key].type, before.key)
        wheres.append(f"({name} > %(value)s or {server.quoted(found[key].name)} > %(key)s)")
    most = own.batch + 1 + (TIED if key >= 0 else len(before.seen) if before else 0)
    order = name if key < 0 else f"{name}, {server.quoted(found[key].name)}"
    text = f"select * from {source} where {' and '.join(wheres)} order by {order} limit {most}"  # noqa: S608
    return Asked(found, column, key, text, values, most)


def source_of(own: Settings, server: Server) -> str:
    """The table, or the query as one; what is no single SELECT is refused, or is none of the server's in this place."""
    if bool(own.table) == bool(own.query.strip()):
        raise BadRequest(_("A table or a query is needed, one of the two."), BAD)
    if own.table:
        return ".".join(server.quoted(part) for part in own.table.split("."))
    query = own.query.strip().removesuffix(";").strip()
    if ";" in query or not query.lower().startswith(("select", "with", "(")):
        raise BadRequest(_("The query is one SELECT, without a semicolon in it."), BAD)
    return f"(\n{query.replace('%', '%%')}\n) {server.quoted('huiliu_rows')}"


def _found(found: Sequence[Column], name: str) -> int:
    names = [one.name for one in found]
    folded = [one.lower() for one in names]
    if name in names:
        return names.index(name)
    if folded.count(name.lower()) == 1:
        return folded.index(name.lower())
    raise BadRequest(
        _("There is no column “%(name)s”; there are %(all)s.")
        % {"name": name, "all": ", ".join(names[:NAMED])},
        BAD,
    )


def lacking(own: Settings, names: Sequence[str]) -> BadRequest | None:
    """What keeps the rows from being what they are set to be."""
    if own.rows == ANY:
        return None
    if own.rows == LINES and not own.key:
        return BadRequest(_("Of order lines the key column is needed: the order's number."), BAD)
    need = next(iter(columns.match(own.rows, names, own.columns).lacking), None)
    if need is None:
        return None
    said = {"expected": " / ".join(need), "all": ", ".join(names[:NAMED])}
    return BadRequest(
        _("No column says %(expected)s; there are %(all)s. Name it in the setting of columns.") % said,
        BAD,
    )


def page(own: Settings, asked: Asked, before: Place | None, server: Server, zone: tzinfo) -> Page:
    """Rows until there are enough, and all that the last one's value and key are shared by."""
    names = columns.distinct([one.name for one in asked.columns])
    held: list[dict[str, Any]] = []
    size = came = 0
    last, seen, more = before, set(before.seen) if before else set(), False
    for row in server.rows(asked.statement, asked.values):
        came += 1
        here = _here(own, asked, row)
        said = sql_values.mark(row) if asked.key < 0 else ""
        goes_on = last is not None and here.value == last.value
        if goes_on and said in seen:
            continue
        if (len(held) >= own.batch or size >= LARGEST) and (asked.key < 0 or here != last):
            more = True
            break
        last, seen = here, ({*seen, said} if goes_on else {said}) if said else set()
        size += sum(len(one) for one in row if isinstance(one, str | bytes))
        held.append(
            {
                name: sql_values.plain(value, one.type, zone)
                for name, value, one in zip(names, row, asked.columns, strict=True)
            }
        )
    cut = came >= asked.most and not more  # there may be more than was asked for, and nothing that parts it
    if len(seen) > TIED or (cut and (asked.key >= 0 or not held)):
        raise _tied(own)
    if last is None or not held:
        return Page(b"", cursor_of(before))
    body = {"column": names[asked.column], "key": names[asked.key] if asked.key >= 0 else "", "rows": held}
    end = msgspec.structs.replace(last, seen=tuple(sorted(seen)))
    return Page(msgspec.json.encode(body), cursor_of(end), more or cut, rows=len(held))


def _here(own: Settings, asked: Asked, row: Sequence[Any]) -> Place:
    key = str(row[asked.key]) if asked.key >= 0 and row[asked.key] is not None else ""
    return Place(own.column, asked.key >= 0, str(row[asked.column]), key)


def cursor_of(found: Place | None) -> dict[str, Any]:
    """A place as it is kept."""
    return {} if found is None else msgspec.structs.asdict(found) | {"seen": list(found.seen)}


def _tied(own: Settings) -> BadRequest:
    said = {"most": f"{TIED:,}", "column": own.column}
    return BadRequest(
        _("More than %(most)s rows have one value of “%(column)s”: set a key column that tells them apart.")
        % said,
        BAD,
    )
