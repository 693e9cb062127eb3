"""Whatever is said of a message that cannot be used is known, and has its Chinese."""

import ast
from pathlib import Path

import pytest
from django.utils import translation

from channels import hints

MAPPING = Path("channels/mapping")


def said() -> list[str]:
    """Each hint in the mapping's code, with `x` put in."""
    found = []
    for path in sorted(MAPPING.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Unfit", "missing"):
                found.append(_text(node.args[-1]))
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "hint":
                found.append(_text(node.value))
    return [hint for hint in found if hint]


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
    return ""  # a name: its text is assigned to it


@pytest.mark.parametrize("hint", said())
def test_a_hint_has_its_chinese(hint):
    assert hints.told(hint) == hint
    with translation.override("zh-hans"):
        assert hints.told(hint) != hint


def test_what_was_put_in_stays():
    with translation.override("zh-hans"):
        assert "properties.total" in hints.told(
            "properties.total is a number from 0 to 10^15, as a JSON number or a text like 1234.50."
        )
        assert "'nowhere'" in hints.told(
            "There is no channel 'nowhere': use the short name that the Channels page shows."
        )
        assert hints.told("something else") == "something else"
