"""Which orders a connector's files have told of, and what they said: so that the same row again is the same message, a
changed one an update that wins, and an order whose lines lie in two files is whole.

An order is named `order:ID`, what is said of it later `order:ID~00001` and on: of messages of one time the greater name
counts. Called in the transaction that appends to the inbox. Not here: which rows belong together in a file (chunks.py).
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from channels.imports.chunks import Gathered, Piece
from channels.imports.formats import Raw
from channels.tables import chunk
from channels.tables.chunk import EARLIER, Chunk, digest
from kernel.db import Connection, Statements, array, rows, run

sql = Statements(__file__)

LOCK: Final = 0x494D  # the class of advisory locks: one import at a time tells what a connector knows
LINES: Final = "order_lines"


class Said(NamedTuple):
    """What was said of an order once: its rows lie in a request of the inbox."""

    digest: UUID
    version: int
    source: int  # the import
    edge: bool  # the first or the last order of its file: it may have been cut there
    received_at: datetime
    request: UUID
    first: int
    rows: int


class Place(NamedTuple):
    """Whose file is read, and the request that its rows will be."""

    workspace: int
    connector: int
    source: int
    received_at: datetime
    request: UUID


class Told(NamedTuple):
    """A piece's messages, their columns, and what is to be remembered of them."""

    groups: list[Gathered]
    columns: list[str]
    fields: list[str]
    fresh: list[tuple[UUID, Said]]


def told(
    db: Connection, place: Place, piece: Piece, table: str, columns: list[str], fields: list[str]
) -> Told:
    """A piece's rows as messages, by what is known of their orders. Nothing is written."""
    work = _Work(db, place, _known(db, place, piece), list(columns), list(fields))
    groups = _by_order(piece) if table == LINES else [[number] for number in range(len(piece.rows))]
    for number, members in enumerate(groups):
        raws = [piece.rows[one] for one in members]
        order = piece.keys[members[0]]
        if not order:
            work.nameless(table, raws)
            continue
        edge = (piece.first and number == 0) or (piece.last and members[-1] == len(piece.rows) - 1)
        work.order(order, raws, edge, lines=table == LINES)
    return Told(work.groups, work.columns, work.fields, work.fresh)


def keep(db: Connection, place: Place, fresh: Sequence[tuple[UUID, Said]]) -> None:
    """Remembers what was said."""
    if not fresh:
        return
    run(
        db,
        sql["keep"],
        workspace=place.workspace,
        connector=place.connector,
        source=place.source,
        received_at=place.received_at,
        request=place.request,
        keys=array([key for key, _ in fresh]),
        digests=array([one.digest for _, one in fresh]),
        versions=array([one.version for _, one in fresh]),
        edges=array([one.edge for _, one in fresh]),
        firsts=array([one.first for _, one in fresh]),
        counts=array([one.rows for _, one in fresh]),
    )


def hold(db: Connection, connector: int) -> None:
    """Until the transaction ends nobody else tells what the connector knows."""
    rows(db, sql["hold"], lock=LOCK, connector=connector)


def name(order: str, version: int) -> str:
    """The messageId of what is said of an order."""
    return f"order:{order}~{version:05}" if version else f"order:{order}"


def _key(order: str) -> UUID:
    return UUID(bytes=hashlib.blake2b(order.encode("utf-8", "replace"), digest_size=16).digest())


def _by_order(piece: Piece) -> list[list[int]]:
    """The places of each order's rows, in the order in which the orders begin."""
    found: dict[object, list[int]] = {}
    for place, order in enumerate(piece.keys):
        found.setdefault(order or place, []).append(place)
    return list(found.values())


def _known(db: Connection, place: Place, piece: Piece) -> dict[UUID, list[Said]]:
    keys = {_key(order) for order in set(piece.keys) if order}
    found: dict[UUID, list[Said]] = defaultdict(list)
    if keys:
        asked = array(sorted(keys))
        for key, *said in rows(db, sql["known"], connector=place.connector, keys=asked):
            found[key].append(Said(*said))
    return found


class _Work:
    """What becomes of the orders of one piece."""

    def __init__(
        self,
        db: Connection,
        place: Place,
        known: dict[UUID, list[Said]],
        columns: list[str],
        fields: list[str],
    ) -> None:
        self.db, self.place, self.known, self.columns, self.fields = db, place, known, columns, fields
        self.groups: list[Gathered] = []
        self.fresh: list[tuple[UUID, Said]] = []
        self.chunks: dict[UUID, Chunk | None] = {}
        self.count = 0  # rows so far

    def nameless(self, table: str, raws: list[Raw]) -> None:
        """A row without an order's number: refused, under a name of its own."""
        self._put(f"{table}:{digest(self.columns, raws[0].cells)}", raws)

    def order(self, order: str, raws: list[Raw], edge: bool, *, lines: bool) -> None:
        """An order's rows: known, an update, or more of what is known."""
        key = _key(order)
        said = self.known.get(key) or []
        latest = max(said, key=lambda one: one.version, default=None)
        if latest and lines:
            raws = self._with(latest, raws, edge)
            edge = edge or latest.edge
        now = _of_all([digest(self.columns, raw.cells) for raw in raws])
        same = next((one for one in said if one.digest == now), None)
        version = same.version if same else (latest.version + 1 if latest else 0)
        if same is None:
            mine = Said(
                now,
                version,
                self.place.source,
                edge,
                self.place.received_at,
                self.place.request,
                self.count,
                len(raws),
            )
            self.fresh.append((key, mine))
            self.known.setdefault(key, []).append(mine)
        self._put(name(order, version), raws)

    def _put(self, message: str, raws: list[Raw]) -> None:
        self.groups.append(Gathered(message, raws))
        self.count += len(raws)

    def _with(self, latest: Said, raws: list[Raw], edge: bool) -> list[Raw]:
        """An order's lines with those that are known of it, where both may be parts of one whole."""
        before = self._rows_of(latest)
        if latest.source == self.place.source:  # the file goes on with an order that it had before
            return [*before, *raws]
        there = Counter(digest(self.columns, raw.cells) for raw in before)
        mine = Counter(digest(self.columns, raw.cells) for raw in raws)
        if mine <= there:
            return _numbered(self.columns, before, raws)
        return self._joined(before, raws) if edge and latest.edge else raws

    def _joined(self, before: list[Raw], raws: list[Raw]) -> list[Raw]:
        """Two parts of a cut order: of one and the same line what the later file says."""
        known = dict(zip(self._lines(before), before, strict=True))
        return list((known | dict(zip(self._lines(raws), raws, strict=True))).values())

    def _lines(self, raws: Sequence[Raw]) -> list[tuple[str, int]]:
        """What a line is known by within its order: its goods, and the how manieth of them it is."""
        count: Counter[str] = Counter()
        found = []
        for raw in raws:
            values = dict(zip(self.fields, raw.cells, strict=False))
            goods = values.get("sku") or values.get("product_name") or digest(self.columns, raw.cells)
            count[goods] += 1
            found.append((goods, count[goods]))
        return found

    def _rows_of(self, said: Said) -> list[Raw]:
        """The rows that were told, with this file's columns in their order; none when they are kept no longer."""
        if said.request not in self.chunks:
            found = rows(
                self.db,
                sql["body"],
                workspace=self.place.workspace,
                received_at=said.received_at,
                request=said.request,
            )
            try:
                self.chunks[said.request] = chunk.read(found[0][0]) if found else None
            except msgspec.MsgspecError:
                self.chunks[said.request] = None
        held = self.chunks[said.request]
        if held is None:
            return []
        return [self._aligned(held, cells) for cells in held.cells[said.first : said.first + said.rows]]

    def _aligned(self, held: Chunk, cells: list[str]) -> Raw:
        """A row of another file under this one's header, which grows by what it has not."""
        for column, field in zip(held.columns, held.fields, strict=True):
            if column not in self.columns:
                self.columns.append(column)
                self.fields.append("" if field in self.fields else field)
        values = dict(zip(held.columns, cells, strict=False))
        return Raw(EARLIER, [values.get(column, "") for column in self.columns])


def _of_all(digests: Sequence[str]) -> UUID:
    """What several rows say, in whatever order."""
    text = " ".join(sorted(digests))
    return UUID(bytes=hashlib.blake2b(text.encode(), digest_size=16).digest())


def _numbered(columns: Sequence[str], before: Sequence[Raw], raws: Sequence[Raw]) -> list[Raw]:
    """Rows as they were told, those that this file has too with their number in it."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for raw in raws:
        numbers[digest(columns, raw.cells)].append(raw.number)
    found = []
    for raw in before:
        mine = numbers[digest(columns, raw.cells)]
        found.append(raw._replace(number=mine.pop(0)) if mine else raw)
    return found
