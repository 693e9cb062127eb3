"""The mapping studio as it is read and sent: form and text, what comes of a draft, versions, reading anew."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from cdp.pipeline import remaps
from channels.language import functions, text
from channels.models import Connector
from channels.studio import versions
from console.studio import words
from kernel.models import Audit, Job
from tests.channels.mapping_with import PAID, hooked, paid, post, save, stored
from tests.pages.test_connectors import form as fields_of
from tests.pages.test_numbers import person
from tests.shop import Shop

STORES = "001,浦东\n002,徐汇".encode("gb18030")  # as Excel saves it in China
CENTS = PAID.replace("yuan(amount)", "amount")


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def where(one: Connector, act: str = "") -> str:
    return f"/channels/{one.channel.slug}/connectors/{one.uuid}/mapping/{act}"


def kept(one: Connector) -> versions.Text:
    return versions.text_of(connection, one)


def shown(client: Client, one: Connector, **asked: str) -> str:
    answer = client.get(where(one), asked)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def typed(client: Client, one: Connector, **asked: str) -> dict[str, str]:
    """The form as a browser would send it."""
    return fields_of(shown(client, one, **asked), where(one))


def pressed(client: Client, one: Connector, sent: dict[str, Any], act: str) -> Any:
    return client.post(where(one), sent | {"act": act})


def field(sent: dict[str, str], name: str) -> str:
    """The name of the input of a field's value."""
    at = next(key for key, value in sent.items() if key.endswith("-field") and value == name)
    return at.removesuffix("field") + "value"


# ---- what is shown ---------------------------------------------------------------------------------


def test_a_page_shows_payloads_form_and_what_comes_of_them(shop: Shop) -> None:
    one = hooked(shop)
    post(one, paid(1), paid(2, amount=9900), {"topic": "none"})
    page = shown(person(shop), one)
    for part in ('data-path="topic"', 'value="yuan(amount)"', "¥111.50", "¥99.00", "2 stored, 1 rejected"):
        assert part in page
    assert Audit.objects.filter(action="mapping.preview", target=str(one.uuid)).count() == 1


def test_without_a_mapping_and_without_payloads_it_says_what_to_do(shop: Shop) -> None:
    one, client = hooked(shop, ""), person(shop)
    page = shown(client, one)
    assert "No message yet" in page
    assert "Nothing has come yet" in page
    begun = pressed(client, one, typed(client, one), "start:order").content.decode()
    assert "&#x27;Order Completed&#x27;" in begun
    own = typed(client, one) | {"own": json.dumps(paid(7)), "mode": "text", "text": PAID}
    assert "paid-7" in client.post(where(one, "try/"), own).content.decode()
    assert "This is no JSON." in client.post(where(one, "try/"), own | {"own": "{"}).content.decode()


def test_who_may_what(shop: Shop) -> None:
    one = hooked(shop)
    post(one, paid(1))
    viewer, analyst = person(shop, "viewer"), person(shop, "analyst")
    page = shown(viewer, one)
    assert "yuan(amount)" in page
    assert "13800138001" not in page
    assert '<fieldset class="all" disabled>' in page
    assert 'name="act"' not in page.replace('name="act" value="form"', "").replace(
        'name="act" value="text"', ""
    )
    assert viewer.post(where(one, "try/"), {}).status_code == 403
    assert viewer.post(where(one), {"act": "text"}).status_code == 403
    sent = typed(analyst, one)
    assert analyst.post(where(one, "try/"), sent).status_code == 200
    for act in ("save/", "back/", "again/"):
        assert analyst.post(where(one, act), sent).status_code == 403
    other = hooked(Shop())
    assert analyst.get(where(other)).status_code == 404


# ---- form and text -----------------------------------------------------------------------------------


def test_form_and_text_are_two_ways_of_one_thing(shop: Shop) -> None:
    one, client = hooked(shop), person(shop)
    sent = typed(client, one)
    sent[field(sent, "properties.total")] = "money(amount)"
    as_text = pressed(client, one, sent, "text")
    said = fields_of(as_text.content.decode(), where(one))
    assert said["mode"] == "text"
    assert text.read(said["text"]) == text.read(PAID.replace("yuan(amount)", "money(amount)"))
    said["text"] = said["text"].replace("money(amount)", "yuan(sum)")
    back = fields_of(pressed(client, one, said, "form").content.decode(), where(one))
    assert back[field(back, "properties.total")] == "yuan(sum)"
    wrong = pressed(client, one, said | {"text": "x = ["}, "form").content.decode()
    assert "The text cannot be read yet" in wrong
    assert "x = [" in wrong


def test_every_mistake_is_told_at_its_field_and_line(shop: Shop) -> None:
    one, client = hooked(shop), person(shop)
    post(one, paid(1, amount="12.5"))
    sent = typed(client, one)
    sent[field(sent, "properties.order_id")] = "nope(id)"
    tried = client.post(where(one, "try/"), sent).content.decode()
    assert "There is no function nope()." in tried
    assert "needs a whole number of cents: it found “12.5”" in tried
    in_text = pressed(client, one, sent, "text").content.decode()
    line = text.line_of(fields_of(in_text, where(one))["text"], ("message", 0, "properties.order_id"))
    assert f'data-line="{line}"' in in_text
    refused = client.post(where(one, "save/"), sent | {"why": "because"})
    assert refused.status_code == 400
    assert 'value="because"' in refused.content.decode()
    assert kept(one).version == 1


def test_fields_messages_rules_and_tables_come_and_go(shop: Shop) -> None:
    one, client = hooked(shop), person(shop)
    sent = typed(client, one)
    for act, more in (
        ("field:m0-", {"m0-new": "properties.coupon"}),
        ("start:skip", {}),
        ("drop:m1-", {}),
        ("rule:rule-", {"rule-field": "properties.total", "rule-what": "most", "rule-value": "5000"}),
        ("rule:rule-", {"rule-field": "properties.total", "rule-what": "required", "rule-value": ""}),
        ("table", {"table-name": "stores", "table-file": SimpleUploadedFile("s.csv", STORES)}),
        ("drop:l0-", {}),
    ):  # fmt: skip
        answer = pressed(client, one, sent | more, act)
        assert answer.status_code == 200
        sent = fields_of(answer.content.decode(), where(one))
    sent[field(sent, "properties.coupon")] = "coupon"
    assert client.post(where(one, "save/"), sent).status_code == 302
    found = text.read(kept(one).text)
    assert [rule.skip for rule in found.messages] == [False, False, True, True]
    assert any(one.field == "properties.coupon" for one in found.messages[0].targets)
    assert [(rule.field, rule.most, rule.required) for rule in found.clean] == [
        ("properties.total", 5000, True)
    ]
    assert found.lookup == {"stores": {"001": "浦东", "002": "徐汇"}}
    for act, more, words_ in (
        ("field:m0-", {"m0-new": "nobody"}, "We have no field"),
        ("rule:rule-", {"rule-field": "event", "rule-what": "least", "rule-value": "x"}, "is no number"),
        ("table", {"table-name": "s", "table-file": SimpleUploadedFile("s.csv", b"one")}, "Row 1 has no two columns"),
        ("drop:m99-t1-", {}, "no such button"),
        ("nonsense", {}, "no such button"),
    ):  # fmt: skip
        assert words_ in pressed(client, one, sent | more, act).content.decode(), act


def test_every_function_is_explained() -> None:
    assert {one.name for one in words.FUNCTIONS} == {*functions.OWN, *functions.BUILT}
    said = {name: one.words for name, one in functions.OWN.items()} | functions.BUILT
    assert {one.name: one.words for one in words.FUNCTIONS} == said


# ---- versions ----------------------------------------------------------------------------------------


def test_yuan_read_as_cents_are_seen_saved_gone_back_from_and_re_processed(shop: Shop) -> None:
    one, client = hooked(shop), person(shop)
    post(one, paid(1, amount=12_800), paid(2, amount=9_900))
    shop.drains()
    sent = typed(client, one)
    sent[field(sent, "properties.total")] = "amount"
    assert "a hundred times as much" in client.post(where(one, "try/"), sent).content.decode()
    assert client.post(where(one, "save/"), sent | {"why": "wrong"}).status_code == 302
    assert Audit.objects.filter(action="mapping.save").count() == 1
    post(one, paid(3, amount=5_000))
    shop.drains()
    assert shop.value("gmv") == "5227"
    page = shown(client, one)
    assert "a hundredth of it" not in page
    assert "wrong" in page
    assert client.post(where(one, "back/"), {"version": "1"}).status_code == 302
    assert (kept(one).version, kept(one).text) == (3, PAID)
    compared = client.get(where(one, "compare/"), {"from": "2", "to": "3"}).content.decode()
    assert "yuan(amount)" in compared
    answer = client.post(where(one, "again/"), {"day": "2026-01-01"})
    assert answer.status_code == 302
    assert Job.objects.get(kind="remap").state == "waiting"
    remaps.run()
    assert Job.objects.get(kind="remap").state == "done"
    assert shop.value("gmv") == "277"
    assert len([name for _id, name in stored() if name == "Order Completed"]) == 3
    again = client.post(where(one, "again/"), {"day": "2026-01-02"})
    assert again.status_code == 400
    assert "reads what came since then already" in again.content.decode()
    for day in ("soon", "0001-01-01", "", "\x00"):
        assert client.post(where(one, "again/"), {"day": day}).status_code == 400


def test_nobody_saves_over_what_somebody_else_saved(shop: Shop) -> None:
    one, client = hooked(shop), person(shop)
    sent = typed(client, one)
    sent[field(sent, "properties.total")] = "money(amount)"
    save(one, CENTS)
    answer = client.post(where(one, "save/"), sent)
    assert answer.status_code == 400
    assert "tests saved version 2 while you worked" in answer.content.decode()
    assert kept(one).text == CENTS
    once_more = fields_of(answer.content.decode(), where(one))
    assert client.post(where(one, "save/"), once_more).status_code == 302
    assert "money(amount)" in kept(one).text


def test_a_form_sent_as_it_is_makes_no_version(shop: Shop) -> None:
    one, client = hooked(shop, f"# said here alone\n{PAID}"), person(shop)
    assert typed(client, one)["mode"] == "text"
    assert "Comments stand in the text alone" in shown(client, one, **{"as": "form"})
    for mode in ("form", "text"):
        assert client.post(where(one, "save/"), typed(client, one, **{"as": mode})).status_code == 302
    assert kept(one).version == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"mode": "text", "text": "x" * 200_000},
        {"mode": "text", "text": "[[message]]\n" * 200},
        {"m0-note": "", "m0-t0-field": "a..b", "m0-t0-value": "("},
        {"m0-note": "", "m0-when": "((", "m0-t0-field": "type", "m0-t0-value": "track"},
        {"c0-field": "properties.a", "c0-pattern": "(a+)+"},
        {"l0-name": "a", "l0-rows": '"'},
        {"mode": "text", "text": PAID, "why": "a\u202eb", "base": "1"},
        {"zone": "Mars/Base", "at": "x", "only": "nobody", "base": "²"},
        {"act": "field:m0-t0-", "m0-note": "", "m0-t0-field": "event", "m0-t0-value": "a", "m0-t0-new": "b"},
    ],
    ids=lambda sent: str(sent)[:30],
)  # fmt: skip
def test_whatever_is_sent_is_answered(shop: Shop, sent: dict[str, str]) -> None:
    one, client = hooked(shop), person(shop)
    post(one, paid(1))
    assert client.post(where(one, "try/"), sent).status_code == 200
    assert client.post(where(one), sent).status_code == 200
    assert client.post(where(one, "save/"), sent).status_code in (302, 400)
