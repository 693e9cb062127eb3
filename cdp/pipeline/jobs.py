"""Long work that people watch: its own counts, kept across reloads and restarts, ended by whoever may; and its words.

Who does such work begins a job, tells how far it is, and stops when it hears that it was cancelled. Not here: the work
(replays.py, exports.py, imports.py, attributions.py, suggesting.py, rebuild.py, remaps.py, demo/load.py), its page
(console/work.py).
A new kind: a line in KINDS, its result in `_result`.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels.imports import words
from kernel.db import rows
from kernel.models import Job, Workspace
from kernel.web import access, format

logger = logging.getLogger("huiliu.jobs")

OPEN = ("waiting", "running")
WORKERS = ("replay", "fix", "export", "import", "remap", "erase")  # kinds that the worker does
REBUILDS = ("rebuild", "remap")
REPLAYS = ("replay", "fix")  # of rejects
LOCK = 0x4A4F  # the class of advisory locks: one worker a job
# Its end, on every page: who looked on has seen it by then. Later it stands on its own page.
SHOWN_AFTER, STOPPED_SHOWN_AFTER = timedelta(seconds=15), timedelta(minutes=2)
STILL = timedelta(minutes=2)  # no news for so long: whoever did it is gone
FORGOTTEN = timedelta(hours=1)  # and from here on only its own page tells of it
SOON = timedelta(seconds=3)  # before that no guess of what is left


class Kind(NamedTuple):
    """What is said of a kind of work, and who may end it; nobody where half of it would be wrong."""

    title: Promise
    page: str = ""  # the route where its result stands
    cancels: str = ""  # the least role


KINDS = {
    "demo": Kind(gettext_lazy("Loading the demo data"), "overview", "analyst"),
    "rebuild": Kind(gettext_lazy("Rebuilding everything from the inbox"), "overview"),
    "remap": Kind(gettext_lazy("Reading what came by the newest mapping"), "overview"),
    "export": Kind(gettext_lazy("Preparing a file"), "", "viewer"),
    "import": Kind(gettext_lazy("Importing a file"), "imports", "admin"),
    "replay": Kind(gettext_lazy("Replaying rejected messages"), "rejects", "analyst"),
    "erase": Kind(gettext_lazy("Erasing a person"), "overview"),
    "attribution": Kind(gettext_lazy("Calculating who earned what"), "attribution", "viewer"),
    "suggestions": Kind(gettext_lazy("Looking for customers that may be one person"), "matches", "analyst"),
    "fix": Kind(gettext_lazy("Fixing rejected messages"), "rejects", "analyst"),
}


# ---- doing ------------------------------------------------------------------------------------------


def begin(kind: str, workspace: Workspace | None, total: int | None = None, **detail: Any) -> Job:
    """A new one, waiting for who does it. Without a workspace it concerns everybody."""
    return Job.objects.create(workspace=workspace, kind=kind, total=total, detail=detail)


def tell(job: Job, **changes: Any) -> bool:
    """How far it is; False when it was cancelled meanwhile: then stop."""
    mine = Job.objects.filter(pk=job.pk, state__in=OPEN)
    return bool(mine.update(updated_at=timezone.now(), **{"state": "running", **changes}))


def end(job: Job, state: str, **changes: Any) -> None:
    """`done` or `failed`; one that was cancelled stays so."""
    Job.objects.filter(pk=job.pk, state__in=OPEN).update(state=state, updated_at=timezone.now(), **changes)


def cancel(job: Job) -> None:
    """It stops after the step it is at; what was done stays done."""
    end(job, "cancelled")


def for_the_worker() -> bool:
    """Whether the worker has any to do, or to take up again."""
    return Job.objects.filter(kind__in=WORKERS, state__in=OPEN).exists()


def run(kind: str, work: Callable[[Job], None]) -> None:
    """Does all jobs of a kind that nobody is at: new ones, and those whose worker died."""
    for job in Job.objects.filter(kind=kind, state__in=OPEN).select_related("workspace").order_by("id"):
        if rows(connection, f"select pg_try_advisory_lock({LOCK}, {job.pk})")[0][0]:
            try:
                work(job)
            except Exception:  # a job that fails stops itself, never the inbox
                logger.exception("%s %s stopped", kind, job.pk)
                end(job, "failed")
            finally:
                rows(connection, f"select pg_advisory_unlock({LOCK}, {job.pk})")


# ---- watching ---------------------------------------------------------------------------------------


class Shown(NamedTuple):
    """A job in words."""

    job: Job
    title: str
    place: str  # the workspace, where it is another one
    state: str
    tone: str
    progress: str
    left: str  # how long it will take, by what it took so far
    result: str
    page: str
    file: bool  # there is one, and it is this person's
    running: bool
    cancels: bool  # this person may


def of(workspaces: list[int]) -> QuerySet[Job]:
    """All that concerns these workspaces, the newest first."""
    return (
        Job.objects.filter(Q(workspace__in=workspaces) | Q(workspace=None))
        .select_related("workspace")
        .order_by("-id")
    )


def current(workspaces: list[int]) -> list[Job]:
    """What runs, and what ended a moment ago."""
    now = timezone.now()
    runs = Q(state__in=OPEN) & ~Q(state="running", updated_at__lt=now - FORGOTTEN)
    done = Q(state="done", updated_at__gte=now - SHOWN_AFTER)
    stopped = Q(updated_at__gte=now - STOPPED_SHOWN_AFTER) & ~Q(state__in=(*OPEN, "done"))
    tried = Q(kind="import", detail__dry_run=True) & ~Q(
        state__in=OPEN
    )  # nothing came of it yet: its own page tells
    return list(of(workspaces).filter(runs | done | stopped).exclude(tried)[:3])


def shown(job: Job, here: Workspace, roles: dict[int, str], me: int | None) -> Shown:
    """A job as a person with these roles, by workspace, sees it from one. A file is of who asked for it."""
    kind = KINDS.get(job.kind, Kind(gettext_lazy("Background jobs")))
    role = roles.get(job.workspace_id or here.pk, "")
    state, tone = _state(job)
    running = job.state in OPEN
    mine = job.kind != "export" or job.detail.get("user") == me
    name = f"{job.detail['name']}.csv" if job.detail.get("name") else job.detail.get("file")
    words_of = gettext_lazy("Trying a file") if job.detail.get("dry_run") else kind.title
    title = f"{words_of}: {name}" if name else str(words_of)
    return Shown(
        job=job,
        title=title,
        place=job.workspace.name if job.workspace and job.workspace_id != here.pk else "",
        state=state,
        tone=tone,
        progress=_count(job),
        left=_left(job) if running else "",
        result=_result(job),
        page=kind.page if _shows(job, kind, here, role) else "",
        file=job.kind == "export" and job.state == "done" and mine,
        running=running,
        cancels=running and mine and bool(kind.cancels) and access.reaches(role, kind.cancels),
    )


def _shows(job: Job, kind: Kind, here: Workspace, role: str) -> bool:
    """Whether its result stands on a page of this workspace that this person may open."""
    there = job.state not in OPEN and job.workspace_id in (None, here.pk)
    return there and (job.kind != "import" or access.reaches(role, kind.cancels))


def _state(job: Job) -> tuple[str, str]:
    if job.state == "running" and timezone.now() - job.updated_at > STILL:
        return _("no progress"), "warn"
    if job.state == "done" and job.kind in REPLAYS and not job.detail.get("replayed") and job.done:
        return _("done"), "warn"  # nothing came of it
    return {
        "waiting": (_("waiting"), "note"),
        "running": (_("running"), "note"),
        "done": (_("done"), "good"),
        "failed": (_("stopped"), "bad"),
        "cancelled": (_("cancelled"), "warn"),
    }.get(job.state, (job.state, "line"))


def _count(job: Job) -> str:
    """`50 of 200 events`."""
    done, total = format.number(job.done), format.number(job.total)
    if job.total is None:
        return done if job.done else ""
    said = {"done": done, "total": total}
    if job.kind in REBUILDS:
        return ngettext("%(done)s of %(total)s request", "%(done)s of %(total)s requests", job.total) % said
    if job.kind in ("export", "import"):
        return ngettext("%(done)s of %(total)s row", "%(done)s of %(total)s rows", job.total) % said
    if job.kind in ("attribution", "suggestions"):
        return ngettext("%(done)s of %(total)s step", "%(done)s of %(total)s steps", job.total) % said
    if job.kind in REPLAYS:
        return ngettext("%(done)s of %(total)s message", "%(done)s of %(total)s messages", job.total) % said
    return ngettext("%(done)s of %(total)s event", "%(done)s of %(total)s events", job.total) % said


def _left(job: Job) -> str:
    took = timezone.now() - job.started_at
    if job.state != "running" or not job.total or not 0 < job.done < job.total or took < SOON:
        return ""
    seconds = took.total_seconds() * (job.total - job.done) / job.done
    return _("about %(time)s left") % {"time": format.duration(max(1, round(seconds)))}


def _of_import(job: Job) -> str:
    """What became of a file's rows, or why none could be taken."""
    if job.state == "failed":
        return words.text(job.detail.get("notes", ()))
    if job.state != "done":
        return ""
    said = {name: format.number(job.detail.get(name, 0)) for name in ("good", "bad")}
    if job.detail.get("dry_run"):
        return _("%(good)s rows can be taken, %(bad)s are refused") % said
    return _("%(good)s rows taken, %(bad)s refused") % said


def _of_what_is_done(job: Job) -> str:
    """What came of a work whose end says it."""
    if job.kind == "export":
        return _("It is kept for a day, for who asked for it.")
    if job.kind == "suggestions":
        n = job.detail.get("pairs", 0)
        return ngettext("%(n)s pair found", "%(n)s pairs found", n) % {"n": format.number(n)}
    return ""


def _result(job: Job) -> str:
    """What was done and what was left out."""
    detail = job.detail
    if job.kind == "import":
        return _of_import(job)
    if job.kind in REPLAYS:
        said = {
            "good": format.number(detail.get("replayed", 0)),
            "bad": format.number(detail.get("still_bad", 0)),
        }
        result = _("%(good)s replayed, %(bad)s still rejected") % said
    elif job.kind in REBUILDS and "events" in detail:
        said = {name: format.number(detail.get(name, 0)) for name in ("events", "records", "rejects")}
        result = _("%(events)s events and %(records)s records rebuilt, %(rejects)s rejected") % said
    elif job.kind in REBUILDS and job.state in OPEN:
        result = _(
            "Pages fill up again as it runs. It cannot be stopped half-way: half of it would be wrong."
        )
    elif job.state == "done":
        result = _of_what_is_done(job)
    else:
        result = ""
    rest = job.total - job.done if job.total is not None else 0
    if job.state == "cancelled" and rest > 0:
        left = ngettext("%(n)s was left out", "%(n)s were left out", rest) % {"n": format.number(rest)}
        result = _("%(one)s; %(two)s.") % {"one": result, "two": left} if result else left
    if job.state == "failed":
        why = _("see the log; completed work is kept")
        result = _("%(one)s; %(two)s.") % {"one": result, "two": why} if result else why
    return result
