"""The pages of after-sales, payments and one order: what they say, and that every number leads to its rows."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

from console import names
from kernel.models import Member
from tests.metrics.service.test_as_sent import at, shop  # noqa: F401 (a fixture)
from tests.shop import order, track

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mirror_of_postgresql")]
MARCH = "from=2026-03-01&to=2026-03-31"
ROWS = re.compile(r'href="([^"]*/rows/[^"]*)"')


def signed_in(shop, role="admin"):  # noqa: F811
    user = User.objects.create_user(f"looks-{role}", password="a long enough password")
    Member.objects.create(workspace=shop.workspace, user=user, role=role)
    made = Client()
    made.force_login(user)
    return made


@pytest.fixture
def client(shop):  # noqa: F811
    return signed_in(shop)


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, answer.content[:300]
    return answer.content.decode()


def plain(text):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_the_matrix_says_what_crossed_channels_and_leads_to_its_rows(client):
    said = page(client, f"/aftersales/?{MARCH}")
    assert "100.0% of returns came back in another channel than they were bought in (1 of 1)" in plain(said)
    assert "Most of them went from Web shop to Stores" in plain(said) or "from Web shop to Store" in plain(
        said
    )
    links = sorted({unescape(link) for link in ROWS.findall(said)})
    assert len(links) > 5
    for link in links:
        rows = page(client, link)
        assert "<tbody>" in rows or "No rows" in rows, link
    (returned,) = [
        one for one in links if "rows=returns" in one and "bought=web-shop" in one and "returned=store" in one
    ]
    assert "Lin Wei" in page(client, returned)
    assert "/orders/web-shop/A/" in page(client, returned)


def test_what_service_costs_is_what_somebody_says(client):
    said = plain(page(client, f"/aftersales/?{MARCH}"))
    assert "Of 2 of 2 tickets nobody says what one costs" in said
    said = plain(page(client, f"/aftersales/?{MARCH}&cost-call-centre=12.5"))
    assert "Service cost ¥25.00." in said
    assert "nobody says" not in said
    said = plain(page(client, f"/aftersales/?{MARCH}&cost-call-centre=much"))
    assert "`cost` is CHANNEL:AMOUNT" in said
    assert "Who serves whose orders" in said


def test_an_order_from_end_to_end(client):
    said = plain(page(client, "/orders/web-shop/A/"))
    assert "Bought in Web shop, returned in Store" in said
    assert re.search(r"refunded 3\.[23] d after it was asked for", said)
    steps = (
        "Ordered",
        "Payment failed",
        "Return asked for",
        "Ticket opened",
        "Goods received back",
        "Refunded",
    )
    places = [said.index(step) for step in steps[:-1]]
    assert places == sorted(places)
    assert "Lin Wei" in said
    page(client, "/orders/web-shop/nobody/", 404)


def test_the_customers_orders_lead_to_it(client, shop):  # noqa: F811
    key = shop.profile("user_id:u1")["id"]
    assert 'href="/orders/web-shop/A/"' in page(client, f"/customers/{key}/")


def test_payments_say_how_they_end_and_lead_to_their_rows(client):
    said = page(client, f"/payments/?{MARCH}")
    assert (
        "50.0% of payments succeeded (1 of 2). 1 of 1 that failed were won elsewhere within 24 hours."
        in plain(said)
    )
    assert "Bank card" in plain(said)
    for link in {unescape(link) for link in ROWS.findall(said)}:
        assert "<tbody>" in page(client, link), link
    for by in ("channel", "reason"):
        assert "How payments end" in page(client, f"/payments/?{MARCH}&by={by}")
    assert "Nobody paid in this period." in page(client, "/payments/?from=2001-01-01&to=2001-01-31")


def test_what_a_method_changed_is_said_with_what_cannot_be(client, shop):  # noqa: F811
    shop.sends(track("Payment Failed", "u3", at(1, 4), order_id="C", payment_id="p", method="card"))
    said = plain(page(client, f"/payments/?{MARCH}&method=wechat&channel=web-shop"))
    assert "Payments are not known for a day on each side" in said or "21 are needed" in said
    said = plain(page(client, f"/payments/?{MARCH}&method=barter&channel=web-shop"))
    assert "There is no payment by “barter” on this channel" in said
    assert "How payments end" in said


def test_what_is_to_be_mended_is_listed_and_in_what_needs_somebody(client, shop):  # noqa: F811
    now = "2026-03-09T04:00:00Z"
    shop.sends(
        track("Payment Succeeded", "u7", now, order_id="lost-1", payment_id="p", amount="30", currency="CNY")
    )
    said = plain(page(client, f"/payments/?{MARCH}"))
    assert "Paid without an order" in said
    assert "lost-1" in said
    assert "Nothing to mend" in said  # nobody paid twice
    shop.sends(
        track("Payment Succeeded", "u7", order_id="lost-2", payment_id="p", amount="9", currency="CNY")
    )
    # an hour must pass before it is an orphan
    assert "stands for no order" not in plain(page(client, "/"))


def test_who_may_not_see_numbers_whole_gets_no_link_to_them(shop):  # noqa: F811
    shop.sends(
        order("13812345678", "5", "u5", at(3), currency="CNY"),
        track("Order Refunded", "u5", at(4), order_id="13812345678", refund_id="x", total="1"),
    )
    viewer = signed_in(shop, "viewer")
    assert "12345678" not in page(viewer, f"/aftersales/rows/?rows=refunds&{MARCH}")
    assert "12345678" in page(signed_in(shop), f"/aftersales/rows/?rows=refunds&{MARCH}")


def test_what_is_shown_can_be_taken_as_a_file(client):
    def lines(address):
        answer = client.get(address)
        assert answer.status_code == 200, address
        return b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()

    cells = lines(f"/aftersales/export.csv?{MARCH}")
    assert cells[0].startswith("bought,returned,returns,orders")
    assert len(cells) == 3
    assert len(lines(f"/aftersales/export.csv?of=tickets&{MARCH}")) == 3
    assert len(lines(f"/payments/export.csv?by=method&{MARCH}")) == 3
    assert any("Lin Wei" in line for line in lines(f"/aftersales/rows/export.csv?rows=returns&{MARCH}"))
    assert len(lines(f"/payments/rows/export.csv?outcome=failed&{MARCH}")) == 2
    assert client.get(f"/payments/rows/export.csv?outcome=great&{MARCH}").status_code == 400


def test_ways_to_pay_are_named_and_spellings_of_one_told_apart():
    assert names.methods(["wechat_pay", "alipay", "barter"]) == {
        "wechat_pay": "WeChat Pay",
        "alipay": "Alipay",
        "barter": "barter",
    }
    assert list(names.methods(["wechat", "wechat_pay"]).values()) == [
        "WeChat Pay (wechat)",
        "WeChat Pay (wechat_pay)",
    ]
    assert (names.reason("bank_declined"), names.reason("E-17")) == ("Declined by the bank", "E-17")
