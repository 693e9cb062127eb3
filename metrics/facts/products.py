"""Product records: what an SKU is called and where it belongs. Not here: prices, costs, stock."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kernel.db import Connection
from kernel.event import Record
from metrics.facts.base import WorkspaceSettings
from metrics.facts.records import STAMP, settle, stamp
from metrics.facts.tables import Table


class Product(NamedTuple):
    """A product record; `tags` are JSON."""

    sku: str
    at: datetime
    name: str
    category: str
    brand: str
    tags: str
    id: UUID
    received_at: datetime
    request: UUID
    position: int


PRODUCTS = Table(
    "metrics_product",
    Product,
    ("sku",),
    {
        "sku": "text",
        "at": "timestamptz",
        "name": "text",
        "category": "text",
        "brand": "text",
        "tags": "jsonb",
        **STAMP,
    },
)


def apply(db: Connection, settings: WorkspaceSettings, records: Iterable[Record]) -> None:
    """Writes the batch's product records."""
    settle(db, settings, PRODUCTS, [_row(record) for record in records if record.type == "product"])


def _row(record: Record) -> Product:
    fields = record.fields
    return Product(
        sku=fields["sku"],
        at=record.at,
        name=fields.get("name") or "",
        category=fields.get("category") or "",
        brand=fields.get("brand") or "",
        tags=json.dumps(list(fields.get("tags") or ()), ensure_ascii=False),
        **stamp(record),
    )
