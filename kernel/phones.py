"""Phone numbers: many ways to write one, E.164 out; only numbers that are valid in their country.

Not here: other identifiers (values.py).
"""

import re
import unicodedata

import phonenumbers

from kernel.caches import remembered
from kernel.signs import INVISIBLE, MASKS

REMEMBERED = 20_000  # phones per process

# Where a phone comes without its country. Zones not named here: only +numbers count.
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

_CHINA = phonenumbers.PhoneMetadata.metadata_for_region("CN")
_MOBILE_CN = (_CHINA.mobile.national_number_pattern if _CHINA and _CHINA.mobile else None) or "(?!)"
_QUICK = re.compile(rf"(\+86)?(?:{_MOBILE_CN})\Z", re.ASCII).match
_PHONE = re.compile(r"[+\d \t.()\[\]/\-]{5,40}\Z", re.ASCII)
_THREE = re.compile(r"([.\-])(?:\s*\1){2}")  # dots or dashes: a mask
_BRACKETS = str.maketrans("【】〔〕「」『』〈〉《》", "()()()()()()")
_NOT_A_DIGIT = re.compile(r"\D+", re.ASCII)
LONGEST_CODE = 3  # digits of a country


@remembered(REMEMBERED)
def phone(value: str, region: str = "") -> str | None:
    """E.164 of a number that is valid in its country; None for any other, masked ones and extensions among them."""
    if _chinese_mobile(value, region):
        return "+86" + value[-11:]
    dialled = _dialled(value)
    if dialled is None:
        return None
    if _chinese_mobile(dialled, region):
        return "+86" + dialled[-11:]
    if dialled.startswith("00"):
        return _valid("+" + dialled.lstrip("0"), "") or _valid(dialled, region)
    return _valid(dialled, region)


def _chinese_mobile(value: str, region: str) -> bool:
    """Whether a number is plainly one: most are, and the library takes its time."""
    quick = _QUICK(value)
    return quick is not None and (quick[1] is not None or region == "CN")


def _dialled(value: str) -> str | None:
    """The digits, after a + where the country stands before them: (+86)138…, 0086+138… None for what is no number."""
    tidy = (value if value.isascii() else _ascii(value)).strip().lower().removeprefix("tel:")
    if not _PHONE.match(tidy) or _THREE.search(tidy):
        return None
    before, plus, after = tidy.rpartition("+")
    code, digits = _NOT_A_DIGIT.sub("", before).lstrip("0"), _NOT_A_DIGIT.sub("", after)
    if not plus:
        return digits
    return None if len(code) > LONGEST_CODE else "+" + (code + digits if code else digits.lstrip("0"))


def _ascii(value: str) -> str:
    """The number in the signs of a keyboard: digits of every script, dashes and brackets of every kind."""
    folded = unicodedata.normalize("NFKC", value.translate(INVISIBLE)).translate(MASKS).translate(_BRACKETS)
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in folded)


def _valid(dialled: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(dialled, region or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number) or len(set(str(number.national_number))) == 1:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def region(zone_name: str) -> str:
    """The country whose phones are meant in a zone, or nothing."""
    return REGIONS.get(zone_name, "")
