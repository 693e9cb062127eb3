"""The catalogue as a document, docs/metrics.md, from the declarations alone. Not here: the file (`make docs`)."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import translation

from metrics.catalogue import METRICS
from metrics.catalogue.base import UNITS, Metric
from metrics.catalogue.parts import lists, parts

HEAD = """# The metrics

Made from `metrics/catalogue/` by `make docs`: change a declaration there, never this file. What each comes to is asked
of `/api/metrics/{name}/`, the rows behind it of `/api/metrics/{name}/rows/?part=…`. A term's own amounts are money,
a count or a time; money is in the workspace's currency, and what has no rate stands apart.
"""
BETTER = {"up": "more", "down": "less", "none": "neither"}


def text() -> str:
    """The whole document, in English."""
    with translation.override("en"):
        groups = dict.fromkeys(str(metric.group) for metric in METRICS)
        return "\n".join([HEAD, *(line for group in groups for line in _group(group))])


def _group(group: str) -> Iterator[str]:
    metrics = [metric for metric in METRICS if str(metric.group) == group]
    yield f"## {group}\n"
    yield from _table(("metric", "", "formula", "unit", "better"), map(_metric, metrics))
    yield "Their terms, and the rows behind each:\n"
    terms = {part.name: part for metric in metrics for part in lists(metric)}
    rows = ((f"`{one.name}`", one.label, one.unit, one.rows.kind) for one in terms.values())
    yield from _table(("part", "", "counted in", "rows"), rows)


def _metric(metric: Metric) -> tuple[Any, ...]:
    named = ", ".join(f"`{part.name}`" for part in parts(metric))
    said = f"{metric.label}. {metric.question}" + (f" {metric.care}" if metric.care is not None else "")
    return f"`{metric.name}`", said, f"{metric.formula} ({named})", _unit(metric.unit), BETTER[metric.good]


def _unit(unit: str) -> str:
    return f"{unit} (`{UNITS[unit]}`)"


def _table(head: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(str(cell) for cell in row)} |"
    yield ""
