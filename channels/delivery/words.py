"""Why a delivery did not go out, in words. What a server did stands in kernel/outside.py."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext, gettext_noop

from kernel import outside

NO_CONSENT, CAPPED, QUIET = "no_consent", "capped", "quiet"
PRIVATE, NOBODY, GONE, NO_ADDRESS = "private_address", "nobody", "gone", "no_address"
HELD_OUT, NO_DESTINATION, UNMADE, DIED = "held_out", "no_destination", "not_made", "died"

SENTENCES: Final[Mapping[str, str]] = {
    NO_CONSENT: gettext_noop("They have not consented to being sent this."),
    CAPPED: gettext_noop("They were sent enough within this time."),
    QUIET: gettext_noop("It is the time of rest."),
    PRIVATE: gettext_noop(
        "The server lies in a private network, which is not called. If it is meant: name it in HUILIU_ALLOW_ADDRESSES."
    ),
    NOBODY: gettext_noop("It is about nobody that is known, and this goes to people."),
    GONE: gettext_noop("The person is not kept here any more."),
    NO_ADDRESS: gettext_noop("Nothing is known by which they could be reached."),
    HELD_OUT: gettext_noop("They are held out, to see what sending does."),
    NO_DESTINATION: gettext_noop("The destination was deleted before."),
    UNMADE: gettext_noop("The request could not be made of these values: please report it."),
    DIED: gettext_noop("Whoever sent it ended several times while at it."),
}


def said(code: str, params: Mapping[str, Any] | None) -> str:
    """The sentence of a reason, in the reader's language; empty for none."""
    if code in SENTENCES:
        return gettext(SENTENCES[code])
    return outside.said(code, params or {}) if code else ""
