"""Rules tried on past days: who gains and loses, fairness, weights proposed; rules and their versions over HTTP."""

from decimal import Decimal

import pytest

from kernel.models import Audit, Role
from metrics.allocation import fairness, proposal
from tests.metrics.allocation.settling import IN_APRIL, MARCH, RULES, Settling, sold
from tests.shop import Shop, later, order, track

PATH = "/api/allocation/simulate/"
DAYS = {"from": MARCH[0], "to": MARCH[1]}


# ---- pure ------------------------------------------------------------------------------------------------


def decimals(**given):
    return {int(name[1:]): Decimal(value) for name, value in given.items()}


def axioms(found):
    return {one.name: (one.holds, one.channels) for one in found.axioms}


def test_axioms_hold_where_shares_follow_the_contribution():
    shares = decimals(c1="50", c2="25", c3="25")
    worth = decimals(c1="0.5", c2="0.25", c3="0.25")
    found = fairness.of(Decimal(100), shares, worth, shares, Decimal("0.01"))
    assert axioms(found) == {name: (True, []) for name in fairness.AXIOMS}


def test_each_axiom_says_who_breaks_it():
    shares = decimals(c1="60", c2="30", c3="10")
    worth = decimals(c1="0.5", c2="0.5")
    halves = decimals(c1="55", c2="35", c3="10")
    found = fairness.of(Decimal(100), shares, worth, halves, Decimal("0.01"))
    assert axioms(found) == {
        "efficiency": (True, []),
        "null_player": (False, [3]),
        "symmetry": (False, [1, 2]),
        "additivity": (False, [1, 2]),
    }
    assert axioms(fairness.of(Decimal(100), shares, None, None, Decimal("0.01")))["symmetry"] == (None, [])


@pytest.mark.parametrize(
    ("values", "gini"),
    [([5, 5, 5], "0.0000"), ([0, 0, 9], "0.6667"), ([1, 3], "0.2500"), ([], None), ([-1, 2], None)],
)
def test_gini(values, gini):
    found = fairness.gini([Decimal(one) for one in values])
    assert found == (None if gini is None else Decimal(gini))


def test_weights_that_made_the_aim_are_found_again():
    models = {
        "sold": decimals(c1="1"),
        "first": decimals(c2="1"),
        "linear": decimals(c1="0.2", c3="0.8"),
    }
    aim = {1: Decimal("0.54"), 2: Decimal("0.3"), 3: Decimal("0.16")}
    found = proposal.nearest(models, aim)
    assert found.weights == {"sold": Decimal("0.50"), "first": Decimal("0.30"), "linear": Decimal("0.20")}
    assert found.away == 0


def test_an_aim_out_of_reach_gets_the_nearest_there_is():
    found = proposal.nearest(
        {"sold": decimals(c1="1"), "first": decimals(c2="1")}, decimals(c2="0.9", c3="0.1")
    )
    assert found.weights == {"first": Decimal("1.00")} or found.weights["first"] >= Decimal("0.9")
    assert found.away > 0
    assert proposal.nearest({}, {}) is None


# ---- over HTTP ---------------------------------------------------------------------------------------------


@pytest.fixture
def shop(db):
    made = Settling()
    sold(made, "w1", "100", later(days=1))
    sold(made, "w2", "60", later(days=20))
    sold(made, "s1", "40", later(days=3), to="store")
    return made


def tried(shop, rules, role=Role.ANALYST, **more):
    return shop.api(role).post(PATH, {"rules": rules, **DAYS, **more}, format="json")


def test_who_gains_and_who_loses_stands_beside_the_rules_in_force(shop):
    capped = RULES | {"limits": {"web-shop": {"cap": "0.5"}}}
    answer = tried(shop, capped).json()
    assert [(one["channel"], one["now"], one["then"], one["difference"]) for one in answer["channels"]] == [
        ("store", "4.00", "10.00", "6.00"),
        ("web-shop", "16.00", "10.00", "-6.00"),
    ]
    assert (answer["tried"]["pot"], answer["in_force"]["pot"]) == ("20.00", "20.00")
    assert next(one["bound"] for one in answer["tried"]["shares"] if one["channel"] == "web-shop") == "cap"
    holds = {one["axiom"]: one["holds"] for one in answer["in_force"]["fairness"]["axioms"]}
    assert (holds["efficiency"], holds["additivity"]) == (True, True)
    assert answer["tried"]["fairness"]["gini"] == "0.0000"
    assert shop.get("/api/allocation/statements/")["results"] == []


def test_growth_since_the_days_before_counts_where_it_was_agreed(shop):
    sold(shop, "f1", "20", later(days=-10))
    sold(shop, "f2", "80", later(days=-9), to="store")
    grown = RULES | {"adjustment": {"rate": "0.1", "most": "0.2"}}
    factors = {one["channel"]: one["factor"] for one in tried(shop, grown).json()["tried"]["shares"]}
    # the web shop went from 2 to 16, at most 20 % more; the store from 8 to 4, 5 % less
    assert factors == {"web-shop": "1.2000000000", "store": "0.9500000000"}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"rules": {}}, "bad_rules"),
        ({"rules": RULES, "from": "2026-03-31", "to": "2026-03-01"}, "bad_period"),
        ({"rules": RULES, "from": "2024-01-01", "to": "2026-03-01"}, "bad_period"),
        ({"rules": RULES, "from": "x"}, "bad_date"),
        ({"rules": RULES, "colour": 1}, "unknown_field"),
    ],
)
def test_what_cannot_be_tried_is_a_sentence(shop, asked, code):
    answer = shop.api().post(PATH, asked, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_viewer_tries_nothing(shop):
    assert tried(shop, RULES, Role.VIEWER).status_code == 403


def test_rules_are_versions_and_faults_are_said_field_by_field(shop):
    first = shop.get("/api/allocation/rules/")
    assert (first["version"], first["rules"]["pot"]) == (1, {"of": "revenue", "rate": "0.1"})
    wrong = shop.api().put(
        "/api/allocation/rules/", {"rules": RULES | {"weights": {"sold": "half"}}}, format="json"
    )
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_rules")
    assert wrong.json()["faults"][0]["field"] == "weights.sold"
    asked = {
        "rules": RULES | {"pot": {"of": "revenue", "rate": "0.2"}},
        "reason": "a year later",
        "version": 1,
    }
    assert shop.api().put("/api/allocation/rules/", asked, format="json").status_code == 200
    stale = shop.api().put("/api/allocation/rules/", asked, format="json")
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
    found = shop.get("/api/allocation/rules/")
    assert [(one["version"], one["reason"]) for one in found["versions"]] == [(2, "a year later"), (1, "")]
    assert Audit.objects.filter(workspace=shop.workspace, action="allocation.rules").count() == 2


# ---- by the models of attribution ------------------------------------------------------------------------------


@pytest.fixture
def touched(db, mirror_of_postgresql):
    """A customer met by Douyin, then by the web shop, who buys in the store; another whom nobody met."""
    shop = Settling({"pot": {"of": "revenue", "rate": "0.1"}, "weights": {"linear": "0.5", "sold": "0.5"}})
    shop.channel("Douyin", "social")
    shop.sends(track("Campaign Touched", "u1", later(days=2), campaign="a"))
    shop.sends(track("Campaign Touched", "u1", later(days=1), campaign="a"), to="douyin")
    shop.sends(order("o1", "100", "u1", later(days=3)), to="store")
    shop.sends(order("o2", "60", None, later(days=3)), to="store")
    return shop


def test_orders_are_shared_by_the_touches_before_them(touched: Shop):
    made = touched.makes()
    shares = {one["channel"]: one["amount"] for one in made["shares"]}
    # o1: half to the store, a quarter each to those who met them; o2, which nobody met, to who sold it
    assert shares == {"store": "11.00", "web-shop": "2.50", "douyin": "2.50"}
    found = touched.get("/api/allocation/statements/1/orders/", channel="douyin")["results"]
    assert [(one["order_id"], one["credit"]) for one in found] == [("o1", "2.50")]


def test_a_touch_that_comes_late_is_a_correction(touched: Shop):
    touched.settles()
    touched.sends(track("Campaign Touched", "u1", later(days=2.5), campaign="b"), to="douyin")
    made = touched.makes(("2026-04-01", "2026-04-30"))
    lines = {one["channel"]: (one["reason"], Decimal(one["amount"])) for one in made["corrections"]}
    # two of three touches are Douyin's now: 3.33 in place of 2.50, the web shop has 1.67
    assert lines == {"douyin": ("credit", Decimal("0.83")), "web-shop": ("credit", Decimal("-0.83"))}
    assert made["corrected"] == "0.00"


def test_weights_are_proposed_that_come_nearest_to_the_contribution(touched: Shop):
    sold(touched, "a1", "10", IN_APRIL)
    answer = tried(touched, RULES, propose=True).json()
    assert answer["aim"] == "shapley"
    assert answer["proposal"]["aim"] == "shapley"
    assert sum(Decimal(one) for one in answer["proposal"]["weights"].values()) == 1
    assert Decimal(answer["proposal"]["away"]) == 0
    assert "linear" in answer["proposal"]["weights"]
