"""What is said of a message that cannot be used, in the reader's language. It is stored in English, as it was said.

A hint with something put in is known by its pattern. A test finds each hint of channels/mapping here. Not here: the
reasons (inbox/rejects.py).
"""

import functools
import re

from django.utils.translation import get_language, gettext, gettext_noop

HINTS = (
    gettext_noop("A message has at most %(n)s KB: send less with it."),
    gettext_noop("A record has at most %(n)s KB: send less with it."),
    gettext_noop("The type is one of track, identify, page, screen, group, alias."),
    gettext_noop("Say what the message is: track, identify, page, screen, group or alias."),
    gettext_noop('The type is a text: "track", "identify", …'),
    gettext_noop('"%(field)s" is a JSON object: {"name": value, …}.'),
    gettext_noop('A track needs its event\'s name: "event": "Product Viewed".'),
    gettext_noop(
        "Send a userId, an anonymousId or another identifier. Placeholders (0, null, guest …), masked phones and "
        "e-mails without a domain do not count as one."
    ),
    gettext_noop(
        "Send a time from 1970 on: ISO 8601 (2026-11-24T10:00:00Z), or epoch seconds or milliseconds."
    ),
    gettext_noop('An item is a JSON object: {"type": "track", …}.'),
    gettext_noop("Values are nested more than %(n)s levels deep: flatten them."),
    gettext_noop("There is no channel %(name)s: use the short name that the Channels page shows."),
    gettext_noop("%(field)s is a number from 0 to 10^15, as a JSON number or a text like 1234.50."),
    gettext_noop("The currency is a code of ISO 4217: CNY, USD, EUR …"),
    gettext_noop("%(field)s is a whole number."),
    gettext_noop("A scale is the best answer there is: more than 0."),
    gettext_noop("%(field)s is a text or a number of at most %(n)s characters."),
    gettext_noop("products is a list of objects."),
    gettext_noop('A product is an object: {"sku": "A-1", "price": 9.90, "quantity": 1}.'),
    gettext_noop("Say what the record is: %(all)s."),
    gettext_noop("The type is one of %(all)s."),
    gettext_noop("A rate is the worth of one unit in the workspace's currency: more than 0."),
    gettext_noop("Spend needs its date, or from and to."),
    gettext_noop("A %(record)s needs %(field)s."),
    gettext_noop("%(event)s needs %(field)s."),
    gettext_noop("Spend is spread over at most %(n)s days."),
    gettext_noop("The kind of spend is acquisition or retention."),
    gettext_noop("The period ends before it begins."),
    gettext_noop("This message ended the process that worked on it, time and again: report it."),
)
HOLE = re.compile(r"%\((\w+)\)s")


@functools.cache
def patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each hint with what it looks like when something is put in."""
    return tuple((hint, _pattern(hint)) for hint in HINTS)


def _pattern(hint: str) -> re.Pattern[str]:
    parts, at = [], 0
    for hole in HOLE.finditer(hint):
        parts += [re.escape(hint[at : hole.start()]), f"(?P<{hole[1]}>.*?)"]
        at = hole.end()
    return re.compile("".join([*parts, re.escape(hint[at:])]), re.DOTALL)


def told(hint: str) -> str:
    """The hint in the language that is on; as it was said when nobody knows it."""
    if (get_language() or "en").startswith("en"):
        return hint
    for known, pattern in patterns():
        if found := pattern.fullmatch(hint):
            return gettext(known) % found.groupdict() if found.groupdict() else gettext(known)
    return hint
