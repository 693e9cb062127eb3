"""What looking something up at a platform's API has in common: asking in JSON, its answer, and how it says no.

Platforms say no inside an answer of status 200. What several questions brought is kept as one body, each answer as
it came.
Not here: when something is looked up and what becomes of a failure (channels/pulls/), how a platform signs (the
kinds' files).
"""

from collections.abc import Callable, Container, Mapping
from typing import Any, Final

import msgspec
from django.utils.translation import gettext

from channels.connectors import payloads
from channels.connectors.base import Api, Connection
from channels.reasons import FIELD_OF_PLATFORM, Rejection
from kernel.errors import Refused
from kernel.outside import Busy, CredentialsRefused, NotJson, Outside, Said

TYPE: Final = {"content-type": "application/json;charset=utf-8"}
LONGEST_WORDS: Final = 300  # characters of what a platform said
SOONER: Final = 300  # seconds before its end at which an access token is asked for anew
SHORTEST: Final = 30.0  # seconds for which one is kept, however soon it ends


class Told:
    """An answer: as it came, and read."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.value = raw, _object(raw)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        return payloads.object_of(raw)
    except Rejection:
        raise NotJson(_words(raw[:LONGEST_WORDS].decode("utf-8", "replace"))) from None


def post(
    api: Api, url: str, value: Mapping[str, Any] | bytes, query: Mapping[str, str] | None = None
) -> Told:
    """What is answered to an object in JSON, or to bytes that are one already."""
    body = value if isinstance(value, bytes) else msgspec.json.encode(value)
    return Told(api.call("POST", url, query=query, headers=TYPE, body=body).body)


def no(code: Any, words: Any, busy: Mapping[str, float] = {}, credentials: Container[str] = ()) -> Outside:
    """A refusal of the platform's as an error. `busy`: codes that ask us to wait, and for how many seconds;
    `credentials`: codes that are about who asks, or its token, and not about what was asked for."""
    text = ": ".join(one for one in (_words(code), _words(words)) if one)
    named = payloads.text_of(code)
    if named in credentials:
        return CredentialsRefused(text)
    return Busy(text, busy[named]) if named in busy else Said(text)


def granted(ask: Callable[[], Told]) -> Told:
    """The answer to a question for an access token: a no to it is about who asks."""
    try:
        return ask()
    except Said as why:
        raise CredentialsRefused(why.words) from why


def _words(value: Any) -> str:
    """A platform's words on one line, cut."""
    return " ".join(str("" if value is None else value).replace("\x00", "").split())[:LONGEST_WORDS]


def needed(connection: Connection, *names: str) -> tuple[str, ...]:
    """Secrets without which nothing can be looked up; raises Refused for the first that is not set."""
    for name in names:
        if not connection.secrets.get(name):
            text = gettext("Nothing can be looked up: %(name)s is not set on the connector's page.")
            raise Refused(text % {"name": name})
    return tuple(connection.secrets[name] for name in names)


def asked_for(params: Mapping[str, Any], name: str) -> str:
    """A number that a look-up is about; raises Refused where there is none."""
    found = payloads.text_of(params.get(name))
    if not found:
        raise Refused(gettext("The notice does not say what it is about: %(name)s.") % {"name": name})
    return found


def lasting(seconds: Any) -> float:
    """For how long an access token is kept that the platform says is good for so many seconds."""
    text = payloads.text_of(seconds)
    good = int(text) if text.isascii() and text.isdigit() and len(text) < payloads.LONGEST_COUNT else 0
    return max(good - SOONER, SHORTEST)


def together(**answers: Told) -> bytes:
    """Answers as one body, each under its name, byte for byte as it came."""
    return b"{%s}" % b",".join(b'"%s":%s' % (name.encode(), one.raw) for name, one in answers.items())


def part(body: bytes, *path: str) -> dict[str, Any]:
    """The object that stands in an answer that was kept; raises Rejection where there is none."""
    found = payloads.inside(payloads.object_of(body), *path)
    if not isinstance(found, dict):
        raise Rejection(FIELD_OF_PLATFORM, ".".join(path))
    return found
