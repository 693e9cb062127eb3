"""What a person does to a connector that asks its platform: a look at the other side, a run at once, from the
beginning again.

Not here: the runs themselves (cdp/pipeline/pulls.py).
"""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels import connectors
from channels.connect import setup
from channels.connect.setup import Tried
from channels.connectors.base import FILE
from channels.models import Connector
from channels.pulls import lookups, platform, work
from channels.watching import store as watched
from kernel import db as database
from kernel.errors import Refused

TEST_SECONDS: Final = 10.0  # of each call: somebody waits for it


def test(db: database.Connection, connector: Connector) -> Tried:
    """What a look at the other side came to; of what is pulled the next page, of which nothing is kept."""
    kind = connectors.kind(connector.kind)
    tried = setup.test(connector) if kind.check is not None or kind.fetch is None else Tried(True, "")
    if not tried.ok or kind.fetch is None:
        return tried
    with platform.opened(db, connector, TEST_SECONDS) as api:
        try:
            page = platform.fetched(api, connector.cursor)
        except Refused as why:
            return Tried(False, api.failure(why).told)
    found = ngettext(
        "The platform answered: %(n)s item on the next page. Nothing of it was kept.",
        "The platform answered: %(n)s items on the next page. Nothing of it was kept.",
        page.rows if page.body else 0,
    )
    answered = found % {"n": page.rows if page.body else 0}
    return Tried(True, f"{tried.message} {answered}".strip())


def run(db: database.Connection, connector: Connector) -> Tried:
    """At once, whatever was to be waited for: the next pull, and all that is to be looked up."""
    kind = connectors.kind(connector.kind)
    if kind.direction == FILE and watched.watches(connector):
        watched.at_once(db, connector)
        return Tried(True, _("It is looked at within seconds."))
    if kind.fetch is None and kind.look_up is None:
        raise setup.nothing_to_run(kind)
    if not connector.enabled:
        return Tried(False, _("The connector is paused: let it go on first."))
    n = lookups.at_once(db, connector)
    if kind.fetch is not None:
        work.at_once(db, connector)
        return Tried(True, _("It is fetched within seconds."))
    if not n:
        return Tried(True, _("Nothing waits to be looked up."))
    return Tried(True, _("What waits is looked up within seconds."))


def start_over(db: database.Connection, connector: Connector) -> Tried:
    """From the first page again. What is stored is known by its id: it is read once more and counts once."""
    kind = connectors.kind(connector.kind)
    if kind.fetch is None:
        raise setup.nothing_to_run(kind)
    work.start_over(db, connector)
    if not connector.enabled:
        return Tried(True, _("It begins with the first page as soon as it goes on."))
    return Tried(True, _("It is fetched again from the first page; what is stored already counts once."))
