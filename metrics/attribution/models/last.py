"""Last touch: what came just before an order gets all of it."""

from django.utils.translation import gettext_lazy as _

from metrics.attribution.models.base import Model, Path, Share, Shares, plain


def share(path: Path) -> Shares:
    """All to the last touch."""
    return (Share(path.touches[-1], 1, 1),)


LAST = Model("last", _("Last touch"), _("All to the last touch."), plain(share))
