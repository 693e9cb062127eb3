"""What the pages of marketing share: their tabs, money in words. Not here: what a page shows."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.journey import base
from console.journey.base import Tab
from kernel.web import format

FAMILY: Final[Promise] = gettext_lazy("Marketing")
TABS: Final = (
    Tab("campaigns", gettext_lazy("Campaigns")),
    Tab("campaigns-audiences", gettext_lazy("Audiences")),
    Tab("campaigns-budget", gettext_lazy("Budget")),
)
OF_LISTS: Final = ("campaign", "also", "touches", "touches_to", "converted")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketingPage(base.JourneyPage):
    """What stands around every page of marketing."""

    there: bool  # the mirror answered
    title: str  # what it finds, in a sentence
    lead: str
    csv: str


def called(campaign: str) -> str:
    """A campaign as pages say it."""
    return campaign or _("no campaign named")


def signed(value: float | Decimal, currency: str) -> str:
    """A change of money, with its sign."""
    return ("+" if value > 0 else "") + format.money_short(round(Decimal(value), 2), currency)


def ratio(value: Decimal | None) -> str:
    """So much for one: `3.75`."""
    return format.number(value, 2)
