"""Paths: which ways customers go through channels, touchpoints or events, and what comes of the frequent ones.

A person's touches of the period in order (equal times by the event's id); those on the same node one after the other
are one visit; a pause longer than the session begins a new path. `start` leaves of each path what comes from its first
event that meets the step, `end` what comes up to its last; paths without one are left out. Of each the first visits are
drawn, with `end` the last ones; steps are numbered from 1 from the first that is drawn.
A link's value is how many PATHS go from one node to the next, so that flows add up: what comes into a node is its
`paths`, what leaves it is that less what ends there. `customers` are distinct people: one may have several paths.
Orders of a path are those of its person from its first touch to its last; revenue is their totals less refunds.
Not here: parameters and their refusals (paths_api.py), the statements (paths_walk.py).
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from kernel.errors import BadRequest
from metrics.conversion import rates
from metrics.journeys.base import OTHER, Asked
from metrics.journeys.paths_walk import CHANNEL, Question, Walk
from metrics.query import text

MICROSECONDS = 1_000_000
BETWEEN = ">"  # of nodes in a link


class Node(NamedTuple):
    """A place of the picture."""

    step: int
    name: str
    customers: int
    paths: int

    @property
    def id(self) -> str:
        """As links name it."""
        return f"{self.step}:{self.name}"

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        return {"id": self.id, **self._asdict()}


class Link(NamedTuple):
    """How many paths go from one node to the next, by their ids."""

    source: str
    target: str
    value: int


class Frequent(NamedTuple):
    """A way that many go, by its names: who, how many of them ordered on it, and what."""

    nodes: list[str]
    customers: int
    paths: int
    converted: int
    orders: int
    revenue: Decimal
    unconverted: dict[str, Decimal]
    median: float  # seconds from its first touch to its last

    def json(self) -> dict[str, Any]:
        """As the API gives it."""
        apart = [{"currency": code, "value": text(value)} for code, value in sorted(self.unconverted.items())]
        return {
            "nodes": self.nodes,
            "customers": self.customers,
            "paths": self.paths,
            "converted": self.converted,
            "orders": self.orders,
            "revenue": text(self.revenue),
            "unconverted": apart,
            "median_seconds": self.median,
        }


class Picture(NamedTuple):
    """Nodes by step and size, the rest of a step at its end, and the links between them by size."""

    nodes: list[Node]
    links: list[Link]


def drawn(asked: Asked, question: Question) -> Picture:
    """The ways of all."""
    walk, called = Walk(asked, question), _names(asked, question)
    nodes, links = [], []
    for step, name, onto, paths, customers in asked.mirror.rows(walk.drawn(), **walk.values):
        if onto is None:
            nodes.append(Node(step, called(name), customers, paths))
        else:
            links.append(Link(f"{step}:{called(name)}", f"{step + 1}:{called(onto)}", paths))
    nodes.sort(key=lambda node: (node.step, node.name == OTHER, -node.customers, node.name))
    links.sort(key=lambda link: (int(link.source.partition(":")[0]), -link.value, link.source, link.target))
    return Picture(nodes, links)


def frequent(asked: Asked, question: Question, top: int) -> list[Frequent]:
    """The paths that most customers go, as far as they are drawn."""
    walk, called = Walk(asked, question), _names(asked, question)
    found = asked.mirror.rows(walk.frequent(top), **walk.values)
    currencies = {currency for row in found for currency, *_ in row[5] or ()}
    rate = rates(connection, asked.settings.workspace, asked.settings.currency, currencies)
    made = []
    for names, paths, customers, took, converted, sums in found:
        orders, revenue, apart = 0, Decimal(0), dict[str, Decimal]()
        for currency, day, count, amount in sums or ():
            by = rate(currency, day)
            orders += count
            if by is None:
                apart[currency] = apart.get(currency, Decimal(0)) + amount
            else:
                revenue += amount * by
        nodes = [called(name) for name in names if name is not None]
        made.append(
            Frequent(nodes, customers, paths, converted, orders, revenue, apart, float(took) / MICROSECONDS)
        )
    return made


def people(asked: Asked, question: Question, chain: str, *, whole: bool = False) -> list[int]:
    """The profiles (serial ids) with a path through a node, a link or more nodes in a row, as `1:web>2:store`.

    `whole`: with a path that is drawn as these and no more. "" is everybody with a path.
    """
    walk = Walk(asked, question)
    ids = {slug: str(channel) for channel, slug in asked.settings.channels.items()}
    meant = [
        (step, ids.get(name, name) if question.level == CHANNEL else name)
        for step, name in (read(chain, question.visits) if chain else ())
    ]
    return [profile for (profile,) in asked.mirror.rows(walk.people(meant, whole), **walk.values)]


def read(chain: str, most: int) -> list[tuple[int, str]]:
    """The nodes of a chain, each with its step. Raises BadRequest for what is none."""
    first, colon, rest = chain.partition(":")
    if not colon or not first.isascii() or not first.isdigit() or not 1 <= int(first) <= most:
        raise BadRequest(
            f"“{chain[:200]}” is no node: it is STEP:NAME with a step from 1 to {most}, as in the answer.",
            "bad_node",
        )
    step, found = int(first), []
    while True:
        name, then, rest = rest.partition(f"{BETWEEN}{step + 1}:")
        found.append((step, name))
        if not then:
            return found
        step += 1
        if step > most:
            raise BadRequest(f"Step {step} of “{chain[:200]}” is not drawn: there are {most}.", "bad_node")


def _names(asked: Asked, question: Question) -> Callable[[str], str]:
    """What a node of the mirror is called."""
    if question.level != CHANNEL:
        return str
    slugs = {str(channel): slug for channel, slug in asked.settings.channels.items()}
    return lambda node: slugs.get(node, node)


def chain_of(names: Sequence[str]) -> str:
    """A path's nodes as `people` reads them."""
    return BETWEEN.join(f"{step}:{name}" for step, name in enumerate(names, 1))
