"""Answers of the read API held against tests/reference/outside.py, figure by figure. Not here: what is sent."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.reference.outside import Outside
from tests.shop import Shop

NEAR = Fraction(1, 10**20)  # a mean of days may never end
ROUGH = Fraction(1, 10**6)  # places that a ratio has at least
Get = Callable[..., Any]


def reader(shop: Shop) -> Get:
    """The read API, one client for all questions."""
    client = shop.api()

    def get(path: str, **query: Any) -> Any:
        answer = client.get(path, query)
        assert answer.status_code == 200, (path, query, answer.content[:500])
        return answer.json()

    return get


def number(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(Decimal(text))


def wrong(given: dict[str, Any], figure: tuple[Any, Any, Any]) -> bool:
    """Whether a figure of the API differs from the one counted here."""
    top, bottom, _ = figure
    if bottom is None:
        return (
            not number(given["value"]) == number(given["numerator"]) == top
            or given["denominator"] is not None
        )
    if abs(number(given["numerator"]) - top) > NEAR or abs(number(given["denominator"]) - bottom) > NEAR:
        return True
    if bottom == 0:
        return given["value"] is not None
    return given["value"] is None or abs(number(given["value"]) - Fraction(top) / bottom) > ROUGH


def differences(answer: dict[str, Any], expected: dict[Any, Any]) -> list[Any]:
    """Where total and series are not as counted here."""
    starts = [start for start in expected if start != "total"]
    if [one["start"] for one in answer["series"]] != [start.isoformat() for start in starts]:
        return [("starts", [one["start"] for one in answer["series"]], starts)]
    pairs = [("total", answer["total"]), *zip(starts, answer["series"], strict=True)]
    return [(place, given, expected[place]) for place, given in pairs if wrong(given, expected[place])]


def unconverted(answer: dict[str, Any], figure: tuple[Any, Any, Any]) -> bool:
    given = {one["currency"]: number(one["value"]) for one in answer["unconverted"]}
    wanted = figure[2]
    return given.keys() == wanted.keys() and all(abs(given[c] - wanted[c]) <= NEAR for c in given)


def compare_metric(get: Get, outside: Outside, name: str, period: tuple[date, date], interval: str) -> None:
    """A metric over a period: all channels together, each of them, by parameter and by list."""
    first, last = period
    asked = {"from": first.isoformat(), "to": last.isoformat(), "interval": interval}
    whole = get(f"/api/metrics/{name}/", by="channel", **asked)
    expected = outside.answer(name, first, last, interval, None)
    assert not (found := differences(whole, expected)), (name, asked, found)
    assert unconverted(whole, expected["total"]), (name, asked, whole["unconverted"], expected["total"])
    costly = name in ("inventory_turnover", "margin", "gross_margin_rate", "roi")
    missing = outside.count("missing", first, last, None) if costly else 0
    assert whole["missing_cost"] == missing
    assert whole["by"].keys() == outside.channels.keys()
    for slug, line in whole["by"].items():
        there = outside.answer(name, first, last, interval, slug)
        assert not (found := differences(line, there)), (name, asked, slug, found)
    slug = list(outside.channels)[len(name) % len(outside.channels)]
    alone = get(f"/api/metrics/{name}/", channel=slug, **asked)
    assert {key: alone[key] for key in ("total", "series")} == whole["by"][slug]
    there = outside.answer(name, first, last, interval, slug)
    assert unconverted(alone, there["total"]), (name, asked, slug, alone["unconverted"], there["total"])
    both = get(f"/api/metrics/{name}/", by="channel", channel=slug, **asked)
    assert both["by"] == {slug: whole["by"][slug]}


def compare_people(get: Get, outside: Outside) -> None:
    """The summaries in the list and on the profile, and the list as a whole."""
    listed = {one["id"]: one for one in get("/api/profiles/", limit=500)["results"]}
    expected = outside.summaries()
    assert len([one for one in listed.values() if one["events"]]) == len(
        expected
    )  # a split may leave one without
    for who, wanted in expected.items():
        kind, value = next(one for one, label in outside.labels.items() if label == who)
        (found,) = get("/api/profiles/", identifier=f"{kind}:{value}")["results"]
        summary = get(f"/api/profiles/{found['id']}/")["summary"]
        for given in (listed[found["id"]], summary):
            shown = {name: given[name] for name in ("events", "orders")}
            assert shown == {name: wanted[name] for name in shown}, (who, given, wanted)
            assert number(given["revenue"]) == wanted["revenue"], (who, given["revenue"], wanted["revenue"])
            assert set(given["channels"]) == wanted["channels"]
            for name in ("first_seen", "last_seen"):
                assert datetime.fromisoformat(given[name]) == wanted[name]


def compare_waiting(get: Get, outside: Outside) -> None:
    """What counts nothing yet is listed."""
    listed = get("/api/orders/waiting/", limit=500)["results"]
    assert {one["message_id"] for one in listed} == outside.waiting
    late = get("/api/orders/waiting/", limit=500, reason="paid_after_cancel")["results"]
    assert {one["message_id"] for one in late} == outside.paid_late


def compare_records(get: Get, outside: Outside) -> None:
    """Records read back, as they hold now: the later received of each key."""
    for kind, value in (
        ("price", "price"),
        ("stock", "quantity"),
        ("cost", "unit_cost"),
        ("spend", "amount"),
    ):
        held = outside.records[kind].values()
        wanted = [(one["where"] or None, one["at"], exact(outside, one, value)) for one in held]
        assert sorted(listed(get, value, type=kind), key=repr) == sorted(wanted, key=repr)
        for slug in outside.channels:
            there = listed(get, value, type=kind, channel=slug)
            assert sorted(there, key=repr) == sorted((one for one in wanted if one[0] == slug), key=repr)
    for sku in {one["sku"] for one in outside.records["price"].values()}:
        prices = [one for one in outside.records["price"].values() if one["sku"] == sku]
        assert len(listed(get, "price", type="price", sku=sku)) == len(prices)
    rates = [(None, one["at"], Fraction(str(one["rate"]))) for one in outside.records["rate"].values()]
    assert sorted(listed(get, "rate", type="rate"), key=repr) == sorted(rates, key=repr)


def exact(outside: Outside, record: dict[str, Any], field: str) -> Fraction:
    """A field of a record as it must be kept: prices and spend in minor units, all else as it is."""
    if field in ("price", "amount"):
        return outside.money(record[field], record["currency"])
    return Fraction(str(record[field]))


def listed(get: Get, field: str, **asked: Any) -> list[tuple[Any, datetime, Fraction | None]]:
    """Channel, time and one field of the records that the API lists."""
    found = get("/api/records/", limit=500, **asked)["results"]
    return [(one["channel"], datetime.fromisoformat(one["at"]), number(one[field])) for one in found]
