"""A metric's page by any dimension and of what filters leave: values, parts of the change, rows, files; the index."""

import csv
import html
import io
import json
import re
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from console.metric import kpi_charts
from metrics.catalogue import METRICS
from metrics.models import Analysis, Board, Tile
from tests.pages.test_every_number import Reader
from tests.pages.test_numbers import person, text
from tests.shop import Shop, identify, later, order, track

pytestmark = pytest.mark.usefixtures("mirror_of_postgresql")
DAYS = "from=2026-03-11&to=2026-03-20&interval=week"


@pytest.fixture
def shop(db):
    made = Shop()
    made.sends(
        identify("u1", later(), city="Shanghai"),
        order("b1", "40", "u1", later(days=5), store="Pudong"),
        order("b2", "10", "u2", later(days=6), store="Bund"),
        order("o1", "100", "u1", later(days=12), store="Pudong"),
        order("o2", "30", "u1", later(days=13), store="Nanjing Road"),
        order("o3", "7", "u3", later(days=13)),
        order("o4", "5", "u4", later(days=13), store="call 13812345021"),
        track("Order Refunded", "u1", later(days=14), order_id="o1", total="20", refund_id="r1"),
    )
    return made


def cells(page, title):
    """The rows of the table under a title: its cells as text."""
    part = page[page.index(f"<h2>{title}</h2>") :]
    body = part[part.index("<tbody>") : part.index("</tbody>")]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    said = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
    return [[" ".join(html.unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in said]


def test_every_value_stands_with_its_change_and_its_part_of_it(shop):
    page = person(shop).get(f"/kpi/net_revenue/?{DAYS}&by=store").content.decode()
    found = {row[0]: (row[1], row[2], row[4]) for row in cells(page, "By Store")}
    assert found == {
        "Pudong": ("¥80.00", "¥40.00", "+¥40.00"),
        "Nanjing Road": ("¥30.00", "¥0.00", "+¥30.00"),
        "call 13812345021": ("¥5.00", "¥0.00", "+¥5.00"),
        "Not known": ("¥7.00", "¥0.00", "+¥7.00"),
        "All others": ("¥0.00", "¥10.00", f"{chr(8722)}¥10.00"),
    }


@pytest.mark.parametrize(
    "asked", ["by=store", "by=city", "by=channel&filter=store:Pudong", "by=store&filter=city:null"]
)
@pytest.mark.parametrize("name", ["net_revenue", "aov", "buyers", "repeat_purchase_rate", "new_customers"])
def test_every_number_leads_to_rows_that_add_up_to_it(shop, name, asked):
    reader = Filtering(person(shop), shop.workspace.currency)
    assert reader.reads(f"/kpi/{name}/?{DAYS}&{asked}") >= 8


class Filtering(Reader):
    """As the other, for addresses with filters."""

    def sum(self, metric, part, asked):
        self.filters = tuple(asked.get("filter", ()))
        given = {name: values for name, values in asked.items() if name not in ("interval", "compare")}
        key = (metric, part, str(sorted(given.items())))
        if key not in self.sums:
            answer = self.client.get(f"/kpi/{metric}/rows/export.csv", given | {"part": part})
            rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode()[1:])))[1:]
            self.sums[key] = sum((Decimal(row[-1]) for row in rows if row[-1]), Decimal(0))
        return self.sums[key]


def test_a_value_leads_to_its_own_page_and_a_chip_back(shop):
    client = person(shop)
    page = client.get(f"/kpi/gmv/?{DAYS}&by=store").content.decode()
    only = next(one for one in re.findall(r'href="(\?[^"]*)"', page) if "filter=store%3APudong" in one)
    filtered = client.get("/kpi/gmv/" + html.unescape(only)).content.decode()
    assert "¥100.00" in filtered
    assert "Pudong" in filtered
    back = re.search(r'class="drop" href="([^"]*)"', filtered)[1]
    assert "filter" not in parse_qs(urlsplit(html.unescape(back)).query)


def test_only_dimensions_that_the_metric_knows_are_offered(shop):
    client = person(shop)
    gmv = text(client.get(f"/kpi/gmv/?{DAYS}"))
    assert "Member tier" in gmv
    assert "Category" not in gmv
    assert "Break down by" not in text(client.get(f"/kpi/price_parity/?{DAYS}"))
    said = text(client.get(f"/kpi/gmv/?{DAYS}&by=sku"))
    assert "cannot be broken down or filtered as the address says" in said


def test_customers_do_not_add_up_and_the_page_says_so(shop):
    client = person(shop)
    assert "These do not add up" in text(client.get(f"/kpi/buyers/?{DAYS}&by=store"))
    assert "These do not add up" not in text(client.get(f"/kpi/gmv/?{DAYS}&by=store"))


def test_the_file_has_a_line_a_value(shop):
    answer = person(shop).get(f"/kpi/gmv/export.csv?{DAYS}&by=store")
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode()[1:])))
    assert lines[0][0] == "Store"
    assert {line[0] for line in lines[1:]} == {
        *("all", "Pudong", "Nanjing Road", "call 13812345021", "Not known"),
    }


def test_a_viewer_sees_no_contact_data_in_a_value(shop):
    client = person(shop, "viewer")
    for path in ("/kpi/gmv/", "/kpi/gmv/export.csv"):
        said = b"".join(client.get(f"{path}?{DAYS}&by=store")).decode()
        assert "13812345021" not in said
        assert "138 •••• 5021" in said
    found = shop.get(
        "/api/metrics/gmv/", role="viewer", by="store", **{"from": "2026-03-11", "to": "2026-03-20"}
    )
    assert "call 138 •••• 5021" in found["by"]
    assert {"key": "call 138 •••• 5021", "value": "call 138 •••• 5021"} in found["values"]


def test_all_metrics_are_listed_in_groups_and_found_by_words(shop):
    client = person(shop)
    page = client.get(f"/kpi/?{DAYS}").content.decode()
    assert all(f"/kpi/{metric.name}/?" in page for metric in METRICS)
    assert "¥142.00" in page
    found = text(client.get(f"/kpi/?{DAYS}&q=return+other"))
    assert "Cross-channel return rate" in found
    assert "Gross merchandise value" not in found
    assert "No metric is called so" in text(client.get(f"/kpi/?{DAYS}&q=weather"))


def test_what_the_mirror_cannot_say_is_said_and_all_else_stands(shop, monkeypatch):
    monkeypatch.undo()
    page = text(person(shop).get(f"/kpi/?{DAYS}"))
    assert "cannot be read just now" in page
    assert "¥142.00" in page
    assert person(shop, "analyst").get(f"/kpi/visits/?{DAYS}").status_code == 503


def test_of_many_values_the_largest_are_drawn_and_the_rest_together(shop):
    shop.sends(
        *(order(f"many{n}", str(10 + n), f"m{n}", later(days=12), store=f"Store {n:02}") for n in range(20))
    )
    page = person(shop).get(f"/kpi/net_revenue/?{DAYS}&by=store").content.decode()
    drawn = json.loads(re.search(r'id="moved-data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
    *each, rest = drawn["rows"]
    assert (len(each), rest["several"], rest["name"]) == (kpi_charts.MOST_BARS, True, "14 others together")
    assert min(abs(one["v"]) for one in each) >= max(abs(one["v"]) for one in drawn["more"])
    assert rest["v"] == pytest.approx(sum(one["v"] for one in drawn["more"]))
    said = [row[0] for row in cells(page, "What drove the change")]
    assert sorted(said) == sorted(one["name"] for one in [*each, *drawn["more"]])


class Filtered:
    """An analysis on a board of its own, and what its tile says."""

    def __init__(self, shop, **params):
        self.client = person(shop)
        board = Board.objects.create(workspace=shop.workspace, slug="b", name="B", shared=True)
        self.made = Analysis.objects.create(
            workspace=shop.workspace, name="Of it", kind="metric", params=params
        )
        Tile.objects.create(board=board, analysis=self.made, x=0, y=0, w=6, h=4)

    def tile(self, more=""):
        page = self.client.get(f"/boards/b/?{DAYS}{more}").content.decode()
        (loads,) = re.findall(r'hx-get="(/boards/b/[^"]*)"', page)
        return page, self.client.get(html.unescape(loads)).content.decode()


def value(tile):
    return re.search(r'class="kpi-value">([^<]*)<', tile)[1]


def test_a_tile_counts_what_the_filters_of_its_analysis_leave(shop):
    board = Filtered(shop, name="net_revenue", filter=["store:Pudong", "city:Shanghai"])
    page, tile = board.tile("&filter=store:Bund")  # the board's address has no say in it
    assert value(tile) == "¥80.00"
    assert "Store: Pudong" in " ".join(re.sub(r"<[^>]+>", " ", tile).split())
    assert 'data-chart="line"' in tile
    rows = re.findall(r'href="(/kpi/net_revenue/rows/[^"]*)"', tile)
    assert rows
    kept = [parse_qs(urlsplit(html.unescape(one)).query)["filter"] for one in rows]
    assert kept == [["store:Pudong", "city:Shanghai"]] * len(rows)
    for address in re.findall(r'href="(/kpi/net_revenue/[^"]*)"', page):
        assert "filter=store%3APudong" in address, address
    export = html.unescape(re.search(r'href="(/kpi/net_revenue/export\.csv[^"]*)"', page)[1])
    file = b"".join(board.client.get(export).streaming_content).decode()[1:]
    assert any(row[0] == "all" and Decimal(row[2]) == 80 for row in csv.reader(io.StringIO(file)))


def test_a_tile_by_channel_is_filtered_too(shop):
    _page, tile = Filtered(shop, name="net_revenue", by="channel", filter=["store:Pudong"]).tile()
    assert value(tile) == "¥80.00"
    assert 'data-chart="area"' in tile


def test_a_filter_of_a_channel_and_one_that_cannot_be(shop):
    _page, tile = Filtered(shop, name="net_revenue", filter=["channel:web-shop"]).tile()
    assert value(tile) == "¥122.00"
    Analysis.objects.update(params={"name": "net_revenue", "filter": ["weather:fair"]})
    board = person(shop, "viewer")
    tile = board.get(f"/boards/b/tiles/{Analysis.objects.get().pk}/shown/?{DAYS}").content.decode()
    assert "cannot be filtered any more" in tile


def test_what_a_page_is_filtered_and_broken_down_by_is_kept(shop):
    page = person(shop).get(f"/kpi/net_revenue/?{DAYS}&by=store&filter=city:Shanghai").content.decode()
    form = html.unescape(page[page.index('action="/analyses/"') :].partition("</form>")[0])
    assert "name=net_revenue&filter=city%3AShanghai&interval=week" in form
    assert re.search(r'value="by=store">\s*By store', form)
