"""The tills' software: it drops a file of counted stock each month, as such software writes it: CSV in GB18030."""

import csv
import io
import time
from collections.abc import Callable
from typing import Any, Final

from django.db import connection

from channels.imports import store
from channels.models import Import
from demo import outlets
from demo.doubles import standing
from demo.doubles.standing import Wanted
from demo.world import ZONE
from kernel.errors import Trouble
from kernel.models import Workspace

NAME: Final = "Till stock counts"
ENCODING: Final = "gb18030"
HEADER: Final = ("门店", "商品编码", "库存数量", "盘点时间")
LOOK_SECONDS: Final = 0.5
PATIENCE_SECONDS: Final = 180.0  # without any row being read


class Till:
    """Rows of a month until its file is dropped."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        wanted = Wanted(outlets.STORES, "file", NAME, {"rows": "stock", "zone": ZONE.key})
        self._connector = standing.connector(workspace, wanted)
        self._month = ""
        self._rows: dict[str, tuple[str, str, int, str]] = {}

    def has(self, connector: str, record: dict[str, Any]) -> bool:
        """Whether a record is a count of the tills."""
        return connector == outlets.CONNECTOR_OF[outlets.STORES] and record["type"] == "stock"

    def note(self, record: dict[str, Any]) -> None:
        """One more row; of another month than those before, these are dropped first."""
        at = record["at"]
        if at[:7] != self._month:
            self.drop()
            self._month = at[:7]
        counted = f"{at[:10].replace('-', '/')} {at[11:19]}"
        row = (record["location"], record["sku"], record["quantity"], counted)
        self._rows[record["messageId"]] = row

    def drop(self) -> None:
        """The file of the month, unless it was dropped before."""
        rows, self._rows = list(self._rows.values()), {}
        name = f"stock-{self._month}.csv"
        if not rows or Import.objects.filter(connector=self._connector, name=name).exists():
            return
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(HEADER)
        writer.writerows(rows)
        store.begin(
            connection,
            self._connector,
            [out.getvalue().encode(ENCODING)],
            name,
            standing.AUTHOR,
            dry_run=False,
        )

    def until_worked(self, waits: Callable[[], object]) -> None:
        """Waits for the worker that reads them."""
        files = Import.objects.filter(connector=self._connector, job__state__in=store.OPEN)
        left, since = -1, time.monotonic()
        while (
            now := sum(files.values_list("size", flat=True)) - sum(files.values_list("rows", flat=True))
        ) > 0:
            waits()
            if now != left:
                left, since = now, time.monotonic()
            elif time.monotonic() - since > PATIENCE_SECONDS:
                raise Trouble(
                    "The demo's files are not read: see that a worker runs, then run `manage.py demo` again."
                )
            time.sleep(LOOK_SECONDS)
