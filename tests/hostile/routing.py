"""Every address there is, from the routes themselves: a new page or call is attacked from its first day on.

`routes()`: pattern, converters, methods. `filled()`: an address with given path parts. `noted()`: what a call reads of
its query. Not here: what is sent to them.
"""

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch
from urllib.parse import quote

from django.http import QueryDict
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.datastructures import MultiValueDict
from drf_spectacular.generators import SchemaGenerator

PART = re.compile(r"<(?:(\w+):)?(\w+)>")


class Route(NamedTuple):
    """A route: `/customers/<uuid:key>/`, and its parts by name with their converters."""

    pattern: str
    parts: dict[str, str]

    @property
    def is_api(self) -> bool:
        """Whether it is the read API's."""
        return self.pattern.startswith("/api/")


def routes() -> list[Route]:
    """All of them."""
    return [
        Route("/" + text, {name: kind or "str" for kind, name in PART.findall(text)})
        for text in _patterns(get_resolver().url_patterns, "")
    ]


def _patterns(entries: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for entry in entries:
        text = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns, text)
        else:
            yield text


def filled(place: Route, parts: Mapping[str, Any]) -> str:
    """The address with these parts, percent-encoded."""
    return PART.sub(lambda found: quote(str(parts[found[2]]), safe=""), place.pattern)


def parameters() -> dict[str, list[str]]:
    """The query parameters that our own OpenAPI describes, by path pattern with `{name}`."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return {
        path: [one["name"] for one in call.get("get", {}).get("parameters", []) if one["in"] == "query"]
        for path, call in schema["paths"].items()
    }


@contextmanager
def noted() -> Iterator[set[str]]:
    """The names that are looked for in queries and forms meanwhile, but for those that a form is made of."""
    names: set[str] = set()
    made_by = inspect.getfile(MultiValueDict)

    def noting(method: str) -> Any:
        plain = getattr(QueryDict, method)

        def wrapped(self: QueryDict, name: str, *rest: Any) -> Any:
            if sys._getframe(1).f_code.co_filename != made_by:
                names.add(str(name))
            return plain(self, name, *rest)

        return patch.object(QueryDict, method, wrapped)

    with noting("get"), noting("getlist"), noting("__getitem__"), noting("__contains__"):
        yield names
