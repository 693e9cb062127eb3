"""Large files as a job: made by the worker piece by piece, watched, cancelled, made anew after a crash, kept for a day.

A page's own download writes them: it is called again with the person, role, language and address that asked. Small
files stream in the request (console/metric/export.py). Not here: what is in a file.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.http import HttpRequest, QueryDict, StreamingHttpResponse
from django.urls import resolve
from django.utils import timezone, translation

from cdp.pipeline import jobs
from kernel.models import FilePart, Job
from kernel.web import access
from kernel.web.access import WorkspaceRequest

KIND: Final = "export"
MANY: Final = 5_000  # rows; more than these are a job
KEPT: Final = timedelta(days=1)
TELL_SECONDS: Final = 1.0


def start(request: WorkspaceRequest, name: str, total: int) -> Job:
    """A job for the worker; notify the worker afterwards."""
    detail = {
        "name": name,
        "path": request.path,
        "query": request.GET.urlencode(),
        "user": request.user.pk,
        "role": request.access.role,
        "language": translation.get_language() or "en",
    }
    return jobs.begin(KIND, request.workspace, total, **detail)


def run(between: Callable[[], object]) -> None:
    """All files that are asked for. `between` pieces the inbox is worked on."""
    jobs.run(KIND, lambda job: _write(job, between))


def _write(job: Job, between: Callable[[], object]) -> None:
    """From its beginning, whatever was there."""
    FilePart.objects.filter(job=job).delete()
    if not jobs.tell(job, done=0):
        return
    done, told = -1, time.monotonic()  # the first line is the head
    with translation.override(job.detail["language"]), timezone.override(_zone(job)):
        for number, text in enumerate(_pieces(job)):
            FilePart.objects.create(job=job, number=number, text=text)
            done += text.count("\r\n")
            if time.monotonic() - told > TELL_SECONDS:
                if not jobs.tell(job, done=min(done, job.total or done)):
                    FilePart.objects.filter(job=job).delete()
                    return
                between()
                told = time.monotonic()
    jobs.end(job, "done", done=done, total=done)


def _zone(job: Job) -> ZoneInfo:
    return ZoneInfo(job.workspace.timezone if job.workspace else "UTC")


def _pieces(job: Job) -> Iterator[str]:
    """What the page's download writes for who asked."""
    detail = job.detail
    request: Any = HttpRequest()
    request.method, request.path, request.GET = "GET", detail["path"], QueryDict(detail["query"])
    request.user = User.objects.get(pk=detail["user"])
    if job.workspace:
        access.put(request, access.AccessContext(job.workspace, detail["role"]))
    request.whole = True  # not as a job once more
    found = resolve(detail["path"])
    answer = cast(StreamingHttpResponse, found.func(request, *found.args, **found.kwargs))
    for piece in cast(Iterable[bytes], answer.streaming_content):
        yield piece.decode()


def file(job: Job) -> Iterator[str]:
    """A finished file, piece by piece."""
    yield from FilePart.objects.filter(job=job).order_by("number").values_list("text", flat=True).iterator(20)


def tidy() -> None:
    """Files older than a day go; their jobs stay in the list."""
    FilePart.objects.filter(job__updated_at__lt=timezone.now() - KEPT).delete()
