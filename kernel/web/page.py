"""A page is a dataclass: what its template shows, named and typed. Not here: what a page shows, how it looks."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from django import shortcuts
from django.http import HttpRequest, HttpResponse

if TYPE_CHECKING:  # a form for the type checker, not a class of Python's
    from _typeshed import DataclassInstance


def shown(page: "DataclassInstance") -> dict[str, Any]:
    """A template's context: each field under its name, its value as it is."""
    return {field.name: getattr(page, field.name) for field in fields(page)}


def render(
    request: HttpRequest, template: str, page: "DataclassInstance | None" = None, status: int = 200
) -> HttpResponse:
    """A page or a piece of one as an answer; one of None shows the frame's own."""
    return shortcuts.render(request, template, shown(page) if page else {}, status=status)
