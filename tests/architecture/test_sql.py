"""Every named statement is understood by PostgreSQL, and stays in its part's own tables."""

import re
from pathlib import Path

import pytest
from django.db import connection

from kernel.db import BLOCK, Statements

FILES = sorted(
    path
    for part in ("cdp", "console", "channels", "profiles", "metrics", "kernel")
    for path in Path(part).rglob("*.sql")
    if BLOCK.match(path.read_text(encoding="utf-8"))  # schema files have no named statements
)
STATEMENTS = [(file, name) for file in FILES for name in Statements(str(file.with_suffix(".py")))]
# Views that queries.py gives to the other parts.
PUBLISHED = {
    *("profiles_touch", "profiles_sighted", "profiles_named", "profiles_said"),
    *("profiles_key", "profiles_person", "metrics_segment_named", "metrics_segment_held"),
    "profiles_owner",
    "profiles_activity",
    "profiles_consents",
    "channels_setting",
    "channels_source",
    "channels_taken",
}
LATER = "channels_winner"  # a table that exists only while a rebuild runs


@pytest.mark.parametrize(("file", "name"), STATEMENTS, ids=str)
def test_a_statement_can_be_prepared(db, file: Path, name: str) -> None:
    text, names = Statements(str(file.with_suffix(".py")))[name], []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    with connection.cursor() as cursor:
        if text.partition("*/ ")[2].startswith("create"):  # behind its name
            cursor.execute(text)  # PostgreSQL prepares no definitions
            return
        if LATER in text:
            cursor.execute(Statements("cdp/pipeline/rebuild.py")["keep_winners"])
        cursor.execute("prepare it as " + re.sub(r"%\((\w+)\)s", number, text).replace("%%", "%"))
        cursor.execute("deallocate it")


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_statement_keeps_to_its_part(file: Path) -> None:
    if file.parts[0] in ("cdp", "console"):
        return  # they tie the parts together
    code = re.sub("^--.*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    used = set(re.findall(r"(?<!%\()\b((?:channels|profiles|metrics)_\w+)", code))
    foreign = {table for table in used - PUBLISHED if not table.startswith(file.parts[0])}
    assert not foreign, (
        f"{file} reads {sorted(foreign)}: ask that part's queries.py, or hand it over in the pipeline."
    )


@pytest.mark.parametrize(("file", "name"), STATEMENTS, ids=str)
def test_what_is_looked_up_for_each_of_a_list_asks_one_table(file: Path, name: str) -> None:
    """PostgreSQL may begin a join at either end: in a database that nobody has counted yet it read all orders of a
    workspace for each of a batch's customers. Table by table, each with `offset 0`, there is one way only.
    """
    text = Statements(str(file.with_suffix(".py")))[name]
    for block in laterals(text):
        joined = re.findall(r"^\s+(?:left )?join (\w+)", block, re.MULTILINE)
        assert not joined, (
            f"{joined} is joined within a look-up: give it a `cross join lateral (… offset 0)` of its own."
        )


def laterals(text: str) -> list[str]:
    """What stands in the parentheses behind each `lateral`, without such blocks within."""
    found = []
    for match in re.finditer(r"lateral \(", text):
        depth, end = 1, match.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        found.append(re.sub(r"lateral \([^()]*(?:\([^()]*\)[^()]*)*\)", "", text[match.end() : end - 1]))
    return found
