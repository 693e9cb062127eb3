"""A database of any size out of a small one that the pipeline made: every row again, under other ids, by SQL alone.

Sums of money and customers counted are multiplied, so that pages show what that many customers would come to.
"""

from django.db import connection

STRIDE = 1_000_000_000  # between the serial ids of one clone and the next

# Columns that carry an id of their own: serial ones move by a stride, keys are hashed anew.
SERIAL = frozenset({"id", "profile_id", "sighting_id", "owner", "a", "b"})
HASHED = frozenset({"key", "id", "event_id", "first_e", "first_event", "last_event", "hash"})
TEXTS = frozenset({"order_id", "number", "message_id"})
PEOPLE = (
    "profiles_identifier",
    "profiles_profile",
    "profiles_sighting",
    "profiles_edge",
    "profiles_event",
    "profiles_activity",
    "profiles_trait",
    "profiles_summary",
    "profiles_gram",
    "profiles_number",
    "metrics_order",
    "metrics_order_line",
    "metrics_refund",
    "metrics_payment",
    "metrics_shipment",
    "metrics_answer",
)


def grow(workspace: int, times: int) -> None:
    """Adds the workspace's people and orders `times` more, and multiplies its sums."""
    with connection.cursor() as cursor:
        for table in PEOPLE:
            columns = _columns(cursor, table)
            names = ", ".join(columns)
            made = ", ".join(_again(name, kind) for name, kind in columns.items())
            cursor.execute(
                f"insert into {table} ({names}) select {made} from {table} t, generate_series(1, {int(times)}) as k"
                f" where t.workspace_id = {int(workspace)}"
            )
        for table, column in (("metrics_rollup", "amount"), ("metrics_span", "n")):
            cursor.execute(
                f"update {table} set {column} = {column} * {int(times) + 1} where workspace_id = {int(workspace)}"
            )
        cursor.execute("vacuum analyze")


def _columns(cursor: object, table: str) -> dict[str, str]:
    cursor.execute(  # type: ignore[attr-defined]
        "select column_name::text, udt_name::text from information_schema.columns"
        " where table_name = %s and table_schema = current_schema() order by ordinal_position",
        [table],
    )
    return dict(cursor.fetchall())  # type: ignore[attr-defined]


def _again(name: str, kind: str) -> str:
    """A column of the k-th clone."""
    if kind == "uuid" and name in HASHED:
        return f"md5(t.{name}::text || '-' || k)::uuid"
    if kind == "int8" and name in SERIAL:
        return f"t.{name} + k::bigint * {STRIDE}"
    if kind == "_int8":
        return f"(select array_agg(i + k::bigint * {STRIDE} order by p) from unnest(t.{name}) with ordinality u(i, p))"
    if kind == "text" and name in TEXTS:
        return f"t.{name} || '-' || k"
    return f"t.{name}"
