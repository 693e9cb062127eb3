"""Values in the one form that all channels share: SKUs, genders, birthdays, provinces, cities.
A cleaning rule's `standard` names one.

A value that cannot be read stays as it is: `allowed` and `pattern` refuse.
Not here: phones, e-mails (kernel/values.py), what an address fills in beside itself (regions.py).
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from channels.language import regions
from kernel import values

DASHES: Final = re.compile(r"[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
BLANKS: Final = re.compile(r"\s+")
EARLIEST: Final = 1900  # year of a birthday
_DAY: Final = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s].*)?\Z|(\d{4})(\d\d)(\d\d)\Z", re.ASCII
)

# As ISO 5218, WeChat and the marketplaces count (1, 2), and as people write it.
GENDERS: Final = {
    "male": ("1", "m", "male", "man", "男", "男性", "先生"),
    "female": ("2", "f", "female", "woman", "女", "女性", "女士", "小姐"),
    "unknown": ("0", "9", "u", "unknown", "secret", "未知", "保密", "不详"),
}
_GENDER: Final = {word: gender for gender, words in GENDERS.items() for word in words}


def sku(value: Any) -> Any:
    """`ab－100 l` and `AB-100L` are one article: no blanks, one dash, capitals, 70001.0 is 70001."""
    found = values.own_id(value)
    if found is None:
        return value
    return DASHES.sub("-", BLANKS.sub("", unicodedata.normalize("NFKC", found))).upper()


def gender(value: Any) -> Any:
    """male, female or unknown."""
    found = values.text(value)
    return value if found is None else _GENDER.get(_plain(found).casefold(), value)


def birthday(value: Any) -> Any:
    """`1990-01-05`; of a date with a time the date alone, as it is written."""
    found = values.text(value)
    read = None if found is None else _DAY.match(_plain(found))
    if read is None:
        return value
    year, month, day = (int(one) for one in read.groups() if one is not None)
    try:
        return date(year, month, day).isoformat() if year >= EARLIEST else value
    except ValueError:
        return value


def _plain(found: str) -> str:
    return unicodedata.normalize("NFKC", found).strip()


ADDRESS: Final = "address"  # it stays as it is, and says what is missing beside it
ALL: Final[dict[str, Callable[[Any], Any]]] = {
    "sku": sku,
    "gender": gender,
    "birthday": birthday,
    "province": regions.province,
    "city": regions.city,
    ADDRESS: lambda value: value,
}
