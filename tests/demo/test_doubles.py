"""The retailer's other systems bring what they have by their own ways, all of it and nothing twice."""

import datetime as dt
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connection

from cdp.pipeline import batches, imports
from channels import health
from channels.connect import pulled
from channels.inbox import log, unsigned
from channels.models import Connector, Import, WriteKey
from demo import load, outlets
from demo.doubles import erp, shop, till
from demo.load import Size
from demo.post import RECORDS
from kernel.db import rows
from tests.channels import hooking
from tests.demo.reading import END

SIZE = Size(20, 40, 3, END.isoformat())


class Door(BaseHTTPRequestHandler):
    """Both doors of the product: what is posted lies in the inbox before it is answered."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            if self.path.startswith("/hooks/"):
                one = Connector.objects.get(uuid=self.path.split("/")[2])
                judged = hooking.deliver(one, body, dict(self.headers), now=time.time())
                status = judged.reply.status
            else:
                status = self._keep(body)
        finally:
            connection.close()
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def _keep(self, body: bytes) -> int:
        import base64
        import uuid

        key = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode().rstrip(":")
        connector = WriteKey.objects.get(key=key).connector
        log.append(
            connection,
            [
                log.Entry(
                    connector.workspace_id,
                    rows(connection, "select clock_timestamp()")[0][0],
                    uuid.uuid4(),
                    connector.pk,
                    self.path.rpartition("/")[2],
                    len(next(iter(json.loads(body).values()))),
                    body.decode(),
                )
            ],
        )
        return 200

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@contextmanager
def door() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def worked(*_progress: Any) -> None:
    imports.run(batches.drain)
    batches.drain()


def loaded(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(load, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(till, "LOOK_SECONDS", 0.01)
    job = load.begun(SIZE, END)
    assert job is not None
    told: list[tuple[int, int]] = []

    def tell(done: int, whole: int) -> None:
        told.append((done, whole))
        worked()

    with door() as address:
        total = load.load(job, address, tell)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", total, total)
    assert told[-1] == (total, total)
    return job.workspace


def said(kind: str) -> set[tuple[Any, ...]]:
    """What the simulation says of a kind of record, by channel."""
    found = set()
    for request in SIZE.simulation().requests():
        for one in request.body["records"] if request.path == RECORDS else ():
            if one.get("type") != kind or "messageId" not in one:
                continue
            at = dt.datetime.fromisoformat(one["at"]).replace(microsecond=0)
            channel = outlets.CHANNEL_OF[request.connector]
            if kind == "price" and isinstance(one.get("price"), float) and "sku" in one:
                found.add((channel, one["sku"], at, Decimal(str(one["price"])), one.get("promotion")))
            elif kind == "stock":
                found.add((channel, one["sku"], at, one["location"], Decimal(one["quantity"])))
            elif kind == "cost":
                found.add(("all", one["sku"], at, Decimal(one["unit_cost"])))
    return found


def kept(workspace: Any, columns: str, table: str) -> set[tuple[Any, ...]]:
    return set(
        rows(
            connection,
            f"select coalesce(c.slug, 'all'), x.sku, date_trunc('second', x.at), {columns} from {table} x "
            "left join channels_channel c on c.id = x.channel_id where x.workspace_id = %(w)s::int",
            w=workspace.pk,
        )
    )


@pytest.mark.django_db(transaction=True)
def test_each_of_them_brings_all_that_it_has_by_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = loaded(monkeypatch)
    assert kept(workspace, "x.price, x.promotion", "metrics_price") == said("price")
    assert kept(workspace, "x.location, x.quantity", "metrics_stock") == said("stock")
    assert kept(workspace, "x.unit_cost", "metrics_cost") == said("cost")

    by_name = {one.name: one for one in Connector.objects.filter(workspace=workspace)}
    came = health.of_connectors(workspace.pk)
    platform, tills, merchandise = by_name[shop.NAME], by_name[till.NAME], by_name[erp.NAME]
    for one in (platform, tills, merchandise):
        counts = came[one.pk].counts
        assert counts.stored > 0, one.name
        assert (counts.rejected, unsigned.of(connection, workspace.pk).get(one.pk)) == (0, None), one.name
    files = Import.objects.filter(connector=tills)
    assert files.exists()
    assert all(file.good == file.rows > 0 and file.bad == 0 for file in files)
    assert files[0].form["encoding"].lower().replace("-", "") in ("gb18030", "gbk")
    stands = pulled.of_one(connection, merchandise).pull
    assert stands is not None
    assert (stands.tries, merchandise.enabled) == (0, False)
    assert stands.pages > 1


@pytest.mark.django_db(transaction=True)
def test_a_second_load_says_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = loaded(monkeypatch)
    before = [kept(workspace, "x.id", f"metrics_{table}") for table in ("price", "stock", "cost")]
    imports_before = Import.objects.count()
    with door() as address:
        load.load(load.Job.objects.get(kind=load.KIND), address, worked)
    assert [kept(workspace, "x.id", f"metrics_{table}") for table in ("price", "stock", "cost")] == before
    assert Import.objects.count() == imports_before
