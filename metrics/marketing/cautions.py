"""What to beware of in campaigns: spend that names none, several currencies, no rate, cost missing, no touch.

Nothing is left out in silence: what cannot be converted or credited is said, with the money it concerns.
Not here: the numbers (campaigns.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple, Protocol

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from kernel import money

NOTHING: Final = Decimal(0)
SENTENCES: Final[Mapping[str, Any]] = {
    "spend_without_campaign": _(
        "%(amount)s %(currency)s was spent without a campaign: it is in the total, and in no campaign's return."
    ),
    "two_currencies": _(
        "%(campaign)s is paid in %(currencies)s: each amount is converted by the rate of its own day."
    ),
    "spend_without_rate": _(
        "%(campaign)s: %(amount)s %(currency)s has no exchange rate and is not in its spend: its return looks too good."
    ),
    "no_spend": ngettext_lazy(
        "%(count)s campaign reached customers and has no spend: what %(amount)s %(currency)s of revenue cost is "
        "unknown.",
        "%(count)s campaigns reached customers and have no spend: what %(amount)s %(currency)s of revenue cost is "
        "unknown.",
        "count",
    ),
    "no_touch": ngettext_lazy(
        "%(count)s campaign has spend and no touch: no order can be credited to it.",
        "%(count)s campaigns have spend and no touch: no order can be credited to them.",
        "count",
    ),
    "one_channel": _(
        "All campaigns are on one channel (%(channel)s): there is nothing to compare across channels."
    ),
}


class Credited(Protocol):
    """What of a campaign's credit is looked at."""

    @property
    def revenue(self) -> Decimal:
        """In the workspace's currency."""


class Row(Protocol):
    """What of a campaign is looked at (campaigns.py says what it means)."""

    @property
    def name(self) -> str: ...
    @property
    def channels(self) -> list[str]: ...
    @property
    def currencies(self) -> list[str]: ...
    @property
    def spend(self) -> Decimal | None: ...
    @property
    def touches(self) -> int: ...
    @property
    def credit(self) -> Credited | None: ...
    @property
    def unconverted(self) -> dict[str, Decimal]: ...


class Caution(NamedTuple):
    """A code of SENTENCES, and what its sentence names."""

    code: str
    said: dict[str, Any]

    def __str__(self) -> str:
        """The sentence, in the reader's language."""
        return str(SENTENCES[self.code] % self.said)

    def json(self) -> dict[str, str]:
        """As the API gives it."""
        return {"code": self.code, "message": str(self)}


def cautions(listed: Sequence[Row], currency: str) -> Iterator[Caution]:
    """What to beware of, money first."""
    named = [one for one in listed if one.name]
    for one in listed:
        if not one.name and one.spend:
            yield Caution(
                "spend_without_campaign", {"amount": _amount(one.spend, currency), "currency": currency}
            )
    yield from _of_money(named)
    yield from _of_credit(named, currency)
    where = {slug for one in named for slug in one.channels}
    if len(where) == 1:
        yield Caution("one_channel", {"channel": next(iter(where))})


def _of_money(named: Sequence[Row]) -> Iterator[Caution]:
    for one in named:
        if len(one.currencies) > 1:
            yield Caution("two_currencies", {"campaign": one.name, "currencies": ", ".join(one.currencies)})
    for one in named:
        for code, value in sorted(one.unconverted.items()):
            said = {"campaign": one.name, "amount": _amount(value, code), "currency": code}
            yield Caution("spend_without_rate", said)


def _of_credit(named: Sequence[Row], currency: str) -> Iterator[Caution]:
    free = [one for one in named if one.spend is None]
    worth = sum((one.credit.revenue for one in free if one.credit), NOTHING)
    if worth:
        yield Caution(
            "no_spend", {"count": len(free), "amount": _amount(worth, currency), "currency": currency}
        )
    silent = sum(bool(one.spend) and not one.touches for one in named)
    if silent:
        yield Caution("no_touch", {"count": silent})


def _amount(value: Decimal, currency: str) -> str:
    return str(money.rounded(value, currency))
