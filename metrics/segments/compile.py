"""A rule as one statement: over the columnar mirror where it asks for events and windows, else over PostgreSQL.

The largest parts of a rule that the mirror can answer are asked of it whole, one statement each; what they find goes
into the one statement over people that decides. A rule that is such a part altogether is counted by the mirror alone.
Not here: the SQL of events and orders (happened.py), of what is known of people (profiles/choosing.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.db import connection

from kernel import periods
from kernel.db import Connection, rows
from kernel.models import Workspace
from metrics import query
from metrics.mirror import reading
from metrics.mirror.reading import Mirror
from metrics.query import ReportingSettings
from metrics.segments import happened
from metrics.segments.rule import (
    All,
    Consent,
    Did,
    FirstOrder,
    Has,
    InSegment,
    Node,
    Not,
    Orders,
    SeenOn,
    Sequence,
    Some,
    Span,
    Spent,
    Trait,
    each,
    parts,
)
from profiles import queries
from profiles.queries import choosing

SAMPLE = 20  # people of a preview
COMPARED = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "is": "="}


class Over(NamedTuple):
    """Over what a rule is asked: one moment of one workspace; `mirror` where the rule needs it."""

    db: Connection
    workspace: Workspace
    settings: ReportingSettings
    now: datetime
    mirror: Mirror | None = None

    @property
    def as_of(self) -> str | None:
        """The newest event that is in it, where the mirror was asked; else the moment itself."""
        return periods.utc_text(self.mirror.as_of if self.mirror else self.now)


class Preview(NamedTuple):
    """How many a rule finds, and some of them by serial id, the last seen first where PostgreSQL was asked."""

    people: int
    sample: list[int]


@contextmanager
def opened(workspace: Workspace, node: Node, now: datetime) -> Iterator[Over]:
    """Where a whole rule is asked. Raises TryAgain while a mirror that it needs is being made."""
    over = Over(connection, workspace, query.reporting_settings(connection, workspace), now)
    if not of_mirror(node):
        yield over
        return
    with reading.open_mirror(workspace.pk) as mirror:
        yield over._replace(mirror=mirror)


def of_mirror(node: Node) -> bool:
    """Whether any part of a rule is asked of the mirror."""
    return _asks_mirror(node) or any(of_mirror(part) for part in parts(node))


def _asks_mirror(node: Node) -> bool:
    if isinstance(node, Orders | Spent):
        return node.span != Span()  # all there ever were stand in the summary
    return isinstance(node, Did | Sequence | FirstOrder)


def _of_mirror_alone(node: Node) -> bool:
    inside = parts(node)
    return all(map(_of_mirror_alone, inside)) if inside else _asks_mirror(node)


def preview(over: Over, node: Node) -> Preview:
    """How many a rule finds, and up to SAMPLE of them."""
    if _of_mirror_alone(node):
        asked = happened.Asked(over.db, _mirror(over), over.settings, over.now)
        return Preview(*happened.counted(asked, node, SAMPLE))
    found = condition(over, node)
    text = (
        f"with found as materialized (select s.profile_id, s.last_seen from {choosing.BASE} where {found.sql})"
        " select (select count(*) from found),"
        f" array(select profile_id from found order by last_seen desc, profile_id limit {SAMPLE})"
    )
    count, sample = rows(over.db, text, **found.values)[0]
    return Preview(count, sample)


def condition(over: Over, node: Node) -> choosing.Part:
    """A whole rule as a condition on `s`, a row of people, with the workspace; the mirror has been asked by then."""
    writer = _Writer(over)
    text = writer.of(node)
    return choosing.Part(f"s.workspace_id = %(workspace)s::int and {text}", writer.values)


def check(over: Over, node: Node) -> None:
    """Raises BadRequest for what can be written and not be asked: contact data compared by size, consent not kept."""
    writer = _Writer(over)
    for one in each(node):
        if isinstance(one, Trait | Consent):
            writer.of(one)


def _mirror(over: Over) -> Mirror:
    assert over.mirror is not None  # noqa: S101 (opened() has seen that the rule needs it)
    return over.mirror


class _Writer:
    """Writes the statement over people."""

    def __init__(self, over: Over) -> None:
        self.over, self.values = over, dict[str, Any](workspace=over.workspace.pk)
        self.asking = choosing.Asking(over.db, over.workspace, over.now)

    def of(self, node: Node) -> str:
        """A condition on `s`."""
        if isinstance(node, Not):
            return f"not {self.of(node.part)}"
        if _of_mirror_alone(node):
            asked = happened.Asked(self.over.db, _mirror(self.over), self.over.settings, self.over.now)
            return self._take(partial(choosing.among, happened.found(asked, node)))
        if isinstance(node, All | Some):
            return self._joined(node)
        if isinstance(node, InSegment):
            assert node.part is not None  # noqa: S101 (rule.whole looked it up)
            return self.of(node.part)
        return self._leaf(node)

    def _joined(self, node: All | Some) -> str:
        """Its parts; those that are the mirror's are asked of it together."""
        own = [part for part in node.parts if not _of_mirror_alone(part)]
        others = [part for part in node.parts if _of_mirror_alone(part)]
        if len(others) > 1:
            others = [node._replace(parts=tuple(others))]
        word = " and " if isinstance(node, All) else " or "
        return f"({word.join(self.of(part) for part in (*own, *others))})"

    def _leaf(self, node: Node) -> str:
        match node:
            case Trait(name, tests):
                return self._take(lambda place: choosing.trait(self.asking, name, tests, place))
            case Has(kind):
                return self._take(partial(choosing.has, kind))
            case SeenOn(channels):
                return self._take(partial(choosing.seen_on, channels))
            case Orders(sizes) | Spent(sizes):
                return self._sized("s.orders" if isinstance(node, Orders) else "s.revenue", sizes)
            case Consent(purpose, channel, given):
                agreed = self._take(partial(choosing.consented, purpose, channel))
                return agreed if given else f"not {agreed}"
        raise AssertionError(node)

    def _take(self, make: Any) -> str:
        """A condition of somebody else's, its values under a name of their own."""
        found = make(f"c{len(self.values)}")
        self.values |= found.values
        return str(found.sql)

    def _sized(self, column: str, sizes: tuple[tuple[str, Any], ...]) -> str:
        texts = []
        for sign, size in sizes:
            place = f"c{len(self.values)}"
            self.values[place] = size
            texts.append(f"{column} {COMPARED[sign]} %({place})s::numeric")
        return f"({' and '.join(texts)})"


def sampled(over: Over, found: Preview, *, masked: bool) -> list[dict[str, Any]]:
    """The people of a preview, as lists show them."""
    page = queries.of_profiles(over.db, over.workspace, found.sample, None, SAMPLE, "", masked)
    return page.items
