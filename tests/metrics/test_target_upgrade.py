"""The upgrade that gives targets a period and an author: no row goes, and the audit says who set one on a page."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from kernel import audit
from kernel.db import rows, run
from tests.shop import Shop

BEFORE = ("metrics", "0003_no_workspaces_known")
ROW = """
insert into {} (workspace_id, metric, channel_id, first, value, at, id, received_at, request, position)
values (%(workspace)s::int, %(metric)s::text, %(channel)s::int, '2026-11-01', 100, %(at)s::timestamptz,
        %(id)s::uuid, %(at)s::timestamptz, %(id)s::uuid, 0)
"""
SET_ON_A_PAGE, RECORD = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


@pytest.mark.django_db(transaction=True)
def test_targets_from_before_keep_their_rows_and_get_who_set_them(transactional_db):
    shop = Shop()
    at = datetime(2026, 11, 2, tzinfo=UTC).isoformat()
    MigrationExecutor(connection).migrate([BEFORE])
    try:
        one = {"workspace": shop.workspace.pk, "at": at}
        for table in ("metrics_target", "metrics_kept_target"):
            run(connection, ROW.format(table), metric="gmv", channel=0, id=SET_ON_A_PAGE, **one)
        run(connection, ROW.format("metrics_target"), metric="aov", channel=0, id=RECORD, **one)
        told = {"value": "100", "from": "2026-11-01", "to": None, "channel": None}
        audit.note(shop.workspace.pk, "lin", "target.set", "gmv", **told)
        audit.note(shop.workspace.pk, "somebody", "target.set", "gmv", **(told | {"channel": 7}))
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(
            executor.loader.graph.leaf_nodes("metrics")
        )  # the tables that all other tests stand on
    found = rows(connection, "select metric, value, period, author, removed from metrics_target order by 1")
    assert found == [("aov", 100, "", "", False), ("gmv", 100, "", "lin", False)]
    said = shop.get("/api/metrics/gmv/target/", **{"from": "2026-11-01", "to": "2026-11-30"})
    assert (said["value"], said["target"]["set_by"], said["target"]["period"]) == ("100", "lin", "month")
