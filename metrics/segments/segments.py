"""Segments: read, made, changed, dropped. Everybody of a workspace reads them; analysts make them.

Not here: who is in one (members.py), what a rule says (rule.py).
"""

from contextlib import suppress
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from kernel import periods
from kernel.cursor import Order, Page, page
from kernel.db import Connection
from kernel.errors import BadRequest, Conflict, NotFound, TryAgain
from kernel.models import Role, Workspace
from kernel.web import access
from metrics import query
from metrics.boards import fields
from metrics.boards.reader import Reader
from metrics.models import SLUG_LENGTH, Segment
from metrics.segments import compile as compiling
from metrics.segments import kept, members, rule, touched, words

SELECT: Final = "select s.created_at, s.id from metrics_segment s"
NEWEST: Final = Order("s.created_at", "timestamptz", "s.id", "bigint")
OWN: Final = ("s.workspace_id = %(workspace)s::bigint",)
MOST: Final = 500  # of a workspace
AT_ONCE_SECONDS: Final = 5.0  # that whoever makes one waits for its members; else the next turn has them
FIELDS: Final = ("slug", "name", "rule")
RESERVED: Final = frozenset({"preview", "overlap"})  # words that stand in an address in a slug's place


def listed(db: Connection, reader: Reader, cursor: str | None, limit: int) -> Page:
    """A page of them, the newest first, each as `said`."""
    found = page(
        db, SELECT, OWN, {"workspace": reader.workspace.pk}, NEWEST, cursor, limit, lambda row: row[1]
    )
    own = {one.pk: one for one in Segment.objects.filter(pk__in=found.items).select_related("author")}
    channels = query.reporting_settings(db, reader.workspace).channels
    return found._replace(items=[_said(reader, own[key], channels) for key in found.items])


def one(workspace: Workspace, slug: str) -> Segment:
    """The one of that slug, or NotFound."""
    found = Segment.objects.filter(workspace=workspace, slug=slug).select_related("author").first()
    if found is None:
        raise NotFound(_("There is no segment with this name."))
    return found


def said(reader: Reader, segment: Segment) -> dict[str, Any]:
    """As the API gives it; contact data that a rule names is masked for a viewer."""
    return _said(reader, segment, query.reporting_settings(connection, reader.workspace).channels)


def _said(reader: Reader, segment: Segment, channels: Any) -> dict[str, Any]:
    shown = {
        "name": segment.name,
        "rule": segment.rule,
        "words": _words(segment, channels),
        "trouble": segment.trouble or None,
    }
    if reader.role == Role.VIEWER:
        shown = access.scrub(shown)
    return shown | {
        "slug": segment.slug,
        "count": segment.count,
        "as_of": periods.utc_text(segment.as_of),
        "refreshed_at": periods.utc_text(segment.refreshed_at),
        "author": segment.author.get_username() if segment.author else None,
        "created_at": periods.utc_text(segment.created_at),
        "updated_at": periods.utc_text(segment.updated_at),
    }


def _words(segment: Segment, channels: Any) -> str:
    """A rule that can no longer be read has no words: its trouble says why."""
    try:
        return words.of(rule.read(segment.rule, channels), channels)
    except BadRequest:
        return ""


def add(reader: Reader, asked: dict[str, Any]) -> Segment:
    """A new one, its members asked at once where that can be; without a slug it gets one made of its name."""
    fields.known(asked, FIELDS)
    name = fields.name(asked.get("name"))
    slug = _slug(asked["slug"]) if "slug" in asked else None
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=reader.workspace.pk)
        _checked(reader, asked.get("rule"), slug or "")
        taken = set(Segment.objects.filter(workspace=reader.workspace).values_list("slug", flat=True))
        if len(taken) >= MOST:
            raise Conflict(_("A workspace has at most %(n)s segments: delete one first.") % {"n": MOST})
        made = Segment.objects.create(
            workspace=reader.workspace,
            author_id=reader.user,
            slug=_own(slug, taken) if slug else _free(name, taken),
            name=name,
            rule=asked["rule"],
        )
        members.begin(connection, reader.workspace.pk)
        touched.note(connection, reader.workspace.pk)  # should they not be asked below
        reader.note("segment.add", made.slug, name=name)
    return _asked(reader, made)


def change(reader: Reader, slug: str, asked: dict[str, Any]) -> Segment:
    """Another name, another slug, another rule: its members are then those of the new rule."""
    fields.known(asked, FIELDS)
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=reader.workspace.pk)
        found = one(reader.workspace, slug)
        found.name = fields.name(asked.get("name", found.name))
        if "slug" in asked and asked["slug"] != slug:
            taken = set(Segment.objects.filter(workspace=reader.workspace).values_list("slug", flat=True))
            _unnamed(reader.workspace, slug)
            found.slug = _own(_slug(asked["slug"]), taken)
        if "rule" in asked and asked["rule"] != found.rule:
            _checked(reader, asked["rule"], slug)
            found.rule, found.version = asked["rule"], found.version + 1
        found.save()
        touched.note(connection, reader.workspace.pk)  # segments that name it change with it
        reader.note(
            "segment.change", found.slug, **{name: asked[name] for name in ("slug", "name") if name in asked}
        )
    return _asked(reader, found)


def remove(reader: Reader, slug: str) -> None:
    """Takes one away with its members and their history. Conflict while others name it."""
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=reader.workspace.pk)
        found = one(reader.workspace, slug)
        _unnamed(reader.workspace, slug)
        members.drop(connection, found)
        found.delete()
        reader.note("segment.delete", slug, name=found.name)


def _checked(reader: Reader, given: Any, slug: str) -> None:
    """A rule that can be asked."""
    node = kept.whole(connection, reader.workspace, given, slug)
    settings = query.reporting_settings(connection, reader.workspace)
    compiling.check(compiling.Over(connection, reader.workspace, settings, timezone.now()), node)


def _asked(reader: Reader, segment: Segment) -> Segment:
    """With its members, where they can be asked now; else the next turn does it."""
    with suppress(TryAgain):
        members.refresh(connection, reader.workspace, segment.pk, seconds=AT_ONCE_SECONDS)
    return one(reader.workspace, segment.slug)


def _unnamed(workspace: Workspace, slug: str) -> None:
    if naming := kept.naming(workspace, slug):
        raise Conflict(
            _("Other segments name this one: %(slugs)s. Change them first.")
            % {"slugs": ", ".join(naming[:20])}
        )


def _slug(given: Any) -> str:
    slug = fields.slug(given)
    if slug.lower() in RESERVED:
        raise BadRequest(_("“%(slug)s” cannot be the slug of a segment.") % {"slug": slug}, "bad_slug")
    return slug


def _own(slug: str, taken: set[str]) -> str:
    if slug in taken:
        raise Conflict(_("There is a segment “%(slug)s” already: choose another slug.") % {"slug": slug})
    return slug


def _free(name: str, taken: set[str]) -> str:
    """A slug made of a name that no segment has yet."""
    stem = slugify(name)[: SLUG_LENGTH - 5].strip("-_") or "segment"
    numbered = (f"{stem}-{n}" for n in range(2, MOST + len(RESERVED) + 2))
    return next(one for one in (stem, *numbered) if one not in taken and one not in RESERVED)
