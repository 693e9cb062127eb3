"""The roles as somebody chooses one: what each is called, what it may. Not here: seeing to it (kernel/web)."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.models import Role
from kernel.web import access


@dataclass(frozen=True, slots=True)
class Choice:
    """One of them."""

    value: str
    words: Promise
    about: Promise


CHOICES = (
    Choice(
        Role.VIEWER,
        _("Viewer"),
        _("Sees every page, phones and e-mails only masked; changes nothing."),
    ),
    Choice(
        Role.ANALYST,
        _("Analyst"),
        _("Also sees contact data as it is, repairs rejects, joins and splits customers, sets targets."),
    ),
    Choice(
        Role.ADMIN,
        _("Admin"),
        _("Also channels, connectors and keys, members, settings and the audit log."),
    ),
)
WORDS = {one.value: one.words for one in CHOICES}


def up_to(role: str) -> list[Choice]:
    """Those that reach no further than a role."""
    return [one for one in CHOICES if access.reaches(role, one.value)]
