"""Why a mapping or a cleaning rule refuses something: every code, in words."""

from typing import Any

import pytest
from django.db import connection

from channels.language import functions
from kernel.db import rows
from tests.channels.hooking import connector
from tests.channels.mapping_with import PAID, SECRET, hooked, paid, post, refused, save
from tests.shop import Shop, later, order


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


# ---- why not ------------------------------------------------------------------------------------

# A mapping's own trouble: the field's expression and the payload that gets each code.
TROUBLE: list[tuple[str, str, Any, str]] = [
    ("mapping_text", "text(a)", [1], "For properties.x the mapping needs a text or a number: it found “[1]”."),
    ("mapping_number", "number(a)", "x", "For properties.x the mapping needs a number: it found “x”."),
    ("mapping_cents", "yuan(a)", "1.5", "For properties.x the mapping needs a whole number of cents: it found “1.5”."),
    ("mapping_time", "time(a)", "soon", "For properties.x the mapping needs a time: it found “soon”."),
    ("mapping_zone", "time('2026-01-06', a)", "Mars",
     "For properties.x the mapping needs the name of a time zone: it found “Mars”."),
    ("mapping_json", "json(a)", "{", "For properties.x the mapping needs a text that is JSON: it found “{”."),
    ("mapping_long", "concat(a, a)", "x" * 40_000, "For properties.x the mapping makes too long a text."),
    ("mapping_function", "length(a)", 5,
     "For properties.x the mapping calls length() with what it does not take: “5”."),
    ("mapping_too_much", "a[*].[root().a[*].[root().a]]", [[0]] * 3_000,
     "The mapping makes too much of this payload: too many messages, or lists within lists."),
]  # fmt: skip
RULED: list[tuple[str, str, Any, str]] = [
    ("rule_required", "required = true", None, "A cleaning rule wants properties.x in every message."),
    ("rule_allowed", 'allowed = ["a", 1]', "b", "A cleaning rule allows for properties.x only: a, 1."),
    ("rule_pattern", 'pattern = "[0-9]+"', "b", "A cleaning rule wants properties.x of the form [0-9]+."),
    ("rule_min", "min = 1", 0, "A cleaning rule wants properties.x to be 1 at least."),
    ("rule_max", "max = 1", 2, "A cleaning rule wants properties.x to be 1 at most."),
    (
        "rule_unit",
        'unit = "cents"',
        "1.5",
        "A cleaning rule reads properties.x as cents: that is a whole number.",
    ),
]
ELSEWHERE = {"mapping_broken", "no_rule_matches", "mapping_failed"}
CODES = {code for code, *_ in (*TROUBLE, *RULED)} | ELSEWHERE


def test_every_code_of_a_mapping_is_told_in_words(shop: Shop) -> None:
    for code, expression, value, sentence in TROUBLE:
        one = connector(shop, "webhook", {}, {"secret": SECRET})
        save(one, f'[[message]]\ntype = "\'track\'"\n"properties.x" = "{expression}"\n')
        post(one, {"a": value})
        shop.drains()
        [found] = shop.get("/api/rejects/", connector=str(one.uuid))["results"]
        assert found["hint"].removesuffix(f" Received: “{value}”.") == sentence, code
    for code, rule, value, sentence in RULED:
        one = connector(shop, "webhook", {}, {"secret": SECRET})
        save(one, f'pass = true\n[clean."properties.x"]\n{rule}\n')
        post(one, {"type": "track", "event": "A", "userId": "u", "properties": {"x": value}})
        shop.drains()
        [found] = shop.get("/api/rejects/", connector=str(one.uuid))["results"]
        assert found["hint"].partition(" Received: ")[0] == sentence, code
    kept = {code for (code,) in rows(connection, "select code from channels_reject")}
    assert kept == CODES - ELSEWHERE


def test_a_fault_of_our_own_refuses_the_payload_and_nobody_elses(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(value: Any) -> Any:
        return {}[value]

    monkeypatch.setitem(functions.ALL, "lower", functions.Function(broken, 1, 1))
    one = hooked(shop, PAID.replace("buyer.openid", "lower(buyer.openid)", 1))
    post(one, paid())
    shop.sends(order("o9", 1, "u", later()))
    [(reason, field, _hint)] = refused(shop)
    assert (reason, field, shop.value("orders")) == ("mapping", "identifiers.openid", "1")
    assert rows(connection, "select code from channels_reject") == [("mapping_failed",)]
