"""Attribution that takes longer than a page waits: a job makes it, every process finds it. Small ones are made at once.

A question is large by the touches its months have, and by how long it took before. Its job is one for all who ask the
same (cdp/pipeline/attributions.py does it); who waits gets the answer, or how far it is. Not here: how it is made.
"""

import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import msgspec
from django.utils import timezone
from django.utils.translation import gettext as _

from kernel.db import Connection
from kernel.errors import TryAgain
from kernel.models import Job, Workspace
from metrics import query
from metrics.attribution import answers, kept, stored
from metrics.attribution.answers import Attributed
from metrics.attribution.models import NAMES
from metrics.attribution.question import Question
from metrics.journeys.base import Asked
from metrics.mirror import reading
from metrics.scope import Days

KIND: Final = "attribution"
OPEN: Final = ("waiting", "running")
AT_ONCE: Final = 1_000_000  # touches of the months in question: up to here it is made while one waits
SOON_SECONDS: Final = 1.0  # what took no longer the last time is, too
PAGE_SECONDS, API_SECONDS = 1.0, 5.0  # that a page and the API wait for a job
EARLIER_SECONDS: Final = 0.3  # … where there is something to show
LOOK_SECONDS: Final = 0.1
FRESH_SECONDS: Final = (
    10.0  # so long an answer is given out that was ready, though the mirror went on meanwhile
)
LONGEST_SECONDS: Final = 600.0  # of a statement, where nobody waits


class Making(NamedTuple):
    """An answer on its way. `earlier`: what was said the last time, of an older state of the mirror, if anything."""

    job: Job
    earlier: list[Attributed]

    @property
    def share(self) -> float:
        """How much is done, of 1."""
        return min(self.job.done / self.job.total, 1.0) if self.job.total else 0.0


def asked(
    db: Connection,
    over: Asked,
    question: Question,
    models: Sequence[str],
    patience: float,
    *,
    shows_earlier: bool = False,
) -> list[Attributed] | Making:
    """What `answers.several` says, at once or after up to `patience` seconds; else the job that makes it. Who can show
    what was said the last time meanwhile waits less.

    Raises TryAgain where it could not be made.
    """
    place = kept.key_of(db, over, question)
    if place is None or kept.KEPT.has(place, models):
        return answers.several(db, over, question, models)
    workspace = over.settings.workspace
    found = stored.read(db, workspace, place.question)
    if ready := _ready(found, place, models):
        return ready
    if _small(over, question) or (found is not None and found.seconds <= SOON_SECONDS):
        return _timed(db, over, question, models, place)
    earlier = found.answers if found is not None and set(models) <= found.answers.keys() else {}
    if earlier and shows_earlier:
        patience = min(patience, EARLIER_SECONDS)
    job, until = _job(over, question, place), time.monotonic() + patience
    while job.state in OPEN and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
        job.refresh_from_db()
    if ready := _ready(stored.read(db, workspace, place.question), place, models):
        return ready
    if job.state in ("failed", "cancelled"):
        raise TryAgain(_("The calculation was stopped before it ended: ask again."))
    return Making(job, [earlier[name] for name in models if name in earlier])


def make(db: Connection, job: Job, tell: Callable[..., bool]) -> bool:
    """Does a job: all models of its question, told after each. False where it was cancelled meanwhile."""
    question, first, last = msgspec.json.decode(job.detail["asked"], type=tuple[Question, date, date])
    workspace = Workspace.objects.get(job=job)
    with reading.open_mirror(workspace.pk) as mirror:
        reading.patient(mirror, LONGEST_SECONDS)
        over = Asked(mirror, query.reporting_settings(db, workspace), Days(first, last))
        place = kept.key_of(db, over, question)
        began, total, done = time.monotonic(), len(NAMES) + 1, []
        if not tell(done=0, total=total):
            return False
        for one in answers.each(db, over, question, NAMES):
            done.append(one)
            if not tell(done=len(done) + 1, total=total):
                return False
    if place is not None:
        stored.keep(db, workspace.pk, place.question, place.state, done, time.monotonic() - began)
    return True


def _ready(found: stored.Stored | None, place: kept.Place, models: Sequence[str]) -> list[Attributed]:
    """Answers that were kept, for this state of the mirror or ready a moment ago."""
    if found is None or not set(models) <= found.answers.keys():
        return []
    if found.state == place.state:
        kept.KEPT.put(place, found.answers)
    elif timezone.now() - found.made_at > timedelta(seconds=FRESH_SECONDS):
        return []
    return [found.answers[name] for name in models]


def _small(over: Asked, question: Question) -> bool:
    touches = getattr(over.mirror, "touches", None)
    begin = over.begin - question.lookback
    return touches is None or touches(f"{begin:%Y-%m}", f"{over.end:%Y-%m}") <= AT_ONCE


def _timed(
    db: Connection, over: Asked, question: Question, models: Sequence[str], place: kept.Place
) -> list[Attributed]:
    """Made here; what took long is kept for all."""
    began = time.monotonic()
    found = answers.several(db, over, question, models)
    seconds = time.monotonic() - began
    if seconds > SOON_SECONDS and set(NAMES) <= set(models):
        stored.keep(db, over.settings.workspace, place.question, place.state, found, seconds)
    return found


def _job(over: Asked, question: Question, place: kept.Place) -> Job:
    """The one that is at this question, or a new one."""
    workspace: Any = over.settings.workspace
    same = Job.objects.filter(
        workspace=workspace, kind=KIND, state__in=OPEN, detail__question=place.question
    ).first()
    if same is not None:
        return same
    text = msgspec.json.encode((question._replace(model="", compare=""), over.days.first, over.days.last))
    detail = {"question": place.question, "asked": text.decode()}
    return Job.objects.create(workspace_id=workspace, kind=KIND, total=len(NAMES) + 1, detail=detail)
