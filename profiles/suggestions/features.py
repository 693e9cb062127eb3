"""A customer as two are compared: what was said of a person, each in a form in which the same is alike.

What is nobody's (a placeholder, a masked value) is nothing here. Not here: whose values they are (reading.py),
names (names.py), how alike two values are (model.py).
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

from kernel import values
from profiles.suggestions import names as naming

# What a trait is compared as: the first of these that says anything.
SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "full_name", "fullName", "real_name", "姓名"),
    "first": ("first_name", "firstName", "given_name"),
    "last": ("last_name", "lastName", "surname", "family_name"),
    "birthday": ("birthday", "birth_date", "birthdate", "date_of_birth", "dob", "生日"),
    "gender": ("gender", "sex", "性别"),
    "address": ("address", "street_address", "street", "地址"),
    "city": ("city", "城市"),
    "region": ("state", "province", "region", "省份"),
    "postcode": ("postal_code", "postalCode", "postcode", "zip"),
    "document": ("id_number", "id_card", "national_id", "passport"),
    "phone": ("phone", "mobile"),
    "email": ("email",),
}
TRAITS = tuple(name for spellings in SPELLINGS.values() for name in spellings)
_OF_ADDRESS = {  # Segment's `address`, an object
    "address": ("street", "address", "line1", "detail"),
    "city": ("city", "district"),
    "region": ("state", "province", "region"),
    "postcode": ("postalCode", "postal_code", "zip"),
}
_GENDERS = {
    **dict.fromkeys(("m", "male", "man", "男", "男性", "先生", "1"), "m"),
    **dict.fromkeys(("f", "female", "woman", "女", "女性", "女士", "2"), "f"),
}
_DAY = re.compile(r"([12]\d{3})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})(?!\d)")
_DIGITS = re.compile(r"\d+")
LONGEST = 200  # characters of a value that are compared


class Features(NamedTuple):
    """One row a customer; None where nothing is known. The columns of the table that is compared."""

    id: int
    written: str | None
    family: str | None
    given: str | None
    name_key: str | None
    phone: str | None
    email: str | None
    mailbox: str | None  # before the @
    birthday: str | None  # eight digits
    address: str | None
    number: str | None  # its digits
    city: str | None
    region: str | None
    postcode: str | None
    gender: str | None
    document: str | None


# What is shown of a pair: the compared field -> what it is made of.
FIELDS = {
    "name": ("name", "first", "last"),
    "phone": ("phone",),
    "email": ("email",),
    "birthday": ("birthday",),
    "address": ("address",),
    "city": ("city",),
    "region": ("region",),
    "postal_code": ("postcode",),
    "gender": ("gender",),
    "id_number": ("document",),
}


def said(traits: Mapping[str, Any]) -> dict[str, str]:
    """The values that say anything, by what they are compared as."""
    found = _first(SPELLINGS, traits)
    address = traits.get("address")
    return _first(_OF_ADDRESS, address) | found if isinstance(address, Mapping) else found


def _first(spellings: Mapping[str, tuple[str, ...]], given: Mapping[str, Any]) -> dict[str, str]:
    """Of each the first spelling that says anything."""
    found = {}
    for what, names in spellings.items():
        for name in names:
            if name in given and (text := _text(name, given[name])):
                found[what] = text
                break
    return found


def of(customer: int, traits: Mapping[str, Any]) -> Features:
    """The row of a customer out of the traits that survived; `phone` and `email` are the ones to compare."""
    known = said(traits)
    name = naming.read(known.get("name", ""), known.get("first", ""), known.get("last", ""))
    phone, mail = known.get("phone"), known.get("email")
    address = _bare(known.get("address", ""))
    return Features(
        id=customer,
        written=name.written if name else None,
        family=(name.family or None) if name else None,
        given=(name.given or None) if name else None,
        name_key=(name.key or None) if name else None,
        phone=_DIGITS_ONLY.sub("", phone) or None if phone else None,
        email=mail.casefold() if mail and "@" in mail else None,
        mailbox=mail.casefold().partition("@")[0] if mail and "@" in mail else None,
        birthday=_day(known.get("birthday", "")),
        address=address or None,
        number=" ".join(_DIGITS.findall(known.get("address", ""))) or None,
        city=_bare(known.get("city", "")) or None,
        region=_bare(known.get("region", "")) or None,
        postcode=_bare(known.get("postcode", "")) or None,
        gender=_GENDERS.get(known.get("gender", "").casefold()),
        document=_number(known.get("document", "")),
    )


_DIGITS_ONLY = re.compile(r"\D+")


def _text(name: str, value: Any) -> str:
    """A value as text; "" for what says nothing, is masked or is no text."""
    text = values.text(value) if not isinstance(value, bool) else None
    return text if text is not None and len(text) <= LONGEST and values.whole(name, text) else ""


def _number(text: str) -> str | None:
    """A document's, unless it is noughts or a word for nothing."""
    return None if not text or values.says_nothing(text) else _bare(text) or None


def _bare(text: str) -> str:
    """Letters and digits alone, in lower case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return folded if folded.isalnum() else "".join(sign for sign in folded if sign.isalnum())


def _day(text: str) -> str | None:
    """Eight digits, whatever stood between them; wrong ones stay, for they are compared digit by digit."""
    found = _DAY.match(text.strip())
    return f"{found[1]}{int(found[2]):02}{int(found[3]):02}" if found else None
