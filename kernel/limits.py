"""How long a statement of a page or an API call may take, and what is said of one that was cut.

The web server sets the limit for its own sessions (cdp/serve/server.py); workers, commands and files written piece by
piece have none of it. Not here: the limits of the front door (channels/inbox/writer.py) and of a worker's batch.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.utils.translation import gettext as _

from kernel.db import Connection, rows, run
from kernel.errors import TryAgain

CUT = frozenset(
    {"57014", "55P03"}
)  # PostgreSQL's codes for a statement that was cut, or waited for others too long


def limit(session: dict[str, Any], seconds: float) -> None:
    """Sessions opened from now on with these settings of Django's cut their statements."""
    options = session["OPTIONS"]
    options["options"] = f"{options['options']} -c statement_timeout={int(seconds * 1000)}"


@contextmanager
def unlimited(db: Connection) -> Iterator[None]:
    """For a file that streams: it takes as long as its reader and its rows do."""
    before = rows(db, "show statement_timeout")[0][0]
    run(db, "set statement_timeout = 0")
    try:
        yield
    finally:
        run(db, "select set_config('statement_timeout', %(before)s, false)", before=before)


def too_slow(error: BaseException) -> TryAgain | None:
    """Our word for a statement that was cut; None for any other error."""
    if not isinstance(error, OperationalError) or getattr(error.__cause__, "pgcode", None) not in CUT:
        return None
    return TryAgain(
        _(
            "This took longer than %(n)s seconds and was stopped: "
            "choose a shorter period or fewer rows, or try again later."
        )
        % {"n": f"{settings.PAGE_SECONDS:g}"}
    )
