"""The values that stand in a rule: texts, numbers, lengths of time, days. Not here: conditions (rule.py)."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _

from kernel import normalise
from kernel.errors import BadRequest
from metrics.journeys.asking import LENGTH, LONGEST, SECONDS

CODE: Final = "bad_rule"
LONGEST_TEXT: Final = 500  # characters
MOST_VALUES: Final = 1_000  # of a list
COMPARED: Final = ("gt", "gte", "lt", "lte", "is")
LARGEST: Final = Decimal(10) ** 15
PLACES: Final = 6  # decimals of a number
SLUG: Final = re.compile(r"[A-Za-z0-9_-]{1,60}", re.ASCII)
KIND: Final = re.compile(r"[a-z0-9_.:-]{1,60}", re.ASCII)
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def wrong(place: str, sentence: str) -> BadRequest:
    """What cannot be, and where in the rule it stands."""
    return BadRequest(f"{place}: {sentence}", CODE)


def text(given: Any, place: str) -> str:
    """Some text."""
    if not isinstance(given, str) or not given.strip() or len(given) > LONGEST_TEXT:
        raise wrong(place, _("this is a text of 1 to %(n)s characters.") % {"n": LONGEST_TEXT})
    return given.strip()


def matching(given: Any, place: str, form: re.Pattern[str], sentence: str) -> str:
    """A text of a form, or the sentence."""
    if not isinstance(given, str) or not form.fullmatch(given):
        raise wrong(place, sentence)
    return given


def listed(given: Any, place: str, most: int) -> list[Any]:
    """A list with something in it, and not too much."""
    if not isinstance(given, list) or not given:
        raise wrong(place, _("this is a list with at least one entry."))
    if len(given) > most:
        raise wrong(place, _("this list has more than %(n)s entries.") % {"n": most})
    return given


def number(given: Any, place: str, *, whole: bool = False) -> Decimal:
    """A number, as a number or as text."""
    found = None
    if isinstance(given, int | float | str) and not isinstance(given, bool) and len(str(given)) <= 40:
        try:
            found = Decimal(str(given).strip())
        except InvalidOperation:
            found = None
    if found is None or not found.is_finite() or abs(found) > LARGEST or _places(found) > PLACES:
        raise wrong(place, _("this is a number with at most six decimals, for example 3 or “500.00”."))
    if whole and (found != found.to_integral_value() or found < 0):
        raise wrong(place, _("this is a whole number from 0 on."))
    return found


def _places(found: Decimal) -> int:
    exponent = found.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def sizes(given: Any, place: str, *, whole: bool = False) -> tuple[tuple[str, Decimal], ...]:
    """Comparisons like {"gte": 3, "lt": 10}."""
    if not isinstance(given, dict) or not given or not set(given) <= set(COMPARED):
        raise wrong(
            place, _('this is an object like {"gte": 3}, with %(words)s.') % {"words": ", ".join(COMPARED)}
        )
    return tuple((sign, number(value, f"{place}.{sign}", whole=whole)) for sign, value in given.items())


def length(given: Any, place: str) -> timedelta:
    """A length of time like 30d."""
    found = LENGTH.fullmatch(given.strip()) if isinstance(given, str) else None
    lasts = timedelta(seconds=int(found[1]) * SECONDS[found[2]]) if found else timedelta(0)
    if not timedelta(0) < lasts <= LONGEST:
        raise wrong(
            place,
            _("this is a number with m, h, d or w behind it, for example 30d, and at most %(n)s days.")
            % {"n": LONGEST.days},
        )
    return lasts


def days(given: Any, place: str) -> tuple[date, date]:
    """Two days, both inside."""
    sentence = _('these are two days, the earlier one first, for example ["2026-01-01", "2026-01-31"].')
    if not isinstance(given, list) or len(given) != 2:
        raise wrong(place, sentence)
    first, last = (_day(one) for one in given)
    if first is None or last is None or last < first:
        raise wrong(place, sentence)
    return first, last


def _day(given: Any) -> date | None:
    if not isinstance(given, str) or not DAY.fullmatch(given):
        return None
    try:
        found = date.fromisoformat(given)
    except ValueError:
        return None
    return found if 1970 <= found.year <= 2999 else None


def compared(test: str, given: Any, place: str) -> Any:
    """What a trait is compared with: a text, number or yes-or-no, a list of them, a time, a length of time."""
    if test == "exists":
        if not isinstance(given, bool):
            raise wrong(place, _("this is true or false."))
        return given
    if test == "in":
        return tuple(_scalar(one, f"{place}[{n}]") for n, one in enumerate(listed(given, place, MOST_VALUES)))
    if test in ("is", "is_not"):
        return _scalar(given, place)
    if test == "contains":
        return text(given, place)
    if test == "within_last":
        return length(given, place)
    return _moment(given, place) if test in ("before", "after") else number(given, place)


def _scalar(given: Any, place: str) -> str | bool | Decimal:
    if isinstance(given, bool):
        return given
    if isinstance(given, int | float):
        return number(given, place)
    return text(given, place)


def _moment(given: Any, place: str) -> date | datetime:
    """A day, or a moment; a moment without an offset is UTC's."""
    found = _day(given)
    if found is None and isinstance(given, str) and len(given) > len("2026-01-01"):
        found = normalise.moment(given)
    if found is None:
        raise wrong(place, _("this is a day like 2026-01-31, or a time like 2026-01-31T08:00:00Z."))
    return found
