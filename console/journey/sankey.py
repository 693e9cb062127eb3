"""A Sankey as SVG: where nodes and flows lie. Links and words are drawn by the template, so that it needs no script.

Columns from left to right are steps; a node is as high as its paths, a flow as wide as its own. All of it is in the
units of the picture. Not here: what is counted.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from metrics.journeys.paths import Link, Node, Picture

WIDTH, HEIGHT = 1_000.0, 430.0
NODE = 11.0  # width
GAP = 18.0  # between two nodes of a column: a line of text
LABEL = 150.0  # right of the last column
AWAY = 6.0  # of a node's words from it
ABOVE = 8.0  # room for the words of a low node at the top
LEAST = 0.7  # width of a flow that is still seen


class Box(NamedTuple):
    """A node."""

    node: Node
    x: float
    y: float
    height: float

    @property
    def shape(self) -> str:
        """Its outline, as a path."""
        return f"M{self.x:.1f} {self.y:.1f}h{NODE:.1f}v{self.height:.1f}h-{NODE:.1f}z"

    @property
    def words(self) -> tuple[str, str]:
        """Where its words begin."""
        return f"{self.x + NODE + AWAY:.1f}", f"{self.y + self.height / 2 + AWAY - 2:.1f}"


class Flow(NamedTuple):
    """A link: a curve and its width."""

    link: Link
    curve: str
    width: str


class Drawing(NamedTuple):
    """All of it."""

    boxes: list[Box]
    flows: list[Flow]
    view: str = f"0 {-ABOVE:.0f} {WIDTH:.0f} {HEIGHT + ABOVE:.0f}"


def draw(picture: Picture) -> Drawing:
    """The drawing of a picture; what has no node has none either."""
    columns: dict[int, list[Node]] = defaultdict(list)
    for node in picture.nodes:
        columns[node.step].append(node)
    if not columns:
        return Drawing([], [])
    most = max(len(nodes) for nodes in columns.values())
    whole = max(sum(node.paths for node in nodes) for nodes in columns.values())
    scale = (HEIGHT - GAP * (most - 1)) / whole
    apart = (WIDTH - LABEL - NODE) / max(len(columns) - 1, 1)
    boxes = {
        box.node.id: box
        for step, nodes in columns.items()
        for box in _column(nodes, (step - 1) * apart, scale)
    }
    return Drawing(list(boxes.values()), _flows(picture.links, boxes, scale))


def _column(nodes: Sequence[Node], x: float, scale: float) -> list[Box]:
    made, y = [], 0.0
    for node in nodes:
        height = node.paths * scale
        made.append(Box(node, round(x, 1), round(y, 1), round(max(height, 1.0), 1)))
        y += height + GAP
    return made


def _flows(links: Sequence[Link], boxes: dict[str, Box], scale: float) -> list[Flow]:
    """At each end flows lie in the order of the other end's nodes, so that few cross."""
    leaves: dict[str, float] = defaultdict(float)
    enters: dict[str, float] = defaultdict(float)
    starts: dict[Link, float] = {}
    ends: dict[Link, float] = {}
    for link in sorted(links, key=lambda link: boxes[link.target].y):
        starts[link] = boxes[link.source].y + (leaves[link.source] + link.value / 2) * scale
        leaves[link.source] += link.value
    for link in sorted(links, key=lambda link: boxes[link.source].y):
        ends[link] = boxes[link.target].y + (enters[link.target] + link.value / 2) * scale
        enters[link.target] += link.value
    return [
        Flow(
            link, _curve(boxes[link.source], boxes[link.target], starts[link], ends[link]), _wide(link, scale)
        )
        for link in links
    ]


def _curve(source: Box, target: Box, y: float, to_y: float) -> str:
    x, to_x = source.x + NODE, target.x
    middle = (x + to_x) / 2
    return f"M{x:.1f} {y:.1f}C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"


def _wide(link: Link, scale: float) -> str:
    return f"{max(link.value * scale, LEAST):.1f}"
