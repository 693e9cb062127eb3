"""The words of suggested matches: fields, degrees of likeness, states. Not here: the page (matches.py)."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

FIELDS: Final[dict[str, Promise]] = {
    "name": pgettext_lazy("person", "Name"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "birthday": _("Birthday"),
    "address": _("Address"),
    "city": _("City"),
    "region": _("Province"),
    "postal_code": _("Postal code"),
    "gender": _("Gender"),
    "id_number": _("Identity number"),
}
LEVELS: Final[dict[str, Promise]] = {
    "exact": pgettext_lazy("likeness", "the same"),
    "sounds_alike": _("sounds the same"),
    "reversed": _("first and last name exchanged"),
    "very_similar": pgettext_lazy("likeness", "very similar"),
    "similar": pgettext_lazy("likeness", "similar"),
    "family_name": _("the same family name"),
    "given_name": _("the same given name"),
    "typing_error": _("one typing error"),
    "typing_errors": _("two typing errors"),
    "mailbox": _("the same before the @"),
    "day_and_month_exchanged": _("day and month exchanged"),
    "house_number": _("the same house number"),
    "different": pgettext_lazy("likeness", "different"),
    "missing": _("known of one alone"),
}
STATES: Final[dict[str, Promise]] = {
    "open": pgettext_lazy("suggestions", "Open"),
    "later": pgettext_lazy("suggestions", "Later"),
    "accepted": pgettext_lazy("suggestions", "Accepted"),
    "refused": pgettext_lazy("suggestions", "Refused"),
}


def field(name: str) -> str:
    """A field of a customer."""
    return str(FIELDS[name])


def level(name: str) -> str:
    """How alike two values are."""
    return str(LEVELS[name])


def state(name: str) -> str:
    """What became of suggestions."""
    return str(STATES[name])
