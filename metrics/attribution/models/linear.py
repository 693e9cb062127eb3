"""Linear: each touch alike."""

from collections import Counter

from django.utils.translation import gettext_lazy as _

from metrics.attribution.models.base import Model, Path, Shares, counted, plain


def share(path: Path) -> Shares:
    """Each touch alike, however often a key comes."""
    return counted(Counter(path.touches), len(path.touches))


LINEAR = Model("linear", _("Linear"), _("Each touch alike."), plain(share))
