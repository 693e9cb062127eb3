"""Looks at contact data as it is: who saw whose, on pages and by the API; a log that the database keeps whole."""

import ast
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import QueryDict
from django.test import Client

from kernel.models import Audit
from kernel.web import looks
from kernel.web.access import DOTS
from tests.pages.test_people import enter
from tests.shop import Shop, identify, order, track

pytestmark = pytest.mark.django_db
PHONE, MAIL = "+8613917654321", "lin@hemu.cn"
ROOT = Path(__file__).resolve().parents[3]
# What asks whether contact data is masked and notes no look itself, and why.
NO_LOOKS = {
    "console/allocation/": "numbers of orders and names of campaigns, and no customer",
    "metrics/allocation/": "numbers of orders, and no customer",
    "console/consistency/": "goods, prices and numbers of orders; its people note it in journey/people.py",
    "metrics/assortment/": "goods, prices and numbers of orders; its people note it themselves",
    "console/service/files.py": "files note it as exports",
    "console/service/payments.py": "figures and numbers of orders; its rows note it in rows.py",
    "console/board/": "tiles: sums and names of campaigns",
    "console/metric/": "figures; their rows note it in kpi_rows.py, a file in export.py",
    "console/overview/": "figures",
    "console/customer/customer_columns.py": "parts of customers.py",
    "console/customer/decisions.py": "part of customer.py and conflicts.py",
    "console/customer/orders.py": "part of customer.py",
    "console/customer/ribbon.py": "part of customer.py",
    "console/quality/conflicts.py": "part of quality.py",
    "console/quality/reject_rows.py": "part of rejects.py and opened.py",
    "console/channel/connector_deliveries.py": "part of connector.py",
    "console/event/event_trace.py": "part of event.py; the API's view says it itself",
    "console/journey/files.py": "figures",
}


@pytest.fixture
def shop(db):
    found = Shop()
    found.sends(
        identify("u1", name="Lin", phone=PHONE, email=MAIL),
        order("o1", "5", "u1"),
        track("Order Completed", "u1", message_id="bad"),
        identify("u2", name="Wang"),
    )
    return found


def seen(shop, by=""):
    """Targets and details of the looks, in their order."""
    found = Audit.objects.filter(workspace=shop.workspace, action=looks.ACTION, actor__startswith=by)
    return list(found.order_by("id").values_list("target", "detail"))


def person(shop):
    return shop.profile("user_id:u1")["id"]


# ---- pages ------------------------------------------------------------------------------------------


def test_every_page_with_contact_data_notes_who_saw_it(shop):
    key, (reject,) = person(shop), shop.get("/api/rejects/")["results"]
    client = enter(shop, "analyst", "lin@a.co")
    connector = shop.connectors["web-shop"].uuid
    for address, target in (
        (f"/customers/{key}/", key),
        ("/customers/", "customers"),
        ("/search/suggestions/?q=Lin", "search"),
        ("/live/", "live"),
        ("/events/bad/", "bad"),
        ("/rejects/", "rejects"),
        ("/kpi/gmv/rows/?from=2026-01-01&to=2026-12-31", "kpi-rows"),
        (f"/channels/web-shop/connectors/{connector}/", f"connector {connector}"),
    ):
        before = len(seen(shop, "lin@a.co"))
        assert client.get(address).status_code == 200
        assert [one for one, _ in seen(shop, "lin@a.co")[before:]] == [target], address
    assert client.get(f"/rejects/{reject['id']}/").status_code == 200
    assert ("customers", {"rows": 2}) in seen(shop, "lin@a.co")


def test_a_viewer_sees_none_and_is_not_noted(shop):
    key = person(shop)
    client, api = enter(shop, "viewer", "lin@a.co"), shop.api("viewer")
    for address in (f"/customers/{key}/", "/customers/", "/live/", "/rejects/"):
        assert client.get(address).status_code == 200
    for address in (f"/api/profiles/{key}/", "/api/profiles/", "/api/events/"):
        assert api.get(address).status_code == 200
    assert seen(shop, "lin@a.co") + seen(shop, "viewer-") == []


def test_the_same_look_within_a_minute_is_one_another_page_of_a_list_is_not(shop):
    key = person(shop)
    client = enter(shop, "analyst", "lin@a.co")
    for _again in range(3):
        client.get(f"/customers/{key}/")
        client.get(f"/customers/{key}/timeline/")
        client.get("/customers/")
    assert [target for target, _ in seen(shop, "lin@a.co")] == [key, "customers"]
    api = shop.api()
    first = api.get("/api/profiles/", {"limit": 1}).json()
    api.get(first["next"])
    listed = [detail for target, detail in seen(shop, "admin-") if "limit=1" in detail.get("asked", "")]
    assert [("page" in detail, detail["rows"]) for detail in listed] == [(False, 1), (True, 1)]
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")  # a minute goes by
        cursor.execute("update kernel_audit set at = at - interval '61 seconds'")
    client.get("/customers/")
    assert [target for target, _ in seen(shop, "lin@a.co")].count("customers") == 2


def test_the_log_holds_no_contact_data_of_what_was_asked(shop):
    client = enter(shop, "analyst", "lin@a.co")
    for address in (
        f"/customers/?search={PHONE.removeprefix('+')}&channel=web-shop",
        f"/customers/?trait_name=email&trait_value={MAIL}",
        f"/search/suggestions/?q={MAIL}",
        f"/customers/export.csv?search={MAIL}",
    ):
        b"".join(client.get(address))
    kept = str(list(Audit.objects.filter(workspace=shop.workspace).values_list("target", "detail")))
    assert (PHONE[1:] in kept, MAIL in kept, "channel=web-shop" in kept) == (False, False, True)
    (file,) = Audit.objects.filter(workspace=shop.workspace, action="export")
    assert file.detail["masked"] is False


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("channel=tmall&channel=jd&orders_min=2", "channel=tmall&channel=jd&orders_min=2"),
        ("search=Lin&cursor=x", f"search={DOTS}"),
        ("identifier=phone:1&kind=phone", f"identifier={DOTS}&kind=phone"),
        ("step=Order[properties.phone=13917654321]", f"step=Order[properties.phone=139 {DOTS} 4321]"),
        (f"{'1391765' + '4321'}=x", f"139 {DOTS} 4321={DOTS}"),
        ("", ""),
    ],
)
def test_a_question_as_it_is_kept(query, kept):
    assert QueryDict(looks.asked(QueryDict(query))) == QueryDict(kept)


# ---- the API ------------------------------------------------------------------------------------------


def test_the_api_notes_the_same_with_the_token_that_asked(shop):
    key = person(shop)
    api = shop.api("analyst")
    for path in (f"/api/profiles/{key}/", "/api/events/", "/api/rejects/", "/api/events/bad/life/"):
        assert api.get(path).status_code == 200
    found = seen(shop, "analyst-")
    assert [target for target, _ in found] == [key, "/api/events/", "/api/rejects/", "bad"]
    assert {len(detail["token"]) for _, detail in found} == {8}
    assert found[2][1]["rows"] == 1
    assert api.get("/api/profiles/00000000-0000-4000-8000-000000000000/").status_code == 404
    assert api.get("/api/profiles/", {"identifier": "user_id:nobody"}).json()["results"] == []
    assert len(seen(shop, "analyst-")) == 4  # nothing was seen


def test_a_session_that_asks_the_api_is_noted_too(shop):
    client = enter(shop, "analyst", "lin@a.co")
    assert client.get("/api/profiles/").status_code == 200
    assert seen(shop, "lin@a.co") == [("/api/profiles/", {"api": "GET", "rows": 2})]


def test_whatever_asks_for_masking_notes_looks_or_says_why_not():
    """A new page or call with contact data cannot forget it."""
    forgotten = []
    for path in [*ROOT.glob("console/**/*.py"), *ROOT.glob("*/**/*api.py")]:
        name, text = str(path.relative_to(ROOT)), path.read_text()
        if name.startswith(("tests/", "node_modules/", ".")) or not any(
            isinstance(one, ast.Attribute) and one.attr == "masked" for one in ast.walk(ast.parse(text))
        ):
            continue
        if "looks." not in text and "shows_contacts" not in text and not name.startswith(tuple(NO_LOOKS)):
            forgotten.append(name)
    assert forgotten == ["metrics/payouts_api.py"]  # numbers of orders, and no customer


# ---- the database --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "update kernel_audit set actor = 'nobody'",
        "delete from kernel_audit",
        "truncate kernel_audit",
    ],
)
def test_what_was_done_stays(shop, statement):
    Audit.objects.create(workspace=shop.workspace, actor="lin", action="board.add", target="b")
    before = Audit.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(
            "set constraints all immediate"
        )  # else rows of the test wait, and PostgreSQL truncates nothing
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
            cursor.execute(statement)
    assert Audit.objects.count() == before > 0


def test_rows_whose_time_is_over_go_where_retention_says_so(shop):
    for target in ("old", "new"):
        Audit.objects.create(workspace=shop.workspace, actor="lin", action="board.add", target=target)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local huiliu.retention = 'on'")
        cursor.execute("delete from kernel_audit where target = 'old'")
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
            cursor.execute("update kernel_audit set actor = 'nobody'")
    assert list(Audit.objects.values_list("target", "actor")) == [("new", "lin")]


def test_a_stranger_is_noted_nowhere(shop):
    before = Audit.objects.count()
    assert Client().get("/customers/").status_code == 302
    assert Client().get("/api/profiles/").status_code == 401
    assert Audit.objects.count() == before
