"""What the pages of allocation share: their tabs. A new one: its line in TABS. Not here: what a page shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from kernel.web import shell
from kernel.web.access import WorkspaceRequest


class Tab(NamedTuple):
    """A page of the family: the name of its route, and its words."""

    page: str
    words: Promise


TABS: tuple[Tab, ...] = (Tab("attribution", gettext_lazy("Attribution")),)


@dataclass(frozen=True, slots=True)
class ShownTab:
    """A tab as somebody sees it: the period goes along."""

    words: Promise
    address: str
    current: bool


def tabs(request: WorkspaceRequest) -> list[ShownTab]:
    """All pages of the family."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    return [ShownTab(tab.words, shell.in_period(request, tab.page), tab.page == here) for tab in TABS]


def kept(request: WorkspaceRequest, without: Iterable[str] = ()) -> list[tuple[str, str]]:
    """What of the address a change of the period keeps."""
    left_out = {"from", "to", "unit", "interval", "compare", "cursor", *without}
    return [
        (name, value) for name in request.GET if name not in left_out for value in request.GET.getlist(name)
    ]
