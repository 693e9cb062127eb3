"""Every named statement is understood by PostgreSQL, and stays in its part's own tables."""

import re
from pathlib import Path

import pytest
from django.db import connection

from cdp.kernel.db import BLOCK, Statements

FILES = sorted(
    path
    for part in ("cdp", "channels", "profiles", "metrics")
    for path in Path(part).rglob("*.sql")
    if BLOCK.match(path.read_text(encoding="utf-8"))  # schema files have no named statements
)
STATEMENTS = [(file, name) for file in FILES for name in Statements(str(file.with_suffix(".py")))]
# Views that queries.py gives to the other parts.
PUBLISHED = {"profiles_owner", "profiles_activity", "channels_setting", "channels_source"}
LATER = "channels_winner"  # a table that exists only while a rebuild runs


@pytest.mark.parametrize(("file", "name"), STATEMENTS, ids=str)
def test_a_statement_can_be_prepared(db, file: Path, name: str) -> None:
    text, names = Statements(str(file.with_suffix(".py")))[name], []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    with connection.cursor() as cursor:
        if text.startswith("create"):
            cursor.execute(text)  # PostgreSQL prepares no definitions
            return
        if LATER in text:
            cursor.execute(Statements("cdp/rebuild.py")["keep_winners"])
        cursor.execute("prepare it as " + re.sub(r"%\((\w+)\)s", number, text).replace("%%", "%"))
        cursor.execute("deallocate it")


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_statement_keeps_to_its_part(file: Path) -> None:
    if file.parts[0] == "cdp":
        return  # ties the parts together
    code = re.sub("^--.*$", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    used = set(re.findall(r"(?<!%\()\b((?:channels|profiles|metrics)_\w+)", code))
    foreign = {table for table in used - PUBLISHED if not table.startswith(file.parts[0])}
    assert not foreign, (
        f"{file} reads {sorted(foreign)}: ask that part's queries.py, or hand it over in the pipeline."
    )
