"""What of the retailer does not speak our API: a shop platform that pushes, tills that drop files, an ERP to be asked.

Each takes its records out of the requests that the simulation makes, and brings the same by its own way.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from demo.doubles.erp import Erp
from demo.doubles.shop import ShopPlatform
from demo.doubles.till import Till
from demo.post import RECORDS, Request
from kernel.models import Workspace


class Doubles:
    """`with Doubles(workspace, address) as doubles: rest = doubles.take(request)`; `over()` when all was sent."""

    def __init__(self, workspace: Workspace, address: str) -> None:
        self._shop, self._till, self._erp = ShopPlatform(workspace, address), Till(workspace), Erp(workspace)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._erp.close()

    def learn(self, request: Request) -> None:
        """The ERP has all its records before anybody asks it: called for every request there will be."""
        for record in _records(request):
            if self._erp.has(request.connector, record):
                self._erp.learn(record)

    def open(self) -> None:
        """The ERP is asked for what it has."""
        self._erp.pulled()

    def take(self, request: Request) -> Request | None:
        """The request without what comes by another way; None where nothing is left of it."""
        if request.path != RECORDS:
            return request
        left = [record for record in _records(request) if not self._taken(request.connector, record)]
        return request._replace(body={"records": left}) if left else None

    def over(self, waits: Callable[[], object]) -> None:
        """The till's last file; until the files are worked. `waits` is called meanwhile."""
        self._till.drop()
        self._till.until_worked(waits)

    def _taken(self, connector: str, record: dict[str, Any]) -> bool:
        if self._erp.has(connector, record):
            return True
        if self._shop.has(connector, record):
            self._shop.push(record)
            return True
        if self._till.has(connector, record):
            self._till.note(record)
            return True
        return False


def _records(request: Request) -> list[dict[str, Any]]:
    return request.body["records"] if request.path == RECORDS else []
