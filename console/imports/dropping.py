"""Where a file is dropped: which connectors take one, what is said of too large a one before it is sent, templates.

Not here: taking the file (imports.py), a connector's own page, which has such a place (console/channel/connector.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from channels.connect import setup as connecting
from channels.imports import start
from channels.imports.words import MB
from channels.models import Connector
from channels.tables.labels import ROWS
from kernel.models import Workspace
from kernel.web import format


@dataclass(frozen=True, slots=True)
class Target:
    """A connector that takes files, and what its rows are."""

    connector: Connector
    rows: str
    label: str


@dataclass(frozen=True, slots=True)
class Template:
    """An empty file of a kind of rows."""

    rows: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a file is dropped. `chosen`: the connector that is offered first."""

    targets: list[Target]
    chosen: Connector | None
    limit: int  # bytes
    most: str  # the same for people
    too_large: str
    language: str  # of templates


def place(targets: Sequence[Target], chosen: Connector | None = None) -> Place:
    """For these connectors."""
    largest = settings.IMPORT_MB * MB
    return Place(
        targets=list(targets),
        chosen=chosen or (targets[0].connector if targets else None),
        limit=largest,
        most=f"{format.number(settings.IMPORT_MB)} MB",
        too_large=_("The file is larger than %(n)s MB: send it in parts, each with its header.")
        % {"n": format.number(settings.IMPORT_MB)},
        language="zh" if format.chinese() else "en",
    )


def target(connector: Connector) -> Target:
    """A connector of kind `file`."""
    rows = rows_of(connector)
    return Target(connector, rows, str(ROWS.get(rows, rows)))


def rows_of(connector: Connector) -> str:
    """What each row of its files is."""
    own = connecting.opened(connector).settings
    return str(getattr(own, "rows", ""))


def targets(workspace: Workspace) -> list[Target]:
    """All of a workspace that take files now, by channel and name."""
    every = Connector.objects.select_related("channel").filter(workspace=workspace, enabled=True)
    return [target(one) for one in every.order_by("channel__name", "name", "id") if start.takes_files(one)]


def templates(connector: Connector | None = None) -> list[Template]:
    """One of each kind of rows; of a connector that of its own."""
    own = rows_of(connector) if connector else ""
    return [Template(name, str(label)) for name, label in ROWS.items() if not own or name == own]
