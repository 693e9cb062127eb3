"""What the pages of membership share: their tabs, words for tiers, the file's address. Not here: what a page shows."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext

from console.journey import base
from console.journey.base import Tab
from metrics.loyalty.membership_api import NONE

FAMILY: Final[Promise] = gettext_lazy("Membership")
TABS: Final = (
    Tab("membership", gettext_lazy("Members")),
    Tab("membership-accounts", gettext_lazy("Points and stored value")),
    Tab("membership-joining", gettext_lazy("What joining changes")),
)
OF_LISTS: Final = ("who", "channel", "tier", "from_tier", "outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoyaltyPage(base.JourneyPage):
    """What stands around every page of membership."""

    there: bool  # the mirror answered
    title: str  # what it finds, in a sentence
    lead: str
    csv: str


def tier_name(tier: str) -> str:
    """A tier as pages say it."""
    return tier or pgettext("of a member", "no tier named")


def tier_word(tier: str) -> str:
    """A tier as addresses have it."""
    return tier or NONE
