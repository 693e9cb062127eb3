"""Rules and simulations over the API. Not here: statements (statements_api.py), what rules may say (rules.py)."""

from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import audit, periods
from kernel.errors import BadRequest
from kernel.models import Role
from kernel.web import access
from kernel.web.api import ApiView, body, parameters
from metrics import query
from metrics.allocation import answers, rules, said, simulate, versions
from metrics.allocation.versions import Faulty
from metrics.query import ReportingSettings
from metrics.scope import Days

LONGEST = 366  # days of a simulation


class AllocationView(ApiView):
    """A view that knows its workspace."""

    @property
    def reporting(self) -> ReportingSettings:
        """The workspace as it reports."""
        return query.reporting_settings(connection, self.access.workspace)


class AllocationRules(AllocationView):
    """The rules by which channels share."""

    def get_permissions(self) -> list[Any]:
        """Everybody reads them, admins change them."""
        return [access.at_least(Role.ADMIN if self.request.method == "PUT" else Role.VIEWER)()]

    @extend_schema(responses=answers.AllocationRules)
    def get(self, request: Request) -> Response:
        """Those in force, and all there were."""
        parameters(request)
        found = versions.all_of(connection, self.access.workspace.pk)
        return Response(
            {
                "rules": found[0].rules.json() if found else None,
                "version": found[0].version if found else 0,
                "versions": [said.version(one) for one in found],
            }
        )

    @extend_schema(request=answers.RulesAsked, responses=answers.Version)
    def put(self, request: Request) -> Response:
        """A new version into force. Admins. What is wrong is said field by field (`faults`)."""
        asked = known(body(request), ("rules", "reason", "version"))
        seen = asked.get("version")
        if seen is not None and type(seen) is not int:
            raise BadRequest(_("“version” is the number of the rules that were looked at."), "bad_version")
        name, workspace = request.user.get_username(), self.access.workspace.pk
        try:
            with transaction.atomic():
                made = versions.put(
                    connection,
                    self.reporting,
                    asked.get("rules"),
                    str(asked.get("reason") or ""),
                    name,
                    timezone.now(),
                    seen,
                )
                audit.note(workspace, name, "allocation.rules", f"v{made.version}", reason=made.reason)
        except Faulty as wrong:
            return faulty(wrong)
        return Response(said.version(made))


class AllocationSimulate(AllocationView):
    """Rules tried on past days."""

    role = Role.ANALYST.value

    @extend_schema(request=answers.SimulationAsked, responses=answers.Simulation)
    def post(self, request: Request) -> Response:
        """Beside the rules in force: who gains and loses, how fair both are; on request also weights proposed."""
        asked = known(body(request), ("rules", "from", "to", "propose"))
        settings = self.reporting
        period = period_of(asked, settings)
        read = rules.read(asked.get("rules"), list(settings.channels.values()), settings.currency)
        if read.faults:
            return faulty(Faulty(read.faults))
        current = versions.in_force(connection, settings.workspace)
        in_force = current.rules if current else None
        found = simulate.of(connection, settings, read.rules, in_force, period)
        answer = said.simulated(found, settings.channels)
        if asked.get("propose"):
            nearest, aim = simulate.proposed(connection, settings, read.rules, period)
            answer["proposal"] = said.proposal(nearest, aim)
        return Response(answer)


def faulty(wrong: Faulty) -> Response:
    """Rules with faults: an error with each of them."""
    faults = [{"field": one.field, "message": one.text} for one in wrong.faults]
    answer = {"code": wrong.code, "message": str(wrong), "faults": faults}
    return Response(answer, status=status.HTTP_400_BAD_REQUEST)


def known(asked: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """A body of these fields and no other."""
    for name in asked:
        if name not in names:
            text = _("There is no field “%(name)s” here: it is one of %(all)s.")
            raise BadRequest(text % {"name": str(name)[:60], "all": ", ".join(names)}, "unknown_field")
    return asked


def period_of(asked: dict[str, Any], settings: ReportingSettings, *, needed: bool = False) -> Days:
    """`from` and `to` of a body; 30 days that are over where neither is needed nor given."""
    if needed and not (asked.get("from") and asked.get("to")):
        raise BadRequest(_("Say the period: “from” and “to”, two days."), "missing_field")
    today = periods.day(timezone.now(), periods.zone(settings.zone))
    last = _day("to", asked["to"]) if asked.get("to") else today - periods.ONE_DAY
    first = _day("from", asked["from"]) if asked.get("from") else periods.default(last)[0]
    if first > last:
        raise BadRequest(_("A period ends on or after the day it begins."), "bad_period")
    if (last - first).days >= LONGEST:
        raise BadRequest(_("A period has at most %(most)s days here.") % {"most": LONGEST}, "bad_period")
    query.intervals(query.Ask(Days(first, last), "month"))  # a period that cannot be is refused
    return Days(first, last)


def _day(name: str, text: Any) -> date:
    try:
        if not isinstance(text, str) or len(text) != len("2026-11-01"):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        wrong = _("“%(name)s” is a date like 2026-11-01.") % {"name": name}
        raise BadRequest(wrong, "bad_date") from None
