"""Shapley: what a key adds to a set of others, on the mean over all orders in which they may join.

`worth=conversions`: a set is worth the conversions of paths all of whose keys are in it. The value then has a closed
form (Zhao, Mahboobi and Bagheri, "Shapley Value Methods for Attribution Modeling in Online Advertising", 2018,
arXiv:1804.05327): each converting path is shared alike among its distinct keys. Exact however many keys there are.
`worth=chain`: a set is worth the chance of a conversion in the chain (of order 1) in which only its keys are on. Exact
by all 2^n sets for up to MOST_EXACT keys. Above, the mean over PERMUTATIONS random orders, each taken forwards and
backwards (antithetic, from a fixed seed), with its standard error.
"""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from metrics.attribution.models.base import Fitted, Model, Path, Settings, Shares, Told, Walked, counted

SAMPLING: Final = "antithetic permutation sampling"


def share(path: Path) -> Shares:
    """Each distinct key alike."""
    keys = dict.fromkeys(path.touches, 1)
    return counted(keys, len(keys))


def fit(walked: Walked, settings: Settings) -> Fitted:
    """By the worth asked for."""
    quality: dict[str, Any] = {"worth": settings.worth, "method": "exact"}
    if settings.worth == "conversions" or not walked.converted:
        return Fitted(share, (), quality)
    from metrics.attribution.models.coalitions import PERMUTATIONS, chain_values
    from metrics.attribution.models.fitting import fitted

    values, errors = chain_values(walked)
    total, every = sum(values.values()), sum(walked.converted.values())
    told = [] if walked.lost else [Told("no_lost_paths")]
    if errors and total > 0:
        spread = {walked.keys[key]: every * error / total for key, error in errors.items()}
        told.append(Told("sampled", {"permutations": 2 * PERMUTATIONS, "keys": len(values)}))
        quality |= {"method": SAMPLING, "permutations": 2 * PERMUTATIONS, "standard_errors": spread}
    totals = {key: every * max(value, 0.0) / total for key, value in values.items()} if total > 0 else {}
    return fitted(walked, totals, tuple(told), quality)


SHAPLEY = Model(
    "shapley",
    _("Shapley"),
    _("What a channel adds to the others, on the mean over all orders of joining them."),
    fit,
    whole=True,
)
