"""Analyses: read, kept, changed, dropped. Not here: which parameters there are (kinds.py), boards (boards.py)."""

from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from kernel import periods
from kernel.cursor import Order, Page, page
from kernel.db import Connection
from kernel.errors import Conflict, NotFound
from metrics import query
from metrics.boards import boards, fields, kinds
from metrics.boards.reader import Reader
from metrics.models import Analysis, Board

SELECT = "select a.created_at, a.id from metrics_analysis a"
READABLE = (
    "a.workspace_id = %(workspace)s::bigint",
    "(%(all)s::boolean or a.author_id = %(user)s::int or a.id in ("
    "select t.analysis_id from metrics_tile t join metrics_board b on b.id = t.board_id "
    "where b.workspace_id = %(workspace)s::bigint and b.shared))",
)
MOST = 2_000  # of a workspace
FIELDS = ("name", "kind", "params", "board")
NEWEST = Order("a.created_at", "timestamptz", "a.id", "bigint")


def listed(db: Connection, reader: Reader, cursor: str | None, limit: int) -> Page:
    """A page of those they may read, the newest first, each as `said`."""
    found = page(db, SELECT, READABLE, reader.values(), NEWEST, cursor, limit, lambda row: row[1])
    kept = {one.pk: one for one in _whole(Analysis.objects.filter(pk__in=found.items))}
    return found._replace(items=[said(reader, kept[key]) for key in found.items])


def readable(reader: Reader) -> QuerySet[Analysis]:
    """Those they may read: their own, what stands on a shared board; an admin all."""
    every = Analysis.objects.filter(workspace=reader.workspace)
    if reader.all:
        return every
    shared = Analysis.objects.filter(tiles__board__shared=True, workspace=reader.workspace)
    return every.filter(Q(author=reader.user) | Q(pk__in=shared))


def one(reader: Reader, key: int) -> Analysis:
    """The one of that number, or NotFound."""
    found = _whole(readable(reader).filter(pk=key)).first()
    if found is None:
        raise NotFound(_("There is no such analysis, or nobody has shared it with you."))
    return found


def said(reader: Reader, analysis: Analysis) -> dict[str, Any]:
    """As the API gives it. `board`: the first it was put on, of those that the reader may see."""
    return {
        "id": analysis.pk,
        "name": analysis.name,
        "kind": analysis.kind,
        "params": analysis.params,
        "board": _board(reader, analysis),
        "author": analysis.author.get_username() if analysis.author else None,
        "created_at": periods.utc_text(analysis.created_at),
        "updated_at": periods.utc_text(analysis.updated_at),
    }


def add(reader: Reader, asked: dict[str, Any]) -> Analysis:
    """A new one, on a board where one is named."""
    reader.must_make()
    fields.known(asked, FIELDS)
    name, kind = fields.name(asked.get("name")), kinds.named(asked.get("kind"))
    params = _checked(reader, kind, asked.get("params", {}))
    with transaction.atomic():
        if Analysis.objects.filter(workspace=reader.workspace).count() >= MOST:
            raise Conflict(_("A workspace keeps at most %(n)s analyses: delete one first.") % {"n": MOST})
        made = Analysis.objects.create(
            workspace=reader.workspace,
            author_id=reader.user,
            name=name,
            kind=kind.name,
            params=params,
        )
        reader.note("analysis.add", str(made.pk), name=name, kind=kind.name, board=asked.get("board"))
        if asked.get("board") is not None:
            boards.put(reader, fields.slug(asked["board"]), made)
    return one(reader, made.pk)


def change(reader: Reader, key: int, asked: dict[str, Any]) -> Analysis:
    """Another name, other parameters, another board (null: off the one it stands on)."""
    fields.known(asked, FIELDS)
    with transaction.atomic():
        found = one(reader, key)
        reader.must_write(found.author_id)
        kind = kinds.named(asked.get("kind", found.kind))
        found.kind, found.name = kind.name, fields.name(asked.get("name", found.name))
        if "kind" in asked or "params" in asked:
            found.params = _checked(reader, kind, asked.get("params", found.params))
        found.save()
        reader.note("analysis.change", str(key), **{name: asked[name] for name in FIELDS if name in asked})
        if "board" in asked and asked["board"] != _board(reader, found):
            _move(reader, found, asked["board"])
    return one(reader, key)


def remove(reader: Reader, key: int) -> Analysis:
    """Takes one away, and its tiles from every board."""
    with transaction.atomic():
        found = one(reader, key)
        reader.must_write(found.author_id)
        reader.note("analysis.delete", str(key), name=found.name, kind=found.kind)
        # Boards first, as whoever lays tiles does: two who wait for each other would wait for good.
        list(Board.objects.select_for_update().filter(tiles__analysis=key).order_by("pk"))
        Analysis.objects.filter(pk=key).delete()
    return found


def _move(reader: Reader, analysis: Analysis, to: Any) -> None:
    if to is not None:
        fields.slug(to)
    if before := _board(reader, analysis):
        boards.take(reader, before, analysis.pk)
    if to is not None:
        boards.put(reader, to, analysis)


def _checked(reader: Reader, kind: kinds.Kind, params: Any) -> dict[str, Any]:
    settings = query.reporting_settings(connection, reader.workspace)
    return kinds.checked(kind, params, settings, periods.day(timezone.now(), periods.zone(settings.zone)))


def _whole(found: QuerySet[Analysis]) -> QuerySet[Analysis]:
    return found.select_related("author").prefetch_related("tiles__board")


def _board(reader: Reader, analysis: Analysis) -> str | None:
    tiles = sorted(analysis.tiles.all(), key=lambda tile: tile.pk)
    return next((tile.board.slug for tile in tiles if reader.reads(tile.board)), None)
