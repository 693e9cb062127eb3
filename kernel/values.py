"""What a value says: identifiers, names and other traits as people and systems write them, each in its one form.

By kind: whether it says anything at all, whether it is masked or whole, and how it is kept. This is where all others
ask. Not here: the words for nothing (placeholders.py), signs that hide or are not seen (signs.py), phones (phones.py),
times (normalise.py), amounts (money.py), which fields of a message carry what (channels/mapping), who is joined by it
(profiles/identity). A new form of identifier value: a function and its line in FORMS.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from kernel import erased, placeholders
from kernel.caches import remembered
from kernel.phones import phone as phone
from kernel.phones import region as region
from kernel.placeholders import LONGEST_NOTHING
from kernel.placeholders import says_nothing as says_nothing
from kernel.signs import INVISIBLE, NOISE, OF_PEOPLE, masked_mail, ordinary, plain, without_runs
from kernel.signs import masked as masked

LONGEST_VALUE = 1_024  # characters of an identifier's value; a longer one is none
LARGEST_NUMBER = 10**15  # a number with decimals from here on is no name of anything
LARGEST_WHOLE = 2**53  # from here on two whole numbers may be one and the same to a sender's JSON
LEAST_SIGNS = 6  # from here on one and the same sign is no device's number
REMEMBERED = 20_000  # e-mails and traits per process


def text(value: object) -> str | None:
    """A text or number as text, without outer blanks and what changes nothing in it; None where there is none."""
    if isinstance(value, str):
        if value.isascii() and "\x00" not in value:
            return value.strip() or None
        seen = value if value.isprintable() else value.translate(NOISE)
        return unicodedata.normalize("NFC", seen).strip() or None
    return _number(value)


def own_id(value: object) -> str | None:
    """An id, SKU or other number of somebody's system as text: nothing invisible in it, 70001.0 is 70001."""
    if isinstance(value, str):
        if value.isascii() and value.isprintable():
            return value.strip() or None
        return unicodedata.normalize("NFC", value.translate(INVISIBLE)).strip() or None
    return _number(value)


def _number(value: object) -> str | None:
    """A JSON number as text; one that is whole as the whole number, however it was written."""
    if isinstance(value, int):
        return None if isinstance(value, bool) else str(value)
    if isinstance(value, float):
        return _decimal(Decimal(repr(value)))
    return _decimal(value) if isinstance(value, Decimal) else None


def _decimal(value: Decimal) -> str | None:
    if not value.is_finite() or abs(value) >= LARGEST_WHOLE:
        return None
    if value == int(value):
        return str(int(value))
    return format(value, "f") if abs(value) < LARGEST_NUMBER else None


# --- identifiers -----------------------------------------------------------------------------------------------

_ATOM = r"(?:[a-z0-9!#$%&'+/=?^_`{|}~\-]|[^\x00-\x7f])+"
_EMAIL = re.compile(
    rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*"
    r"@(?:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9\-]{0,61}[a-z0-9]\Z"
)
LONGEST_EMAIL = 254  # RFC 5321


@remembered(REMEMBERED)
def email(value: str, region: str = "") -> str | None:
    """Lower case, its domain in ASCII, or None: no @, no dot-atom, no domain with a dot, masked, nobody's."""
    tidy = value
    if not (value.isascii() and value.isprintable()):
        tidy = unicodedata.normalize("NFKC", value.translate(INVISIBLE))
    local, at, domain = tidy.lower().strip().removeprefix("mailto:").rpartition("@")
    if not at:
        return None
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    whole = f"{local}@{domain.rstrip('.')}"
    if len(whole) > LONGEST_EMAIL or not _EMAIL.match(whole):
        return None
    return whole if ordinary(whole) or _mailbox(local, domain) else None


def _mailbox(local: str, domain: str) -> bool:
    """Whether somebody may read what is sent to this address."""
    if local.isalnum() and local.isascii() and without_runs(local) and without_runs(domain):
        return local not in placeholders.MAILBOXES_OF_NOBODY
    if not local.isascii() and any(
        unicodedata.category(sign)[0] not in "LMN" for sign in local if sign > "\x7f"
    ):
        return False
    if placeholders.template(local) or placeholders.words(local) in placeholders.MAILBOXES_OF_NOBODY:
        return False
    return not masked_mail(plain(local), domain)


def _opaque(value: str, region: str = "") -> str | None:
    """An id that only its own system understands: nothing is changed in it."""
    if ordinary(value):
        return None if value[:2] in placeholders.FIRST and placeholders.constant(value) else value
    return None if says_nothing(value) or masked(value) else value


def _member_no(value: str, region: str = "") -> str | None:
    return None if masked(value, "member_no") else _opaque(value)


def _of_a_platform(value: str, region: str = "") -> str | None:
    """WeChat's and others' ids hold no blank; what a failed call says in their place does."""
    return _opaque(value) if " " not in value and len(value.split()) == 1 else None


def _device(value: str, region: str = "") -> str | None:
    """A device's own number: none that many devices give, no sentence, not one sign again and again."""
    if (
        not ordinary(value)
        or value[:2] in placeholders.FIRST_OF_DEVICES
        or value[0] == value[1:2] == value[2:3]
    ):
        bare = placeholders.SEPARATORS.sub("", value.lower())
        if bare in placeholders.CONSTANTS or (len(bare) >= LEAST_SIGNS and len(set(bare)) == 1):
            return None
        return _of_a_platform(value)
    return None if " " in value else value


FORMS: dict[str, Callable[[str, str], str | None]] = {
    "phone": phone,
    "email": email,
    "member_no": _member_no,
    "unionid": _of_a_platform,
    "openid": _of_a_platform,
    "device_id": _device,
}


@lru_cache(maxsize=1_000)
def _form(kind: str) -> Callable[[str, str], str | None]:
    """How a value of a kind is read; kinds of devices' numbers by their last word: ios.idfa."""
    of_device = kind.rpartition(".")[2] in placeholders.DEVICES or kind in placeholders.DEVICES
    return FORMS.get(kind) or (_device if of_device else _opaque)


def identifier(kind: str, value: object, region: str = "") -> str | None:
    """The one form of an identifier's value, or None: it is no identifier (blank, a placeholder, masked, malformed)."""
    found = own_id(value)
    if found is None or len(found) > LONGEST_VALUE:
        return None
    if erased.is_token(found):
        return found
    return _form(kind)(found, region)


# --- a workspace's own patterns ----------------------------------------------------------------------------------


@lru_cache(maxsize=1_000)
def pattern(text: str) -> re.Pattern[str] | None:
    """A workspace's pattern of values that are no identifiers; None for a text that is no pattern."""
    try:
        return re.compile(text, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError):
        return None


def blocks(patterns: Iterable[tuple[str, str]], kind: str, value: str) -> bool:
    """Whether a workspace says that a normalised value is no identifier: (kind, "" for every one; pattern).

    A text that is no pattern blocks nothing: it is refused where it is saved, and must not stop the line.
    """
    for of_kind, written in patterns:
        if of_kind in ("", kind):
            found = pattern(written)
            if found is not None and found.fullmatch(value):
                return True
    return False


# --- names and other traits --------------------------------------------------------------------------------------

_TRAITS = {
    spelling: kind
    for kind, spellings in {
        "phone": "phone mobile phonenumber mobilenumber mobilephone cellphone tel telephone 手机 手机号 电话",
        "email": "email mail emailaddress 邮箱",
        "name": "name fullname nickname displayname realname 姓名 昵称",
        "first": "firstname givenname middlename",
        "last": "lastname familyname surname",
        "member_no": "memberno membernumber memberid cardno",
        "place": "country countrycode nationality region continent market 国家",
        "id": "userid unionid openid deviceid customerid externalid idcard idnumber",
    }.items()
    for spelling in spellings.split()
}
_DIVIDERS = re.compile(r"[\s_\-]+")


@lru_cache(maxsize=5_000)
def kind_of_trait(name: str) -> str:
    """What a trait of this name is: phone, email, name, first, last, member_no, id, place, or text as all others."""
    return _TRAITS.get(_DIVIDERS.sub("", name.lower()), "text")


def name(value: str) -> str:
    """A person's or thing's name: single blanks, full-width letters made plain; joiners hold emoji and words."""
    return _name(value if value.isprintable() else value.translate(NOISE))


def _name(seen: str) -> str:
    return " ".join((seen if seen.isascii() else unicodedata.normalize("NFKC", seen)).split())


def trait(title: str, value: Any, region: str = "") -> Any:
    """A trait's value in its one form; None where it says nothing. What is no text or number stays as it is."""
    kind = kind_of_trait(title)
    if isinstance(value, str):
        tidy = text(value)
        return (
            None
            if tidy is None or erased.is_token(tidy) or _silent(kind, tidy)
            else _formed(kind, tidy, region)
        )
    if kind in _OF_WORDS or isinstance(value, bool):
        return value
    if kind == "phone":
        number = _number(value)
        return value if number is None else _formed(kind, number, region)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _formed(kind: str, tidy: str, region: str) -> str:
    if kind == "phone":
        return phone(tidy, region) or tidy
    if kind == "email":
        return email(tidy) or tidy
    return _name(tidy) if kind in OF_PEOPLE else tidy


def _silent(kind: str, tidy: str) -> bool:
    """Whether a trait says nothing. A nought is an answer but where a name or number of somebody belongs."""
    if len(tidy) > LONGEST_NOTHING or ordinary(tidy):
        return False
    if kind not in _OF_WORDS:
        return says_nothing(tidy)
    if tidy in _BORNE.get(kind, ()):
        return False
    quick = placeholders.word_for_nothing(tidy) if tidy[0] not in "xX" else None
    return _says_nothing_of(kind, tidy) if quick is None else quick


_OF_WORDS = OF_PEOPLE | {"text", "place"}
_BORNE = {
    "place": frozenset(("NA",)),  # Namibia, North America
    "name": placeholders.BORNE_ALONE,
    "first": placeholders.BORNE_FIRST,
    "last": placeholders.BORNE_LAST,
}


@remembered(REMEMBERED)
def _says_nothing_of(kind: str, tidy: str) -> bool:
    bare = placeholders.folded(tidy)
    said = placeholders.words(bare)
    return placeholders.names_nobody(bare, said) if kind in OF_PEOPLE else placeholders.empty(bare, said)


def whole(title: str, value: Any) -> bool:
    """Whether a trait's value is all there: one that is masked, or no phone or e-mail at all, stands behind these."""
    if not isinstance(value, str):
        return True
    kind = kind_of_trait(title)
    if kind == "phone":
        return phone(value) is not None
    if kind == "email":
        return email(value) is not None
    return not masked(value, kind) and not _silent(kind, value)
