"""Boards over HTTP: what a page shows, what its plain forms do, who may."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from metrics.models import Analysis, Board, Tile
from tests.shop import Shop, order

FIELDS = {"column": 7, "row": 1, "width": 6, "height": 4}


class Page:
    """A workspace with some orders, and people with browsers."""

    def __init__(self) -> None:
        self.shop = Shop()
        now = datetime.now(UTC)
        days = [now - timedelta(days=n) for n in range(1, 6)]
        self.shop.sends(*(order(f"o{n}", 100 + n, f"u{n}", at) for n, at in enumerate(days)))
        self.shop.sends(order("s1", 40, "u1", days[0]), to="store")
        self.clients: dict[str, Client] = {}
        for role in ("viewer", "analyst", "admin"):
            self.shop.api(role)
            self.clients[role] = Client()
            from django.contrib.auth.models import User

            self.clients[role].force_login(User.objects.get(username=f"{role}-{self.shop.workspace.slug}"))

    def get(self, path: str, role: str = "analyst", status: int = 200, **headers: str) -> str:
        """A page's text."""
        answer = self.clients[role].get(path, headers=headers or None)
        assert answer.status_code == status, answer.content
        return answer.content.decode()

    def post(self, path: str, role: str = "analyst", status: int = 302, **form: Any) -> Any:
        """What a form is answered with."""
        headers = {"Accept": form.pop("accept", "text/html")}
        answer = self.clients[role].post(path, form, headers=headers)
        assert answer.status_code == status, answer.content
        return answer

    def keeps(self, query: str = "name=gmv", role: str = "analyst", **form: Any) -> Analysis:
        """An analysis kept by the form of a metric's page."""
        self.post("/analyses/", role, kind="metric", **({"name": "Sales", "query": query} | form))
        return Analysis.objects.latest("pk")

    def board(self, role: str = "analyst", **more: Any) -> Board:
        """A board made by its form."""
        self.post("/new-board/", role, **({"name": "Week"} | more))
        return Board.objects.latest("pk")


@pytest.fixture
def page(db: None) -> Page:
    return Page()


def test_the_form_of_a_metric_s_page_keeps_it_on_a_new_board(page: Page) -> None:
    text = page.get("/kpi/gmv/?interval=week")
    assert 'value="name=gmv&amp;interval=week"' in text
    answer = page.post(
        "/analyses/", kind="metric", name="Sales", query=["name=gmv&interval=week", "by=channel"], board="+",
        new_board="Monday",
    )  # fmt: skip
    made, tile = Analysis.objects.get(), Tile.objects.get()
    assert made.params == {"name": "gmv", "interval": "week", "by": "channel"}
    assert answer["Location"] == f"/boards/monday/#tile-{made.pk}"
    assert (tile.board.name, tile.analysis, tile.x, tile.y, tile.w, tile.h) == ("Monday", made, 0, 0, 6, 4)


def test_kept_without_a_board_it_leads_back_to_where_it_was_kept_and_nowhere_else(page: Page) -> None:
    back = "/kpi/gmv/?from=2026-01-01"
    for given, to in ((back, back), ("https://example.org/", "/boards/"), ("//example.org", "/boards/")):
        answer = page.post("/analyses/", kind="metric", name="Sales", query="name=gmv", back=given)
        assert answer["Location"] == to
    assert "Sales" in page.get("/boards/")


def test_what_cannot_be_kept_makes_no_board_either(page: Page) -> None:
    for form in ({"name": ""}, {"query": "name=profit"}, {"query": "name=gmv&colour=red"}, {"new_board": ""}):
        form = {"kind": "metric", "name": "x", "query": "name=gmv", "board": "+", "new_board": "B"} | form
        page.post("/analyses/", status=400, **form)
    page.post("/analyses/", status=400, kind="metric", name="x", query=f"name={'g' * 9_000}")
    assert not Board.objects.exists()
    assert not Analysis.objects.exists()


def test_a_viewer_is_offered_no_form_and_makes_nothing(page: Page) -> None:
    assert "Save analysis" not in page.get("/kpi/gmv/", "viewer")
    page.post("/analyses/", "viewer", 403, kind="metric", name="x", query="name=gmv")
    page.post("/new-board/", "viewer", 403, name="x")
    assert "Make board" not in page.get("/boards/", "viewer")


def test_a_board_shows_its_metrics_with_their_numbers(page: Page) -> None:
    board = page.board(shared="1")
    page.keeps(board=board.slug)
    page.keeps("name=aov&channel=store", name="Basket in the stores", board=board.slug)
    page.keeps("name=net_revenue&by=channel", name="By channel", board=board.slug)
    text = page.get(f"/boards/{board.slug}/", "viewer")
    assert re.findall(r'<h2 id="tile-\d+-name">\s*<a [^>]*>([^<]*)</a>', text) == [
        *("Sales", "Basket in the stores", "By channel"),
    ]
    values = re.findall(r'<span class="kpi-value">([^<]*)</span>', text)
    assert values == ["¥550.00", "¥40.00", "¥550.00"]
    assert re.findall(r'data-chart="(\w+)"', text) == ["line", "line", "area"]
    assert "data-place" not in text  # a viewer moves nothing


def test_the_period_of_the_board_s_address_wins(page: Page) -> None:
    board = page.board()
    today = datetime.now(UTC).date()
    page.keeps(
        f"name=gmv&from={today - timedelta(days=40)}&to={today - timedelta(days=30)}", board=board.slug
    )
    own = page.get(f"/boards/{board.slug}/")
    assert "no data in this period" in own or "¥0.00" in own
    week = page.get(f"/boards/{board.slug}/?from={today - timedelta(days=6)}&to={today}")
    assert "¥550.00" in week
    assert (
        f"from={today - timedelta(days=6)}"
        in re.findall(r'<h2 id="tile-\d+-name">\s*<a href="([^"]*)"', week)[0]
    )


def test_a_tile_s_file_is_the_metric_s_own_in_its_period(page: Page) -> None:
    board = page.board()
    page.keeps(board=board.slug)
    text = page.get(f"/boards/{board.slug}/?interval=week")
    (address,) = re.findall(r'href="(/kpi/gmv/export\.csv[^"]*)"', text)
    answer = page.clients["analyst"].get(address.replace("&amp;", "&"))
    assert "interval=week" in address
    assert answer["Content-Type"].startswith("text/csv")


def test_a_kind_that_nothing_draws_is_shown_by_name_alone(page: Page) -> None:
    board = page.board()
    made = page.shop.api("analyst").post(
        "/api/analyses/",
        {"name": "Basket to order", "kind": "switching", "params": {"on": "orders"}, "board": board.slug},
        format="json",
    )
    assert made.status_code == 201
    text = page.get(f"/boards/{board.slug}/")
    assert "Basket to order" in text
    assert "data-chart" not in text


def test_a_tile_whose_channel_is_gone_says_so_and_the_others_stand(page: Page) -> None:
    board = page.board()
    page.keeps(board=board.slug)
    lost = page.keeps("name=gmv&channel=store", name="Lost", board=board.slug)
    Analysis.objects.filter(pk=lost.pk).update(params={"name": "gmv", "channel": ["closed-down"]})
    text = page.get(f"/boards/{board.slug}/")
    assert "closed-down" in text
    assert text.count("data-chart=") == 1


def test_where_tiles_stand_is_a_style_sheet_of_the_board(page: Page) -> None:
    board = page.board()
    made = page.keeps(board=board.slug)
    answer = page.clients["analyst"].get(f"/boards/{board.slug}/layout.css")
    assert answer["Content-Type"].startswith("text/css")
    assert f"#tile-{made.pk} {{ --x: 1; --y: 1; --w: 6; --h: 4; }}" in answer.content.decode()
    page.get(f"/boards/{board.slug}/layout.css", "viewer", 404)


def test_a_tile_is_placed_by_a_plain_form_and_what_is_in_its_way_goes_down(page: Page) -> None:
    board = page.board()
    first, second = page.keeps(board=board.slug), page.keeps(board=board.slug)
    answer = page.post(reverse("board-move", args=[board.slug, first.pk]), **FIELDS)
    assert answer["Location"] == f"/boards/{board.slug}/#tile-{first.pk}"
    assert {(one.analysis_id, one.x, one.y) for one in Tile.objects.all()} == {
        (first.pk, 6, 0),
        (second.pk, 6, 4),
    }


def test_a_script_is_told_where_all_stand(page: Page) -> None:
    board = page.board()
    first = page.keeps(board=board.slug)
    answer = page.post(
        reverse("board-move", args=[board.slug, first.pk]), status=200, accept="application/json", **FIELDS
    )
    assert answer.json() == {"tiles": [{"key": first.pk, "x": 6, "y": 0, "w": 6, "h": 4}]}


@pytest.mark.parametrize(
    "wrong", [{"column": "0"}, {"column": "8"}, {"width": "x"}, {"height": "13"}, {"row": "999"}]
)
def test_a_place_that_is_none_is_refused(page: Page, wrong: dict[str, str]) -> None:
    board = page.board()
    first = page.keeps(board=board.slug)
    page.post(reverse("board-move", args=[board.slug, first.pk]), status=400, **(FIELDS | wrong))
    assert Tile.objects.get().x == 0


def test_tiles_are_added_and_taken_off(page: Page) -> None:
    board, made = page.board(), page.keeps()
    page.post(f"/boards/{board.slug}/tiles/", analysis=made.pk)
    assert Tile.objects.count() == 1
    page.post(f"/boards/{board.slug}/tiles/{made.pk}/take/")
    assert (Tile.objects.count(), Analysis.objects.count()) == (0, 1)
    page.post(f"/boards/{board.slug}/tiles/", status=400, analysis="x")
    page.post(f"/boards/{board.slug}/tiles/", status=404, analysis=made.pk + 1)


def test_a_board_is_renamed_shared_and_deleted(page: Page) -> None:
    board = page.board()
    page.get(f"/boards/{board.slug}/", "viewer", 404)
    page.post(f"/boards/{board.slug}/set/", name="Sales week", shared="1")
    assert "Sales week" in page.get(f"/boards/{board.slug}/", "viewer")
    page.post(f"/boards/{board.slug}/delete/", "viewer", 403)
    page.post(f"/boards/{board.slug}/delete/")
    page.get(f"/boards/{board.slug}/", status=404)


def test_an_analyst_leaves_somebody_else_s_board_alone(page: Page) -> None:
    board = page.board("admin", shared="1")
    made = page.keeps(role="admin", board=board.slug)
    text = page.get(f"/boards/{board.slug}/")
    assert "Delete board" not in text
    for path, form in (
        ("set/", {"name": "x"}),
        ("delete/", {}),
        ("tiles/", {"analysis": made.pk}),
        (f"tiles/{made.pk}/", FIELDS),
        (f"tiles/{made.pk}/take/", {}),
    ):
        page.post(f"/boards/{board.slug}/{path}", status=403, **form)
    page.post(f"/analyses/{made.pk}/delete/", status=403)
    page.post(f"/analyses/{made.pk}/delete/", "admin")
    assert not Analysis.objects.exists()


def test_a_name_that_no_board_can_have_is_said_under_its_field(page: Page) -> None:
    answer = page.post("/new-board/", status=400, name="n" * 81)
    assert "80" in answer.content.decode()
    assert "n" * 81 in answer.content.decode()


def test_overview_links_to_boards_that_everybody_sees(page: Page) -> None:
    page.board(name="Mine")
    page.board("admin", name="Ours", shared="1")
    text = page.get("/", "viewer")
    assert 'href="/boards/ours/"' in text
    assert "/boards/mine/" not in text


def test_the_demo_s_board_is_made_once_and_named_in_the_reader_s_language(page: Page) -> None:
    from demo import boards

    workspace = page.shop.workspace
    boards.make(workspace), boards.make(workspace)
    board = Board.objects.get(workspace=workspace)
    assert (board.slug, board.shared, board.tiles.count()) == ("cross-channel", True, len(boards.READY))
    assert "Net revenue by channel" in page.get("/boards/cross-channel/", "viewer")
    page.clients["viewer"].cookies["language"] = "zh-hans"
    chinese = page.get("/boards/cross-channel/", "viewer")
    assert not [one.name for one in boards.READY if one.name in chinese]
    assert "各渠道净销售额" in chinese


def test_a_board_can_be_any_word_that_an_address_has(page: Page) -> None:
    for name in ("add", "new", "set"):
        page.post("/new-board/", name=name)
        assert name in page.get(f"/boards/{name}/")
