"""How much work statements are, counted instead of timed: the rows every node of their plans touched.

`with counted() as work:` runs each statement of this thread's connection once more under EXPLAIN ANALYZE, undone,
before it runs; `work` then says how many rows which statement touched. The same data and plan come to the same number
on any machine. COPY is left out: it has no plan.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

PLANNED = ("select", "with", "insert", "update", "delete", "execute")
NAMED = re.compile(r"\s*(?:/\*.*?\*/\s*)?")
ONCE = ("advisory", "set_config")  # what undoing does not undo, or must not be undone
EXPLAIN = "explain (analyze, timing off, summary off, buffers off, format json) "


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """The work of what is run inside, by statement."""
    work: Counter[str] = Counter()

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if isinstance(sql, str) and plain(sql).startswith(PLANNED) and not any(one in sql for one in ONCE):
            work[head(sql)] += measured(sql, params)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield work


def plain(sql: str) -> str:
    """A statement without the name that stands before it."""
    return NAMED.sub("", sql, count=1).lower()


def head(sql: str) -> str:
    """Enough of a statement to know it again."""
    return " ".join(sql.split())[:400]


def measured(sql: str, params: Any) -> int:
    """Rows a statement's plan touches."""
    bare = connection.connection
    inside = connection.in_atomic_block
    with bare.cursor() as cursor:
        cursor.execute("savepoint counted" if inside else "begin")
        try:
            cursor.execute(EXPLAIN + sql, params)
            plan = cursor.fetchone()[0]
        except Exception:  # the statement itself will say it
            return 0
        finally:
            cursor.execute(
                "rollback to savepoint counted; release savepoint counted" if inside else "rollback"
            )
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return round(touched(plan[0]["Plan"]))


def touched(node: dict[str, Any]) -> float:
    """Rows a node and all below it gave or dropped, each round counted too."""
    dropped = sum(value for name, value in node.items() if name.startswith("Rows Removed by"))
    own = node["Actual Loops"] * (1 + node["Actual Rows"] + dropped)
    return float(own + sum(map(touched, node.get("Plans", ()))))


def grown(small: Counter[str], large: Counter[str]) -> str:
    """The statements that grew most, for a test that fails."""
    lines = [
        f"{small[name]:>10,} -> {large[name]:>12,}  {name}" for name, _ in (large - small).most_common(5)
    ]
    return "\n" + "\n".join(lines)
