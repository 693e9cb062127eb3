"""How what is pulled stands: when it runs next, when it last went well, what the platform said when it did not; and how
many things that thin notices named are still to be looked up.

Not here: doing it (channels/pulls/).
"""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.utils.translation import gettext as _

from channels import connectors
from channels.models import Connector
from kernel import outside
from kernel.db import Connection, Statements, rows
from kernel.periods import utc_text

sql = Statements(__file__)


class Failure(msgspec.Struct, frozen=True):
    """A trouble as it is kept. `words`: the platform's own; `text`: of a trouble without a sentence of ours."""

    code: str
    params: dict[str, Any] = {}
    words: str = ""
    text: str = ""

    @property
    def sentence(self) -> str:
        """In the reader's language."""
        return outside.said(self.code, self.params) or self.text

    @property
    def told(self) -> str:
        """The sentence with the platform's words behind it."""
        words = _("The platform says: “%(words)s”") % {"words": self.words} if self.words else ""
        return f"{self.sentence} {words}".strip()


class Lookups(NamedTuple):
    """What is to be looked up of a connector's thin notices. `failing`: of those that wait, how many went wrong."""

    waiting: int = 0
    failing: int = 0
    given_up: int = 0
    oldest: datetime | None = None
    failure: Failure | None = None


class Pull(NamedTuple):
    """How a connector that is pulled stands. `tries`: that went wrong since it went well; counts of the last run."""

    next_run: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    failure: Failure | None = None
    tries: int = 0
    pages: int = 0
    rows: int = 0

    @property
    def running(self) -> bool:
        """A run has begun and is not over: somebody is at it, or goes on with it soon."""
        return self.started_at is not None and self.ended_at is None


class Standing(NamedTuple):
    """Both. `pull` None: it is not pulled."""

    pull: Pull | None = None
    lookups: Lookups = Lookups()

    @property
    def failure(self) -> Failure | None:
        """Why it is failing just now; None: it is not."""
        if self.pull is not None and self.pull.tries:
            return self.pull.failure
        return self.lookups.failure if self.lookups.failing else None


NOTHING = Standing()


def of(db: Connection, workspace: int) -> dict[int, Standing]:
    """By connector; one that is neither pulled nor waits for anything is not there."""
    kinds = [name for name, kind in connectors.KINDS.items() if kind.fetch is not None]
    found: dict[int, Standing] = {}
    for connector, failure, *pull in rows(db, sql["pulls"], workspace=workspace, kinds=kinds):
        found[connector] = Standing(Pull._make([*pull[:5], _failure(failure), *pull[5:]]))
    for connector, waiting, failing, given_up, oldest, failure in rows(
        db, sql["lookups"], workspace=workspace
    ):
        looked = Lookups(waiting, failing, given_up, oldest, _failure(failure))
        found[connector] = found.get(connector, NOTHING)._replace(lookups=looked)
    return found


def of_one(db: Connection, connector: Connector) -> Standing:
    """Of one connector."""
    return of(db, connector.workspace_id).get(connector.pk, NOTHING)


def _failure(kept: str | None) -> Failure | None:
    return None if kept is None else failure_of(kept)


def failure_of(kept: str) -> Failure:
    """As it was kept."""
    return msgspec.json.decode(kept, type=Failure)


def shown(one: Connector, standing: Standing) -> dict[str, Any]:
    """As the API says it."""
    pull, why, lookups = standing.pull, standing.failure, standing.lookups
    at = pull.failed_at if pull is not None and pull.tries else None
    return {
        "next_run": utc_text(pull.next_run) if pull is not None and one.enabled else None,
        "last_success": utc_text(pull.succeeded_at) if pull is not None else None,
        "failure": {"code": why.code, "message": why.sentence, "words": why.words, "at": utc_text(at)}
        if why is not None
        else None,
        "waiting": lookups.waiting,
        "given_up": lookups.given_up,
    }
