"""The left navigation and what the frame of every page shows.

A new page: its line in PAGES (only pages that exist), its route in its part's `urls.py`.
Not here: what a page shows.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cdp.pipeline import jobs
from channels import queries as channels
from console import alarms
from kernel.alerts import Alarm
from kernel.models import Role, Workspace
from kernel.version import version
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from kernel.web.page import shown

LATE_SECONDS = 60  # from here on freshness is amber


class Page(NamedTuple):
    """One line of the navigation."""

    name: str  # of its route
    label: Promise
    icon: str
    key: str  # pressed after `g`
    role: str = Role.VIEWER
    under: str = ""  # the page it stands below
    of_channel: bool = False  # open to a channel's own people, as nothing else is


PAGES = (
    Page("overview", _("Overview"), "layout-dashboard", "o"),
    Page("boards", _("Boards"), "columns-3", "b"),
    Page("metrics", _("Metrics"), "chart-line", "m"),
    Page("payouts", _("Payouts"), "cash", "p", under="metrics"),
    Page("campaigns", _("Marketing"), "speakerphone", "k", under="metrics"),
    Page("membership", _("Membership"), "id", "e", under="metrics"),
    Page("roi", _("Return on joining"), "git-merge", "z", under="metrics"),
    Page("customers", _("Customers"), "users", "c"),
    Page("journeys", _("Journeys"), "route", "j"),
    Page("consistency", _("Consistency"), "scale", "y"),
    Page("parity", _("Price parity"), "tag", "v", under="consistency"),
    Page("stock", _("Stock"), "package", "n", under="consistency"),
    Page("aftersales", _("After-sales"), "truck-return", "f", under="consistency"),
    Page("payments", _("Payments"), "credit-card", "x", under="consistency"),
    Page("attribution", _("Allocation"), "chart-pie-2", "a"),
    Page("statements", _("Settlement"), "cash", "d", under="attribution", of_channel=True),
    Page("allocation-rules", _("Allocation rules"), "adjustments-horizontal", "u", under="attribution"),
    Page("channels", _("Channels"), "affiliate", "h"),
    Page("imports", _("Imports"), "upload", "i", Role.ADMIN, under="channels"),
    Page("live", _("Live events"), "activity", "l", under="channels"),
    Page("quality", _("Data quality"), "shield-check", "q"),
    Page("plan", _("Tracking plan"), "clipboard-list", "t", under="quality"),
    Page("rejects", _("Rejects"), "shield-check", "r", under="quality"),
    Page("work", _("Background jobs"), "loader-2", "w", under="quality"),
    Page("members", _("Workspace"), "settings", "s", role=Role.ADMIN),
)
# Pages that are not in the navigation themselves, and the line they belong to.
BELOW = {
    "kpi": "metrics",
    "kpi-rows": "metrics",
    "board": "boards",
    "customer": "customers",
    "customer-split": "customers",
    "customer-merge": "customers",
    "consistency-people": "consistency",
    "journeys-people": "journeys",
    "journey-funnel": "journeys",
    "journey-funnel-people": "journeys",
    "journey-retention": "journeys",
    "journey-retention-people": "journeys",
    "journey-switching": "journeys",
    "journey-switching-people": "journeys",
    "journey-touchpoints": "journeys",
    "journey-touchpoints-people": "journeys",
    "campaigns-audiences": "campaigns",
    "campaigns-budget": "campaigns",
    "campaigns-people": "campaigns",
    "membership-accounts": "membership",
    "membership-joining": "membership",
    "membership-people": "membership",
    "membership-joining-people": "membership",
    "aftersales-rows": "aftersales",
    "payments-rows": "payments",
    "order": "customers",
    "parity-sku": "parity",
    "parity-people": "parity",
    "attribution-orders": "attribution",
    "attribution-order": "attribution",
    "channel": "channels",
    "connector": "channels",
    "connector-kinds": "channels",
    "connector-add": "channels",
    "mapping": "channels",
    "mapping-compare": "channels",
    "import": "imports",
    "event": "live",
    "events": "live",
    "reject-fix": "rejects",
    "statement": "statements",
    "statement-orders": "statements",
    "statement-print": "statements",
    "allocation-simulation": "allocation-rules",
    "matches": "quality",
    "plan-event": "plan",
    "plan-proposal": "plan",
    "member": "members",
    "tokens": "members",
    "audit": "members",
    "workspace-settings": "members",
}
LANGUAGES = (("en", "English"), ("zh-hans", "中文"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation as somebody sees it."""

    page: Page
    address: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What every page needs, also before signing in."""

    theme: str  # light, dark; "": the system decides
    languages: tuple[tuple[str, str], ...] = LANGUAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame(Look):
    """What stands around every page of a member."""

    navigation: list[Entry]
    version: str
    workspace: Workspace
    role: str
    workspaces: list[Workspace]
    fresh: channels.Freshness
    late: bool
    alarms: list[Alarm]
    open_rejects: int
    running: list[jobs.Shown]
    may_edit: bool
    may_admin: bool
    search_text: str = ""  # in the box; a page that has searched says what for


def frame(request: HttpRequest) -> dict[str, Any]:
    """A context processor: navigation, freshness, languages, workspaces. Only the look for who is not signed in."""
    theme = request.COOKIES.get("theme", "")
    theme = theme if theme in {"light", "dark"} else ""
    return shown(_frame(request, theme) if access.by_member(request) else Look(theme=theme))


def _frame(request: WorkspaceRequest, theme: str) -> Frame:
    workspace, context = request.workspace, request.access
    members = sorted(context.members, key=lambda member: member.workspace.name)
    roles = {member.workspace_id: member.role for member in members}
    fresh = channels.freshness(workspace.pk)
    return Frame(
        theme=theme,
        navigation=_entries(request),
        version=version(),
        workspace=workspace,
        role=context.role,
        workspaces=[member.workspace for member in members],
        fresh=fresh,
        late=fresh.behind_seconds > LATE_SECONDS,
        alarms=[] if context.channels else alarms.of(request),
        open_rejects=0 if context.channels else channels.open_rejects(workspace.pk),
        running=[] if context.channels else _running(request, roles),
        may_edit=context.reaches(Role.ANALYST),
        may_admin=context.reaches(Role.ADMIN),
    )


def _running(request: WorkspaceRequest, roles: dict[int, str]) -> list[jobs.Shown]:
    return [jobs.shown(job, request.workspace, roles, request.user.pk) for job in jobs.current(list(roles))]


def _entries(request: WorkspaceRequest) -> list[Entry]:
    """The lines this person may follow, the current one marked."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    current = BELOW.get(here, here)
    return [
        Entry(page, reverse(page.name), page.name == current)
        for page in PAGES
        if request.access.reaches(page.role) and (page.of_channel or not request.access.channels)
    ]
