"""Imports as they lie in the database: the file until it is read, its chunks, how far it is.

The file lies in PostgreSQL, in pieces: the one place that web and worker share on several machines, so that a file
whose worker is gone is read on by another one. It goes as soon as it is read. Not here: reading it (work.py), what
became of its rows (outcome.py), the API (api.py).
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import IO, Any, Final

import msgspec
from django.db import transaction
from django.utils import timezone

from channels.imports.words import Note
from channels.models import Connector, Import
from kernel.db import Connection, Statements, rows, run
from kernel.models import Job

sql = Statements(__file__)

KIND: Final = "import"  # of the job
OPEN: Final = ("waiting", "running")
NEXT: Final = "next"  # in a job's detail: the import that has its file since
TRIED: Final = "dry_run"  # there too
KEPT: Final = timedelta(days=1)  # bytes of a file that was not taken in, or not to its end
MOST_WHYS: Final = 100
NAME_LENGTH: Final = 200


def begin(
    db: Connection, connector: Connector, file: Iterable[bytes], name: str, actor: str, **how: Any
) -> Import:
    """Keeps a file and the job to read it. `how`: dry_run, and wanted (sheet, encoding, delimiter)."""
    plain = " ".join(name.replace("\x00", "").split())[-NAME_LENGTH:] or "file"
    with transaction.atomic():
        detail = {"file": plain, TRIED: bool(how.get("dry_run"))}
        job = Job.objects.create(workspace_id=connector.workspace_id, kind=KIND, detail=detail)
        made = Import.objects.create(
            workspace_id=connector.workspace_id, connector=connector, job=job, name=plain, actor=actor, **how
        )
        made.size, made.sha256 = _keep(db, made.pk, file)
        made.save(update_fields=["size", "sha256"])
    return made


def again(
    db: Connection, found: Import, actor: str, *, dry_run: bool, wanted: dict[str, str]
) -> Import | None:
    """The same file read anew, as another import that has it from now on; None where it is kept no longer.

    Only of one that has ended. Of a dry run nothing is left but the file, so the new one stands in its place.
    """
    with transaction.atomic():
        old = Job.objects.select_for_update().get(pk=found.job_id)
        if old.state in OPEN or not rows(db, sql["kept"], source=found.pk)[0][0]:
            return None
        rows_there = found.rows if found.dry_run and old.state == "done" and not dry_run else None
        job = Job.objects.create(
            workspace_id=found.workspace_id,
            kind=KIND,
            detail={"file": found.name, TRIED: dry_run},
            total=rows_there,
        )
        same = {
            name: getattr(found, name) for name in ("workspace_id", "connector_id", "name", "size", "sha256")
        }
        made = Import.objects.create(job=job, actor=actor, dry_run=dry_run, wanted=wanted, **same)
        run(db, sql["move_parts"], source=found.pk, target=made.pk)
        old.detail = old.detail | {NEXT: made.pk}
        old.save(update_fields=["detail"])
    return made


def is_kept(db: Connection, found: Import) -> bool:
    """Whether its file is still there."""
    return bool(rows(db, sql["kept"], source=found.pk)[0][0])


def why(db: Connection, found: Import) -> list[tuple[str, str | None, str, int, dict[str, Any]]]:
    """Of a dry run, why rows would be refused: reason, code, column, how many, one of the problems. Most first."""
    asked = rows(db, sql["why"], source=found.pk, most=MOST_WHYS)
    return [
        (reason, code, field, count, msgspec.json.decode(one)) for reason, code, field, count, one in asked
    ]


def _keep(db: Connection, number: int, file: Iterable[bytes]) -> tuple[int, str]:
    size, hashed = 0, hashlib.sha256()
    for place, piece in enumerate(file):
        run(db, sql["keep_part"], source=number, number=place, data=bytes(piece))
        size += len(piece)
        hashed.update(piece)
    return size, hashed.hexdigest()


@contextmanager
def spooled(db: Connection, found: Import, breathe: Callable[[], object] = int) -> Iterator[IO[bytes]]:
    """The file, on this machine's disk for as long as it is read. It has a name there."""
    with tempfile.NamedTemporaryFile(prefix="huiliu-import-") as file:
        number = 0
        while part := rows(db, sql["part"], source=found.pk, number=number):
            file.write(part[0][0])
            breathe()
            number += 1
        file.flush()
        yield file.file


def drop_file(db: Connection, found: Import) -> None:
    """What was read need not be kept."""
    run(db, sql["drop_parts"], source=found.pk)


def tidy(db: Connection) -> None:
    """Files of imports that ended a day ago go."""
    run(db, sql["tidy"], before=timezone.now() - KEPT)


def of_job(job: Job) -> Import | None:
    """The import that a job does."""
    return Import.objects.select_related("connector__channel").filter(job=job).first()


def one(workspace: int, number: int) -> Import | None:
    """An import of a workspace, with its job."""
    found = Import.objects.select_related("connector__channel", "job")
    return found.filter(workspace=workspace, pk=number).first()


def describe(found: Import, form: dict[str, Any], columns: list[tuple[str, str]], notes: list[Note]) -> None:
    """How the file is read."""
    found.form, found.columns, found.notes = (
        form,
        [list(one) for one in columns],
        [list(one) for one in notes],
    )
    found.save(update_fields=["form", "columns", "notes"])


def note(found: Import, code: str, **params: Any) -> None:
    """Something more to say of it."""
    found.notes = [*found.notes, [code, params]]
    found.save(update_fields=["notes"])


def ended(found: Import) -> None:
    """When it came to its end."""
    Import.objects.filter(pk=found.pk, ended_at=None).update(ended_at=timezone.now())


def held(db: Connection, found: Import) -> int | None:
    """How many rows are kept, the import locked; None when it is gone."""
    there = rows(db, sql["hold"], source=found.pk)
    return int(there[0][0]) if there else None


class Chunked(msgspec.Struct):
    """A chunk to be kept. `problems`: of a dry run, whose chunks are judged at once."""

    received_at: datetime
    request: Any
    rows: int
    bad: int = 0
    known: int = 0
    problems: list[Any] | None = None


def add(db: Connection, found: Import, chunk: Chunked) -> None:
    """One more chunk; the import's position moves with it, in the caller's transaction."""
    judged = chunk.problems is not None
    run(
        db,
        sql["add"],
        source=found.pk,
        received_at=chunk.received_at,
        request=chunk.request,
        rows=chunk.rows,
        settled=judged,
        bad=chunk.bad,
        known=chunk.known,
        problems=msgspec.json.encode(chunk.problems).decode() if chunk.problems else None,
    )
    found.rows += chunk.rows
