"""Everything a workspace shows, without serial numbers: what must be equal after a rebuild or a shuffle."""

# ruff: noqa: E501

from typing import Any

from django.db import connection

SIGHTING = (
    "(select key from profiles_sighting s where s.workspace_id = t.workspace_id and s.id = t.sighting_id)"
)
PERSON = (
    "(select l.key from profiles_owner o join profiles_identifier l on l.workspace_id = o.workspace_id and l.id = o.profile_id"
    " where o.workspace_id = t.workspace_id and o.sighting_id = t.sighting_id)"
)
# An event's payload with what its context shares with others'.
DATA = (
    "jsonb_set(t.data::jsonb, '{context}', coalesce((select jsonb_object_agg(pair.key, pair.value)"
    " from profiles_surrounding s, jsonb_each(s.data::jsonb) pair where s.workspace_id = t.workspace_id"
    " and s.id in (t.surrounding_id, t.page_id)), '{}') || coalesce((t.data->'context')::jsonb, '{}'))"
)
# table -> columns, serial ids replaced by keys
SHOWN = {
    "identifiers": (
        "select t.key, t.kind, t.namespace, t.shared, l.key from profiles_identifier t join profiles_identifier l"
        " on l.workspace_id = t.workspace_id and l.id = t.profile_id where t.workspace_id = %s"
    ),
    "hints": (
        "select i.key, t.hint from profiles_hint t join profiles_identifier i on i.workspace_id = t.workspace_id"
        " and i.id = t.identifier_id where t.workspace_id = %s"
    ),
    "edges": (
        "select a.key, b.key, t.first_t, t.refused from profiles_edge t"
        " join profiles_identifier a on a.workspace_id = t.workspace_id and a.id = t.a"
        " join profiles_identifier b on b.workspace_id = t.workspace_id and b.id = t.b where t.workspace_id = %s"
    ),
    "events": (
        f"select t.id, t.occurred_at, t.channel_id, t.connector_id, t.type, t.name, t.touchpoint, t.message_id, t.marks,"
        f" {DATA}, {SIGHTING}, {PERSON} from profiles_event t where t.workspace_id = %s"
    ),
    "activity": (
        f"select {SIGHTING}, t.day, t.channel_id, t.events, t.active, t.first_at, t.last_at from profiles_activity t"
        " where t.workspace_id = %s"
    ),
    "traits": (
        f"select {SIGHTING}, t.name, t.channel_id, t.hash, t.n, t.first_at, t.first_event, t.last_at, t.last_event"
        " from profiles_trait t where t.workspace_id = %s"
    ),
    "consents": (
        f"select {SIGHTING}, t.purpose, t.name, t.channel, t.given, t.at, t.event, t.proof, t.text_version"
        " from profiles_consent t where t.workspace_id = %s"
    ),
    "consent signals": (
        f"select {SIGHTING}, t.purpose, t.name, t.source, t.given, t.first_at, t.first_event, t.last_at, t.last_event"
        " from profiles_consent_signal t where t.workspace_id = %s"
    ),
    "summaries": (
        "select key, name, (select grams from profiles_gram g where g.workspace_id = t.workspace_id and g.profile_id = t.profile_id), channels, events, orders, revenue, unconverted, first_seen, last_seen, first_order_at,"
        " last_order_at from profiles_summary t where workspace_id = %s"
    ),
    "numbers": f"select t.number, {SIGHTING} from profiles_number t where t.workspace_id = %s",
    "rejects": (
        "select id, connector_id, reason, field, message_id, state, raw, copies from channels_reject where workspace_id = %s"
    ),
    "rollups": (
        "select measure, channel_id, day, rate_day, currency, trim_scale(amount) from metrics_rollup where workspace_id = %s"
    ),
    "spans": "select measure, channel_id, first, last, n from metrics_span where workspace_id = %s",
}
SKIPPED = {
    *("metrics_rollup", "metrics_span", "metrics_order_ref", "metrics_owed"),
    *("metrics_mirror", "metrics_mirror_change"),  # what the files follow by: they are compared themselves
    *("metrics_analysis", "metrics_board", "metrics_tile"),  # what people keep is made from nothing
    *("metrics_allocation_rules", "metrics_statement", "metrics_statement_share"),
    *("metrics_statement_order", "metrics_statement_note"),
    # Rules, and who was in them when: what was, is made from nothing (tests/metrics/segments).
    *("metrics_segment", "metrics_segment_member", "metrics_segment_change", "metrics_segment_turn"),
}
FACTS = """select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = current_schema() and c.relkind = 'r' and c.relname like 'metrics\\_%'"""


def dump(workspace: int, without: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """All of it, sorted. `without`: names to leave out."""
    with connection.cursor() as cursor:
        found = {}
        for name, text in SHOWN.items():
            if name not in without:
                cursor.execute(text, [workspace])
                found[name] = sorted(cursor.fetchall(), key=repr)
        cursor.execute(FACTS)
        for table in sorted(row[0] for row in cursor.fetchall()):
            if table not in SKIPPED and table not in without:
                found[table] = facts(cursor, table, workspace)
        return found


def facts(cursor: Any, table: str, workspace: int) -> list[tuple[Any, ...]]:
    """A table of facts, its sighting by key; where a row lies in the inbox is not shown."""
    cursor.execute(
        "select column_name::text from information_schema.columns where table_name = %s and table_schema = current_schema()"
        " order by ordinal_position", [table],
    )  # fmt: skip
    hidden = {"workspace_id", "request", "position", "received_at"}
    names = [name for (name,) in cursor.fetchall() if name not in hidden]
    columns = [SIGHTING if name == "sighting_id" else f"t.{name}" for name in names]
    cursor.execute(f"select {', '.join(columns)} from {table} t where t.workspace_id = %s", [workspace])
    return sorted(cursor.fetchall(), key=repr)


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What differs, table by table: only here, only there (the first few)."""
    found = {}
    for name in one.keys() | other.keys():
        a, b = one.get(name, []), other.get(name, [])
        if a != b:
            found[name] = ([row for row in a if row not in b][:3], [row for row in b if row not in a][:3])
    return found
