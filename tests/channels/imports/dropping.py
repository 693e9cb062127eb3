"""For tests of imports: files over HTTP, worked as the worker does, and what came of them."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from cdp.pipeline import batches, imports
from channels.connect import setup as connecting
from channels.models import Channel, Connector
from tests.shop import Shop

LINES = ["订单号", "下单时间", "手机号", "商品编码", "商品名称", "数量", "单价"]


def file_connector(
    shop: Shop, rows: str = "orders", to: str = "store", columns: Mapping[str, str] = {}, **settings: Any
) -> Connector:
    """A connector for files of these rows."""
    channel = Channel.objects.get(workspace=shop.workspace, slug=to)
    own = {"rows": rows, "columns": dict(columns), **settings}
    return connecting.make(channel, "file", f"Files of {rows}", own, {}).connector


def text(header: Sequence[str], *rows: Sequence[Any], delimiter: str = ",") -> str:
    """A CSV as a program writes it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def post(shop: Shop, one: Connector, file: bytes | str, name: str = "file.csv", **fields: Any) -> Any:
    """The answer to a file; nothing is read yet."""
    body = file.encode() if isinstance(file, str) else file
    given = {"file": SimpleUploadedFile(name, body), "connector": str(one.uuid), **fields}
    return shop.api().post("/api/imports/", given, format="multipart")


def drop(
    shop: Shop, one: Connector, file: bytes | str, name: str = "file.csv", **fields: Any
) -> dict[str, Any]:
    """A file, read and worked; what the API says of it then."""
    answer = post(shop, one, file, name, **fields)
    assert answer.status_code == 202, answer.content
    imports.run(batches.drain)
    return told(shop, answer.json()["id"])


def told(shop: Shop, number: int) -> dict[str, Any]:
    """What the API says of an import."""
    return shop.get(f"/api/imports/{number}/")


def bad(shop: Shop, number: int) -> list[list[str]]:
    """The rows of bad.csv, its header first."""
    answer = shop.api().get(f"/api/imports/{number}/bad.csv")
    assert answer.status_code == 200, answer.content
    whole = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(whole)))


def totals(shop: Shop) -> dict[str, Any]:
    """What a shop's orders come to."""
    found = {name: shop.value(name) for name in ("gmv", "net_revenue", "orders", "buyers", "refunds")}
    return json.loads(json.dumps(found))
