"""Tiles of journeys on a board, and their files: over HTTP."""

import csv
import io
import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from kernel.errors import TryAgain
from metrics.mirror import reading
from metrics.models import Analysis, Board, Tile
from tests.metrics.journeys import test_retention_api, test_switching_api, test_touchpoints_api
from tests.metrics.journeys.served import Served
from tests.metrics.mirror_tables import InMemory
from tests.pages import test_journeys
from tests.pages.test_cohorts import count
from tests.pages.test_numbers import person
from tests.shop import Shop

MARCH = "from=2026-03-01&to=2026-03-31"
STEPS = "Product Viewed,Product Added,Order Completed"
shop = test_journeys.shop  # four customers, one step earlier each


@pytest.fixture
def served(db: None) -> Served:
    return Served()


class Boards:
    """Somebody who puts analyses on a board."""

    def __init__(self, shop: Shop, role: str = "analyst") -> None:
        self.shop, self.client = shop, person(shop, role)
        self.board = Board.objects.create(
            workspace=shop.workspace,
            slug="week",
            name="Week",
            shared=True,
            author=User.objects.get(username=role),
        )

    def puts(self, kind: str, **params: Any) -> Analysis:
        """An analysis on the board."""
        made = Analysis.objects.create(
            workspace=self.shop.workspace, name=f"My {kind}", kind=kind, params=params
        )
        Tile.objects.create(board=self.board, analysis=made, x=0, y=4 * self.board.tiles.count(), w=6, h=4)
        return made

    def page(self, asked: str = MARCH) -> str:
        """The board."""
        answer = self.client.get(f"/boards/week/?{asked}")
        assert answer.status_code == 200
        return answer.content.decode()

    def tile(self, made: Analysis, asked: str = MARCH) -> str:
        """What its tile loads, by the address that the board gives."""
        loads = re.findall(rf'hx-get="(/boards/week/tiles/{made.pk}/shown/[^"]*)"', self.page(asked))
        answer = self.client.get(unescape(loads[0]), headers={"HX-Request": "true"})
        assert answer.status_code == 200, answer.content
        return answer.content.decode()


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def drawn(tile: str) -> str:
    """The picture alone, as words."""
    return plain(tile[tile.index("data-drawn") : tile.index('class="data"')].partition(">")[2])


def table(tile: str) -> list[list[str]]:
    """The body of the table behind it."""
    behind = tile[tile.index('class="data"') :]
    return [
        [plain(cell) for cell in re.findall(r"<t[dh].*?</t[dh]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>.*?</tr>", behind[behind.index("<tbody") :], re.DOTALL)
    ]


def links(text: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'href="([^"]*/people/[^"]*)"', text)]


def file(client: Client, address: str, status: int = 200) -> list[dict[str, str]]:
    """The rows of a file, by its head."""
    answer = client.get(address)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


# ---- tiles ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_funnel_says_its_finding_draws_its_steps_and_can_be_read_as_a_table(shop: Shop) -> None:
    boards = Boards(shop)
    tile = boards.tile(boards.puts("funnel", steps=STEPS, window="7d"))
    assert "The largest loss is before “Added a product to cart”: 2 of 4 customers (50.0%)." in plain(tile)
    assert "within 7 days of the first step" in plain(tile)
    seen = drawn(tile)
    for said in ("1 Viewed a product", "4 100.0%", "2 lost 50.0%", "2 50.0%", "1 lost", "1 25.0%"):
        assert said in seen
    assert re.findall(r'class="v" width="([^"]*)"', tile) == ["100.0", "50.0", "25.0"]
    rows = table(tile)
    assert [(row[0][0], row[1], row[3]) for row in rows] == [
        ("1", "4", "–"),
        ("2", "2", "2"),
        ("3", "1", "1"),
    ]
    led = links(tile)
    assert len(led) == 2 * 5
    assert [count(boards.client, link) for link in led[:5]] == [4, 2, 2, 1, 1]


@pytest.mark.django_db
def test_paths_show_the_most_frequent_with_who_ordered(shop: Shop) -> None:
    boards = Boards(shop)
    tile = boards.tile(boards.puts("paths", level="channel", steps="3"))
    assert "Most frequent is Web shop: 2 customers, 0.0% of them ordered." in plain(tile) or (
        "Most frequent is Web shop → Store: 2 customers" in plain(tile)
    )
    rows = table(tile)
    assert {row[0] for row in rows} == {"Web shop", "Web shop → Store"}
    assert [row[1] for row in rows] == ["2", "2"]
    assert [count(boards.client, link) for link in links(tile)] == [2] * 4


@pytest.mark.django_db
def test_retention_shows_a_triangle_of_the_first_intervals(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.shows(monkeypatch, test_retention_api.happened)
    boards = Boards(served.shop)
    tile = boards.tile(boards.puts("retention", on="orders"), "from=2026-01-01&to=2026-03-31")
    assert "50.0% ordered again in the month after their first order (1 of 2)." in plain(tile)
    picture = tile[tile.index("data-drawn") : tile.index('class="data"')]
    january = next(row for row in picture.split("<tr>") if "2026-01" in row)
    assert plain(january).split() == ["2026-01", "1", "100.0%", "100.0%"]
    assert [count(boards.client, link) for link in links(picture)] == [1] * 5
    (row,) = [row for row in table(tile) if row[0] == "2026-01"]
    assert row[1:3] == ["1", "100.0% 1 of 1"]


@pytest.mark.django_db
def test_switching_shows_the_matrix_and_all_cells_as_a_table(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.shows(monkeypatch, test_switching_api.happened)
    boards = Boards(served.shop)
    tile = boards.tile(boards.puts("switching", on="orders"))
    assert "66.7% of repeat orders were on another channel than the one before (2 of 3)." in plain(tile)
    picture = tile[tile.index("data-drawn") : tile.index('class="data"')]
    assert len(links(picture)) == 3
    rows = table(tile)
    assert len(rows) == 4
    assert ["nothing before" in row[0] for row in rows].count(True) == 1
    assert [count(boards.client, link) for link in links(tile)] == [1] * 7


def test_of_many_channels_the_largest_are_named_and_the_sum_stays() -> None:
    from console.board import switching_tile
    from metrics.journeys.switching import Cell

    names = [f"c{n}" for n in range(9)]
    cells = [Cell(one, to, 1, 10 - n, None) for n, one in enumerate(names) for to in names[: n + 1]]
    slugs = switching_tile._largest(cells, names)
    assert (len(slugs), slugs[-1]) == (7, "")
    lines = switching_tile._lines(cells, slugs, {}, lambda cell: f"{cell.origin}>{cell.to}")
    assert sum(int(one.text) for line in lines for one in line.squares) == sum(cell.steps for cell in cells)
    assert all(not one.href for one in lines[-1].squares)
    assert len(switching_tile._largest(cells[:28], names)) == 7  # seven channels: none is "other"
    assert "" not in switching_tile._largest(cells[:28], names)


@pytest.mark.django_db
def test_touchpoints_show_differences_with_their_interval_and_that_it_is_no_proof(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.shows(monkeypatch, test_touchpoints_api.happened)
    boards = Boards(served.shop)
    tile = boards.tile(boards.puts("touchpoints", within="20d"))
    assert "No touchpoint goes along with more or fewer who buy again" in plain(tile)
    assert "bought again within 20 days; no proof of cause" in plain(tile)
    assert re.search(r"Store visit.*0\.0 pts −\d+\.\d pts to \+\d+\.\d pts", drawn(tile))
    (row,) = [row for row in table(tile) if row[0] == "Store visit"]
    assert row[3:] == ["50.0% 2", "50.0% 2"]
    assert [count(boards.client, link) for link in links(tile) if "touchpoint=store" in link] == [2, 2]


@pytest.mark.django_db
def test_the_period_of_the_board_holds_and_without_one_the_analysis_s_own(shop: Shop) -> None:
    boards = Boards(shop)
    made = boards.puts("funnel", steps=STEPS, **{"from": "2026-03-01", "to": "2026-03-31"})
    assert "4 100.0%" in drawn(boards.tile(made, ""))
    assert "Nobody met the first step" in boards.tile(made, "from=2001-01-01&to=2001-01-31")
    page = boards.page("")
    assert re.search(r'class="q num">[^<]*Mar[^<]*2026<', page)
    own = links(boards.tile(made, ""))[0]
    assert "from=2026-03-01" in own
    assert count(boards.client, own) == 4
    page = boards.page("from=2001-01-01&to=2001-01-31")
    assert "from=2001-01-01" in re.search(r'<h2 id="tile-\d+-name">\s*<a href="([^"]*)"', page)[1]


@pytest.mark.django_db
def test_the_board_cuts_lines_not_cohorts_where_it_says_what_cohorts_are_not_cut_by(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.shows(monkeypatch, test_retention_api.happened)
    boards = Boards(served.shop)
    made = boards.puts("retention", interval="week")
    for asked, head in (("", "week 1"), ("&interval=day", "week 1"), ("&interval=month", "month 1")):
        days = f"from=2026-03-01&to=2026-03-31{asked}"
        assert head in plain(boards.tile(made, days)), asked
        address = unescape(re.search(r'<h2 id="tile-\d+-name">\s*<a href="([^"]*)"', boards.page(days))[1])
        assert head in plain(boards.client.get(address).content.decode()), asked


@pytest.mark.django_db
def test_a_question_that_takes_too_long_says_what_to_narrow_and_the_others_stand(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    boards = Boards(shop)
    slow, wrong = boards.puts("paths", steps="4"), boards.puts("funnel", steps="channel:closed-down")
    boards.puts("metric", name="orders")
    page = boards.page()
    assert page.count('hx-trigger="load"') == 2  # a metric of PostgreSQL comes along
    assert 'class="kpi-value"' in page
    assert "There is no channel “closed-down” in this workspace." in plain(boards.tile(wrong))

    def late(_mirror: Any, _sql: str, **_values: Any) -> Any:
        raise TryAgain(reading._slow(10))

    monkeypatch.setattr(InMemory, "rows", late)
    tile = boards.tile(slow)
    assert "choose a shorter period, fewer steps or a filter" in plain(tile)
    assert "Try again" in plain(tile)
    assert "data-drawn" not in tile


@pytest.mark.django_db
def test_a_tile_is_its_board_s_alone(shop: Shop) -> None:
    boards = Boards(shop)
    made = boards.puts("funnel", steps=STEPS)
    address = reverse("board-tile", args=["week", made.pk])
    assert boards.client.get(address).status_code == 200
    assert boards.client.get(reverse("board-tile", args=["week", made.pk + 1])).status_code == 404
    Board.objects.update(shared=False, author=None)
    assert boards.client.get(address).status_code == 404


@pytest.mark.django_db
def test_tiles_speak_chinese(shop: Shop) -> None:
    boards = Boards(shop)
    made = boards.puts("funnel", steps=STEPS)
    boards.client.cookies["language"] = "zh-hans"
    said = plain(boards.tile(made))
    assert "流失" in said
    assert not re.search(r"\b(lost|within|step|customers)\b", said)


# ---- files ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_file_of_a_tile_is_that_of_its_page_in_its_period(shop: Shop) -> None:
    boards = Boards(shop)
    boards.puts("funnel", steps=STEPS, window="7d", by="channel")
    (address,) = re.findall(r'href="(/journeys/funnel/export\.csv[^"]*)"', boards.page())
    rows = file(boards.client, unescape(address))
    every = [row for row in rows if row["Value"] == "all"]
    assert [row["Customers"] for row in every] == ["4", "2", "1"]
    assert [row["Of step 1"] for row in every][1:] == ["0.5000000000", "0.2500000000"] or (
        [float(row["Of step 1"]) for row in every] == [1, 0.5, 0.25]
    )
    assert [row["Lost here"] for row in every] == ["0", "2", "1"]
    assert [row["Customers"] for row in rows if row["Value"] == "Web shop"] == ["4", "2", "1"]


@pytest.mark.django_db
def test_each_page_of_journeys_has_its_file(shop: Shop) -> None:
    client = person(shop)
    for name in ("", "funnel/", "retention/", "switching/", "touchpoints/"):
        page = client.get(f"/journeys/{name}?{MARCH}").content.decode()
        addresses = re.findall(r'href="(/journeys/[a-z/]*export\.csv[^"]*)"', page)
        assert len(addresses) == (2 if not name else 1), name
        for address in addresses:
            assert MARCH in unescape(address)
            file(client, unescape(address))
    ways = file(client, f"/journeys/export.csv?{MARCH}")
    assert {(row["Path"], row["Customers"], row["Ordered"]) for row in ways} == {
        ("Web shop", "2", "0"),
        ("Web shop → Store", "2", "0"),
    }
    (flow,) = file(client, f"/journeys/export.csv?{MARCH}&of=flows")
    assert (flow["From"], flow["To"], flow["Paths"], flow["Paths there"]) == ("Web shop", "Store", "2", "4")


@pytest.mark.django_db
def test_files_of_cohorts_switching_and_touchpoints_hold_what_the_pages_show(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = person(served.shop)
    served.shows(monkeypatch, test_retention_api.happened)
    rows = file(client, "/journeys/retention/export.csv?from=2026-01-01&to=2026-03-31")
    (back,) = [
        row for row in rows if (row["Channel"], row["Begins"], row["Interval"]) == ("all", "2026-01-01", "2")
    ]
    assert (back["Customers"], back["Interval begins"], back["Interval over"], float(back["Share"])) == (
        *("1", "2026-03-01", "1"),
        1.0,
    )
    served.shows(monkeypatch, test_switching_api.happened)
    rows = file(client, f"/journeys/switching/export.csv?{MARCH}")
    assert sum(int(row["Orders"]) for row in rows if row["From"]) == 3
    served.shows(monkeypatch, test_touchpoints_api.happened)
    rows = file(client, f"/journeys/touchpoints/export.csv?{MARCH}")
    (store,) = [
        row for row in rows if row["Touchpoint"] == "Store visit" and row["Outcome"] == "Bought again"
    ]
    assert (store["With it: Customers"], store["With it: Share"], float(store["Difference"])) == (
        *("2", "0.500000"),
        0.0,
    )


@pytest.mark.django_db
def test_a_file_of_what_cannot_be_asked_is_refused_and_its_page_offers_none(shop: Shop) -> None:
    client = person(shop)
    for address in ("funnel/export.csv?steps=channel:moon", "export.csv?level=moon"):
        answer = client.get(f"/journeys/{address}")
        assert answer.status_code == 400, address
    said = client.get(f"/journeys/?{MARCH}&level=moon").content.decode()
    assert "export.csv" not in said
    assert "Save analysis" not in said
