"""A campaign in a period, as answers say it. Not here: how it is found (campaigns.py)."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from metrics.attribution.answers import Credit
from metrics.loyalty.worth import apart_json, money_text
from metrics.query import text


class Slot(NamedTuple):
    """An interval of the calendar: what was spent and how often the campaign was met in it."""

    start: date
    spend: Decimal
    touches: int

    def json(self, currency: str) -> dict[str, Any]:
        """As the API gives it."""
        spend = money_text(self.spend, currency)
        return {"start": self.start.isoformat(), "spend": spend, "touches": self.touches}


class Campaign(NamedTuple):
    """A campaign in the period; `name` "": what names none. `credit` None: it has none that is told by itself."""

    name: str
    channels: list[str]
    mediums: list[str]
    currencies: list[str]
    first: date
    last: date
    spend: Decimal | None  # None: none is known
    touches: int
    customers: int
    credit: Credit | None
    slots: list[Slot]
    unconverted: dict[str, Decimal]

    def json(self, currency: str) -> dict[str, Any]:
        """As the API gives it."""
        credit = self.credit
        return {
            "campaign": self.name or None,
            "channels": self.channels,
            "mediums": self.mediums,
            "currencies": self.currencies,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "spend": None if self.spend is None else money_text(self.spend, currency),
            "touches": self.touches,
            "customers": self.customers,
            **{
                name: None if credit is None else _text(getattr(credit, name))
                for name in ("conversions", "revenue", "roas", "roi", "cpa")
            },
            "series": [one.json(currency) for one in self.slots],
            "unconverted": apart_json(self.unconverted),
        }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else text(value)
