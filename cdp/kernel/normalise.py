"""Values as people and systems write them, made one: identifiers, names, texts, times.

Not here: amounts (money.py), which fields of a message carry what (channels/mapping). A new form of identifier
value: a function and its line in FORMS.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

import phonenumbers

from cdp.kernel.remembered import remembered

LONGEST_VALUE = 1_024  # characters of an identifier's value; a longer one is none
LONGEST_TIME = 64  # characters
LARGEST_NUMBER = 10**15  # a number with decimals from here on is no name of anything
REMEMBERED = 20_000  # phones and e-mails per process

# What clients send when they have nothing to send. Compared without case; runs of zeros and dashes too.
_SAID_FOR_NOTHING = """-1 null undefined none nil nan n/a na anonymous guest unknown invalid empty true false id email
user_id distinctid distinct_id not_authenticated unauthenticated shopify-admin (null) (none)"""
PLACEHOLDERS = frozenset(_SAID_FOR_NOTHING.split()) | {
    "[object object]",
    "[object null]",
    "[object undefined]",
    "not set",
}
_ZEROS = re.compile(r"[0\-]*\Z")
_INVISIBLE = dict.fromkeys(map(ord, "\x00\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))

# Whose numbers are meant where a phone comes without its country. Zones not named here: only +numbers count.
REGIONS = {
    "Asia/Shanghai": "CN",
    "Asia/Chongqing": "CN",
    "Asia/Harbin": "CN",
    "Asia/Urumqi": "CN",
    "PRC": "CN",
    "Asia/Hong_Kong": "HK",
    "Asia/Macau": "MO",
    "Asia/Taipei": "TW",
    "Asia/Tokyo": "JP",
    "Asia/Seoul": "KR",
    "Asia/Singapore": "SG",
    "Asia/Kuala_Lumpur": "MY",
    "Asia/Bangkok": "TH",
    "Asia/Jakarta": "ID",
    "Asia/Manila": "PH",
    "Asia/Ho_Chi_Minh": "VN",
    "Asia/Kolkata": "IN",
    "Asia/Dubai": "AE",
    "Australia/Sydney": "AU",
    "Australia/Melbourne": "AU",
    "Pacific/Auckland": "NZ",
    "Europe/London": "GB",
    "Europe/Dublin": "IE",
    "Europe/Paris": "FR",
    "Europe/Berlin": "DE",
    "Europe/Vienna": "AT",
    "Europe/Zurich": "CH",
    "Europe/Madrid": "ES",
    "Europe/Lisbon": "PT",
    "Europe/Rome": "IT",
    "Europe/Amsterdam": "NL",
    "Europe/Brussels": "BE",
    "Europe/Stockholm": "SE",
    "Europe/Warsaw": "PL",
    "Europe/Moscow": "RU",
    "America/New_York": "US",
    "America/Chicago": "US",
    "America/Denver": "US",
    "America/Los_Angeles": "US",
    "America/Toronto": "CA",
    "America/Vancouver": "CA",
    "America/Sao_Paulo": "BR",
    "America/Mexico_City": "MX",
}


def text(value: object) -> str | None:
    """A text or whole number as text, without outer blanks and what cannot be seen; None where there is none."""
    if isinstance(value, str):
        found = value if value.isascii() and "\x00" not in value else _visible(value)
        return found.strip() or None
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f") if abs(value) < LARGEST_NUMBER else None
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f") if abs(value) < LARGEST_NUMBER else None
    return None


def _visible(value: str) -> str:
    return unicodedata.normalize("NFC", value.translate(_INVISIBLE))


def blocked(value: str) -> bool:
    """Whether a value is a placeholder that many senders share."""
    return value.casefold() in PLACEHOLDERS or _ZEROS.match(value) is not None


# --- identifiers -----------------------------------------------------------------------------------------------

_MOBILE_CN = re.compile(r"(?:\+86)?1[3-9]\d{9}\Z", re.ASCII)
_PHONE = re.compile(r"\+?[\d \t.()/\-]{5,30}\Z", re.ASCII)
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"), "-")
_EMAIL = re.compile(
    r"[^\s@*\"<>(),;:\\\[\]\x00-\x1f]{1,64}@(?:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9\-]{0,61}[a-z0-9]\Z"
)
LONGEST_EMAIL = 254  # RFC 5321


@remembered(REMEMBERED)
def phone(value: str, region: str = "") -> str | None:
    """E.164, or None: masked, with an extension (a relay's), too short, too long, or all one digit."""
    if region == "CN" and value.isascii() and _MOBILE_CN.match(value):
        return "+86" + value[-11:]
    tidy = unicodedata.normalize("NFKC", value).translate(_DASHES).strip().removeprefix("tel:")
    if not _PHONE.match(tidy):
        return None
    try:
        number = phonenumbers.parse(tidy, region or None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    national = str(number.national_number)
    if len(set(national)) == 1 or not _could_be(number.country_code, national):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _could_be(country: int | None, national: str) -> bool:
    """China's eleven digits that begin with 1 are mobiles or nothing."""
    return country != 86 or not (len(national) == 11 and national[0] == "1") or national[1] in "3456789"


@remembered(REMEMBERED)
def email(value: str, region: str = "") -> str | None:
    """Lower case, its domain in ASCII, or None: no @, no domain with a dot, masked."""
    tidy = value.lower() if value.isascii() else unicodedata.normalize("NFKC", value).lower()
    local, at, domain = tidy.strip().removeprefix("mailto:").rpartition("@")
    if not at:
        return None
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    whole = f"{local}@{domain.rstrip('.')}"
    return whole if len(whole) <= LONGEST_EMAIL and _EMAIL.match(whole) else None


def _plain(value: str, region: str = "") -> str | None:
    """An id that only its own system understands: nothing is changed in it."""
    return value


FORMS: dict[str, Callable[[str, str], str | None]] = {"phone": phone, "email": email}


def identifier(kind: str, value: object, region: str = "") -> str | None:
    """The one form of an identifier's value, or None: it is no identifier (blank, blocked, malformed)."""
    found = text(value)
    if found is None or len(found) > LONGEST_VALUE or blocked(found):
        return None
    return FORMS.get(kind, _plain)(found, region)


def region(zone_name: str) -> str:
    """The country whose phones are meant in a zone, or nothing."""
    return REGIONS.get(zone_name, "")


# --- names -----------------------------------------------------------------------------------------------------

_BLANKS = re.compile(r"\s+")


def name(value: str) -> str:
    """A person's or thing's name: single blanks, nothing invisible, full-width letters made plain."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", value.translate(_INVISIBLE))).strip()


# --- times -----------------------------------------------------------------------------------------------------

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM = 10**11  # from here on a number of an epoch is taken as milliseconds
_LOOSE = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[Tt\s]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?"
    r"\s*(Z|z|[+-]\d{2}:?\d{2})?\Z",
    re.ASCII,
)


def whole(text: str, least: int, most: int) -> int | None:
    """A whole number as a person types it, in digits alone; None for anything else."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most))):
        return None
    number = int(text)
    return number if least <= number <= most else None


def moment(value: object, where: tzinfo = UTC) -> datetime | None:
    """A time as sent, in UTC; None when it cannot be read or lies before 1970. `where`: times without an offset."""
    try:
        found = _written(value, where) if isinstance(value, str) else _counted(value)
    except (ValueError, OverflowError, ArithmeticError):
        return None
    return found if found is not None and found >= EPOCH else None


def beyond(value: object) -> bool:
    """Whether what `moment` cannot read is a number of an epoch: a time after the calendar's end."""
    if isinstance(value, str):
        digits = value.strip()
        return (
            len(digits) <= LONGEST_TIME
            and digits.isascii()
            and digits.isdigit()
            and int(digits) > MILLISECONDS_FROM
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value > MILLISECONDS_FROM


def _written(value: str, where: tzinfo) -> datetime | None:
    if len(value) > LONGEST_TIME:
        return None
    if value[4:5] != "-":
        value = value.strip()
        if value.isascii() and value.replace(".", "", 1).isdigit() and len(value) != len("20261124"):
            return _counted(Decimal(value))
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = _loose(value.strip())
    if found.tzinfo is UTC:
        return found
    return found.replace(tzinfo=where).astimezone(UTC) if found.tzinfo is None else found.astimezone(UTC)


def _loose(value: str) -> datetime:
    """2026/1/5 9:03, 2026-01-05 09:03:00 +0800 and the like."""
    match = _LOOSE.match(value)
    if not match:
        raise ValueError(value)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    clock = f"{int(hour or 0):02}:{int(minute or 0):02}:{int(second or 0):02}.{(fraction or '0')[:6]:0<6}"
    return datetime.fromisoformat(f"{year}-{int(month):02}-{int(day):02}T{clock}{(offset or '').upper()}")


def _counted(value: object) -> datetime | None:
    """Epoch seconds, or milliseconds where the number is that large."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not 0 <= exact < 10**17:
        return None
    if exact >= MILLISECONDS_FROM:
        exact /= 1000
    return EPOCH + timedelta(microseconds=int(exact * 1_000_000))
