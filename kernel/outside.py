"""What can be wrong with a call to somebody else's server: each trouble with its sentence, kept as code and parameters.

Not here: the call itself (outbound.py).
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django.utils.translation import gettext, gettext_noop

from kernel.errors import Refused

LONGEST_WORDS: Final = 300  # characters of what the other side said


class Outside(Refused):
    """What went wrong with a call. `words`: what the other side said, cut; `again`: whether the same call is worth
    another try by itself, and after how many seconds at least; None: somebody has to change something first.
    """

    code, sentence = "outside", ""
    retried: ClassVar[bool] = False
    answered: int | None = None  # the status that came, where one did

    def __init__(self, words: str = "", again: float | None = None, **params: str | int) -> None:
        super().__init__(self.sentence % params)
        self.words, self.params = words, params
        self.again = 0.0 if again is None and self.retried else again

    def __str__(self) -> str:
        return said(self.code, self.params)


class BadAddress(Outside):
    code, sentence = (
        "bad_address",
        gettext_noop("“%(url)s” is no address that can be called: http:// or https://."),
    )


class ForbiddenAddress(Outside):
    code = "forbidden_address"
    sentence = gettext_noop(
        "%(host)s lies in a private network (%(address)s), which is not called. If it is meant: name it in "
        "HUILIU_ALLOW_ADDRESSES."
    )


class UnknownName(Outside):
    code, retried = "unknown_name", True
    sentence = gettext_noop("There is no server called %(host)s: look at the address.")


class NoAnswer(Outside):
    code, retried = "no_answer", True
    sentence = gettext_noop("%(host)s does not answer.")


class TooLate(Outside):
    code, retried = "too_late", True
    sentence = gettext_noop("%(host)s did not answer within %(seconds)s seconds.")


class BadCertificate(Outside):
    code = "bad_certificate"
    sentence = gettext_noop("The certificate of %(host)s is not valid: %(why)s.")


class Redirected(Outside):
    code = "redirected"
    sentence = gettext_noop("%(host)s points elsewhere: if %(to)s is right, set that address.")


class TooLarge(Outside):
    code = "answer_too_large"
    sentence = gettext_noop("The answer of %(host)s is larger than %(most)s MB: ask for smaller pages.")


class Garbled(Outside):
    code, retried = "garbled", True
    sentence = gettext_noop("The answer of %(host)s broke off, or is no HTTP.")


class NotJson(Outside):
    code, retried = "not_json", True
    sentence = gettext_noop("The platform answered with something else than JSON: is the address right?")


class NoList(Outside):
    code, retried = "no_list", True
    sentence = gettext_noop("The platform's answer has no list at “%(path)s”.")


class CredentialsRefused(Outside):
    code = "credentials_refused"
    sentence = gettext_noop("The platform refuses the credentials that are set here.")


class NotThere(Outside):
    code = "not_there"
    sentence = gettext_noop("The platform says that there is nothing at this address.")


class Declined(Outside):
    code = "declined"
    sentence = gettext_noop("The platform declines the request (%(status)s).")


class Busy(Outside):
    code, retried = "busy", True
    sentence = gettext_noop("The platform asks us to wait: too many requests.")


class Down(Outside):
    code, retried = "down", True
    sentence = gettext_noop("The platform has an error of its own (%(status)s).")


class Said(Outside):
    """For a kind whose platform says in the body of a good answer what is wrong."""

    code = "platform_said"
    sentence = gettext_noop("The platform says no: look at its words.")


class DatabaseSaid(Outside):
    """A database that does not answer, or says no to what it is asked."""

    code, retried = "database_said", True
    sentence = gettext_noop("The database says: %(said)s")


class NotUnderstood(Outside):
    code = "answer_not_understood"
    sentence = gettext_noop("The platform's answer was not understood as one of %(kind)s: please report it.")


class Circle(Outside):
    code = "circle"
    sentence = gettext_noop(
        "The platform's chain of pages leads back to a page that was read already: what it brought is kept."
    )


class Endless(Outside):
    code, retried = "endless", True
    sentence = gettext_noop(
        "After %(pages)s pages there was no last one: what they brought is kept, and the next run goes on."
    )


ALL: Final = {
    one.code: one
    for one in (
        *(BadAddress, ForbiddenAddress, UnknownName, NoAnswer, TooLate, BadCertificate, Redirected, TooLarge),
        *(
            Garbled,
            NotJson,
            NoList,
            CredentialsRefused,
            NotThere,
            Declined,
            Busy,
            Down,
            Said,
            DatabaseSaid,
            NotUnderstood,
            Circle,
            Endless,
        ),
    )
}


def said(code: str, params: Mapping[str, Any]) -> str:
    """The sentence of a trouble, in the reader's language; empty for a code that is not known."""
    found = ALL.get(code)
    try:
        return gettext(found.sentence) % params if found else ""
    except KeyError:  # kept by another version
        return gettext(found.sentence) if found else ""


def words_of(headers: Mapping[str, str], body: bytes) -> str:
    """What an answer says, for people: its text without marks and odd signs, cut."""
    text = body[: 16 * LONGEST_WORDS].decode("utf-8", "replace")
    if "<" in text and "html" in headers.get("content-type", "html"):
        text = re.sub(r"(?is)<(script|style)\b.*?(</\1>|$)|<!--.*?(-->|$)|<[^>]*(>|$)", " ", text)
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return plain[:LONGEST_WORDS]
