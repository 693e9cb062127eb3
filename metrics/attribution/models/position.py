"""Position: 40 % to the first touch, 40 % to the last, 20 % to those between, alike. Of two each gets half."""

from collections import Counter

from django.utils.translation import gettext_lazy as _

from metrics.attribution.models.base import Model, Path, Shares, counted, plain

ENDS, BETWEEN = 2, 1  # of five: each end, and all between together


def share(path: Path) -> Shares:
    """40/20/40; of two touches 50/50, one gets all."""
    touches = path.touches
    between = touches[1:-1]
    parts = Counter[int]()
    if not between:
        for end in {0, len(touches) - 1}:
            parts[touches[end]] += 1
        return counted(parts, sum(parts.values()))
    for key in (touches[0], touches[-1]):
        parts[key] += ENDS * len(between)
    for key in between:
        parts[key] += BETWEEN
    return counted(parts, (2 * ENDS + BETWEEN) * len(between))


POSITION = Model(
    "position",
    _("Position 40-20-40"),
    _("40% to the first touch, 40% to the last, 20% to those between."),
    plain(share),
)
