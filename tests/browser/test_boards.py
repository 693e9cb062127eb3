"""Boards in a real browser: moved by pointer and keyboard, without scripts; pictures, full screen, every width."""

import re
import struct
from typing import Any

import pytest

from tests.browser import fonts, visual_checks
from tests.browser.conftest import PASSWORD, committed
from tests.browser.test_identity import violations

pytestmark = pytest.mark.django_db
FREE = {"x": 0, "y": 0, "w": 6, "h": 4}


@pytest.fixture
def board(site: Any) -> Any:
    """A board of two analyses side by side, which nobody else changes."""
    import uuid

    from metrics.models import Analysis, Board, Tile

    def make() -> Any:
        made = Board.objects.create(
            workspace=site.workspace, slug=f"b-{uuid.uuid4().hex[:8]}", name="Mine", shared=True
        )
        for x, (name, params) in enumerate(
            [("Takings", {"name": "net_revenue", "by": "channel"}), ("Baskets", {"name": "aov"})]
        ):
            one = Analysis.objects.create(workspace=site.workspace, name=name, kind="metric", params=params)
            Tile.objects.create(board=made, analysis=one, **(FREE | {"x": 6 * x}))
        return made

    made = committed(make)
    yield made
    committed(lambda: Analysis.objects.filter(tiles__board=made).delete() and made.delete())


def places(board: Any) -> dict[str, tuple[int, ...]]:
    """Where tiles stand, as kept, by their names."""
    from metrics.models import Tile

    found = committed(lambda: list(Tile.objects.filter(board=board).select_related("analysis")))
    return {one.analysis.name: (one.x, one.y, one.w, one.h) for one in found}


def opened(site: Any, visit: Any, board: Any, **how: Any) -> Any:
    page = visit(**how)
    page.goto(f"{site.address}/boards/{board.slug}/")
    page.wait_for_selector("[data-chart] svg")
    return page


def grip(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=f"Move {name}", exact=True)


def saved(page: Any) -> None:
    page.locator("#board-said", has_text="Saved").wait_for()


@pytest.mark.parametrize(("language", "theme"), [("en", "dark"), ("zh-hans", "light")])
def test_a_board_is_sound_at_every_width(site, visit, board, language, theme):
    page = opened(site, visit, board, language=language, theme=theme)
    assert visual_checks.faults_at(page, visual_checks.WIDTHS) == []
    page.set_viewport_size({"width": 390, "height": 900})
    boxes = [one.bounding_box() for one in page.locator(".tile").all()]
    assert (
        boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]
    )  # one below the other, in the order they are read
    assert not page.locator(".grip").first.is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_boards_and_what_leads_there(site, visit, board, theme):
    page, wrong = visit(theme=theme), {}
    for address in (f"/boards/{board.slug}/", "/boards/", "/kpi/active_customers/?anomalies=high"):
        page.goto(site.address + address)
        page.wait_for_timeout(150)
        wrong[address] = violations(page)
    assert not any(wrong.values()), wrong


@pytest.mark.parametrize("font", [fonts.BLOCKED, fonts.WIDE])
@pytest.mark.parametrize("width", [390, 1440])
def test_a_board_is_sound_in_other_fonts(site, visit, board, font, width):
    page = opened(site, visit, board, font=font, width=width)
    assert visual_checks.faults(page) == []


def test_a_tile_is_dragged_and_what_is_in_its_way_goes_down(site, visit, board):
    page = opened(site, visit, board)
    at = grip(page, "Baskets").bounding_box()
    page.mouse.move(at["x"] + 8, at["y"] + 8)
    page.mouse.down()
    to = page.locator(".tile").first.bounding_box()
    page.mouse.move(to["x"] + 12, at["y"] + 8, steps=6)
    assert page.locator(".tile.held").count() == 1
    page.mouse.up()
    saved(page)
    assert places(board) == {"Baskets": (0, 0, 6, 4), "Takings": (0, 4, 6, 4)}
    page.reload()
    page.wait_for_selector("[data-chart] svg")
    over, under = (page.locator(".tile", has_text=name).bounding_box() for name in ("Baskets", "Takings"))
    assert over["x"] == under["x"]
    assert over["y"] + over["height"] < under["y"]
    assert not page.trouble


def test_a_corner_resizes_and_escape_lets_go(site, visit, board):
    page = opened(site, visit, board)
    box = page.locator(".tile", has_text="Baskets").bounding_box()
    corner = box["x"] + box["width"] - 8, box["y"] + box["height"] - 8
    for done in (False, True):
        page.mouse.move(*corner)
        page.mouse.down()
        page.mouse.move(corner[0] - box["width"] / 2, corner[1] + 100, steps=5)
        if not done:
            page.keyboard.press("Escape")
        page.mouse.up()
        if done:
            saved(page)
        assert places(board)["Baskets"] == ((6, 0, 3, 5) if done else (6, 0, 6, 4))
    assert not page.trouble


def test_by_keyboard_a_tile_is_moved_and_resized_and_each_step_is_said(site, visit, board):
    page = opened(site, visit, board)
    handle = grip(page, "Takings")
    handle.focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("#board-said").inner_text() == "Takings: column 1, row 2, 6 wide, 4 high"
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("ArrowLeft")  # it stands at the edge
    assert page.locator("#board-said").inner_text() == "Takings: column 1, row 2, 7 wide, 3 high"
    saved(page)
    assert places(board) == {"Takings": (0, 1, 7, 3), "Baskets": (6, 4, 6, 4)}
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Move Takings"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.wait_for_timeout(700)
    assert places(board)["Takings"] == (0, 1, 7, 3)
    assert not page.trouble


def test_what_the_server_does_not_take_is_said_and_put_back(site, visit, board):
    page = opened(site, visit, board)
    page.route("**/tiles/*/", lambda route: route.abort())
    grip(page, "Takings").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_text("Not saved: the board is as it was.").wait_for()
    assert page.locator(".tile").first.get_attribute("data-y") == "0"
    assert places(board)["Takings"] == (0, 0, 6, 4)


def test_a_viewer_has_nothing_to_move_with(site, visit, board):
    page = opened(site, visit, board, role="viewer")
    assert page.locator(".grip, [data-place]").count() == 0
    assert not page.trouble


def test_without_scripts_the_form_of_a_tile_places_it(site, browser, board):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(site.address + "/signin/")
    page.fill("#username", "admin-in-browser")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.goto(f"{site.address}/boards/{board.slug}/")
    tile = page.locator(".tile", has_text="Baskets")
    boxes = [one.bounding_box() for one in page.locator(".tile").all()]
    assert (boxes[0]["y"], boxes[0]["x"] + boxes[0]["width"] < boxes[1]["x"]) == (boxes[1]["y"], True)
    tile.locator("summary").first.click()
    for name, value in {"column": 1, "row": 2, "width": 12, "height": 3}.items():
        tile.locator(f"[name={name}]").fill(str(value))
    tile.get_by_role("button", name="Place it there").click()
    page.wait_for_url(re.compile("#tile-"))
    assert places(board) == {"Baskets": (0, 1, 12, 3), "Takings": (0, 4, 6, 4)}
    context.close()


def colours(page: Any, data: bytes) -> int:
    """How many different colours a PNG has, by the browser itself."""
    import base64

    return page.evaluate(
        """async (text) => {
            const image = new Image();
            image.src = 'data:image/png;base64,' + text;
            await image.decode();
            const { width, height } = image;
            const canvas = Object.assign(document.createElement('canvas'), { width, height });
            const pen = canvas.getContext('2d');
            pen.drawImage(image, 0, 0);
            const all = new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer);
            return new Set(all).size;
        }""",
        base64.b64encode(data).decode(),
    )


def test_each_tile_is_a_picture_of_what_it_shows(site, visit, board):
    page = opened(site, visit, board)
    for name in ("Takings", "Baskets"):
        tile = page.locator(".tile", has_text=name)
        tile.locator("summary").first.click()
        with page.expect_download() as download:
            tile.get_by_role("button", name="Save as PNG").click()
        data = download.value.path().read_bytes()
        assert download.value.suggested_filename == f"{name}.png"
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = struct.unpack(">II", data[16:24])
        assert width > 800
        assert height > 300
        assert colours(page, data) > 20  # a chart and words, no empty ground
    assert not page.trouble


def test_a_tile_is_copied_as_an_image(site, visit, board):
    page = opened(site, visit, board)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tile = page.locator(".tile", has_text="Baskets")
    tile.locator("summary").first.click()
    tile.get_by_role("button", name="Copy as image").click()
    page.get_by_text("The picture is on the clipboard.").wait_for()
    kinds = page.evaluate("navigator.clipboard.read().then((all) => all.flatMap((one) => one.types))")
    assert kinds == ["image/png"]
    assert not page.trouble


def test_a_board_fills_the_screen(site, visit, board):
    page = opened(site, visit, board)
    page.get_by_role("button", name="Full screen").click()
    page.locator(".full-head").wait_for()
    assert page.evaluate("document.fullscreenElement.matches('.board')")
    page.evaluate("document.exitFullscreen()")
    assert not page.trouble


def test_a_metric_is_kept_on_a_new_board_from_its_page(site, visit, board):
    page = visit()
    page.goto(site.address + "/kpi/orders/")
    page.get_by_text("Save analysis").click()
    assert not page.locator("[name=new_board]").is_visible()
    page.select_option(".save [name=board]", "+")
    page.fill("[name=new_board]", "Kept here")
    page.locator(".save").get_by_label("By channel").check()
    page.locator(".save").get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/boards/kept-here/#tile-\d+"))
    assert page.locator("[data-chart=area] svg").is_visible()
    assert not page.trouble
