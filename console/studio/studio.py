"""The mapping studio: payloads as they came, the mapping by form or text, what comes of it, live. A viewer reads only.

Not here: saving, rolling back, reading anew (acts.py), versions side by side (compare.py), what a draft is (said.py).
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from channels.language import text
from channels.language.draft import Draft
from channels.language.errors import Wrong
from channels.models import Channel, Connector
from channels.studio import preview, versions
from console.channel import channel, connector, connector_words
from console.studio import edits, history, rows, said, table_file, trying, words
from console.studio.said import Said
from console.studio.trying import Trial
from kernel import audit
from kernel.errors import BadRequest, NotAllowed, NotFound
from kernel.models import Role
from kernel.web import access, looks
from kernel.web.access import WorkspaceRequest
from kernel.web.page import render

LONGEST_TABLE_NAME: Final = 60  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The three columns and what all payloads come to. `trial` None: for who may not see payloads."""

    channel: Channel
    connector: Connector
    mode: str
    text: str
    fits: bool
    commented: bool
    form: rows.Form
    problems: list[said.Problem]
    whole: str  # what is wrong at no field
    trouble: str  # why a button did nothing
    focus: str  # the field that was added
    trial: Trial | None
    may_try: bool
    may_save: bool
    base: int  # the version that it began from
    changes: list[history.Line]
    functions: tuple[words.Explained, ...]
    offered: list[tuple[str, str]]
    of_lines: tuple[str, ...]
    starts: list[tuple[str, Promise]]
    whats: list[tuple[str, Promise]]
    zones: tuple[str, ...]
    only: str
    own: str  # a payload that somebody wrote
    own_problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Bench):
    """All of it."""

    label: str
    next: int  # the number that saving gives
    versions: list[history.Row]
    again: history.Again | None
    cleaned: list[history.Cleaned]
    meanwhile: history.Row | None  # saved by somebody since this draft began
    why: str
    day: str
    day_problem: str


@never_cache
@access.require_role("viewer")
def show(request: WorkspaceRequest, slug: str, key: UUID) -> HttpResponse:
    """The page; of a form that was sent with one of its buttons, the page or its columns after it."""
    one = connector.found(request, slug, key)
    if request.method == "POST":
        return _edited(request, one)
    version = _version(request, one)
    if request.access.reaches(Role.ANALYST):
        audit.by(request, "mapping.preview", str(one.uuid), last=preview.MOST)
    return page(request, one, said.of_text(version.text, request.GET.get("as", "")))


@access.require_role("analyst")
def tried(request: WorkspaceRequest, slug: str, key: UUID) -> HttpResponse:
    """What comes of the draft as it stands; pieces, each of which knows its place."""
    one = connector.found(request, slug, key)
    return render(request, "studio/_tried.html", Bench(**bench(request, one, said.of_post(request.POST))))


def _edited(request: WorkspaceRequest, one: Connector) -> HttpResponse:
    if not request.access.reaches(Role.ANALYST):
        raise NotAllowed(_("Your role cannot open this page: ask an admin of the workspace."))
    found, trouble, focus = said.of_post(request.POST), "", ""
    try:
        found, focus = _after(request, found)
    except BadRequest as wrong:
        trouble = str(wrong)
    if request.htmx:
        shown = bench(request, one, found, trouble, focus)
        return render(request, "studio/_edited.html", Bench(**shown))
    return page(request, one, found, trouble=trouble, focus=focus)


def _after(request: WorkspaceRequest, found: Said) -> tuple[Said, str]:
    """The draft after a button, and the field that it added."""
    act = request.POST.get("act", "")
    if act in said.MODES:
        return _switched(found, act), ""
    if act in ("", "try"):
        return found, ""
    if found.mode == said.TEXT and found.wrong and found.draft == Draft():
        raise BadRequest(_("The text cannot be read yet: mend it first."))
    if act == "table":
        rows_of = table_file.read(request.FILES.get("table-file"))
        name = request.POST.get("table-name", "").strip()[:LONGEST_TABLE_NAME]
        if not name:
            raise BadRequest(_("Give the table a name: rules and lookup() call it by that."))
        return said.of_draft(edits.with_table(found.blanks, name, rows_of)), ""
    after = said.of_draft(edits.edited(found.blanks, act, request.POST))
    return after, request.POST.get(f"{act.partition(':')[2]}new", "").strip() if act.startswith(
        "field"
    ) else ""


def _switched(found: Said, mode: str) -> Said:
    if mode == found.mode:
        return found
    if mode == said.TEXT:
        return said.of_text(found.text, said.TEXT)
    shown = said.of_text(found.text, said.FORM)
    if shown.mode == said.TEXT:
        raise BadRequest(
            _("The text cannot be read yet: mend it first.")
            if shown.fits
            else _("This mapping has too many fields for a form: work on its text.")
        )
    return shown


def _version(request: WorkspaceRequest, one: Connector) -> versions.Text:
    """The newest version, or the one that is asked for."""
    given = request.GET.get("version", "")
    if not given:
        return versions.text_of(connection, one)
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0
    found = versions.text_of(connection, one, number)
    if not found.version:
        raise NotFound(_("There is no such version."))
    return found


# ---- what is shown ---------------------------------------------------------------------------------


def page(
    request: WorkspaceRequest,
    one: Connector,
    found: Said,
    *,
    status: int = 200,
    trouble: str = "",
    focus: str = "",
    **more: Any,
) -> HttpResponse:
    """The whole page with a draft. `more`: what was typed beside it, and what is wrong with that."""
    listed = history.listed(one)
    asked = {"why": "", "day": history.since(one), "day_problem": "", "meanwhile": None} | more
    columns = bench(request, one, found, trouble, focus)
    if asked["meanwhile"]:  # who saves now has seen it
        columns["base"] = listed[0].version
    shown = Page(
        **columns,
        label=connector_words.label(one.kind),
        next=(listed[0].version if listed else 0) + 1,
        versions=listed,
        again=history.again(one),
        cleaned=history.cleaned_by(one),
        **asked,
    )
    return render(request, "studio/studio.html", shown, status)


def bench(
    request: WorkspaceRequest, one: Connector, found: Said, trouble: str = "", focus: str = ""
) -> dict[str, Any]:
    """The fields of Bench."""
    may_try = request.access.reaches(Role.ANALYST)
    own, own_problem = trying.own_of(request.POST.get("own", "")) if may_try else (None, "")
    loaded = trying.load(one, own) if may_try else trying.load(one)._replace(payloads=[])
    only = request.POST.get("only", "")
    trial = trying.trial(loaded, found.draft, found.made, request.POST.get("at", ""), only)
    newest = versions.text_of(connection, one)
    if may_try and loaded.payloads:
        looks.page(request, f"mapping {one.uuid}")
    return {
        "channel": one.channel,
        "connector": one,
        "mode": found.mode,
        "text": found.text,
        "fits": found.fits,
        "commented": said.commented(found.text),
        "form": rows.form(found.blanks, trial.look),
        "problems": said.problems(found, trial.look),
        "whole": said.of_whole(found, trial.look),
        "trouble": trouble,
        "focus": focus,
        "trial": trial if may_try else None,
        "may_try": may_try,
        "may_save": request.access.reaches(Role.ADMIN),
        "base": _base(request, newest.version),
        "changes": history.changes(_as(found, newest.text), _as(found, found.text)),
        "functions": words.FUNCTIONS,
        "offered": words.offered(),
        "of_lines": words.OF_LINES,
        "starts": [(name, title) for name, (title, _message) in edits.STARTS.items()],
        "whats": [(name, title) for name, (title, _beside) in edits.WHATS.items()],
        "zones": channel.ZONES,
        "only": only,
        "own": request.POST.get("own", ""),
        "own_problem": own_problem,
    }


def _as(found: Said, given: str) -> str:
    """A text as the draft's form would write it, which has one order and no comments; else as it is."""
    if found.mode != said.FORM:
        return given
    try:
        return text.written(text.read(given))
    except Wrong:
        return given


def _base(request: WorkspaceRequest, newest: int) -> int:
    given = request.POST.get("base", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else newest
