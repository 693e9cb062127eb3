"""Boards: read, made, changed, dropped; a tile put on one, moved, taken off. Not here: where one may stand, grid.py."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kernel import periods
from kernel.cursor import Order, Page, page
from kernel.db import Connection
from kernel.errors import BadRequest, Conflict, NotFound
from metrics.boards import fields, grid
from metrics.boards.grid import Place
from metrics.boards.reader import Reader
from metrics.models import Analysis, Board, Tile

SELECT = "select b.created_at, b.id from metrics_board b"
READABLE = (
    "b.workspace_id = %(workspace)s::bigint",
    "(%(all)s::boolean or b.shared or b.author_id = %(user)s::int)",
)
MOST = 200  # of a workspace
FIELDS = ("slug", "name", "tiles", "shared")
NEWEST = Order("b.created_at", "timestamptz", "b.id", "bigint")


def listed(db: Connection, reader: Reader, cursor: str | None, limit: int) -> Page:
    """A page of those they may read, the newest first, each as `said`."""
    found = page(db, SELECT, READABLE, reader.values(), NEWEST, cursor, limit, lambda row: row[1])
    kept = {one.pk: one for one in _whole(Board.objects.filter(pk__in=found.items))}
    return found._replace(items=[said(kept[key]) for key in found.items])


def readable(reader: Reader) -> QuerySet[Board]:
    """Those they may read, with who made them and what stands on them: what is shared, their own; an admin all."""
    every = _whole(Board.objects.filter(workspace=reader.workspace))
    return every if reader.all else every.filter(Q(shared=True) | Q(author=reader.user))


def one(reader: Reader, slug: str) -> Board:
    """The one of that slug, or NotFound."""
    found = readable(reader).filter(slug=slug).first()
    if found is None:
        raise NotFound(_("There is no such board, or nobody has shared it with you."))
    return found


def places(board: Board) -> list[Place]:
    """Where its tiles stand, in the order they are read."""
    found = [Place(tile.analysis_id, tile.x, tile.y, tile.w, tile.h) for tile in board.tiles.all()]
    return sorted(found, key=grid.reading)


def said(board: Board) -> dict[str, Any]:
    """As the API gives it."""
    return {
        "slug": board.slug,
        "name": board.name,
        "tiles": [{"analysis": at.key, "x": at.x, "y": at.y, "w": at.w, "h": at.h} for at in places(board)],
        "shared": board.shared,
        "author": board.author.get_username() if board.author else None,
        "created_at": periods.utc_text(board.created_at),
        "updated_at": periods.utc_text(board.updated_at),
    }


# ---- making and changing ------------------------------------------------------------------------


def add(reader: Reader, asked: dict[str, Any]) -> Board:
    """A new one; without a slug it gets one made of its name."""
    reader.must_make()
    fields.known(asked, FIELDS)
    name, shared = fields.name(asked.get("name")), fields.truth("shared", asked.get("shared", False))
    tiles = fields.places(asked.get("tiles", []))
    with transaction.atomic():
        _lock_all(reader)
        taken = set(Board.objects.filter(workspace=reader.workspace).values_list("slug", flat=True))
        if len(taken) >= MOST:
            raise Conflict(_("A workspace has at most %(n)s boards: delete one first.") % {"n": MOST})
        slug = _own(fields.slug(asked["slug"]), taken) if "slug" in asked else _free(name, taken)
        made = Board.objects.create(
            workspace=reader.workspace, author_id=reader.user, slug=slug, name=name, shared=shared
        )
        _lay(reader, made, tiles)
        reader.note("board.add", slug, name=name, shared=shared)
    return one(reader, slug)


def change(reader: Reader, slug: str, asked: dict[str, Any]) -> Board:
    """What is named gets another value; `tiles` are all there are from then on."""
    fields.known(asked, FIELDS)
    with transaction.atomic():
        found = locked(reader, slug)
        found.name = fields.name(asked.get("name", found.name))
        found.shared = fields.truth("shared", asked.get("shared", found.shared))
        if "slug" in asked and asked["slug"] != slug:
            _lock_all(reader)
            taken = Board.objects.filter(workspace=reader.workspace).values_list("slug", flat=True)
            found.slug = _own(fields.slug(asked["slug"]), set(taken))
        found.save()
        if "tiles" in asked:
            _lay(reader, found, fields.places(asked["tiles"]))
        reader.note("board.change", slug, **{name: asked[name] for name in FIELDS if name in asked})
    return one(reader, found.slug)


def remove(reader: Reader, slug: str) -> Board:
    """Takes one away; the analyses that stood on it stay."""
    with transaction.atomic():
        found = locked(reader, slug)
        reader.note("board.delete", slug, name=found.name)
        Board.objects.filter(pk=found.pk).delete()
    return found


def locked(reader: Reader, slug: str) -> Board:
    """One to be changed, by nobody else meanwhile. Inside a transaction."""
    found = one(reader, slug)
    reader.must_write(found.author_id)
    list(Board.objects.select_for_update().filter(pk=found.pk))
    return one(reader, slug)  # as it stands now that nobody changes it


# ---- tiles --------------------------------------------------------------------------------------


def put(reader: Reader, slug: str, analysis: Analysis) -> None:
    """An analysis on a board, at the first free place; nothing where it stands there already."""
    with transaction.atomic():
        board = locked(reader, slug)
        at = places(board)
        if any(one.key == analysis.pk for one in at) or not _held(analysis.pk):
            return
        new = grid.free(at, analysis.pk)
        grid.check([*at, new])
        Tile.objects.create(board=board, analysis=analysis, x=new.x, y=new.y, w=new.w, h=new.h)
        reader.note("board.put", slug, analysis=analysis.pk)


def move(reader: Reader, slug: str, to: Place) -> list[Place]:
    """A tile to another place, what is in its way further down; all places after it."""
    with transaction.atomic():
        board = locked(reader, slug)
        at = places(board)
        if not any(one.key == to.key for one in at):
            raise NotFound(_("That tile is not on this board any more: load the page again."))
        settled = grid.moved(at, to)
        grid.check(settled)
        _write(board, settled)
        reader.note("board.move", slug, analysis=to.key, x=to.x, y=to.y, w=to.w, h=to.h)
    return settled


def take(reader: Reader, slug: str, analysis: int) -> None:
    """A tile off a board; the analysis stays."""
    with transaction.atomic():
        board = locked(reader, slug)
        gone, _each = Tile.objects.filter(board=board, analysis=analysis).delete()
        if gone:
            reader.note("board.take", slug, analysis=analysis)


def _lay(reader: Reader, board: Board, at: Sequence[Place]) -> None:
    """A board's tiles, all of them; each of an analysis that the reader may see, or that stands there already."""
    grid.check(at)
    own = Analysis.objects.filter(workspace=reader.workspace)
    asked = _held(*(one.key for one in at))
    seen = own.filter(_visible(reader, board), pk__in=asked).values_list("pk", flat=True)
    missing = sorted({one.key for one in at} - set(seen))
    if missing:
        raise BadRequest(f"There is no analysis {missing[0]} that you may see.", "unknown_analysis")
    _write(board, at)


def _held(*keys: int) -> list[int]:
    """Those of these analyses that there are; nobody deletes them before this transaction ends."""
    held = Analysis.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    return [one.pk for one in held]


def _visible(reader: Reader, board: Board) -> Q:
    if reader.all:
        return Q()
    shared = Tile.objects.filter(Q(board__shared=True, board__workspace=reader.workspace) | Q(board=board))
    return Q(author=reader.user) | Q(pk__in=shared.values("analysis"))


def _write(board: Board, at: Sequence[Place]) -> None:
    """Tiles are written anew, in order: a change from one place to the next would meet itself half way."""
    Tile.objects.filter(board=board).delete()
    Tile.objects.bulk_create(
        Tile(board=board, analysis_id=one.key, x=one.x, y=one.y, w=one.w, h=one.h) for one in at
    )


def _whole(found: QuerySet[Board]) -> QuerySet[Board]:
    return found.select_related("author").prefetch_related("tiles")


def _lock_all(reader: Reader) -> None:
    """Slugs are given one after the other."""
    type(reader.workspace).objects.select_for_update(of=("self",), no_key=True).get(pk=reader.workspace.pk)


def _own(slug: str, taken: set[str]) -> str:
    if slug in taken:
        raise Conflict(f"There is a board {slug!r} already: take another slug.")
    return slug


def _free(name: str, taken: set[str]) -> str:
    """The name's own slug, else the first of it with a number."""
    plain = fields.slug_of(name)
    every = (plain if n == 1 else f"{plain}-{n}" for n in range(1, MOST + 2))
    return next(slug for slug in every if slug not in taken)
