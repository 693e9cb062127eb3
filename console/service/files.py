"""The pages of service as files: raw numbers, asked as strictly as the API asks; a row's fields are called as there.

Not here: how a file is made (console/metric/export.py), what is in a list (metrics/service).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.db import connection
from django.http import HttpResponseBase

from console.journey import base as journey
from console.journey.figures import chosen
from console.metric import export
from console.service import rows
from console.service.aftersales import costs
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from metrics.journeys.base import Asked
from metrics.service import listing
from metrics.service.listing import Slice
from metrics.service.payments import BY, payments
from metrics.service.returns import returns
from metrics.service.tickets import tickets

PER_READ = 500
Row = Mapping[str, Any]


@access.require_role("viewer")
def matrix(request: WorkspaceRequest) -> HttpResponseBase:
    """The cells of the returns, or with `of=tickets` those of the tickets."""
    of = chosen(request.GET.dict(), "of", ("returns", "tickets"))

    def find(asked: Asked, given: Mapping[str, str]) -> list[Row]:
        if of == "tickets":
            return [cell.json() for cell in tickets(asked, costs(asked, given)).cells]
        return [cell.json() for cell in returns(connection, asked).cells]

    return _whole(request, of, find)


@access.require_role("viewer")
def groups(request: WorkspaceRequest) -> HttpResponseBase:
    """How payments end, by what is asked."""
    by = chosen(request.GET.dict(), "by", tuple(BY))
    return _whole(
        request, "payments", lambda asked, _given: [one.json() for one in payments(asked, by).groups]
    )


@access.require_role("viewer")
def aftersales(request: WorkspaceRequest) -> HttpResponseBase:
    """All rows of a list of returns, refunds or tickets."""
    return _listed(request, "aftersales-rows", rows.of_aftersales)


@access.require_role("viewer")
def paying(request: WorkspaceRequest) -> HttpResponseBase:
    """All payments of a group."""
    return _listed(request, "payments-rows", rows.of_payments)


def _whole(
    request: WorkspaceRequest, name: str, find: Callable[[Asked, Mapping[str, str]], list[Row]]
) -> HttpResponseBase:
    here = journey.Here.of(request)
    found = journey.ask(here, find)
    return _answer(request, here, name, found[0].keys() if found else (), iter(found))


def _listed(
    request: WorkspaceRequest, name: str, find: Callable[[Asked, Mapping[str, str]], rows.Found]
) -> HttpResponseBase:
    here = journey.Here.of(request)

    def first(asked: Asked, given: Mapping[str, str]) -> tuple[Asked, rows.Found]:
        return asked, find(asked, given)

    asked, (of, values, _kind) = journey.ask(here, first)

    def every() -> Iterator[Row]:
        at = None
        while True:
            wanted = Slice(at, PER_READ, request.access.masked)
            page = listing.page(connection, asked, of, wanted, **values)
            yield from page.items
            at = page.next
            if at is None:
                return

    found = every()
    head = next(found, None)
    if head is None:
        return _answer(request, here, name, (), iter(()))
    return _answer(request, here, name, head.keys(), _chained(head, found))


def _chained(head: Row, found: Iterable[Row]) -> Iterator[Row]:
    yield head
    yield from found


def _answer(
    request: WorkspaceRequest, here: journey.Here, name: str, head: Iterable[str], found: Iterable[Row]
) -> HttpResponseBase:
    lines = (row.values() for row in found)
    return export.answer(request, f"{name}-{here.period.first}-{here.period.last}", list(head), lines)
