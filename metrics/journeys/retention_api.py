"""Retention over HTTP, and the people behind its cells. Not here: how it is counted (retention.py)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import periods
from kernel.errors import BadRequest
from kernel.web.api import ApiView, parameters
from kernel.web.openapi import Unconverted
from metrics import api
from metrics.journeys import asking, retention
from metrics.journeys.base import Asked
from metrics.journeys.retention import DIMENSIONS, INTERVALS, MEASURES, MOST_COHORTS, ON, Cell, Question
from profiles.answers import ProfilePage

NAMED = ("interval", "on", "measure", "by", "from", "to")
EVERY = "all"  # instead of a cohort: those of the period for which the interval is over
ASKED = [
    *api.PERIOD,
    asking.text_of("interval", "month (default) or week: every one that the period touches, whole"),
    asking.text_of("on", "orders (default) or activity: what a cohort begins with and comes back for"),
    asking.text_of(
        "measure", "customers (default), orders, or revenue: of a customer so far, refunds taken off"
    ),
    asking.text_of("by", f"{', '.join(DIMENSIONS)}: of the first order, or of the first event"),
]


@extend_schema_field(
    {"oneOf": [{"type": "integer"}, {"type": "string", "format": "decimal"}], "nullable": True}
)
class CohortValue(serializers.Field):
    """Customers or orders; revenue of a customer as a string, null: of nobody."""


class RetentionCohort(serializers.Serializer):
    """Those who began in an interval."""

    start = serializers.DateField(help_text="The first day of the interval.")
    size = serializers.IntegerField()
    values = serializers.ListField(child=CohortValue(), help_text="By the intervals since, its own first.")


class RetentionCohorts(serializers.Serializer):
    """The cohorts of one value of the break-down."""

    cohorts = RetentionCohort(many=True)


class RetentionAnswer(RetentionCohorts):
    """Cohorts and what became of them."""

    by = serializers.DictField(
        child=RetentionCohorts(),
        required=False,
        help_text="By value of the first order or event: 50 by size, then `other`, and `null` for none.",
    )
    currency = serializers.CharField()
    unconverted = Unconverted(many=True)
    as_of = serializers.DateTimeField(allow_null=True, help_text="The newest event that is in it.")


class Retention(ApiView):
    """Cohorts by when customers began, and what became of them."""

    @extend_schema(parameters=ASKED, responses=RetentionAnswer)
    def get(self, request: Request) -> Response:
        """Every cohort of the period with its intervals up to the last."""
        given = parameters(request, NAMED)
        wanted = question(given)
        with asking.opened(self.access.workspace, given) as asked:
            return Response(retention.retention(connection, asked, wanted).json())


class RetentionPeople(ApiView):
    """The people behind a cell."""

    shows_contacts = True

    @extend_schema(
        parameters=[
            *ASKED,
            asking.text_of(
                "cohort",
                f"the first day of its interval, or {EVERY}: of the period, each for which that interval is over",
                required=True,
            ),
            asking.text_of("interval_no", "how many intervals later they were back; default 0: all of them"),
            asking.text_of("value", "only those of a value of the break-down"),
            *asking.PEOPLE,
        ],
        responses=ProfilePage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page of profiles: those of the cohort with an order, or activity, so many intervals later.

        Without `from` and `to` it is asked of the cohort's own interval to that one; of all, of the last 30 days.
        """
        given = parameters(request, (*NAMED, "cohort", "interval_no", "value", "ordering"))
        wanted, cell = question(given), cell_of(given)
        said = cell.cohort is None or {"from", "to"} & given.keys()
        reaching = given if said else given | reach(wanted, cell)
        return asking.listed(request, self.access, reaching, lambda asked: people(asked, wanted, cell))


def people(asked: Asked, wanted: Question, cell: Cell) -> list[int]:
    """The serial ids of the profiles of a cell, as of today."""
    return retention.people(
        asked, wanted, cell, timezone.now().astimezone(periods.zone(asked.settings.zone)).date()
    )


def question(given: Mapping[str, Any]) -> Question:
    """The parameters of an address as a question; a BadRequest says which of them cannot be."""
    by = given.get("by", "")
    return Question(
        asking.one_of("interval", given.get("interval", INTERVALS[0]), INTERVALS),
        asking.one_of("on", given.get("on", ON[0]), ON),
        asking.one_of("measure", given.get("measure", MEASURES[0]), MEASURES),
        by and asking.one_of("by", by, DIMENSIONS),
    )


def cell_of(given: Mapping[str, Any]) -> Cell:
    """The cell that an address names."""
    number = given.get("interval_no", "0")
    if not (number.isascii() and number.isdigit() and len(number) < len("10000")):
        raise BadRequest(
            "`interval_no` is a whole number: 0 for the cohort's own interval.", "bad_interval_no"
        )
    if "value" in given and not given.get("by"):
        raise BadRequest("`value` is one of a break-down: say by what with `by`.", "bad_value")
    return Cell(_cohort(given.get("cohort", "")), int(number), given.get("value"))


def _cohort(text: str) -> date | None:
    """None: every one."""
    if text == EVERY:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(
            f"`cohort` is the first day of its interval, like 2026-11-01, or {EVERY}.", "bad_cohort"
        ) from None


def reach(wanted: Question, cell: Cell) -> dict[str, str]:
    """From the cohort to the cell's interval, as a period; one that nothing reaches ends where answers do."""
    if cell.cohort is None:
        return {}
    last = cell.cohort
    for _ in range(min(cell.number, MOST_COHORTS - 1)):
        last = periods.following(last, wanted.interval)
    return {"from": cell.cohort.isoformat(), "to": last.isoformat()}
