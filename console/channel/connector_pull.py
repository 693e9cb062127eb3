"""What a connector's page says of what is asked of its platform: when next, how it went, why not, what waits.

Not here: how it stands (channels/connect/pulled.py), what comes in (flow.py).
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels.connect.connections import OWN
from channels.connect.pulled import Lookups, Pull, Standing
from channels.connectors.base import Pulled
from channels.models import Connector
from console.channel.connector_words import Notice
from kernel.web import format


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How it stands. `pulled`: it is asked on a schedule; else only for what its notices name."""

    pulled: bool
    running: bool
    every: str
    next_run: datetime | None  # None: not while it is paused
    succeeded_at: datetime | None
    failed_at: datetime | None
    tries: str  # that went wrong since it went well; empty: none
    brought: str  # by the last run, or by the one under way; empty: there was none
    waiting: int
    oldest: datetime | None
    given_up: int


def shown(standing: Standing, connector: Connector) -> Shown | None:
    """None for a connector that asks nothing."""
    pull, lookups = standing.pull, standing.lookups
    if pull is None and not (lookups.waiting or lookups.given_up):
        return None
    tries = pull.tries if pull is not None else 0
    return Shown(
        pulled=pull is not None,
        running=pull is not None and pull.running,
        every=_every(connector),
        next_run=pull.next_run if pull is not None and connector.enabled else None,
        succeeded_at=pull.succeeded_at if pull is not None else None,
        failed_at=pull.failed_at if pull is not None and tries else None,
        tries=_tries(tries) if tries else "",
        brought=_brought(pull) if pull is not None and pull.started_at else "",
        waiting=lookups.waiting,
        oldest=lookups.oldest,
        given_up=lookups.given_up,
    )


def _every(connector: Connector) -> str:
    own = connector.settings.get(OWN, {})
    n = own.get("every", Pulled().every)
    return ngettext("every minute", "every %(n)s minutes", n) % {"n": format.number(n)}


def _tries(n: int) -> str:
    return ngettext("%(n)s try went wrong", "%(n)s tries went wrong", n) % {"n": format.number(n)}


def _brought(pull: Pull) -> str:
    pages = ngettext("%(n)s page", "%(n)s pages", pull.pages) % {"n": format.number(pull.pages)}
    items = ngettext("%(n)s item", "%(n)s items", pull.rows) % {"n": format.number(pull.rows)}
    return _("%(pages)s, %(items)s") % {"pages": pages, "items": items}


def notice(standing: Standing, *, enabled: bool) -> Notice | None:
    """Why it is failing; nothing while it is not, or is paused."""
    why = standing.failure
    if why is None or not enabled:
        return None
    return Notice("bad", _title(standing), why.told)


def _title(standing: Standing) -> str:
    pull = standing.pull
    if pull is None or not pull.tries:
        return _waiting(standing.lookups)
    if pull.succeeded_at is None:
        return _("Failing: nothing could be fetched so far")
    return _("Failing: nothing was fetched since %(time)s") % {"time": format.moment(pull.succeeded_at)}


def _waiting(lookups: Lookups) -> str:
    return ngettext(
        "Failing: %(n)s thing that a notice named could not be looked up",
        "Failing: %(n)s things that notices named could not be looked up",
        lookups.failing,
    ) % {"n": format.number(lookups.failing)}
