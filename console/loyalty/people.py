"""Who stands behind a number of membership. Not here: how they are listed (console/journey/people.py)."""

from collections.abc import Mapping
from typing import Final

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.journey import base, people
from console.loyalty.base import FAMILY, OF_LISTS, tier_name
from kernel.web import access
from kernel.web.access import WorkspaceRequest
from metrics.journeys.base import Asked
from metrics.loyalty import joining_api, membership_api

WHO: Final[Mapping[str, Promise]] = {
    "members": gettext_lazy("Members at the end of the period"),
    "joined": gettext_lazy("Customers who joined in the period"),
    "moved": gettext_lazy("Members who moved to another tier"),
    "buyers": gettext_lazy("Members who bought"),
    "others": gettext_lazy("Buyers who are no members"),
    "customers": gettext_lazy("Members who were active"),
    "tier_buyers": gettext_lazy("Members who bought in this tier"),
    "cross": gettext_lazy("Members who bought on several channels"),
    "cross_others": gettext_lazy("Other buyers who bought on several channels"),
    "points_holders": gettext_lazy("Members with points"),
    "balance_holders": gettext_lazy("Members with stored value"),
    "points_overdrawn": gettext_lazy("Members whose points come to less than 0"),
    "balance_overdrawn": gettext_lazy("Members whose stored value comes to less than 0"),
}


@access.require_role("viewer")
def behind(request: WorkspaceRequest) -> HttpResponse:
    """Those behind a number of members, tiers or accounts."""
    account = request.GET.get("who", "").startswith(("points_", "balance_"))
    back = "membership-accounts" if account else "membership"
    return people.show(request, back, _people, FAMILY, OF_LISTS)


@access.require_role("viewer")
def compared(request: WorkspaceRequest) -> HttpResponse:
    """Those who joined, or those they are compared with."""
    return people.show(request, "membership-joining", _compared, FAMILY, OF_LISTS)


def _people(asked: Asked, given: Mapping[str, str]) -> people.Who:
    found = membership_api.people(asked, given)
    said = str(WHO[given.get("who", membership_api.WHO[0])])
    if given.get("channel"):
        words = base.Words(asked.settings.workspace)
        said = _("%(who)s: %(what)s") % {"who": said, "what": words.of("channel", given["channel"])}
    if given.get("tier"):
        tiers = tier_name(membership_api.tier(given["tier"]))
        if given.get("who") == "moved":
            origin = tier_name(membership_api.tier(given.get("from_tier", membership_api.NONE)))
            tiers = f"{origin} → {tiers}"
        said = _("%(who)s: %(what)s") % {"who": said, "what": tiers}
    return found, said


def _compared(asked: Asked, given: Mapping[str, str]) -> people.Who:
    found = joining_api.people(asked, given)
    if given.get("outcome") == "others":
        return found, _("Customers who did not join, and had an order before the period")
    return found, _("Customers who joined, and had an order before the period")
