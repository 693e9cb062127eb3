"""Last touch that was not direct. Direct is a touch that names neither a campaign nor a source."""

from django.utils.translation import gettext_lazy as _

from metrics.attribution.models.base import Model, Path, Share, Shares, plain


def share(path: Path) -> Shares:
    """All to the last touch that names a campaign or a source; where none does, to the last one."""
    return (Share(path.named, 1, 1),)


LAST_NON_DIRECT = Model(
    "last_non_direct",
    _("Last non-direct"),
    _("All to the last touch that names a campaign or a source; where none does, to the last one."),
    plain(share),
)
