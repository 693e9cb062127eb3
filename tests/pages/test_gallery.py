"""`make shot` forgets no page: a new route stands in tests/browser/gallery.py, or is named here as no page."""

from typing import Any

from tests.browser import gallery
from tests.hostile.crawl import route_of
from tests.hostile.routing import routes

NO_PAGES = (  # pieces of pages, files, what only forms send to, where one is led on
    "/api/", "/views/", "/preferences/", "/frame/", "/signout/", "/live/stream/", "/live/<", "/channels/add/",
    "/quality/completeness/", "/quality/conflicts/", "/rejects/replay/",
    "/rejects/fix/apply/", "/rejects/<", "/search/", "/new-board/", "/analyses/", "/parity/rules/",
)  # fmt: skip
PIECES = (
    ".csv",
    "/set/",
    "/now/",
    "/test/",
    "/pause/",
    "/resume/",
    "/key/",
    "/limit/",
    "/timeline/",
    "/why/",
    "/arrival/",
    "/drop/",
    "/target/",
    "/delete/",
)
PIECES += ("/invite/", "/role/", "/link/", "/remove/", "/make/", "/revoke/")
PIECES += ("/run/", "/restart/", "/try/", "/save/", "/back/", "/again/", "/cancel/", "/mode/")
PIECES += (
    "/rules/put/",
    "/rules/check/",
    "/sheet.xlsx",
    "/statements/<int:number>/<slug:name>/",
    "/files/<int:note>/",
)
PIECES += ("/members/<int:number>/channels/",)
PIECES += ("/matches/decide/", "/matches/accept/", "/matches/find/")
PIECES += (".css", "/tiles/", "/tiles/<int:number>/", "/shown/", "/take/")
KEY = gallery.NOBODY


def ask(path: str) -> Any:
    """An installation with one of each."""
    if path.startswith("/api/"):
        one = {
            "id": KEY,
            "name": "Order Completed",
            "type": "identify",
            "message_id": "m-1",
            "slug": "web-shop",
            "reason": "missing_field",
            "field": "properties.total",
            "connector": KEY,
            "channel": "web-shop",
            "kind": "webhook",
            "sku": "HM-1",
            "order_id": "O-1",
            "number": 1,
        }
        if path == "/api/imports/":
            return {"results": [one | {"id": 1, "state": "done"}]}
        if path.endswith("/mapping/"):
            return {"version": 1}
        if path == "/api/plan/":
            return {"events": {"Order Completed": {}}}
        if path == "/api/members/":
            one["id"] = "1"
        if path == "/api/connector-kinds/":
            return [one]
        copies = 1 if path == "/api/metrics/" else 2
        return {"results": [one | {"health": {"state": "healthy"}}] * copies}
    return f'<a href="/customers/{KEY}/split/?a={KEY}">'


def test_every_page_is_in_the_gallery() -> None:
    sights = [*gallery.outside(), *gallery.pages(ask), *gallery.bare()]
    shown = {"/" + route_of(one.address).removeprefix("/") for one in sights}
    wanted = {place.pattern for place in routes()}
    pages = {one for one in wanted if not one.startswith(NO_PAGES) and not one.endswith(PIECES)}
    assert pages - shown == set()


def test_no_picture_overwrites_another() -> None:
    names = [one.name for one in [*gallery.outside(), *gallery.pages(ask), *gallery.bare()]]
    assert sorted(set(names)) == sorted(names)
