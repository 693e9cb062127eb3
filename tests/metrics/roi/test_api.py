"""What joining brought, over HTTP: the catalogue's values, effects put together of them, the money, bad questions."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.metrics.roi.joined import AT, joined_shop
from tests.shop import Shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]
PATH = "/api/roi/"
ASKED = {"at": AT.isoformat(), "window": "21d", "joined": "web-shop,tmall", "cost": "1000"}
KPIS = ["net_revenue", "cac", "retention", "satisfaction"]
GROUPS = {"joined": ["web-shop", "tmall"], "others": ["store"]}
SIDES = {"before": ("2026-05-03", "2026-05-23"), "after": ("2026-05-24", "2026-06-13")}


@pytest.fixture
def shop(db: None) -> Shop:
    return joined_shop()


def catalogue(shop: Shop, name: str, slugs: list[str], side: str) -> dict[str, Any]:
    """The catalogue's answer for several channels: filtered where its facts allow that, else its sums of channels."""
    first, last = SIDES[side]
    period = {"from": first, "to": last}
    if name != "cac":
        several = [f"channel:{slug}" for slug in slugs]
        total: dict[str, Any] = shop.get(f"/api/metrics/{name}/", **period, filter=several)["total"]
        return total
    each = [shop.get(f"/api/metrics/{name}/", **period, channel=slug)["total"] for slug in slugs]
    top, bottom = (sum(Decimal(one[part]) for one in each) for part in ("numerator", "denominator"))
    return {"value": top / bottom, "numerator": top, "denominator": bottom}


def same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return abs(Decimal(one) - Decimal(other)) <= Decimal("1e-10")


def test_values_are_the_catalogues_for_the_same_days(shop: Shop) -> None:
    found = shop.get(PATH, **ASKED)
    assert [one["metric"] for one in found["kpis"]] == KPIS
    assert found["before"] == {"from": "2026-05-03", "to": "2026-05-23"}
    assert found["after"] == {"from": "2026-05-24", "to": "2026-06-13"}
    for kpi in found["kpis"]:
        for group, slugs in GROUPS.items():
            for side in SIDES:
                shown, known = kpi[group][side], catalogue(shop, kpi["metric"], slugs, side)
                for part in ("value", "numerator", "denominator"):
                    assert same(shown[part], known[part]), (kpi["metric"], group, side, part)
        for line in kpi["channels"]:
            assert line["joined"] == (line["channel"] != "store")
            for side, (first, last) in SIDES.items():
                query = {"from": first, "to": last, "channel": line["channel"]}
                known = shop.get(f"/api/metrics/{kpi['metric']}/", **query)["total"]
                assert {part: line[side][part] for part in known} == known


def test_effects_are_put_together_of_the_values(shop: Shop) -> None:
    """Plainly: after less before, less the same of the others; after over before, over the same of the others."""
    for kpi in shop.get(PATH, **ASKED)["kpis"]:
        days = 21 if kpi["metric"] == "net_revenue" else 1  # a sum is compared as a day's mean
        joined, others = (
            [float(kpi[group][side]["value"]) / days for side in ("before", "after")] for group in GROUPS
        )
        assert kpi["refused"] is None, kpi
        assert float(kpi["change"]["absolute"]["value"]) == pytest.approx(joined[1] - joined[0], abs=1e-8)
        assert float(kpi["change"]["relative"]["value"]) == pytest.approx(joined[1] / joined[0] - 1, abs=1e-8)
        plain = (joined[1] - joined[0]) - (others[1] - others[0])
        assert float(kpi["effect"]["absolute"]["value"]) == pytest.approx(plain, abs=1e-8)
        ratio = joined[1] / joined[0] / (others[1] / others[0]) - 1
        assert float(kpi["effect"]["relative"]["value"]) == pytest.approx(ratio, abs=1e-8)
        for size in kpi["effect"].values():
            assert float(size["low"]) < float(size["value"]) < float(size["high"])
        assert kpi["drift"]["days"] == 21
        assert kpi["placebo"] is not None


def test_what_was_seeded_is_found_and_nothing_one_window_earlier(shop: Shop) -> None:
    found = {one["metric"]: one for one in shop.get(PATH, **ASKED)["kpis"]}
    assert float(found["net_revenue"]["effect"]["relative"]["low"]) > 0.3
    assert float(found["cac"]["effect"]["relative"]["high"]) < 0
    assert float(found["satisfaction"]["effect"]["absolute"]["low"]) > 0
    placebo = found["net_revenue"]["placebo"]
    assert float(placebo["low"]) <= 0 <= float(placebo["high"])
    assert found["net_revenue"]["drift"]["parallel"]


def test_the_money_is_what_came_beyond_what_would_have_come(shop: Shop) -> None:
    found = shop.get(PATH, **ASKED)
    money, kpis = found["money"], {one["metric"]: one for one in found["kpis"]}
    revenue = {g: {s: float(kpis["net_revenue"][g][s]["value"]) for s in SIDES} for g in GROUPS}
    won = revenue["joined"]["after"] - revenue["joined"]["before"] * (
        revenue["others"]["after"] / revenue["others"]["before"]
    )
    assert money["won"]["basis"] == "others"
    assert float(money["won"]["value"]["value"]) == pytest.approx(won, abs=0.01)
    cac = {g: {s: float(kpis["cac"][g][s]["value"]) for s in SIDES} for g in GROUPS}
    each = cac["joined"]["before"] * cac["others"]["after"] / cac["others"]["before"]
    new = float(kpis["cac"]["joined"]["after"]["denominator"])
    saved = each * new - float(kpis["cac"]["joined"]["after"]["numerator"])
    assert float(money["saved"]["value"]["value"]) == pytest.approx(saved, abs=0.01)
    rate = shop.get(
        "/api/metrics/gross_margin_rate/",
        **{"from": "2026-05-24", "to": "2026-06-13", "filter": ["channel:web-shop", "channel:tmall"]},
    )
    assert same(money["margin_rate"], rate["total"]["value"])
    earned = won * float(money["margin_rate"])
    assert float(money["earned"]["value"]) == pytest.approx(earned, abs=0.01)
    assert float(money["net"]["value"]) == pytest.approx(earned + saved - 1000, abs=0.01)
    assert float(money["roi"]["value"]) == pytest.approx((earned + saved - 1000) / 1000, abs=1e-4)
    for part in (money["won"]["value"], money["saved"]["value"], money["net"]):
        assert float(part["low"]) < float(part["value"]) < float(part["high"])
        assert all(len(text.partition(".")[2]) == 2 for text in part.values())
    assert money["cost"] == "1000"
    without = shop.get(PATH, **{name: value for name, value in ASKED.items() if name != "cost"})["money"]
    assert (without["cost"], without["net"], without["roi"]) == (None, None, None)
    assert without["won"] == money["won"]


def test_the_rows_behind_add_up_to_the_number(shop: Shop) -> None:
    for kpi in shop.get(PATH, **ASKED)["kpis"]:
        for group in GROUPS:
            figure = kpi[group]["after"]
            part = (
                ""
                if figure["denominator"] is None
                else "&part="
                + {
                    "cac": "new",
                    "retention": "active_before",
                    "satisfaction": "answered",
                }[kpi["metric"]]
            )
            counted = Decimal(0)
            for address in figure["rows"]:
                following: str | None = f"{address}{part}&limit=500"
                while following:
                    answer = shop.api().get(following)
                    assert answer.status_code == 200, answer.content
                    counted += sum(Decimal(row["counts"]) for row in answer.json()["results"])
                    following = answer.json()["next"]
            assert counted == Decimal(figure["denominator"] or figure["numerator"]), (kpi["metric"], group)


def test_the_same_question_has_the_same_answer(shop: Shop) -> None:
    assert shop.get(PATH, **ASKED) == shop.get(PATH, **ASKED)
    swapped = shop.get(PATH, **ASKED | {"joined": "tmall, web-shop"})
    assert swapped == shop.get(PATH, **ASKED)


def test_what_the_data_cannot_carry_is_said_instead(shop: Shop) -> None:
    """Retention needs the window before the one before; a cost of a new customer needs spend."""
    early = shop.get(PATH, **ASKED | {"at": "2026-03-25"})
    refused = {one["metric"]: one["refused"] for one in early["kpis"]}
    assert refused["net_revenue"] is None
    assert "Retention" in refused["retention"]["message"]
    shop.channel("Empty", "other")
    alone = shop.get(PATH, **ASKED | {"joined": "empty"})
    messages = {one["metric"]: one["refused"]["message"] for one in alone["kpis"]}
    assert "spend" in messages["cac"]
    assert all(message.endswith(".") for message in messages.values())
    assert alone["money"]["won"]["value"] is None
    assert alone["money"]["won"]["refused"]["message"]
    assert alone["money"]["net"] is None


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ({"at": None}, "missing_at", "2026-09-01"),
        ({"at": "24.5.2026"}, "bad_date", "date"),
        ({"at": "2999-01-01"}, "at_in_future", "future"),
        (
            {"at": (datetime.now(UTC).date() - timedelta(days=23)).isoformat(), "window": "30d"},
            "window_not_over",
            "21d|22d|23d|24d",
        ),
        ({"window": "20d"}, "bad_window", "21d"),
        ({"window": "36h"}, "bad_window", "whole days"),
        ({"window": "long"}, "bad_window", "7d"),
        ({"window": "90d"}, "window_too_long", "2026-03-01"),
        ({"joined": None}, "missing_joined", "web-shop"),
        ({"joined": "moon"}, "unknown_channel", "moon"),
        ({"joined": "web-shop,tmall,store"}, "all_joined", "leave out"),
        ({"cost": "much"}, "bad_cost", "120000.00"),
        ({"cost": "-1"}, "bad_cost", "0"),
        ({"cost": "NaN"}, "bad_cost", "0"),
        ({"by": "channel"}, "unknown_filter", ""),
    ],
)
def test_what_cannot_be_asked_is_a_400_that_says_why(
    shop: Shop, asked: dict[str, Any], code: str, said: str
) -> None:
    given = {name: value for name, value in (ASKED | asked).items() if value is not None}
    answer = shop.api().get(PATH, given)
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] == code
    assert len(answer.json()["message"]) > 20
    assert any(part in answer.json()["message"] for part in said.split("|"))


def test_a_workspace_of_one_channel_has_nothing_to_compare_with(db: None) -> None:
    from channels.models import Channel

    made = Shop()
    Channel.objects.filter(workspace=made.workspace, slug="store").delete()
    answer = made.api().get(PATH, ASKED | {"joined": "web-shop"})
    assert (answer.status_code, answer.json()["code"]) == (400, "one_channel_only")
    made = Shop()
    answer = made.api().get(PATH, ASKED | {"joined": "web-shop"})
    assert (answer.status_code, answer.json()["code"]) == (400, "no_data")
