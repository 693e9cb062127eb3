"""What an address asks of a journey, read: period, lengths of time, dimensions, the people behind a figure.

Not here: steps (steps.py), what each question has of its own (<name>_api.py).
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from django.db import connection
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import periods
from kernel.errors import BadRequest
from kernel.models import Workspace
from kernel.web.access import AccessContext
from kernel.web.api import limit, paged
from metrics import api, query
from metrics.journeys import steps
from metrics.journeys.base import Asked
from metrics.journeys.funnel_walk import CITY
from metrics.mirror import reading
from metrics.scope import Days
from profiles import queries

LENGTH = re.compile(r"([0-9]{1,6})([smhdw])")
SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
LONGEST = timedelta(days=3_660)  # of a window or a pause
# What people call a property of an event, and the property.
DIMENSIONS: Final = {
    "store": "properties.store",
    "sku": "properties.sku",
    "category": "properties.category",
    "brand": "properties.brand",
    "payment_method": "properties.method",
}
PEOPLE = [api.ORDERING, *api.PAGING]


def text_of(name: str, about: str = "", *, required: bool = False) -> OpenApiParameter:
    """A parameter that is a text, described."""
    return OpenApiParameter(name, OpenApiTypes.STR, description=about, required=required)


@contextmanager
def opened(workspace: Workspace, given: Mapping[str, Any]) -> Iterator[Asked]:
    """The mirror, asked over the period of an address. Raises BadRequest for a period that cannot be."""
    settings = query.reporting_settings(connection, workspace)
    days = period(given, settings)
    with reading.open_mirror(workspace.pk) as mirror:
        yield Asked(mirror, settings, days)


def period(given: Mapping[str, Any], settings: query.ReportingSettings) -> Days:
    """`from` and `to`, or the 30 days to today; a BadRequest says what of them cannot be."""
    days = api.period(dict(given), timezone.now().astimezone(periods.zone(settings.zone)).date())
    query.intervals(query.Ask(days, "month"))
    return days


def length(name: str, text: str) -> timedelta:
    """A length of time like 7d, 24h or 30m; a BadRequest for what is none, for nothing and for too much."""
    found = LENGTH.fullmatch(text.strip())
    if not found:
        raise BadRequest(f"`{name}` is a number with m, h, d or w behind it, for example 7d.", f"bad_{name}")
    lasts = timedelta(seconds=int(found[1]) * SECONDS[found[2]])
    if not timedelta(0) < lasts <= LONGEST:
        raise BadRequest(f"`{name}` is longer than nothing, and at most {LONGEST.days} days.", f"bad_{name}")
    return lasts


def whole(name: str, text: str, most: int) -> int:
    """A number from 1 on; a BadRequest for what is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise BadRequest(f"`{name}` is a whole number from 1 to {most}.", f"bad_{name}")
    return int(text)


def one_of(name: str, text: str, names: Collection[str]) -> str:
    """One of some words; a BadRequest that lists them for any other."""
    if text not in names:
        raise BadRequest(f"`{name}` is one of {', '.join(names)}.", f"bad_{name}")
    return text


def dimension(text: str) -> str:
    """The field of a touch that a break-down names, as steps.py calls it, or CITY; "" for none."""
    if not text or text == CITY:
        return text
    field = DIMENSIONS.get(text, text)
    try:
        return steps.known(field)
    except BadRequest:
        known = [*(field for field in steps.FIELDS if field != "name"), CITY, *DIMENSIONS]
        raise BadRequest(
            f"A funnel has no dimension “{text[:200]}”: it knows {', '.join(known)} and properties.NAME.",
            "unknown_dimension",
        ) from None


def listed(
    request: Request,
    access: AccessContext,
    given: Mapping[str, Any],
    find: Callable[[Asked], Collection[int]],
) -> Response:
    """The people that a question finds, as a page of `/api/profiles/`."""
    with opened(access.workspace, given) as asked:
        ids = find(asked)
    found = queries.of_profiles(
        connection,
        access.workspace,
        ids,
        given.get("cursor"),
        limit(request),
        given.get("ordering", ""),
        access.masked,
    )
    return paged(request, found)
