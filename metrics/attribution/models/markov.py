"""Markov: how many conversions the chain loses when a key is taken out of it, in proportion.

The removal effect of a key is 1 - P(conversion without it) / P(conversion), as Anderl, Becker, von Wangenheim and
Schumann have it ("Mapping the customer journey", International Journal of Research in Marketing 33, 2016), solved for
as a linear system, not simulated. A key's conversions are its part of all removal effects. Paths are shared so that
they come to that (fitting.py). Paths without a conversion count.
"""

from django.utils.translation import gettext_lazy as _

from metrics.attribution.models.base import Fitted, Model, Settings, Told, Walked


def removal_effects(walked: Walked, order: int = 1) -> dict[int, float]:
    """Of each key on a path; nothing without a conversion."""
    from metrics.attribution.models.chain import Chain, keys_of

    chain = Chain(walked, order)
    whole = chain.converts() if walked.converted else 0.0
    if not whole > 0:
        return {}
    return {key: max(0.0, 1 - chain.converts(key) / whole) for key in keys_of(walked)}


def conversions(walked: Walked, order: int = 1) -> dict[int, float]:
    """What each key gets of the conversions with a touch."""
    return _shared(walked, removal_effects(walked, order))


def _shared(walked: Walked, effects: dict[int, float]) -> dict[int, float]:
    total, every = sum(effects.values()), sum(walked.converted.values())
    return {key: every * effect / total for key, effect in effects.items()} if total > 0 else {}


def fit(walked: Walked, settings: Settings) -> Fitted:
    """Shares that come to the removal effects."""
    from metrics.attribution.models.fitting import fitted

    told = () if walked.lost else (Told("no_lost_paths"),)
    effects = removal_effects(walked, settings.order)
    quality = {
        "order": settings.order,
        "removal_effects": {walked.keys[key]: effect for key, effect in effects.items()},
    }
    return fitted(walked, _shared(walked, effects), told, quality)


MARKOV = Model(
    "markov",
    _("Markov"),
    _("By how many conversions the chain of all paths loses without a channel."),
    fit,
    whole=True,
)
