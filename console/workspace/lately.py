"""How long ago something was that is known to the minute. Not here: what is known to the second (kernel/web/format)."""

from datetime import datetime

from django.utils.translation import gettext as _

from kernel.web import access, format


def ago(at: datetime | None, now: datetime) -> str:
    """In words; "" for never."""
    if at is None:
        return ""
    return _("just now") if now - at < 2 * access.USED_EVERY else format.ago(at, now)
