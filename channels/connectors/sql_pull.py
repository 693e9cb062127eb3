"""A table or a SELECT of a shop's own database, read by what is new in it: PostgreSQL, MySQL, MariaDB.

A page is the rows after the last one, by a column that only grows. Rows of one value are parted by a key, or, without
one, by what they say: none is lost, none comes twice. Rows with columns we know need no mapping (channels/tables/).
Not here: the servers (sql_servers.py), their values (sql_values.py), when a page is asked for (channels/pulls/).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from msgspec import Meta, Struct

from channels.connectors import payloads, sql_servers, sql_values
from channels.connectors.base import (
    PULL,
    Api,
    Connection,
    ConnectorKind,
    Delivery,
    Guide,
    Message,
    Page,
    Payload,
    Secret,
    Unusable,
)
from channels.connectors.sql_servers import Column, Server, Target
from channels.reasons import NOT_AN_OBJECT, Rejection
from channels.tables import columns, rows
from channels.tables.chunk import Chunk, Group, digest
from channels.tables.rows import KEYED, Style
from kernel import money, outbound, periods
from kernel.errors import BadRequest

ANY: Final = "any"
LINES: Final = "order_lines"
PORTS: Final = {"postgresql": 5432, "mysql": 3306}
LARGEST: Final = 1_000_000  # characters of a page
TIED: Final = 5_000  # rows of one value and key, and of one value without a key: more are no rows to tell apart
Header = Annotated[str, Meta(max_length=200)]
Name = Annotated[str, Meta(pattern=r"^[^\x00-\x1f;]*$", max_length=120)]


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Which database, which rows of it, how often."""

    engine: Annotated[
        Literal["postgresql", "mysql"],
        Meta(title=gettext_noop("Engine"), description=gettext_noop("mysql: MariaDB too.")),
    ] = "postgresql"
    host: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9.:_-]*$",
            max_length=253,
            title=gettext_noop("Host"),
            description=gettext_noop(
                "Its name or address. One inside your own network is allowed by who runs this server."
            ),
        ),
    ] = ""
    port: Annotated[
        int,
        Meta(
            ge=0,
            le=65_535,
            title=gettext_noop("Port"),
            description=gettext_noop("0: the engine's own, 5432 or 3306."),
        ),
    ] = 0
    database: Annotated[Name, Meta(title=gettext_noop("Database"))] = ""
    user: Annotated[
        Name,
        Meta(title=gettext_noop("User"), description=gettext_noop("One that may read these tables, no more.")),
    ] = ""
    tls: Annotated[
        Literal["verify", "encrypt", "off"],
        Meta(
            title=gettext_noop("TLS"),
            description=gettext_noop(
                "verify: the server's certificate must be good for its name. encrypt: whoever it is. off: readable on "
                "its way."
            ),
        ),
    ] = "verify"
    ca: Annotated[
        str,
        Meta(
            max_length=20_000,
            title=gettext_noop("Certificate authority"),
            description=gettext_noop(
                "The certificate (PEM) that signed the server's. Empty: those that all trust."
            ),
        ),
    ] = ""
    table: Annotated[
        Name,
        Meta(
            title=gettext_noop("Table"),
            description=gettext_noop("A table or view, as schema.table. Or a query below."),
        ),
    ] = ""
    query: Annotated[
        str,
        Meta(
            max_length=10_000,
            title=gettext_noop("Query"),
            description=gettext_noop("One SELECT in place of a table, without a semicolon."),
        ),
    ] = ""
    column: Annotated[
        Name,
        Meta(
            title=gettext_noop("Column that grows"),
            description=gettext_noop(
                "When a row was changed, or a number that counts up: rows are read by it, once. Best with an index."
            ),
        ),
    ] = "updated_at"
    key: Annotated[
        Name,
        Meta(
            title=gettext_noop("Key column"),
            description=gettext_noop(
                "What tells rows of one time apart, as a rule the primary key. Of order lines: the order's number."
            ),
        ),
    ] = ""
    rows: Annotated[
        Literal[
            "any",
            "orders",
            "order_lines",
            "customers",
            "products",
            "stock",
            "prices",
            "costs",
            "spend",
            "store_visits",
        ],
        Meta(
            title=gettext_noop("Rows"),
            description=gettext_noop("What each row is. any: a mapping says what it means."),
        ),
    ] = "any"
    columns: Annotated[
        dict[Header, Header],
        Meta(
            max_length=500,
            title=gettext_noop("Columns"),
            description=gettext_noop(
                "Column to field, for names that are not known by themselves; “-” leaves a column out."
            ),
        ),
    ] = {}
    zone: Annotated[
        str,
        Meta(
            max_length=60,
            title=gettext_noop("Time zone"),
            description=gettext_noop("Of times that say none. Empty: the channel's."),
        ),
    ] = ""
    currency: Annotated[
        str,
        Meta(
            max_length=3,
            title=gettext_noop("Currency"),
            description=gettext_noop("Of amounts that say none. Empty: the channel's."),
        ),
    ] = ""
    batch: Annotated[
        int,
        Meta(ge=1, le=5_000, title=gettext_noop("Rows at once"), description=gettext_noop("Of one page.")),
    ] = 1_000
    lag: Annotated[
        int,
        Meta(
            ge=0,
            le=86_400,
            title=gettext_noop("Seconds a row waits"),
            description=gettext_noop(
                "Rows younger than this are read later: what takes long to be committed is not passed over."
            ),
        ),
    ] = 10
    every: Annotated[
        int,
        Meta(
            ge=1,
            le=1_440,
            title=gettext_noop("Minutes between pulls"),
            description=gettext_noop("After one that reached the end."),
        ),
    ] = 15


# ---- asking ---------------------------------------------------------------------------------------------


class Place(NamedTuple):
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


def fetch(connection: Connection, api: Api, cursor: Mapping[str, Any]) -> Page:
    """The rows after the cursor's, in one short transaction that cannot write."""
    own = connection.settings
    before = place(own, cursor)
    with _server(connection) as server:
        asked = question(own, server, before, zone_of(connection))
        lacking = _lacking(own, [one.name for one in asked.columns])
        if lacking:
            raise lacking
        return _page(own, asked, before, server, zone_of(connection))


def _server(connection: Connection) -> Any:
    own = connection.settings
    if not (own.host and own.database and own.user):
        raise BadRequest(_now("Host, database and user are needed."), "bad_settings")
    port = own.port or PORTS[own.engine]
    address = outbound.address(own.host, port)
    password = connection.secrets.get("password", "")
    target = Target(own.host, port, own.database, own.user, password, own.tls, own.ca)
    return sql_servers.connected(own.engine, target, address)


def zone_of(connection: Connection) -> Any:
    """Of times that say none."""
    said = connection.settings.zone
    return periods.zone(said) if said and periods.is_zone(said) else connection.zone


def place(own: Settings, cursor: Mapping[str, Any]) -> Place | None:
    """Where it goes on; at the beginning where another column orders the rows now."""
    try:
        found = msgspec.convert(dict(cursor), Place) if cursor else None
    except msgspec.ValidationError:
        return None
    same = found is not None and (found.column, found.keyed) == (own.column, bool(own.key))
    return found if same else None


def question(own: Settings, server: Server, before: Place | None, zone: Any) -> Asked:
    """What is asked: at most a page of rows, and as many as may belong to its last one."""
    source = source_of(own, server)
    found = server.columns(f"select * from {source} limit 0")
    column, key = _found(found, own.column), _found(found, own.key) if own.key else -1
    grows = found[column]
    if grows.type not in sql_values.ORDERED:
        raise BadRequest(
            _now(
                "“%(column)s” cannot say what is newer: a time, a date or a number that counts up can."
            ) % {"column": grows.name},
            "bad_settings",
        )
    name = server.quoted(grows.name)
    wheres, values = [f"{name} is not null"], dict[str, object]()
    until = sql_values.bound(grows, server.now() - own.lag, zone)
    if until is not None:
        wheres.append(f"{name} <= %(until)s")
        values["until"] = until
    if before:
        values["value"] = server.literal(grows.type, before.value)
        wheres.append(f"{name} >= %(value)s")
    if before and key >= 0:
        values["key"] = server.literal(found[key].type, before.key)
        wheres.append(f"({name} > %(value)s or {server.quoted(found[key].name)} > %(key)s)")
    most = own.batch + 1 + (TIED if key >= 0 else len(before.seen) if before else 0)
    order = name if key < 0 else f"{name}, {server.quoted(found[key].name)}"
    text = f"select * from {source} where {' and '.join(wheres)} order by {order} limit {most}"
    return Asked(found, column, key, text, values, most)


def source_of(own: Settings, server: Server) -> str:
    """The table, or the query as one; what is no single SELECT is refused, or is none of the server's in this place."""
    if bool(own.table) == bool(own.query.strip()):
        raise BadRequest(_now("A table or a query is needed, one of the two."), "bad_settings")
    if own.table:
        return ".".join(server.quoted(part) for part in own.table.split("."))
    query = own.query.strip().removesuffix(";").strip()
    if ";" in query or not query.lower().startswith(("select", "with", "(")):
        raise BadRequest(_now("The query is one SELECT, without a semicolon in it."), "bad_settings")
    return f"(\n{query.replace('%', '%%')}\n) {server.quoted('huiliu_rows')}"


def _found(found: Sequence[Column], name: str) -> int:
    names = [one.name for one in found]
    folded = [one.lower() for one in names]
    if name in names:
        return names.index(name)
    if folded.count(name.lower()) == 1:
        return folded.index(name.lower())
    raise BadRequest(
        _now("There is no column “%(name)s”; there are %(all)s.") % {"name": name, "all": ", ".join(names[:50])},
        "bad_settings",
    )


def _lacking(own: Settings, names: Sequence[str]) -> BadRequest | None:
    if own.rows == ANY:
        return None
    if own.rows == LINES and not own.key:
        return BadRequest(_now("Of order lines the key column is needed: the order's number."), "bad_settings")
    need = next(iter(columns.match(own.rows, names, own.columns).lacking), None)
    if need is None:
        return None
    said = {"expected": " / ".join(need), "all": ", ".join(names[:50])}
    return BadRequest(
        _now("No column says %(expected)s; there are %(all)s. Name it in the setting of columns.") % said,
        "bad_settings",
    )


def _page(own: Settings, asked: Asked, before: Place | None, server: Server, zone: Any) -> Page:
    """Rows until there are enough, and all that the last one's value and key are shared by."""
    names = columns.distinct([one.name for one in asked.columns])
    held: list[dict[str, Any]] = []
    size = came = 0
    last, seen, more = before, set(before.seen) if before else set(), False
    for row in server.rows(asked.statement, asked.values):
        came += 1
        here = _here(own, asked, row)
        said = sql_values.mark(row) if asked.key < 0 else ""
        if last and here.value != last.value:
            seen = set()
        elif said in seen:
            continue
        if (len(held) >= own.batch or size >= LARGEST) and (asked.key < 0 or here != last):
            more = True
            break
        seen |= {said} if said else set()
        last = here
        size += sum(len(one) for one in row if isinstance(one, str | bytes))
        held.append(
            {
                name: sql_values.plain(value, one.type, zone)
                for name, value, one in zip(names, row, asked.columns, strict=True)
            }
        )
    if len(seen) > TIED or (came >= asked.most and not more):
        raise _tied(own)
    if last is None or not held:
        return Page(b"", dict(cursor_of(before)), False)
    body = {"column": names[asked.column], "key": names[asked.key] if asked.key >= 0 else "", "rows": held}
    end = last._replace(seen=tuple(sorted(seen)))
    return Page(msgspec.json.encode(body), cursor_of(end), more)


def _here(own: Settings, asked: Asked, row: Sequence[Any]) -> Place:
    key = str(row[asked.key]) if asked.key >= 0 and row[asked.key] is not None else ""
    return Place(own.column, asked.key >= 0, str(row[asked.column]), key)


def cursor_of(found: Place | None) -> dict[str, Any]:
    """A place as it is kept."""
    return {} if found is None else found._asdict() | {"seen": list(found.seen)}


def _tied(own: Settings) -> BadRequest:
    said = {"most": f"{TIED:,}", "column": own.column}
    return BadRequest(
        _now(
            "More than %(most)s rows have one value of “%(column)s”: set a key column that tells them apart."
        ) % said,
        "bad_settings",
    )


# ---- reading --------------------------------------------------------------------------------------------


class Read(Struct):
    """A page as it is kept."""

    column: str
    key: str
    rows: list[dict[str, Any]]


def _read(body: bytes, exact: bool) -> Read:
    found = payloads.exact_json_of(body) if exact else payloads.json_of(body)
    try:
        return msgspec.convert(found, Read)
    except msgspec.ValidationError:
        raise Rejection(NOT_AN_OBJECT) from None


def payload(connection: Connection, delivery: Delivery) -> Iterable[Payload]:
    """Each row, for a mapping. Its name: its key, its value, what it says."""
    page = _read(delivery.body, exact=True)
    for row in page.rows:
        yield Payload(row, _name(page, row))


def _name(page: Read, row: Mapping[str, Any]) -> str:
    said = sql_values.mark(list(map(_cell, row.values())))
    key = _cell(row.get(page.key)) if page.key else ""
    return "~".join(filter(None, (key, sql_values.rank(row.get(page.column)), said)))


def messages(
    connection: Connection, delivery: Delivery, received_at: datetime
) -> Iterable[Message | Unusable]:
    """The rows as what they are; of any rows what stands in them, as if it were a message of ours."""
    own, page = connection.settings, _read(delivery.body, exact=False)
    if own.rows == ANY:
        for row in page.rows:
            yield row if row.get("messageId") else {**row, "messageId": _name(page, row)}
        return
    style = Style(own.columns, "ymd", None, money.currency(own.currency) or "")
    for one in rows.said(_chunk(own, page), style):
        yield Unusable(one.message, one.why) if one.why else one.message


def _chunk(own: Settings, page: Read) -> Chunk:
    """A page as rows of a file, each message under its name."""
    names = list(page.rows[0]) if page.rows else []
    fields = columns.match(own.rows, names, own.columns).fields
    cells = [[_cell(row.get(name)) for name in names] for row in page.rows]
    order = fields.index("order_id") if own.rows in KEYED and "order_id" in fields else -1
    keys = [rows.key(line[order]) if order >= 0 else "" for line in cells]
    groups, places = [], list[int]()
    for members in _together(keys, own.rows == LINES):
        said = digest(names, [cell for one in members for cell in cells[one]]) if len(members) > 1 else ""
        said = said or digest(names, cells[members[0]])
        newest = max(sql_values.rank(page.rows[one].get(page.column)) for one in members)
        named = f"order:{keys[members[0]]}~{newest}~{said}" if keys[members[0]] else f"{own.rows}:{said}"
        groups.append(Group(len(members), named))
        places += members
    return Chunk(
        rows=own.rows,
        file="",
        columns=names,
        fields=fields,
        cells=[cells[one] for one in places],
        numbers=[one + 1 for one in places],
        groups=groups,
    )


def _together(keys: Sequence[str], lines: bool) -> Iterator[list[int]]:
    """The places of rows that are one message: each by itself, lines by their order."""
    found: dict[object, list[int]] = {}
    for one, key in enumerate(keys):
        found.setdefault(key if lines and key else one, []).append(one)
    yield from found.values()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return msgspec.json.encode(value).decode()


def check(connection: Connection) -> str:
    """A look at the database: whether it can be read, and the columns that there are."""
    own, zone = connection.settings, zone_of(connection)
    with _server(connection) as server:
        asked = question(own, server, None, zone)
        if lacking := _lacking(own, [one.name for one in asked.columns]):
            raise lacking
        first = next(iter(server.rows(asked.statement, asked.values)), None)
    names = ", ".join(one.name for one in asked.columns[:50])
    if first is None:
        return str(_now("The database answers: no rows yet, columns %(all)s.") % {"all": names})
    return str(
        _now("The database answers: rows from %(first)s on, columns %(all)s.")
        % {"first": sql_values.plain(first[asked.column], asked.columns[asked.column].type, zone), "all": names}
    )


SQL_PULL = ConnectorKind(
    name="sql_pull",
    label=_("Database"),
    category="database",
    direction=PULL,
    about=_("A table or query of PostgreSQL, MySQL or MariaDB, read by what is new in it."),
    settings=Settings,
    secrets=(Secret("password", _("Password"), needed=False),),
    fetch=fetch,
    payloads=payload,
    messages=messages,
    check=check,
    guide=Guide(
        steps=(
            _("Make a user in the database that may read the tables in question and nothing else."),
            _("Set host, database, user and password here; allow this server's address in the database's firewall."),
            _("Choose a table or write a SELECT, and the column by which rows are new: when they were changed."),
            _("Say what the rows are; of any other rows write a mapping."),
            _("Test: it says from when on there are rows, and which columns."),
        ),
        untold=(
            _("Rows that are deleted: mark them as such instead, and let their time of change move on."),
            _("Rows without a value in the column that grows; values of bytes."),
            _(
                "A row that is committed later than the seconds a row waits, with an older time or a smaller number: "
                "let rows wait longer, or read by the time of change."
            ),
            _("Without a key column two rows that say the same are one."),
            _(
                "An order's lines are read together where all carry the order's own time of change and number: "
                "take both from the order's row."
            ),
        ),
    ),
)
