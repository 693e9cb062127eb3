"""Every number of the overview and of a metric's page leads to rows that add up to it, now and before."""

import csv
import html
import io
import re
from decimal import Decimal, localcontext
from urllib.parse import parse_qs, urlsplit

import pytest

from kernel.web import format
from metrics import query
from metrics.catalogue import BY_NAME, METRICS
from metrics.catalogue import parts as formula
from tests.metrics.test_drill import PERIOD, fill
from tests.pages.test_numbers import person
from tests.shop import Shop

pytestmark = pytest.mark.usefixtures("mirror_of_postgresql")
DAYS = f"from={PERIOD.first}&to={PERIOD.last}&interval=week"
LINK = re.compile(r'<a (?:class="strong" )?href="(/kpi/([a-z_]+)/rows/\?[^"]*)"[^>]*>([^<]*)</a>')


@pytest.fixture
def world(db):
    shop = Shop()
    fill(shop)
    return shop


class Reader:
    """A person who opens each number and sums up the file of its rows."""

    def __init__(self, client, currency):
        self.client, self.currency, self.sums = client, currency, {}

    def sum(self, metric, part, asked):
        """What the rows of a list come to; of the stock's days their mean."""
        given = {name: values[0] for name, values in asked.items()} | {"part": part}
        given = {name: value for name, value in given.items() if name not in ("interval", "compare")} | (
            {"interval": asked["interval"][0]} if "calendar" in asked else {}
        )
        key = (metric, *sorted(given.items()))
        if key not in self.sums:
            answer = self.client.get(f"/kpi/{metric}/rows/export.csv", given)
            rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode()[1:])))[1:]
            counts = [Decimal(row[-1]) for row in rows if row[-1]]
            with localcontext(query.EXACT):
                total = sum(counts, Decimal(0))
                mean = formula.part_of(BY_NAME[metric], part).rows.mean
                self.sums[key] = total / len(counts) if mean and counts else total
        return self.sums[key]

    def said(self, metric, asked):
        """The number that the rows make, as a page may say it."""
        if "part" in asked:
            part = formula.part_of(BY_NAME[metric], asked["part"][0])
            return self._both(self.sum(metric, part.name, asked), part.unit)
        sides = [self.sum(metric, side.name, asked) for side in formula.sides(BY_NAME[metric])]
        with localcontext(query.EXACT):
            value = sides[0] if len(sides) == 1 else None
            if len(sides) == 2 and sides[1]:
                value = (sides[0] / sides[1]).quantize(query.RATIO_PLACES)  # as answers have it
        return self._both(value, BY_NAME[metric].unit)

    def _both(self, value, unit):
        return {format.in_unit(value, unit, self.currency, short) for short in (True, False)}

    def reads(self, path):
        """Opens every number of a page; how many there are."""
        page = self.client.get(path).content.decode()
        found = set(LINK.findall(page))
        for href, metric, text in found:
            asked = parse_qs(urlsplit(html.unescape(href)).query)
            assert html.unescape(text) in self.said(metric, asked), (path, href, text)
        return len(found)


def test_every_number_of_a_metric_leads_to_rows_that_add_up_to_it(world):
    reader = Reader(person(world), world.workspace.currency)
    for metric in METRICS:
        assert reader.reads(f"/kpi/{metric.name}/?{DAYS}") > 10, metric.name
    assert reader.reads(f"/kpi/retention/?{DAYS.replace('week', 'month')}") > 10


def test_every_number_of_the_overview_leads_to_rows_that_add_up_to_it(world):
    reader = Reader(person(world), world.workspace.currency)
    assert reader.reads(f"/?{DAYS}") > 40
    assert reader.reads(f"/?{DAYS}&compare=year") > 20


def test_the_parts_of_every_change_sum_to_it(world):
    client = person(world)
    held = 0
    for metric in METRICS:
        values = client.get(f"/kpi/{metric.name}/?{DAYS}").context
        moved, bars = values["moved"], values["bars"]
        if moved is None:
            continue
        held += 1
        assert sum(moved.by.values()) + moved.between == moved.change, metric.name
        if bars:
            drawn = sum(row["v"] for row in bars["rows"])
            assert drawn == pytest.approx(float(moved.change), abs=1e-6), metric.name
    assert held > 8  # where there was something before


def test_the_file_of_the_overview_holds_what_it_shows(world):
    client = person(world)
    answer = client.get(f"/export.csv?{DAYS}")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()[1:])))
    page = client.get(f"/?{DAYS}").content.decode()
    whole = [row for row in rows if row["Channel"] == "all"]
    assert len(whole) == 11
    for row in whole:
        metric = next(one for one in METRICS if str(one.label) == row["Metric"])
        said = format.in_unit(row["Value"] or None, metric.unit, "CNY", short=True)
        assert said in html.unescape(page), row
    by = {row["Channel"]: Decimal(row["Value"]) for row in rows if row["Metric"] == "Net revenue"}
    assert by["all"] == by["web-shop"] + by["store"]


def test_the_skus_that_differ_are_listed(world):
    said = person(world).get(f"/kpi/price_parity/rows/?part=differing&{DAYS}").content.decode()
    assert "SKUs with different prices" in said
    assert ">B<" in said
    assert ">A<" not in said[said.index("<tbody>") :]
