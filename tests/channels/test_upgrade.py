"""Rejects from before repairs were kept: what was written over comes back, no row goes."""

import importlib
import json
from types import SimpleNamespace

from django.db import connection

from kernel.db import rows, run
from kernel.models import Audit
from tests.shop import Shop, track

UPGRADE = importlib.import_module("channels.migrations.0009_repairs")


def test_a_message_that_was_written_over_is_as_received_again_and_the_change_is_kept(db):
    shop = Shop()
    shop.sends(
        *(track("Order Completed", "u1", message_id=f"m{n}", order_id="o", amount=5) for n in range(3)),
        track("Store Visited", message_id="m3"),
    )
    received = {one["message_id"]: one for one in shop.get("/api/rejects/")["results"]}
    changed = json.dumps({"type": "track", "event": "Order Completed"})
    for name in ("m0", "m1"):
        key = received[name]["id"]
        run(
            connection,
            "update channels_reject set raw = %(raw)s where id = %(key)s::uuid",
            raw=changed,
            key=key,
        )
        for actor in ("first", "lin"):
            Audit.objects.create(workspace=shop.workspace, actor=actor, action="reject.mend", target=key)
    # Of one its place in the request is gone: what is known stays.
    run(
        connection,
        "update channels_reject set position = 99 where id = %(key)s::uuid",
        key=received["m1"]["id"],
    )
    run(connection, "update channels_reject set money = null, currency = null")
    here = SimpleNamespace(connection=connection)
    UPGRADE.as_received(None, here)
    UPGRADE.worth(None, here)
    now = {one["message_id"]: one for one in shop.get("/api/rejects/")["results"]}
    assert set(now) == set(received)
    assert (now["m0"]["raw"], now["m0"]["fixed"]) == (received["m0"]["raw"], changed)
    assert [one["by"] for one in now["m0"]["repairs"]] == ["lin"]
    assert (now["m1"]["raw"], now["m1"]["repairs"]) == (changed, [])
    assert now["m2"] == received["m2"]
    money = rows(
        connection, "select message_id, money from channels_reject where money is not null order by 1"
    )
    assert [(name, int(amount)) for name, amount in money] == [("m0", 5), ("m2", 5)]
