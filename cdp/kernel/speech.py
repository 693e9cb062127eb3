"""Numbers, money, dates and spans of time as people read them, in the language that is on.

Not here: what a number means, templates (templatetags/huiliu.py only wraps these).
"""

import json
import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

NOTHING = "–"
MINUS = "−"
SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "JP¥", "KRW": "₩"}
# From which amount on, in which unit, with how many decimals, and the unit's name.
SHORT = ((10**9, 10**9, 2, " B"), (10**6, 10**6, 2, " M"), (10**4, 10**3, 1, " k"))
SHORT_CHINESE = ((10**8, 10**8, 1, "亿"), (10**4, 10**4, 1, "万"))
WITHOUT_CENTS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
WEEKDAYS_ZH = "一二三四五六日"
MINUTE, HOUR, DAY = 60, 3600, 86400  # seconds
AGO_LIMIT = HOUR  # older than this, the time itself is said


def chinese() -> bool:
    """Whether the language that is on is Chinese."""
    return (get_language() or "en").startswith("zh")


def decimal(value: Any) -> Decimal | None:
    """A number out of what the query or a form gave; None for nothing or nonsense."""
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _round(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def number(value: Any, places: int | None = None) -> str:
    """`61,931`; as many decimals as asked, at most three significant ones otherwise."""
    amount = decimal(value)
    if amount is None:
        return NOTHING
    if places is None:
        text = f"{_round(amount, 3):f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        whole, dot, rest = text.lstrip("-").partition(".")
        text = f"{int(whole):,}{dot}{rest}"
    else:
        text = f"{abs(_round(amount, places)):,f}"
    return (MINUS if amount < 0 and text.strip("0.,") else "") + text


def symbol(currency: str) -> str:
    """What stands before an amount: a sign where there is one, else the code and a gap."""
    return SYMBOLS.get(currency, f"{currency} ")


def money(value: Any, currency: str = "CNY") -> str:
    """To the cent: `¥8,769,581.00`, `−¥899.00`."""
    amount = decimal(value)
    if amount is None:
        return NOTHING
    places = 0 if currency in WITHOUT_CENTS else 2
    shown = _round(abs(amount), places)
    return (MINUS if amount < 0 and shown else "") + symbol(currency) + f"{shown:,f}"


def money_short(value: Any, currency: str = "CNY") -> str:
    """For cards and axes: `¥8.77 M`, `¥365.9 k`; `¥877.0万`, `¥1.2亿`."""
    amount = decimal(value)
    if amount is None:
        return NOTHING
    size, sign = abs(amount), MINUS if amount < 0 else ""
    for least, unit, places, word in SHORT_CHINESE if chinese() else SHORT:
        if size >= least:
            return f"{sign}{symbol(currency)}{_round(size / unit, places):,f}{word}"
    return money(amount, currency)


def percent(value: Any, places: int = 1) -> str:
    """A share as a percentage: `12.0%`."""
    amount = decimal(value)
    return NOTHING if amount is None else number(amount * 100, places) + "%"


def base(numerator: Any, denominator: Any) -> str:
    """What a percentage is of: `1,516 of 12,669`."""
    return _("%(part)s of %(whole)s") % {"part": number(numerator), "whole": number(denominator)}


def in_unit(value: Any, unit: str, currency: str = "CNY", short: bool = False) -> str:
    """A metric's value in its unit."""
    if decimal(value) is None:
        return NOTHING
    if unit == "money":
        return money_short(value, currency) if short else money(value, currency)
    if unit in {"share", "percent"}:
        return percent(value)
    if unit in {"turns", "ratio"}:
        return number(value, 3)
    return number(value)


# ---- dates --------------------------------------------------------------------------------------


def as_date(value: Any) -> date | None:
    """A date out of a date, a moment (in the zone that is on) or an ISO text."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return (localtime(value) if value.tzinfo else value).date()
    return value if isinstance(value, date) else None


def as_moment(value: Any) -> datetime | None:
    """A moment in the zone that is on."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        return localtime(value) if value.tzinfo else value.replace(tzinfo=get_current_timezone())
    except OverflowError:  # the first or the last hours of the calendar
        return None


def day(value: Any, year: bool = False) -> str:
    """`22 Nov`, `22 Nov 2026`; `11月22日`, `2026年11月22日`."""
    found = as_date(value)
    if found is None:
        return NOTHING
    if chinese():
        return (f"{found.year}年" if year else "") + f"{found.month}月{found.day}日"
    return f"{found.day} {MONTHS[found.month - 1]}" + (f" {found.year}" if year else "")


def weekday(value: date) -> str:
    """`Mon`, `周一`."""
    return f"周{WEEKDAYS_ZH[value.weekday()]}" if chinese() else WEEKDAYS[value.weekday()]


def near_day(value: Any) -> str:
    """A day, with its year when that is not this one."""
    found = as_date(value)
    return NOTHING if found is None else day(found, year=found.year != localtime().year)


def moment(value: Any, seconds: bool = False) -> str:
    """`22 Nov 10:41`, `11月22日 10:41`."""
    found = as_moment(value)
    if found is None:
        return NOTHING
    return f"{near_day(found)} {found:%H:%M:%S}" if seconds else f"{near_day(found)} {found:%H:%M}"


def clock(value: Any, milliseconds: bool = False) -> str:
    """`10:41:52`, or `10:41:52.318`."""
    found = as_moment(value)
    if found is None:
        return NOTHING
    return f"{found:%H:%M:%S}" + (f".{found.microsecond // 1000:03d}" if milliseconds else "")


def days(first: date, last: date) -> str:
    """A range, both ends inside: `24 Oct – 22 Nov 2026`, `2026年10月24日 – 11月22日`."""
    if first == last:
        return day(first, year=True)
    same = first.year == last.year
    if chinese():
        return f"{day(first, year=True)} – {day(last, year=not same)}"
    return f"{day(first, year=not same)} – {day(last, year=True)}"


def duration(seconds: Any) -> str:
    """`1.4 s`, `1 min 20 s`, `2.3 d`."""
    amount = decimal(seconds)
    if amount is None:
        return NOTHING
    amount = max(amount, Decimal(0))
    if amount < 10:
        return _("%(n)s s") % {"n": number(amount, 1)}
    if amount < MINUTE:
        return _("%(n)s s") % {"n": int(amount)}
    if amount < HOUR:
        return _("%(minutes)s min %(seconds)s s") % {
            "minutes": int(amount) // MINUTE,
            "seconds": int(amount) % MINUTE,
        }
    if amount < DAY:
        return _("%(n)s h") % {"n": number(amount / HOUR, 1)}
    return _("%(n)s d") % {"n": number(amount / DAY, 1)}


def ago(value: Any, now: datetime | None = None) -> str:
    """`4 s ago` under an hour, then the time itself."""
    found = as_moment(value)
    if found is None:
        return NOTHING
    gone = (now or localtime()) - found
    if timedelta(0) <= gone < timedelta(seconds=AGO_LIMIT):
        return _("%(time)s ago") % {"time": duration(int(gone.total_seconds()))}
    return moment(found)


# ---- changes ------------------------------------------------------------------------------------


def change(now: Any, before: Any, unit: str, good: str) -> dict[str, Any] | None:
    """The step from one value to another: direction, figure, and whether it is better, by the metric's own good."""
    new, old = decimal(now), decimal(before)
    if new is None or old is None:
        return None
    points = unit in {"share", "percent"}
    if not points and old == 0:
        return None
    step = new - old if points else (new - old) / abs(old)
    figure = number(abs(step) * 100, 1)
    rises = step > 0
    text = _("%(n)s pts") % {"n": figure} if points else f"{figure}%"
    if not figure.strip("0."):
        return {"class": "flat", "icon": "minus", "text": text, "word": _("unchanged"), "step": step}
    better = None if good not in {"up", "down"} else rises == (good == "up")
    word = {True: _("better"), False: _("worse"), None: _("more") if rises else _("less")}[better]
    kind = {True: "good", False: "bad", None: "flat"}[better]
    return {
        "class": kind,
        "icon": "arrow-up-right" if rises else "arrow-down-right",
        "text": text,
        "word": word,
        "step": step,
    }


def counted(count: int, one: str, many: str) -> str:
    """A count with its noun: both forms are message ids already marked with ngettext."""
    return ngettext(one, many, count) % {"n": number(count)}


def readable(value: Any) -> str:
    """JSON to read, indented; what is no JSON stays as it is."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return str(value)
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def initials(name: str) -> str:
    """Two letters for a round picture: `LX`; one character of a Chinese name."""
    words: list[str] = re.findall(r"\w+", name or "")
    if not words:
        return "?"
    if ord(words[0][0]) > 0x2E80:
        return words[0][0]
    return "".join(word[0] for word in words[:2]).upper()
