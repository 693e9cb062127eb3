"""A visitor who follows everything: links, pieces that htmx would fetch, every call of the read API with every id seen.

Not here: what must not be found.
"""

import html
import re
from typing import Any
from urllib.parse import unquote, urljoin

from django.urls import Resolver404, resolve

from tests.hostile import routing
from tests.shop import Shop

LINKS = re.compile(r"""\b(?:href|hx-get|data-url|action)=["']([^"'#]+)["']""")
UUIDS = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")
MESSAGE_IDS = re.compile(r'"message_id": ?"((?:[^"\\]|\\.)+)"')
LEFT_OUT = ("/signout/", "/static/", "/api/docs/", "/api/schema/")
MOST = 600  # addresses of one crawl
OF_A_KIND = 5  # addresses of one route
METRICS = (
    "gmv",
    "active_customers",
    "refunds",
    "cac",
    "satisfaction",
    "cross_channel_return_rate",
    "price_parity",
)
API_STARTS = (
    "/api/profiles/", "/api/profiles/?ordering=name", "/api/events/", "/api/rejects/", "/api/rejects/?state=replayed",
    "/api/conflicts/", "/api/violations/", "/api/channels/", "/api/connectors/", "/api/metrics/", "/api/records/",
    "/api/records/?type=product", "/api/records/?type=price", "/api/records/?type=spend", "/api/nothing/",
    "/api/profiles/?identifier=phone", "/api/profiles/?orders_min=x", "/api/events/?profile=none",
    "/api/profiles/?channel=none", "/api/rejects/?connector=none", "/api/attribution/?by=campaign",
    "/api/attribution/orders/?key=null", "/api/attribution/people/?key=null", "/api/attribution/?model=none",
    *(f"/api/metrics/{name}/" for name in METRICS),
    *(f"/api/metrics/{name}/rows/" for name in METRICS),
)  # fmt: skip
PAGE_STARTS = (
    "/", "/customers/", "/customers/?ordering=name", "/live/", "/rejects/", "/rejects/?state=replayed", "/channels/",
    "/customers/?channel=none", "/customers/none/", "/rejects/?connector=x", "/allocation/?by=campaign",
)  # fmt: skip


class Crawler:
    """Somebody at the pages and the API of a shop's workspace; `seen` is address -> (status, text)."""

    def __init__(self, shop: Shop, role: str, language: str = "en") -> None:
        from django.contrib.auth.models import User
        from django.test import Client

        self.api: Any = shop.api(role)
        self.pages = Client()
        self.pages.cookies["language"] = language
        self.pages.force_login(User.objects.get(username=f"{role}-{shop.workspace.slug}"))
        self.seen: dict[str, tuple[int, str]] = {}

    def get(self, address: str) -> tuple[int, str]:
        """One address."""
        client = self.api if address.startswith("/api/") else self.pages
        answer = client.get(address)
        raw = b"".join(answer.streaming_content) if getattr(answer, "streaming", False) else answer.content
        return answer.status_code, raw.decode(errors="replace") + str(
            dict(answer.headers)
        )  # a workbook is none

    def goes(self, of_a_kind: int = OF_A_KIND) -> dict[str, tuple[int, str]]:
        """Everywhere."""
        bare = [place.pattern for place in routing.routes() if not place.parts]
        waiting = [*PAGE_STARTS, *API_STARTS, *bare]
        kinds: dict[str, int] = {}
        misses: dict[str, int] = {}
        while waiting and len(self.seen) < MOST:
            address = waiting.pop(0)
            kind = route_of(address)
            start = address in API_STARTS or address in PAGE_STARTS
            if address in self.seen or address.startswith(LEFT_OUT):
                continue
            if not start and (kinds.get(kind, 0) >= of_a_kind or misses.get(kind, 0) >= of_a_kind):
                continue
            status, text = self.get(address)
            counted = kinds if status == 200 else misses
            counted[kind] = counted.get(kind, 0) + 1
            self.seen[address] = status, text
            waiting = [*self._links(address, text), *waiting, *self._calls(text)]
        return self.seen

    def _links(self, address: str, text: str) -> list[str]:
        """Where an answer leads to."""
        found = [urljoin(address, html.unescape(link)) for link in LINKS.findall(text)]
        return [link for link in found if link.startswith("/") and not link.startswith("//")]

    def _calls(self, text: str) -> list[str]:
        """Every route that could know an id of an answer."""
        local: list[str] = []
        keys = dict.fromkeys(UUIDS.findall(text))
        names = [name for name in dict.fromkeys(MESSAGE_IDS.findall(text)) if "\\" not in name]
        for place in routing.routes():
            wanted = names if "message_id" in place.parts else keys
            if len(place.parts) == 1 and "slug" not in place.parts and "number" not in place.parts:
                local += [routing.filled(place, dict.fromkeys(place.parts, value)) for value in wanted]
        return local


def route_of(address: str) -> str:
    """The pattern of an address, or itself where there is none."""
    try:
        return resolve(unquote(address.partition("?")[0])).route
    except Resolver404:
        return address


def plain(text: str) -> str:
    """A text as somebody would read it who looks for something: entities, escapes and percents undone, no gaps."""
    undone = unquote(html.unescape(text)).replace("\\u0040", "@").replace("\\u002b", "+")
    return re.sub(r"[\s\-()]", "", undone).lower()
