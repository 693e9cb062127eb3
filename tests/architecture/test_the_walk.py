"""docs/architecture.md names real places, so that a newcomer can trust it."""

import ast
import re
from pathlib import Path

import pytest

WALK = Path("docs/architecture.md").read_text(encoding="utf-8")
PLACES = re.findall(r"`([a-z_]+/[\w/]+\.(?:py|sql|html))(?::(\w+))?`", WALK)


def names(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return set(re.findall(r"^-- ([a-z_]+)$", text, re.MULTILINE))
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, defined)}


@pytest.mark.parametrize(("file", "name"), PLACES)
def test_the_walk_names_a_place_that_exists(file: str, name: str) -> None:
    assert Path(file).is_file(), f"docs/architecture.md leads to {file}, which is gone: mend the walk."
    assert not name or name in names(Path(file)), f"{file} has no {name}: mend docs/architecture.md."


def test_the_walk_is_whole():
    assert len(PLACES) > 15
