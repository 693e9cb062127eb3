"""What a page shows is named and typed: templates are handed dataclasses."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "console").rglob("*.py")):
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def test_pages_are_rendered_by_kernel_web_page_alone() -> None:
    found = [
        (name, node.lineno)
        for name, tree in modules()
        for node in ast.walk(tree)
        if (isinstance(node, ast.ImportFrom) and node.module == "django.shortcuts")
        for one in node.names
        if one.name == "render"
    ]
    assert found == []


def test_no_page_hands_over_a_dict() -> None:
    """`render(request, template, page)`: the page is no literal dict, and none that is put together."""
    found = [
        (name, node.lineno)
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "render"
        for page in node.args[2:3]
        if isinstance(page, ast.Dict | ast.BinOp)
    ]
    assert found == []
