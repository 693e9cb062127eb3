"""A database of any size out of a small one that the pipeline made: every person and order again, as other people with
identifiers, messages and orders of their own, on other days.

Keys are what the product would have made of the new values, so that every row is found by identifier, messageId and
order number, and new events meet the people they name; sums, spans and summaries say what the rows say. Bodies in the
inbox are not copied: an event's life shows its original's request. Not here: what is measured (reads.py, growth.py).
"""

import io
import time
from collections.abc import Iterable
from typing import Any

from benchmarks.stream import Stream

STRIDE = 1_000_000_000  # between the serial ids of one clone and the next
BASE_DAYS = 100  # that the original events spread over
SPREAD_DAYS = 50  # that clones are moved by: the k-th by k modulo this
BLOCK = 10  # clones of one statement

# Columns that carry an id of their own.
SERIAL = frozenset({"id", "profile_id", "identifier_id", "sighting_id", "owner", "a", "b"})
EVENTS = frozenset({"id", "event_id", "first_e", "first_event", "last_event"})
TEXTS = frozenset({"order_id", "number", "message_id"})
PEOPLE = (
    "profiles_identifier",
    "profiles_hint",
    "profiles_sighting",
    "profiles_edge",
    "profiles_event",
    "profiles_activity",
    "profiles_trait",
    "profiles_summary",
    "profiles_gram",
    "profiles_number",
    "metrics_order_ref",
    "metrics_order_message",
    "metrics_order",
    "metrics_order_line",
    "channels_seen",
)
SUMS = {"metrics_rollup": "amount", "metrics_span": "n"}
# Of nobody in particular, or of none of the stream's messages.
LEFT = frozenset(
    {
        "channels_inbox",
        "channels_pace",
        "profiles_surrounding",
        "channels_inbox_open",
        "channels_minute",
        "profiles_kind",
        "metrics_statement_order",  # there is none yet
    }
)
CELLS = {
    ("profiles_identifier", "key"): "n.key",
    ("profiles_identifier", "value"): "n.value",
    ("profiles_hint", "hint"): "n.hint",
    ("profiles_sighting", "key"): "n.key",
    ("profiles_summary", "key"): "n.key",
    # packed as profiles/recent.py has it: the day's number, then 32 bits of channel
    (
        "profiles_summary",
        "recent",
    ): f"""coalesce((select array_agg(i + ((k % {SPREAD_DAYS})::bigint << 32) order by p)
        from unnest(t.recent) with ordinality u(i, p)), '{{}}')""",
    ("profiles_trait", "hash"): "coalesce(n.hash, t.hash)",
    ("profiles_trait", "value"): "coalesce(n.value, t.value)",
    ("profiles_event", "id"): "base.event_id(t.connector_id::int, t.message_id || '-' || k)",
    (
        "profiles_event",
        "data",
    ): """case when t.data::jsonb->'properties' ? 'order_id' then jsonb_set(t.data::jsonb,
        '{properties,order_id}', to_jsonb((t.data->'properties'->>'order_id') || '-' || k))::json else t.data end""",
    ("metrics_order_message", "key"): "case when t.key = t.order_id then t.key || '-' || k else t.key end",
}
JOINS = {
    "profiles_identifier": "join base.identifier_new n on n.id = t.id and n.clone = t.k",
    "profiles_hint": "join base.identifier_new n on n.id = t.identifier_id and n.clone = t.k",
    "profiles_sighting": "join base.sighting_new n on n.id = t.id and n.clone = t.k",
    "profiles_summary": "join base.identifier_new n on n.id = t.profile_id and n.clone = t.k",
    "profiles_trait": "left join base.trait_new n on n.sighting_id = t.sighting_id and n.name = t.name"
    " and n.channel_id = t.channel_id and n.old = t.hash and n.clone = t.k",
}
TABLES = """
create schema base;
create table base.identifier_new (clone int, id bigint, key uuid, value text, hint bigint, primary key (clone, id));
create table base.sighting_new (clone int, id bigint, key uuid, primary key (clone, id));
create table base.trait_new (clone int, sighting_id bigint, name text, channel_id int, old uuid, hash uuid, value text);
create index on base.trait_new (clone, sighting_id);
create table base.message as select e.id, e.connector_id, e.message_id from profiles_event e where e.workspace_id = %d;
create unique index on base.message (id);
"""
EVENT_ID = """
create function base.event_id(connector int, message text) returns uuid language sql immutable as $$
select encode(substring(sha256(case connector %s end || convert_to(message, 'UTF8')) from 1 for 16), 'hex')::uuid $$
"""


def step_seconds(events: int) -> float:
    """Between two original events, so that they spread over the days."""
    return BASE_DAYS * 86_400 / events


class Clones:
    """Keeps the originals apart, and adds them again and again."""

    def __init__(self, workspace: int) -> None:
        self.workspace, self.made = workspace, 0
        _run(TABLES % workspace)
        found = _rows("select id, uuid from channels_connector where workspace_id = %s", workspace)
        cases = [f"when {number} then '\\x{uuid.hex}'::bytea" for number, uuid in found]
        _run(EVENT_ID % " ".join(cases))
        for table in (*PEOPLE, *SUMS):
            _run(f"create table base.{table} as select * from {table} where workspace_id = {workspace}")
        _run("analyze")
        _nothing_else(workspace)
        self.identifiers = _plain(workspace)
        self.sightings = _rows("select id, coalesce(ids, array[owner]) from base.profiles_sighting")
        self.contacts = _contacts(workspace)
        self.columns = {table: _columns(table) for table in (*PEOPLE, *SUMS)}

    def grow(self, times: int) -> float:
        """The originals so many times more; the seconds it took."""
        begin = time.perf_counter()
        _run("set synchronous_commit = off")
        while times > 0:
            first, last = self.made + 1, self.made + min(times, BLOCK)
            self._block(first, last)
            times -= last - first + 1
            self.made = last
        for table, summed in SUMS.items():  # as the product: what comes to 0 goes
            _run(f"delete from {table} where workspace_id = {self.workspace} and {summed} = 0")
        _run("set synchronous_commit = on")
        return time.perf_counter() - begin

    def _block(self, first: int, last: int) -> None:
        self._names(range(first, last + 1))
        for table in PEOPLE:
            columns = self.columns[table]
            cells = ", ".join(_again(table, name, kind) for name, kind in columns.items())
            _run(
                f"insert into {table} ({', '.join(columns)}) select {cells}"
                f" from (select t.*, generate_series({first}, {last}) as k from base.{table} t) t"
                f" {JOINS.get(table, '')}"
            )
        for table, summed in SUMS.items():
            columns = self.columns[table]
            keys = [name for name in columns if name != summed]
            cells = ", ".join(_again(table, name, columns[name]) for name in keys)
            _run(
                f"insert into {table} as kept ({', '.join(keys)}, {summed}) select {cells}, sum(t.{summed})"
                f" from base.{table} t, generate_series({first}, {last}) as k group by {cells}"
                f" on conflict ({', '.join(keys)}) do update set {summed} = kept.{summed} + excluded.{summed}"
            )

    def _names(self, numbers: Iterable[int]) -> None:
        """The clones' identifiers, sightings and contact traits, with the keys the product would give them."""
        from django.conf import settings

        from kernel.event import identifier_key
        from profiles import traits
        from profiles.identity import hints, kinds

        _run("truncate base.identifier_new, base.sighting_new, base.trait_new")
        identifiers, sightings, contacts = [], [], []
        for k in numbers:
            keys = {}
            for number, kind, space, plain in self.identifiers:
                value = _renamed(plain, k)
                keys[number] = identifier_key(settings.IDENTITY_SECRET, self.workspace, kind, space, value)
                sealed = kinds.sealed(self.workspace, kind, value)
                seen = hints.shown(kind, value)
                hint = hints.hint(self.workspace, kind, seen) if seen else "\\N"
                identifiers.append((k, number, keys[number], sealed, hint))
            sightings += [
                (k, number, _sighting([keys[one] for one in ids])) for number, ids in self.sightings
            ]
            for sighting, name, channel, old, plain in self.contacts:
                text = traits.ENCODER.encode(_renamed(plain, k)).decode()
                sealed = traits.seal(self.workspace, name, text)
                contacts.append((k, sighting, name, channel, old, traits.hashed(text), sealed))
        for table, lines in (("identifier", identifiers), ("sighting", sightings), ("trait", contacts)):
            _copy(f"base.{table}_new", lines)
            _run(f"analyze base.{table}_new")


class Crowd(Stream):
    """New messages of people there are, originals and so many clones alike, after all that happened."""

    def __init__(self, people: int, clones: int, seed: int) -> None:
        super().__init__(people, seed, days=BASE_DAYS + SPREAD_DAYS)
        self.clones = clones

    def message(self) -> dict[str, Any]:
        """The next message."""
        made, k = super().message(), self.dice.randrange(self.clones + 1)
        for name in ("userId", "anonymousId"):
            if k and name in made:
                made[name] = _renamed(made[name], k)
        if k and "email" in made.get("traits", {}):
            made["traits"]["email"] = _renamed(made["traits"]["email"], k)
        return made


def _renamed(value: str, k: int) -> str:
    """Of the k-th clone. Values of one kind stay in the order of their originals."""
    return f"{k}.{value}" if "@" in value else f"{value}-{k}"


def _sighting(keys: list[Any]) -> str:
    from profiles.identity.sightings import sighting_key

    return sighting_key(tuple(key.int for key in keys))


def _again(table: str, name: str, kind: str) -> str:
    """A column of the k-th clone."""
    days = f"(k % {SPREAD_DAYS})"
    if (table, name) in CELLS:
        return CELLS[table, name]
    if kind == "uuid" and name in EVENTS:
        return (
            "(select base.event_id(m.connector_id, m.message_id || '-' || k)"
            f" from base.message m where m.id = t.{name})"
        )
    if kind == "int8" and name in SERIAL:
        return f"t.{name} + k::bigint * {STRIDE}"
    if kind == "_int8":
        return f"(select array_agg(i + k::bigint * {STRIDE} order by p) from unnest(t.{name}) with ordinality u(i, p))"
    if kind == "text" and name in TEXTS:
        return f"t.{name} || '-' || k"
    if kind == "date":
        return f"t.{name} + {days}"
    if kind == "timestamptz" and name != "received_at":
        return f"t.{name} + {days} * interval '1 day'"
    return f"t.{name}"


def _plain(workspace: int) -> list[tuple[int, str, str, str]]:
    """Identifiers with their values in the clear."""
    from kernel.secrets import decrypt
    from profiles.identity.kinds import ENCRYPTED

    return [
        (number, kind, space, decrypt(value, f"{workspace}/{kind}") if kind in ENCRYPTED else value)
        for number, kind, space, value in _rows(
            "select id, kind, namespace, value from base.profiles_identifier"
        )
    ]


def _contacts(workspace: int) -> list[tuple[int, str, int, Any, str]]:
    """Traits whose values are contacts, in the clear."""
    from kernel.web.access import CONTACT_NAMES
    from profiles import traits

    found = _rows("select sighting_id, name, channel_id, hash, value from base.profiles_trait")
    return [
        (sighting, name, channel, old, traits.unseal(workspace, name, value))
        for sighting, name, channel, old, value in found
        if name.lower() in CONTACT_NAMES
    ]


def _nothing_else(workspace: int) -> None:
    """A table of people or orders that this program does not know would be left small in silence."""
    found = _rows(
        "select distinct c.table_name::text from information_schema.columns c"
        " join pg_class r on r.oid = to_regclass(c.table_name) and not r.relispartition and r.relkind in ('r', 'p')"
        " where c.table_schema = current_schema()"
        " and c.column_name in ('sighting_id', 'profile_id', 'order_id', 'owner', 'identifier_id')"
    )
    for (table,) in found:
        if table in PEOPLE or table in SUMS or table in LEFT:
            continue
        if _rows(f"select 1 from {table} where workspace_id = %s limit 1", workspace):
            raise SystemExit(f"benchmarks/clones.py does not know how to clone {table}: add it to PEOPLE.")


def _columns(table: str) -> dict[str, str]:
    found = _rows(
        "select column_name::text, udt_name::text from information_schema.columns"
        " where table_name = %s and table_schema = current_schema() and is_generated = 'NEVER'"
        " order by ordinal_position",
        table,
    )
    return dict(found)


def _rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall())


def _run(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)


def _copy(table: str, lines: list[tuple[Any, ...]]) -> None:
    from django.db import connection

    text = "".join("\t".join(map(str, line)) + "\n" for line in lines)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"copy {table} from stdin", io.StringIO(text))


def sizes() -> list[tuple[str, int, int, int]]:
    """(table, rows, heap bytes, index bytes) of the parts' tables, partitions added up, largest first."""
    return _rows(  # type: ignore[return-value]
        "select coalesce(p.relname, c.relname)::text, sum(greatest(c.reltuples, 0))::bigint,"
        " sum(pg_table_size(c.oid))::bigint, sum(pg_indexes_size(c.oid))::bigint from pg_class c"
        " left join pg_inherits h on h.inhrelid = c.oid left join pg_class p on p.oid = h.inhparent"
        " join pg_namespace n on n.oid = c.relnamespace where n.nspname = current_schema() and c.relkind = 'r'"
        " group by 1 order by 3 desc limit 24"
    )
