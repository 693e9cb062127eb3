"""Taking a file: what is checked before it is kept, and that somebody brought it. API and pages call this.

Not here: keeping its bytes (store.py), reading it (work.py), who may bring one (api.py, console/imports/).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from channels.connectors import KINDS
from channels.connectors.base import FILE
from channels.imports import detect, store, words
from channels.imports.words import TooLarge, Unusable
from channels.models import Connector, Import
from kernel import audit
from kernel.errors import BadRequest, Conflict
from kernel.models import Job

PIECE: Final = 1024 * 1024
WANTED: Final = (
    "sheet",
    "encoding",
    "delimiter",
    "header",
)  # how a file is to be read, where somebody says it


def takes_files(connector: Connector) -> bool:
    """Whether files can be dropped on it at all."""
    kind = KINDS.get(connector.kind)
    return kind is not None and kind.direction == FILE


def start(
    connector: Connector,
    file: Any,
    actor: str,
    *,
    dry_run: bool,
    wanted: Mapping[str, str],
    notify: Callable[[], object] | None,
) -> Import:
    """Keeps an uploaded file; a worker reads it from here on. Raises a BadRequest, a Conflict, a TooLarge."""
    if not takes_files(connector):
        raise BadRequest(_("This connector takes no files: make one of kind “file”."), "no_files")
    if not connector.enabled:
        raise Conflict(_("The connector is paused: resume it first."))
    must_be_known(wanted)
    if file.size > settings.IMPORT_MB * 1024 * 1024:
        raise TooLarge(file.size)
    made = store.begin(
        connection,
        connector,
        file.chunks(PIECE),
        file.name or "",
        actor,
        dry_run=dry_run,
        wanted={name: text for name in WANTED if (text := wanted.get(name, ""))},
    )
    _begun(made, actor, notify)
    return made


def again(
    found: Import,
    actor: str,
    *,
    dry_run: bool,
    wanted: Mapping[str, str],
    notify: Callable[[], object] | None,
) -> Import:
    """The same file read anew, otherwise or for good."""
    if not found.connector.enabled:
        raise Conflict(_("The connector is paused: resume it first."))
    must_be_known(wanted)
    said = {name: text for name in WANTED if (text := wanted.get(name, ""))}
    made = store.again(connection, found, actor, dry_run=dry_run, wanted=said)
    if made is None:
        raise Conflict(_("The file is being read, or kept no longer: drop it again."))
    _begun(made, actor, notify)
    return made


def cancel(found: Import, actor: str) -> None:
    """It stops after the rows it is at; what was read stays. Nothing for one that has ended."""
    changed = Job.objects.filter(pk=found.job_id, state__in=store.OPEN)
    if changed.update(state="cancelled", updated_at=timezone.now()):
        store.ended(found)
        audit.note(found.workspace_id, actor, "import.cancel", str(found.pk))


def _begun(made: Import, actor: str, notify: Callable[[], object] | None) -> None:
    audit.note(
        made.workspace_id,
        actor,
        "import.start",
        str(made.pk),
        file=made.name,
        sha256=made.sha256,
        connector=str(made.connector.uuid),
        dry_run=made.dry_run,
    )
    if notify is not None:
        notify()


def must_be_known(said: Mapping[str, str]) -> None:
    """Raises a BadRequest for an encoding, a delimiter or a row that cannot be."""
    try:
        if said.get("encoding"):
            detect.known_encoding(said["encoding"])
        if said.get("delimiter"):
            detect.known_delimiter(said["delimiter"])
        if said.get("header"):
            detect.known_row(said["header"])
    except Unusable as why:
        raise BadRequest(words.text([(why.code, why.params)]), "bad_value") from None
