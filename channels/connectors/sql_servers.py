"""Foreign PostgreSQL and MySQL servers: one connection, one read-only transaction, each within a bounded time.

A value comes as the server writes it, as text, and is known by its column's type: nothing is rounded, no zone guessed.
What goes wrong is raised as DatabaseSaid. Not here: what is asked and where it goes on (sql_pull.py), what the
values become (sql_values.py).
"""

import os
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import Any, Final, NamedTuple, Protocol

import psycopg2
import pymysql
from django.utils.translation import gettext as _
from psycopg2 import extensions
from pymysql.constants import FIELD_TYPE as MY
from pymysql.cursors import SSCursor

from kernel.outside import DatabaseSaid

CONNECT_SECONDS: Final = 10
STATEMENT_SECONDS: Final = 60
WHOLE_SECONDS: Final = 150  # of all that is asked over one connection, however slowly a server answers
AT_ONCE: Final = 200  # rows that are fetched together
LONGEST_SAID: Final = 300  # characters of a server's own words
UNKNOWN_VARIABLE: Final = 1193  # MySQL's and MariaDB's time limits have different names
BINARY: Final = 63  # MySQL's character set of what is no text

WHOLE, NUMBER, FLOAT, ZONED, NAIVE, DATE = "whole", "number", "float", "zoned", "naive", "date"
YES, JSON, TEXT, BITS, BYTES = "yes", "json", "text", "bits", "bytes"


class Column(NamedTuple):
    """A column of an answer. `type`: how its values are written."""

    name: str
    type: str


class Target(NamedTuple):
    """Which database, as whom. `tls`: off, encrypt, verify; `ca`: certificates (PEM), "" for those of this machine."""

    host: str
    port: int
    database: str
    user: str
    password: str
    tls: str
    ca: str = ""


class Server(Protocol):
    """What is asked of either."""

    def quoted(self, name: str) -> str:
        """A name of the server's, in a statement with places for values."""

    def literal(self, kind: str, text: str) -> object:
        """A value to compare a column with."""

    def now(self) -> float:
        """The server's clock, epoch seconds."""

    def columns(self, statement: str) -> list[Column]:
        """Of a statement that yields nothing."""

    def rows(self, statement: str, values: dict[str, object]) -> Iterator[tuple[Any, ...]]:
        """Streamed; whoever has enough of them stops."""


def _said(why: BaseException) -> DatabaseSaid:
    """In the server's words, on one line."""
    words = " ".join(str(why.args[-1] if why.args else why).split())
    return DatabaseSaid(said=words[:LONGEST_SAID])


@contextmanager
def connected(engine: str, target: Target, address: str) -> Iterator[Server]:
    """A server to be asked. `address`: where the host is, already judged; `target.host` is what it must prove to be."""
    make: Callable[[Target, str], Any] = ENGINES[engine]
    try:
        server = make(target, address)
        try:
            with _cut_after(server.line()):
                server.begin()
                yield server
        finally:
            server.end()
    except (psycopg2.Error, pymysql.MySQLError, OSError, UnicodeError) as why:
        raise _said(why) from None


@contextmanager
def _cut_after(line: int, seconds: float = WHOLE_SECONDS) -> Iterator[None]:
    """A server that says nothing, or a byte now and then, holds nobody for longer."""
    held = socket.socket(fileno=os.dup(line))

    def cut() -> None:
        with suppress(OSError):
            held.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        held.close()


# ---- PostgreSQL ----------------------------------------------------------------------------------------

_PG_TYPES: Final = {
    **dict.fromkeys((20, 21, 23, 26), WHOLE),
    1700: NUMBER,
    **dict.fromkeys((700, 701), FLOAT),
    1184: ZONED,
    1114: NAIVE,
    1082: DATE,
    16: YES,
    **dict.fromkeys((114, 3802), JSON),
    **dict.fromkeys((17, 1001), BYTES),
}
_PG_LISTS: Final = (1000, 1002, 1005, 1007, 1009, 1014, 1015, 1016, 1021, 1022, 1115, 1182, 1185, 1231, 2951)
_RAW: Final = extensions.new_type((*_PG_TYPES, 1083, 1266, 1186), "RAW", lambda value, _cursor: value)
_RAWS: Final = extensions.new_array_type(_PG_LISTS, "RAWS", _RAW)
# How the session writes: ISO times in UTC, floats to their last digit. It may read, and not for long.
_PG_SESSION: Final = """
select set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true),
       set_config('IntervalStyle', 'iso_8601', true), set_config('extra_float_digits', '1', true),
       set_config('statement_timeout', %(limit)s, true), set_config('lock_timeout', %(limit)s, true)
"""
_PG_TLS: Final = {"off": "disable", "encrypt": "require", "verify": "verify-full"}


class PostgreSQL:
    """Over libpq. A named cursor streams."""

    def __init__(self, target: Target, address: str) -> None:
        self._file = _written(target.ca)
        trusted = {"sslrootcert": self._file or "system"} if target.tls == "verify" else {}
        # Without TLS a password is never sent as it is, whatever the server asks for.
        careful = {"require_auth": "!password"} if target.tls == "off" else {}
        try:
            self._db = psycopg2.connect(
                host=target.host,
                hostaddr=address,
                port=target.port,
                dbname=target.database,
                user=target.user,
                password=target.password,
                sslmode=_PG_TLS[target.tls],
                gssencmode="disable",
                connect_timeout=CONNECT_SECONDS,
                application_name="huiliu",
                client_encoding="utf8",
                passfile="/dev/null",
                **trusted,
                **careful,
            )
        finally:
            if self._file:
                os.unlink(self._file)
        for each in (_RAW, _RAWS):
            extensions.register_type(each, self._db)

    def line(self) -> int:
        """Its socket."""
        return int(self._db.fileno())

    def begin(self) -> None:
        """A transaction that cannot write."""
        self._db.set_session(readonly=True)
        self._asked(_PG_SESSION, {"limit": str(STATEMENT_SECONDS * 1000)})

    def end(self) -> None:
        """Nothing was changed: nothing is kept."""
        with suppress(psycopg2.Error):
            self._db.close()

    def quoted(self, name: str) -> str:
        """As the standard has it."""
        return '"' + name.replace('"', '""').replace("%", "%%") + '"'

    def literal(self, kind: str, text: str) -> object:
        """A literal without a type is of the column's."""
        return text

    def now(self) -> float:
        """At the beginning of the transaction: what is written later is younger."""
        return float(self._asked("select extract(epoch from now())::text", {})[0][0])

    def columns(self, statement: str) -> list[Column]:
        """By the types' own numbers; what is not listed comes as text."""
        with self._db.cursor() as cursor:
            cursor.execute(statement, {})
            return [Column(one.name, _PG_TYPES.get(one.type_code, TEXT)) for one in cursor.description or ()]

    def rows(self, statement: str, values: dict[str, object]) -> Iterator[tuple[Any, ...]]:
        """The server keeps what is not fetched."""
        with self._db.cursor(name="huiliu") as cursor:
            cursor.itersize = AT_ONCE
            cursor.execute(statement, values)
            yield from cursor

    def _asked(self, statement: str, values: dict[str, object]) -> list[tuple[Any, ...]]:
        with self._db.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())


def _written(pem: str) -> str:
    """libpq reads certificates from files alone; it has read it once it is connected."""
    if not pem:
        return ""
    with tempfile.NamedTemporaryFile("w", prefix="huiliu-ca-", delete=False) as file:
        file.write(pem)
    return file.name


# ---- MySQL ---------------------------------------------------------------------------------------------

_MY_TYPES: Final = {
    **dict.fromkeys((MY.TINY, MY.SHORT, MY.LONG, MY.LONGLONG, MY.INT24, MY.YEAR), WHOLE),
    **dict.fromkeys((MY.DECIMAL, MY.NEWDECIMAL), NUMBER),
    **dict.fromkeys((MY.FLOAT, MY.DOUBLE), FLOAT),
    MY.TIMESTAMP: ZONED,  # of the session's zone: UTC
    MY.DATETIME: NAIVE,
    **dict.fromkeys((MY.DATE, MY.NEWDATE), DATE),
    MY.JSON: JSON,
    MY.BIT: BITS,
    MY.GEOMETRY: BYTES,
}
_WRITERS: Final = {name: how for name, how in pymysql.converters.conversions.items() if type(name) is not int}
_LIMITS: Final = ("set session max_execution_time = %(ms)s", "set session max_statement_time = %(seconds)s")


class _Never:
    """How a server would have a password as it is: not over a line that others read."""

    def __init__(self, _connection: Any) -> None:
        """It needs nothing of it."""

    def authenticate(self, _packet: Any) -> None:
        """No."""
        raise pymysql.OperationalError(0, _("the server wants the password in the clear: use TLS"))


class MySQL:
    """Over PyMySQL; MariaDB too. A cursor that does not buffer streams."""

    def __init__(self, target: Target, address: str) -> None:
        secure: dict[str, Any] = {"ssl": _context(target)} if target.tls != "off" else {"ssl_disabled": True}
        if target.tls == "off":
            secure["auth_plugin_map"] = {b"mysql_clear_password": _Never, b"dialog": _Never}
        self._db = pymysql.connect(
            host=target.host,
            port=target.port,
            database=target.database,
            user=target.user,
            password=target.password.encode(),
            charset="utf8mb4",
            conv=_WRITERS,
            cursorclass=SSCursor,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=STATEMENT_SECONDS + CONNECT_SECONDS,
            defer_connect=True,
            **secure,
        )
        line = socket.create_connection((address, target.port), CONNECT_SECONDS)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with _cut_after(line.fileno(), 2 * CONNECT_SECONDS):
            self._db.connect(line)

    def line(self) -> int:
        """Its socket."""
        return int(self._db._sock.fileno())

    def begin(self) -> None:
        """A transaction that cannot write; times of a zone are written in UTC."""
        self._asked("set session time_zone = '+00:00'")
        self._asked("set session transaction read only")
        for limit in _LIMITS:
            try:
                self._asked(limit % {"ms": STATEMENT_SECONDS * 1000, "seconds": STATEMENT_SECONDS})
            except pymysql.MySQLError as why:
                if why.args[0] != UNKNOWN_VARIABLE:
                    raise
        self._asked("start transaction read only")

    def end(self) -> None:
        """At once: in good order it would first read all that it asked for."""
        self._db._force_close()

    def quoted(self, name: str) -> str:
        """As this server has it."""
        return "`" + name.replace("`", "``").replace("%", "%%") + "`"

    def literal(self, kind: str, text: str) -> object:
        """A number as a number: as a text it would be compared as a float."""
        if kind == WHOLE:
            return int(text)
        return Decimal(text) if kind == NUMBER else text

    def now(self) -> float:
        """Its own clock."""
        return float(self._asked("select unix_timestamp(now(6))")[0][0])

    def columns(self, statement: str) -> list[Column]:
        """What is no text, by its character set, is bytes."""
        with self._db.cursor() as cursor:
            cursor.execute(statement, {})
            fields = cursor._result.fields
            cursor.fetchall()
            return [Column(one.name, _my_type(one.type_code, one.charsetnr)) for one in fields]

    def rows(self, statement: str, values: dict[str, object]) -> Iterator[tuple[Any, ...]]:
        """One by one, off the line."""
        cursor = self._db.cursor()
        cursor.execute(statement, values)
        while (row := cursor.fetchone()) is not None:
            yield row

    def _asked(self, statement: str) -> list[tuple[Any, ...]]:
        with self._db.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())


def _my_type(code: int, charset: int) -> str:
    if code in _MY_TYPES:
        return _MY_TYPES[code]
    texts = (MY.VAR_STRING, MY.STRING, MY.VARCHAR, MY.BLOB, MY.TINY_BLOB, MY.MEDIUM_BLOB, MY.LONG_BLOB)
    return BYTES if charset == BINARY and code in texts else TEXT


def _context(target: Target) -> ssl.SSLContext:
    found = ssl.create_default_context(cadata=target.ca or None)
    if target.tls != "verify":
        found.check_hostname = False
        found.verify_mode = ssl.CERT_NONE
    return found


ENGINES: Final[dict[str, Any]] = {"postgresql": PostgreSQL, "mysql": MySQL}
