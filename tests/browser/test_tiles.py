"""Tiles of journeys in a real browser: kept from their pages, as tables, files and pictures, at every width."""

import csv
import re
import struct
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import test_journeys, visual_checks
from tests.browser.conftest import committed
from tests.browser.test_boards import colours
from tests.browser.test_identity import violations

pytestmark = pytest.mark.django_db
mirrored = test_journeys.mirrored
KINDS: dict[str, dict[str, str]] = {
    "funnel": {"steps": "Product Viewed,Product Added,Order Completed", "window": "7d"},
    "paths": {"level": "channel", "steps": "4"},
    "retention": {"on": "orders"},
    "switching": {"on": "orders"},
    "touchpoints": {"within": "90d"},
}

NAMES = {kind: f"{kind}7" for kind in KINDS}


@pytest.fixture
def board(site: Any) -> Iterator[Any]:
    """A tile of each kind, two beside each other."""
    from metrics.models import Analysis, Board, Tile

    def make() -> Any:
        slug = f"t-{uuid.uuid4().hex[:8]}"
        made = Board.objects.create(workspace=site.workspace, slug=slug, name="Ways", shared=True)
        for n, (kind, params) in enumerate(KINDS.items()):
            one = Analysis.objects.create(
                workspace=site.workspace, name=NAMES[kind], kind=kind, params=params
            )
            Tile.objects.create(board=made, analysis=one, x=6 * (n % 2), y=5 * (n // 2), w=6, h=5)
        return made

    made = committed(make)
    yield made
    committed(lambda: Analysis.objects.filter(tiles__board=made).delete() and made.delete())


def opened(mirrored: str, visit: Any, board: Any, **how: Any) -> Any:
    page = visit(**how)
    page.goto(f"{mirrored}/boards/{board.slug}/")
    page.locator("[data-drawn]").nth(len(KINDS) - 1).wait_for()
    return page


def tile_of(page: Any, kind: str) -> Any:
    return page.locator(".tile", has=page.locator("h2", has_text=NAMES[kind]))


def test_a_funnel_is_kept_on_a_board_read_as_a_table_and_taken_as_a_file(mirrored, visit, site) -> None:
    from metrics.models import Analysis, Board

    page, name = visit(), f"Funnels {uuid.uuid4().hex[:6]}"
    page.goto(mirrored + "/journeys/funnel/")
    customers = page.locator("td a[href*='outcome=reached']").all_inner_texts()
    page.get_by_text("Save analysis").click()
    page.locator(".save [name=name]").fill("To the order")
    page.select_option(".save [name=board]", "+")
    page.fill("[name=new_board]", name)
    page.locator(".save").get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/boards/funnels-"))
    tile = page.locator(".tile", has_text="To the order")
    tile.locator("[data-drawn]").wait_for()
    assert tile.locator("[data-drawn] a.n").all_inner_texts() == customers
    assert "The largest loss is before" in tile.locator(".finding").inner_text()
    tile.get_by_text("Show as table").click()
    rows = tile.locator("details.data tbody tr")
    assert [row.locator("td").nth(1).inner_text() for row in rows.all()] == customers
    tile.locator(".card-h details > summary").click()
    with page.expect_download() as download:
        tile.get_by_role("link", name="Export CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    found = [row["Customers"] for row in csv.DictReader(text.splitlines())]
    assert found == [one.replace(",", "") for one in customers]
    assert not page.trouble
    committed(
        lambda: [one.objects.filter(name__in=(name, "To the order")).delete() for one in (Board, Analysis)]
    )


@pytest.mark.parametrize("kind", KINDS)
def test_each_tile_is_a_picture_of_what_it_shows(mirrored, visit, board, kind) -> None:
    page = opened(mirrored, visit, board)
    tile = tile_of(page, kind)
    tile.locator(".card-h details > summary").click()
    with page.expect_download() as download:
        tile.get_by_role("button", name="Save as PNG").click()
    data = download.value.path().read_bytes()
    assert download.value.suggested_filename == f"{NAMES[kind]}.png"
    width, height = struct.unpack(">II", data[16:24])
    assert width > 800
    assert height > 200
    assert colours(page, data) > 20
    assert not page.trouble


def test_a_tile_is_copied_as_an_image(mirrored, visit, board) -> None:
    page = opened(mirrored, visit, board)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tile = tile_of(page, "switching")
    tile.locator(".card-h details > summary").click()
    tile.get_by_role("button", name="Copy as image").click()
    page.get_by_text("The picture is on the clipboard.").wait_for()
    assert not page.trouble


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-hans", "dark")])
def test_tiles_are_sound_at_every_width_open_and_closed(mirrored, visit, board, language, theme) -> None:
    page = opened(mirrored, visit, board, language=language, theme=theme)
    shut = visual_checks.faults_at(page, visual_checks.WIDTHS)
    page.evaluate("document.querySelectorAll('details.data').forEach((one) => { one.open = true; })")
    found = "\n".join(shut + visual_checks.faults_at(page, visual_checks.WIDTHS))
    assert not found, found


def test_axe_has_nothing_against_them(mirrored, visit, board) -> None:
    page = opened(mirrored, visit, board)
    page.evaluate("document.querySelectorAll('details.data').forEach((one) => { one.open = true; })")
    assert violations(page) == []
    page.goto(mirrored + "/journeys/people/")
    page.get_by_text("Save as list").click()
    assert violations(page) == []


def test_a_tile_that_breaks_says_so_and_the_others_stand(mirrored, visit, board) -> None:
    page, key = visit(), board.tiles.order_by("pk").first().analysis_id
    page.route(f"**/tiles/{key}/shown/**", lambda route: route.abort())
    page.goto(f"{mirrored}/boards/{board.slug}/")
    page.locator("[data-drawn]").nth(len(KINDS) - 2).wait_for()
    tile = page.locator(f"#tile-{key}")
    tile.get_by_text("This part could not be loaded").wait_for()
    tile.locator(".card-h details > summary").click()
    assert not tile.get_by_role("button", name="Save as PNG").is_visible()
    assert tile.get_by_role("link", name="Export CSV").is_visible()


def test_a_list_of_people_is_kept_and_found_among_the_views_of_customers(mirrored, visit) -> None:
    page, name = visit(), f"List {uuid.uuid4().hex[:6]}"
    page.goto(mirrored + "/journeys/funnel/people/?step=2&outcome=dropped")
    shown = page.locator(".pager .num").inner_text()
    page.get_by_text("Save as list").click()
    page.locator(".save [name=name]").fill(name)
    page.get_by_role("button", name="Save list").click()
    page.get_by_text(f"The list “{name}” is saved.").wait_for()
    page.goto(mirrored + "/customers/")
    page.locator(".acts summary", has_text="Views").click()
    page.get_by_role("link", name=name).click()
    page.wait_for_url("**/journeys/funnel/people/**")
    assert page.locator(".pager .num").inner_text() == shown
    assert not page.trouble
