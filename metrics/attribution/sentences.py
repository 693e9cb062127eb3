"""What attribution's warnings say, in words. Not here: when they are said (answers.py, models/)."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.web import format
from metrics.attribution.models.base import Told

BY: Final[Mapping[str, Promise]] = {
    "channel": gettext_lazy("channel"),
    "campaign": gettext_lazy("campaign"),
    "source": gettext_lazy("source"),
}
CODES: Final = (
    *(
        "no_touch",
        "one_key",
        "touches_without_key",
        "spend_without_campaign",
        "spend_without_rate",
        "missing_cost",
    ),
    *("no_lost_paths", "sampled", "nothing_to_learn_from", "few_conversions", "no_better_than_chance"),
)


def sentence(told: Told, currency: str) -> str:
    """A warning in the language that is on."""
    given = {name: _value(name, value, currency) for name, value in told.values.items()}
    return _words(told.code) % given


def _value(name: str, value: Any, currency: str) -> str:
    if name == "amount":
        return format.money(value, currency)
    if name == "by":
        return str(BY[value])
    return format.number(value) if isinstance(value, int) else str(value)


def _words(code: str) -> str:
    """The sentence of a code; its places are those of the warning's values."""
    return {
        "no_touch": _(
            "No order of this period has a touch before it: every model leaves all of it without one."
        ),
        "one_key": _(
            "All touches are of one %(by)s: every model gives it all, and there is nothing to compare."
        ),
        "touches_without_key": _(
            "The paths of %(n)s orders have touches that name no %(by)s: their credit stands in the last row."
        ),
        "spend_without_campaign": _("Spend without campaign: %(amount)s stand in no row."),
        "spend_without_rate": _("Spend in %(currencies)s has no exchange rate and stands in no row."),
        "missing_cost": _(
            "%(n)s order lines without a known cost, %(amount)s of revenue, are in no margin and no ROI."
        ),
        "no_lost_paths": _(
            "No path ended without an order, so that the chain can tell only which channels stand on how many paths."
        ),
        "sampled": _(
            "%(keys)s are too many for all their sets: the mean of %(permutations)s orders of joining, "
            "with its standard error."
        ),
        "nothing_to_learn_from": _(
            "There are no paths of both kinds, with and without an order: each channel of a path gets alike."
        ),
        "few_conversions": _(
            "%(n)s of the rarer outcome are too few for this model: %(needed)s are needed. Do not rely on it."
        ),
        "no_better_than_chance": _(
            "On paths it had not seen, this model did no better than the mean rate. Do not rely on it."
        ),
    }[code]
