"""What of one person is to go, and what stands in its place: tokens that say nothing and join the same rows.

A token is random, made for one identifier in one erasure, and never derived from it. It is an identifier like any other
(its kind stays, so limits and sharing come out as before); its first sign keeps it on the side of the others of its
kind on which the value stood. Not here: where values lie (each part's `erase.py`), the order (cdp/pipeline/erasure.py).
"""

import json
import re
import secrets
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec

BELOW, ABOVE = "!", "~"  # before and after all digits and letters of ASCII
WORD = "erased"  # where a text stood
MIDDLE = "erased:"
TOKEN = re.compile(rf"[{BELOW}{ABOVE}]{MIDDLE}[0-9a-f]{{32}}\Z")
TELLING = 6  # characters: a shorter id (u1) may be part of anything, and is looked for as a whole value alone
CONTACTS = frozenset(("phone", "email"))  # told apart wherever they stand
SHORTEST_TEXT = 2  # characters of a name that is looked for in what is kept


def token(sign: str = ABOVE) -> str:
    """A new one."""
    return f"{sign}{MIDDLE}{secrets.token_hex(16)}"


def is_token(value: object) -> bool:
    """Whether a value is one."""
    return isinstance(value, str) and value[1:8] == MIDDLE and TOKEN.match(value) is not None


class Known(msgspec.Struct, frozen=True):
    """An identifier of the person, plain, and what takes its place."""

    id: int
    key: UUID
    kind: str
    namespace: str
    value: str
    token: str


class Person(msgspec.Struct):
    """Whom it is about. Lives in memory alone, and only as long as the erasure."""

    known: list[Known]
    forms: dict[str, str] = {}  # every writing of an identifier's value that was met -> its token
    texts: set[str] = (
        set()
    )  # names and addresses: looked for in her own rows, where others may be called so too

    @property
    def tokens(self) -> dict[UUID, str]:
        """By the key of what they stand for."""
        return {one.key: one.token for one in self.known}

    def learn(self, form: str, one: Known) -> None:
        """One more writing of a value."""
        if form and not is_token(form):
            self.forms.setdefault(form, one.token)

    @property
    def telling(self) -> list[tuple[str, str]]:
        """The writings that are looked for inside of texts, the longest first: no part of one is taken before it."""
        contacts = {one.token for one in self.known if one.kind in CONTACTS}
        found = [pair for pair in self.forms.items() if pair[1] in contacts or len(pair[0]) >= TELLING]
        return sorted(found, key=lambda pair: (-len(pair[0]), pair[0]))

    def without(self, value: Any, *, own: bool = False) -> Any:
        """A JSON value with tokens where the person's stood. `own`: of her own rows, names and addresses go too."""
        return _Swap(self, own=own).of(value)

    def named_in(self, text: str) -> bool:
        """Whether a JSON text or an address holds a value of the person's."""
        return any(one in text for one in self.needles())

    def needles(self) -> list[str]:
        """What is looked for in stored texts: each writing as it is, in JSON's escapes and in an address."""
        found: dict[str, None] = {}
        telling = {form for form, _ in self.telling}
        for form in self.forms:
            for written in writings(form):
                found[written if form in telling else f'"{written}"'] = None
        return list(found)


def writings(form: str) -> list[str]:
    """How a value may stand in JSON, in a form of JSON that is ASCII alone, and in an address."""
    plain, ascii_ = json.dumps(form, ensure_ascii=False)[1:-1], json.dumps(form)[1:-1]
    return list(
        dict.fromkeys((form, plain, ascii_, plain.replace("/", "\\/"), quote(form, safe=""), quote(form)))
    )


class _Swap:
    """Walks one value."""

    def __init__(self, person: Person, *, own: bool) -> None:
        self.whole = person.forms
        self.parts = person.telling
        self.texts = sorted(person.texts, key=len, reverse=True) if own else []

    def of(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self.of(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.of(one) for one in value]
        if value is None or isinstance(value, bool):
            return value
        return self.whole.get(str(value), value)

    def text(self, value: str) -> str:
        found = self.whole.get(value.strip())
        if found is not None:
            return found
        for form, word in self.parts:
            for written in (form, quote(form, safe="")):
                if written in value:
                    value = value.replace(written, word)
        for text in self.texts:
            if text in value:
                value = value.replace(text, WORD)
        return value


def leaves(value: Any) -> Iterable[str]:
    """All texts and numbers of a JSON value, as text."""
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, str):
        yield value
    elif value is not None and not isinstance(value, bool):
        yield str(value)
