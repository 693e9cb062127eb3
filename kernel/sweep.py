"""A person's values out of texts of tables, wherever in them they stand; and a look at what still holds one.

Tables and columns are named in code, never from outside. Short ids are left alone here: they may be part of anything.
Not here: which tables (each part's `erase.py`), what is looked for (erased.py).
"""

from collections.abc import Mapping, Sequence

from kernel.db import Connection, rows, run
from kernel.erased import WORD, Person, writings

TYPES = """
select a.attname::text, format_type(a.atttypid, a.atttypmod)::text
from pg_attribute a
where a.attrelid = %(table)s::regclass and a.attnum > 0 and not a.attisdropped
"""


def literal(text: str) -> str:
    """A text in a pattern of LIKE that it alone matches."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def inside(forms: Sequence[str]) -> list[str]:
    """Patterns of texts that hold one of some writings."""
    return [f"%{literal(one)}%" for one in forms]


def away(
    db: Connection, workspace: int, tables: Mapping[str, Sequence[str]], person: Person
) -> dict[str, int]:
    """Tokens where her identifiers stood in texts; how many rows of each table changed."""
    pairs = [(one, token) for form, token in person.telling for one in writings(form)]
    return _replace(db, workspace, tables, pairs, "")


def own(
    db: Connection,
    workspace: int,
    tables: Mapping[str, Sequence[str]],
    person: Person,
    where: str,
    **values: object,
) -> dict[str, int]:
    """Names and addresses out of rows that are hers (`where`)."""
    pairs = [(text, WORD) for text in sorted(person.texts, key=len, reverse=True)]
    return _replace(db, workspace, tables, pairs, f" and {where}", **values)


def _replace(
    db: Connection,
    workspace: int,
    tables: Mapping[str, Sequence[str]],
    pairs: Sequence[tuple[str, str]],
    where: str,
    **values: object,
) -> dict[str, int]:
    if not pairs:
        return {}
    given: dict[str, object] = {
        "workspace": workspace,
        "patterns": inside([one for one, _ in pairs]),
        **values,
    }
    for n, (form, word) in enumerate(pairs):
        given |= {f"form{n}": form, f"word{n}": word}
    done: dict[str, int] = {}
    for table, columns in tables.items():
        kinds = dict(rows(db, TYPES, table=table))
        for column in columns:
            text = f"{column}::text"
            for n in range(len(pairs)):
                text = f"replace({text}, %(form{n})s::text, %(word{n})s::text)"
            statement = (
                f"update {table} set {column} = ({text})::{kinds[column]} where workspace_id = %(workspace)s"  # noqa: S608
                f" and {column}::text like any (%(patterns)s::text[]){where}"
            )
            done[table] = done.get(table, 0) + run(db, statement, **given)
    return done


def holding(db: Connection, workspace: int, table: str, forms: Sequence[str]) -> int:
    """How many rows of a table hold one of some writings, in whatever column."""
    of_one = "workspace_id" in dict(rows(db, TYPES, table=table))
    statement = f"select count(*) from {table} t where t::text like any (%(patterns)s::text[])"  # noqa: S608
    if of_one:
        statement += " and t.workspace_id = %(workspace)s"
    return int(rows(db, statement, workspace=workspace, patterns=inside(forms))[0][0])
