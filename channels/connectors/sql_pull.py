"""A table or a SELECT of a shop's own database, read by what is new in it: PostgreSQL, MySQL, MariaDB.

Rows with columns that we know need no mapping.
Not here: the servers (sql_servers.py), a page of rows (sql_pages.py), what they say (sql_rows.py), when it is asked for
(channels/pulls/).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import tzinfo
from typing import Annotated, Any, Final, Literal

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from msgspec import Meta

from channels.connectors import sql_pages, sql_rows, sql_servers, sql_values
from channels.connectors.base import PULL, Api, Connection, ConnectorKind, Guide, Page, Pulled, Secret
from channels.connectors.sql_servers import Server, Target
from kernel import outbound, periods
from kernel.errors import BadRequest

PORTS: Final = {"postgresql": 5432, "mysql": 3306}
Header = Annotated[str, Meta(max_length=200)]
Name = Annotated[str, Meta(pattern=r"^[^\x00-\x1f;]*$", max_length=120)]


class Settings(Pulled, frozen=True, forbid_unknown_fields=True, kw_only=True):
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
        Meta(
            title=gettext_noop("User"), description=gettext_noop("One that may read these tables, no more.")
        ),
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
    ] = {}  # noqa: RUF012 (each gets its own)
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


# ---- the database -------------------------------------------------------------------------------------


def fetch(connection: Connection, api: Api, cursor: Mapping[str, Any]) -> Page:
    """The rows after the cursor's, in one short transaction that cannot write."""
    own, zone = connection.settings, zone_of(connection)
    before = sql_pages.place(own, cursor)
    with _server(connection) as server:
        asked = sql_pages.question(own, server, before, zone)
        return sql_pages.page(own, asked, before, server, zone)


@contextmanager
def _server(connection: Connection) -> Iterator[Server]:
    own = connection.settings
    if not (own.host and own.database and own.user):
        raise BadRequest(_now("Host, database and user are needed."), sql_pages.BAD)
    port = own.port or PORTS[own.engine]
    password = connection.secrets.get("password", "")
    target = Target(own.host, port, own.database, own.user, password, own.tls, own.ca)
    with sql_servers.connected(own.engine, target, outbound.addresses(own.host, port)[0]) as server:
        yield server


def zone_of(connection: Connection) -> tzinfo:
    """Of times that say none."""
    said = connection.settings.zone
    return periods.zone(said) if said and periods.is_zone(said) else connection.zone


def check(connection: Connection) -> str:
    """A look at the database: whether it can be read, and the columns that there are."""
    own, zone = connection.settings, zone_of(connection)
    with _server(connection) as server:
        asked = sql_pages.question(own, server, None, zone)
        first = next(iter(server.rows(asked.statement, asked.values)), None)
    names = ", ".join(one.name for one in asked.columns[: sql_pages.NAMED])
    if first is None:
        return str(_now("The database answers: no rows yet, columns %(all)s.") % {"all": names})
    return str(
        _now("The database answers: rows from %(first)s on, columns %(all)s.")
        % {
            "first": sql_values.plain(first[asked.column], asked.columns[asked.column].type, zone),
            "all": names,
        }
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
    payloads=sql_rows.payload,
    messages=sql_rows.messages,
    check=check,
    guide=Guide(
        steps=(
            _("Make a user in the database that may read the tables in question and nothing else."),
            _(
                "Set host, database, user and password here; allow this server's address in the database's firewall."
            ),
            _(
                "Choose a table or write a SELECT, and the column by which rows are new: when they were changed."
            ),
            _("Say what the rows are; of any other rows write a mapping."),
            _("Test: it says from when on there are rows, and which columns."),
        ),
        untold=(
            _("Rows that are deleted: mark them as such instead, and let their time of change move on."),
            _("Rows without a value in the column that grows or in the key; values of bytes."),
            _(
                "A row that is committed later than the seconds a row waits, with an older time or a smaller number: "
                "let rows wait longer, or read by the time of change."
            ),
            _("Without a key column two rows that say the same are one."),
            _("It was tried with PostgreSQL 18 and MariaDB 10.11, not with Oracle's MySQL."),
            _(
                "An order's lines are read together where all carry the order's own time of change and number: "
                "take both from the order's row."
            ),
        ),
    ),
)
