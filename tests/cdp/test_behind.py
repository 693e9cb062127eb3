"""A database that is behind the code is no fault of a message: none is set apart, all come in once it is mended."""

import pytest
from django.db import ProgrammingError, connection

from cdp.pipeline import batches
from channels.inbox import log
from kernel.db import rows, run
from tests.shop import Shop, track


def test_a_missing_column_costs_no_attempt(lasting: Shop) -> None:
    lasting.sends(track("Looked", "u1"), track("Looked", "u2"), drain=False)
    run(connection, "alter table profiles_summary rename column recent to later")
    try:
        for _turn in range(2 * log.DEADLY + 2):
            with pytest.raises(ProgrammingError):
                batches.drain()
        assert rows(connection, "select max(attempts) from channels_inbox_open") == [(0,)]
    finally:
        run(connection, "alter table profiles_summary rename column later to recent")
    batches.drain()
    assert rows(connection, "select count(*) from profiles_event") == [(2,)]
    assert rows(connection, "select count(*) from channels_reject") == [(0,)]
