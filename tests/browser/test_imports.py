"""How a till's file comes in by a browser: connector, file, what was found, import; without a script as well."""

import base64
import csv
import datetime as dt
import io

import pytest
from openpyxl import Workbook

from tests.browser.conftest import committed
from tests.browser.test_connectors import LOOKS, sound

pytestmark = pytest.mark.django_db
HEAD = ["小票号", "销售时间", "实收金额", "会员手机", "店名", "收银员"]
BAD = ["", "2026-03-02 12:00", "88.00", "", "静安店", "王芳"]
COUNT = 40


def receipts(key, count=COUNT):
    """A till's rows: one of them without its number, one with an amount that is none."""
    rows = [
        [
            f"{key}-{n:04}",
            f"2026-03-{1 + n % 28:02} 1{n % 10}:05",
            f"{20 + n}.50",
            f"1381234{n:04}",
            "静安店",
            "王芳",
        ]
        for n in range(count - 2)
    ]
    return [HEAD, *rows, BAD, [f"{key}-x", "2026-03-05 10:00", "免单", "", "静安店", "王芳"]]


def gb18030(rows):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("gb18030")


def workbook(rows):
    book = Workbook()
    book.active.title = "三月"
    for row in rows:
        book.active.append(row)
    book.create_sheet("说明").append(["导出自收银系统"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def worked():
    """As the worker does: the web server runs alone here."""
    from cdp.pipeline import batches, imports

    committed(lambda: imports.run(batches.drain))


def drag(page, name, content):
    """A file dropped on the page, as the system's file manager does it."""
    page.evaluate(
        """([name, text]) => {
            const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0)), carried = new DataTransfer();
            carried.items.add(new File([bytes], name));
            const at = document.querySelector("[data-drop]");
            const how = { bubbles: true, cancelable: true, dataTransfer: carried };
            for (const step of ["dragenter", "dragover", "drop"]) at.dispatchEvent(new DragEvent(step, how));
        }""",
        [name, base64.b64encode(content).decode()],
    )


def told(page):
    return page.locator("#import h1").inner_text()


def connected(page, site, key):
    """From the list of channels to the page of a new connector that takes files."""
    made = site.sends()
    page.goto(f"{site.address}/channels/")
    page.locator(f"a[href='/channels/{made.channel.slug}/']").first.click()
    page.locator("#connectors a[href$='/connectors/add/']").click()
    page.locator("a.kind[href$='/file/']").click()
    page.fill("#name", f"Till {key}")
    sound(page, f"import-{key}-0-add")
    page.locator("main form .btn-primary").click()
    page.locator("[data-drop]").wait_for()
    return made


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_a_tills_file_is_in_within_minutes_without_a_word_of_documentation(site, visit, language, width):
    key = f"{language}-{width}"
    page = visit(language, width, "dark" if (language, width) == LOOKS[0] else "light")
    connected(page, site, key)
    sound(page, f"import-{key}-1-connector")
    drag(page, "till.csv", gb18030(receipts(key)))
    page.locator("#import .work").wait_for()
    sound(page, f"import-{key}-2-waiting")
    worked()
    page.locator("#refused").wait_for()  # it turns by itself
    sound(page, f"import-{key}-3-tried")
    assert page.locator("tr.refused").count() == 2
    page.locator("button[value=take]").click()
    page.locator("#import .work").wait_for()
    worked()
    page.locator("#import .work").wait_for(state="detached")
    sound(page, f"import-{key}-4-taken")
    assert page.locator("#import tr.refused").count() == 2
    drag(page, "till.csv", gb18030(receipts(key)))
    page.locator("#import .work").wait_for()
    worked()
    page.locator("button[value=take]").wait_for()
    assert page.locator(".strip .v").nth(2).inner_text() == str(COUNT - 2)  # there already
    page.goto(f"{site.address}/imports/")
    page.locator("#files tbody tr").first.wait_for()
    sound(page, f"import-{key}-5-list")


def test_by_keyboard_a_workbook_whose_columns_nobody_knows(site, visit):
    page = visit()
    connected(page, site, "keys")
    rows = [["Beleg", "Wann", "Betrag"], ["B-1", "2026-03-02", "12.50"], ["B-2", "2026-03-03", "8.00"]]
    page.locator("#drop-file").focus()
    assert page.evaluate("document.activeElement.id") == "drop-file"
    page.set_input_files("#drop-file", {"name": "Kasse.xlsx", "mimeType": "", "buffer": workbook(rows)})
    page.locator("#import .work").wait_for()
    worked()
    page.locator("#import .msg.bad").wait_for()
    sound(page, "import-unknown-columns")
    for column, field in enumerate(("order_id", "ordered_at", "total")):
        page.locator(f"#column-{column}").select_option(field)
    page.locator("button[value=read]").press("Enter")
    page.locator("#import .work").wait_for()
    worked()
    page.locator("button[value=take]").wait_for()
    assert told(page) == "All 2 rows can be taken"
    sound(page, "import-columns-chosen")


@pytest.mark.parametrize(
    ("name", "content"), [("empty.csv", b""), ("page.pdf", b"%PDF-1.7"), ("a.xlsx", b"PK\x03\x04x")]
)
def test_what_is_no_table_is_said_where_the_next_can_be_dropped(site, visit, name, content):
    page = visit("en", 390)
    connected(page, site, name)
    page.set_input_files("#drop-file", {"name": name, "mimeType": "", "buffer": content})
    page.locator("#import .work").wait_for()
    worked()
    page.locator("#import .msg.bad").wait_for()
    assert page.locator("#import [data-drop]").count() == 1
    sound(page, f"import-trouble-{name}")


def test_what_cannot_be_sent_is_said_beside_it(site, visit):
    page = visit()
    connected(page, site, "limits")
    page.evaluate("document.querySelector('[data-drop]').dataset.limit = '3'")
    drag(page, "large.csv", b"1234")
    page.locator(".drop-wrong:not([hidden])").wait_for()
    assert "send it in parts" in page.locator(".drop-wrong").inner_text()
    assert page.evaluate("document.activeElement.id") == "drop-file"
    sound(page, "import-too-large")
    page.route("**/imports/", lambda route: route.abort())
    page.evaluate("document.querySelector('[data-drop]').dataset.limit = '3000'")
    drag(page, "small.csv", b"1234")
    page.locator(".drop-wrong", has_text="did not arrive").wait_for()


def test_a_file_is_cancelled_and_read_again(site, visit):
    page = visit()
    connected(page, site, "cancel")
    drag(page, "till.csv", gb18030(receipts("cancel", 5)))
    page.locator("#import .work button").click()
    page.locator("button[value=read]").or_(page.locator("#import h1", has_text="Cancelled")).first.wait_for()
    page.reload()
    assert told(page) == "Cancelled"
    sound(page, "import-cancelled")


def test_without_a_script_a_file_comes_in_as_well(site, browser):
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(site.address + "/signin/")
        page.fill("#username", "admin-in-browser")
        page.fill("#password", "a long enough password")
        page.press("#password", "Enter")
        made = site.sends()
        page.goto(f"{site.address}/channels/{made.channel.slug}/connectors/add/file/")
        page.locator("main form .btn-primary").click()
        page.set_input_files(
            "#drop-file", {"name": "till.csv", "mimeType": "", "buffer": gb18030(receipts("plain", 4))}
        )
        page.locator(".drop-send").click()
        worked()
        page.reload()
        assert told(page).startswith("2 of 4 rows can be taken")
        page.locator("button[value=take]").click()
        worked()
        page.reload()
        assert told(page) == "2 of 4 rows were taken, 2 refused"
    finally:
        context.close()


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_payouts_are_held_against_orders(site, visit, language, width):
    made, now = site.sends(), dt.datetime.now(dt.UTC).replace(microsecond=0)
    orders = [
        {
            "type": "track",
            "event": "Order Completed",
            "userId": f"p{n}",
            "messageId": f"{made.channel.slug}-{n}",
            "timestamp": (now - dt.timedelta(days=n)).isoformat(),
            "properties": {"order_id": f"{language}-{width}-{n}", "total": "100", "payout": "95"},
        }
        for n in range(1, 8)
    ]
    site.arrives(made, *orders)
    # A day that is whole wherever the workspace is: the page leaves out the one that has begun.
    day = (now - dt.timedelta(days=1)).date().isoformat()
    bill = [["订单号", "结算金额", "平台扣费", "结算时间"]]
    bill += [[f"{language}-{width}-{n}", "95" if n < 5 else "90", "5", day] for n in range(1, 7)]
    bill.append(["nobody", "12", "", day])
    page = visit(language, width)
    page.goto(f"{site.address}/channels/{made.channel.slug}/connectors/add/file/")
    page.locator("#setting-rows").select_option("payouts")
    page.locator("main form .btn-primary").click()
    page.locator("[data-drop]").wait_for()
    drag(page, "bill.csv", gb18030(bill))
    page.locator("#import .work").wait_for()
    worked()
    page.locator("button[value=take]").click()
    page.locator("#import .work").wait_for()
    worked()
    page.goto(f"{site.address}/payouts/?channel={made.channel.slug}")
    counts = [page.locator(f"#rows .tabs a:nth-child({n}) .num").inner_text() for n in range(1, 6)]
    assert counts == ["8", "1", "2", "1", "4"]
    sound(page, f"payouts-{language}-{width}")
    page.locator("#rows .tabs a").nth(1).click()
    assert page.locator("#rows tbody tr").count() == 1
