"""First touch: what began the way to an order gets all of it."""

from django.utils.translation import gettext_lazy as _

from metrics.attribution.models.base import Model, Path, Share, Shares, plain


def share(path: Path) -> Shares:
    """All to the first touch."""
    return (Share(path.touches[0], 1, 1),)


FIRST = Model("first", _("First touch"), _("All to the first touch."), plain(share))
