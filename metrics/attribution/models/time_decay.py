"""Time decay: a touch weighs half as much for each seven days it lies before the order."""

from django.utils.translation import gettext_lazy as _

from metrics.attribution.models.base import Model, Path, Shares, plain, weighed

HALF_LIFE_SECONDS = 7 * 86_400


def share(path: Path) -> Shares:
    """By the ages of the touches of one order."""
    newest = min(path.ages)  # so that no weight is too small to be told
    weights: dict[int, float] = {}
    for key, age in zip(path.touches, path.ages, strict=True):
        weights[key] = weights.get(key, 0.0) + 0.5 ** ((age - newest) / HALF_LIFE_SECONDS)
    return weighed(weights)


TIME_DECAY = Model(
    "time_decay",
    _("Time decay"),
    _("A touch weighs half as much for each 7 days it lies before the order."),
    plain(share),
    timed=True,
)
