"""How an API is asked for page after page, and only for what is new: what the next request says, and where it goes on.

A cursor is {"at": where in the chain of pages, "since": from when on, "newest": seen in this chain, "began": epoch
seconds of its first request}; between two chains only "since" is left. Nothing here calls anybody.
Not here: the settings (rest_pull.py), who asks (authorising.py).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple, Protocol
from urllib.parse import urljoin, urlsplit

import jmespath
from jmespath.exceptions import JMESPathError

from kernel import money
from kernel.outside import NoList, Redirected

REMEMBERED: Final = 512  # expressions
NUMBER, TIME, TEXT = 2, 1, 0  # sorts of values that grow
FORMATS: Final[Mapping[str, Callable[[float], str]]] = {
    "iso": lambda at: datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    "epoch": lambda at: str(int(at)),
    "epoch_ms": lambda at: str(int(at * 1000)),
}


class How(Protocol):
    """The settings that are read here."""

    @property
    def url(self) -> str: ...
    @property
    def items(self) -> str: ...
    @property
    def paging(self) -> Literal["none", "page", "offset", "cursor", "link"]: ...
    @property
    def page_param(self) -> str: ...
    @property
    def first(self) -> int: ...
    @property
    def size_param(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def next(self) -> str: ...
    @property
    def since(self) -> Literal["none", "newest", "run"]: ...
    @property
    def since_param(self) -> str: ...
    @property
    def since_format(self) -> Literal["iso", "epoch", "epoch_ms"]: ...
    @property
    def start(self) -> str: ...
    @property
    def newest(self) -> str: ...
    @property
    def overlap(self) -> int: ...


class Asked(NamedTuple):
    """What the next request says beside what is always said."""

    url: str
    params: dict[str, str | int]


class Next(NamedTuple):
    """Where it goes on."""

    cursor: dict[str, Any]
    more: bool


def asked(how: How, cursor: Mapping[str, Any]) -> Asked:
    """The request after a cursor."""
    at = cursor.get("at")
    if how.paging == "link" and at is not None:  # it says all by itself
        return Asked(str(at), {})
    params: dict[str, str | int] = {}
    if how.paging != "none" and how.size_param:
        params[how.size_param] = how.size
    if how.paging == "page":
        params[how.page_param or "page"] = how.first if at is None else at
    if how.paging == "offset":
        params[how.page_param or "offset"] = 0 if at is None else at
    if how.paging == "cursor" and at is not None:
        params[how.page_param or "cursor"] = at
    since = _since(how, cursor)
    if since is not None and how.since_param:
        params[how.since_param] = since
    return Asked(how.url, params)


def _since(how: How, cursor: Mapping[str, Any]) -> str | int | None:
    found = cursor.get("since")
    if how.since == "none":
        return None
    if found is None:
        return how.start or None
    if how.since == "run":
        before = timedelta(minutes=how.overlap).total_seconds()
        return FORMATS[how.since_format](float(found) - before)
    return found if isinstance(found, str | int) else str(found)


def after(
    how: How, cursor: Mapping[str, Any], value: Any, found: list[Any], headers: Mapping[str, str], now: float
) -> Next:
    """Where it goes on after a page. `value`: the whole answer; `found`: its items; `now` in epoch seconds."""
    began = cursor.get("began", int(now))
    newest = _newest(how, cursor.get("newest"), found)
    at = POSITIONS[how.paging](how, cursor.get("at"), value, found, headers)
    kept = {
        name: said for name, said in (("since", cursor.get("since")), ("newest", newest)) if said is not None
    }
    if at is not None:
        return Next({**kept, "at": at, "began": began}, True)
    if how.since == "run":
        return Next({"since": began}, False)
    if how.since == "newest":
        last = later(cursor.get("since"), newest)
        return Next({} if last is None else {"since": last}, False)
    return Next({}, False)


# ---- the next page --------------------------------------------------------------------------------


def _last(how: How, found: list[Any]) -> bool:
    """Whether no page follows one of so many items: it is shorter than what was asked for."""
    return not found or (bool(how.size_param) and len(found) < how.size)


def _none(*_page: Any) -> None:
    return None


def _page(how: How, at: Any, _value: Any, found: list[Any], _headers: Any) -> int | None:
    return None if _last(how, found) else int(how.first if at is None else at) + 1


def _offset(how: How, at: Any, _value: Any, found: list[Any], _headers: Any) -> int | None:
    return None if _last(how, found) else int(at or 0) + len(found)


def _cursor(how: How, _at: Any, value: Any, found: list[Any], _headers: Any) -> str | int | None:
    said = plain(search(how.next, value)) if how.next else None
    return said if found and said not in (None, "") else None


def _link(how: How, at: Any, value: Any, found: list[Any], headers: Mapping[str, str]) -> str | None:
    """An address of the same server: elsewhere our credentials have nothing to do."""
    said = plain(search(how.next, value)) if how.next else linked(headers.get("link", ""))
    if said in (None, "") or not found:
        return None
    to = urljoin(str(at or how.url), str(said))
    if urlsplit(to)[:2] != urlsplit(how.url)[:2]:
        raise Redirected(host=str(urlsplit(how.url).hostname), to=to.partition("?")[0][:200])
    return to


POSITIONS: Final[Mapping[str, Callable[..., str | int | None]]] = {
    "none": _none,
    "page": _page,
    "offset": _offset,
    "cursor": _cursor,
    "link": _link,
}


def linked(header: str) -> str | None:
    """The address that a Link header calls next."""
    for part in header.split(",<" if ",<" in header else ", <"):
        address, _sign, rest = part.strip().lstrip("<").partition(">")
        said = [one.strip().lower() for one in rest.split(";")]
        if any(one in ("rel=next", 'rel="next"', "rel='next'") for one in said):
            return address
    return None


# ---- what is new ----------------------------------------------------------------------------------


def _newest(how: How, before: Any, found: list[Any]) -> str | int | None:
    if how.since != "newest" or not how.newest:
        return None
    newest: str | int | None = before
    for one in found:
        newest = later(newest, plain(search(how.newest, one)))
    return newest


def later(one: str | int | None, other: str | int | None) -> str | int | None:
    """The later of two: as numbers, as times, else as texts. It never goes back."""
    if one is None or other is None or one == "" or other == "":
        return other if one in (None, "") else one
    first, second = _key(one), _key(other)
    if first[0] != second[0]:
        first, second = (TEXT, str(one)), (TEXT, str(other))
    return other if second > first else one


def _key(value: str | int) -> tuple[int, Any]:
    """What it is compared by, and by what sort of value."""
    text = str(value).strip()
    number = money.number(text)
    if number is not None:
        return NUMBER, number
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return TEXT, text
    return TIME, at if at.tzinfo else at.replace(tzinfo=UTC)


# ---- what stands in an answer ----------------------------------------------------------------------


@lru_cache(maxsize=REMEMBERED)
def _compiled(expression: str) -> Any:
    return jmespath.compile(expression)


def search(expression: str, value: Any) -> Any:
    """What an expression of JMESPath finds; None where it finds nothing, or cannot be read."""
    try:
        return _compiled(expression).search(value)
    except (JMESPathError, TypeError, ValueError, RecursionError):
        return None


def plain(value: Any) -> str | int | None:
    """A text or number that a cursor can hold."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, str | Decimal | float):
        return str(value)
    return None


def items(expression: str, value: Any) -> list[Any]:
    """The items of an answer: a list, or the one object; NoList where there is neither, nor a null in its place."""
    found = search(expression, value) if expression else value
    if isinstance(found, list):
        return found
    if isinstance(found, dict):
        return [found]
    if found is None and _null(expression, value):
        return []
    raise NoList(path=expression or "@")


def _null(expression: str, value: Any) -> bool:
    """Whether a path of names ends at a null that is there."""
    *way, last = expression.split(".") if expression else [""]
    for name in way:
        value = value.get(name.strip()) if isinstance(value, dict) else None
    return isinstance(value, dict) and last.strip() in value


def readable(expression: str) -> bool:
    """Whether it is an expression."""
    try:
        _compiled(expression)
    except (JMESPathError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return False
    return True
