"""Files on pages: dropped, tried, columns chosen, taken in, refused rows back; each trouble has its sentence."""

import csv
import html
import io
import re
import zipfile
from typing import get_args

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from cdp.pipeline import batches, imports
from channels.connect import setup as connecting
from channels.connectors.file import Rows
from channels.models import Import
from channels.tables.fields import TABLES
from channels.tables.labels import ROWS
from kernel.models import Audit, Job, Member, Workspace
from tests.channels.imports.dropping import file_connector, totals
from tests.channels.imports.dropping import text as file_text
from tests.pages.test_connectors import form
from tests.pages.test_numbers import person, text
from tests.shop import Shop

ORDERS = ["订单号", "下单时间", "实付金额", "手机号", "备注"]
GOOD = ["1001", "2026-03-02 10:00:00", "1,299.50", "13812345678", "x"]
NAMELESS = ["", "2026-03-02 11:00:00", "5", "", ""]


@pytest.fixture
def shop(db):
    return Shop()


@pytest.fixture
def admin(shop):
    return person(shop)


def drop(client, one, file, name="till.csv", **more):
    """The answer to a form with a file."""
    body = file.encode() if isinstance(file, str) else file
    given = {"file": SimpleUploadedFile(name, body), "connector": str(one.uuid)}
    return client.post("/imports/", given, **{"HTTP_ACCEPT": "text/html"} | more)


def worked(client, one, file, name="till.csv"):
    """A file, dropped and read by the worker; the address of its page."""
    answer = drop(client, one, file, name)
    assert answer.status_code == 302, answer.content
    imports.run(batches.drain)
    return answer["Location"]


def seen(client, address):
    return text(client.get(address))


def title(client, address):
    found = re.search(r"<h1>(.*?)</h1>", client.get(address).content.decode(), re.DOTALL)
    return " ".join(html.unescape(found[1]).split())


def sent(client, address, **changes):
    """The form of the reading, as a browser sends it with some choices changed; where it leads."""
    given = form(client.get(address).content.decode(), f"{address}again/") | changes
    answer = client.post(f"{address}again/", given)
    assert answer.status_code == 302, answer.content
    imports.run(batches.drain)
    return answer["Location"]


def columns(client, address):
    """The columns of the page's form: the name of each one's field, by the column."""
    page = client.get(address).content.decode()
    return {
        html.unescape(column): name
        for name, column in re.findall(r'<label for="(column-\d+)">(.*?)</label>', page)
    }


def test_a_tills_file_is_tried_then_taken_and_the_same_again_counts_nothing_twice(shop, admin):
    one = file_connector(shop)
    file = file_text(ORDERS, GOOD, ["1002", "2026-03-03", "20", "", ""], NAMELESS).encode("gb18030")
    tried = worked(admin, one, file)
    assert title(admin, tried) == "2 of 3 rows can be taken; 1 has no “订单号”"
    page = seen(admin, tried)
    for words in ("GB18030", "comma", "header in row 1", "Nothing is stored yet", "1299.50", "Import 2 rows"):
        assert words in page, words
    assert totals(shop)["orders"] == "0"
    taken = sent(admin, tried, do="take")
    assert title(admin, taken) == "2 of 3 rows were taken, 1 refused".replace("were refused", "were refused")
    assert (totals(shop)["gmv"], totals(shop)["orders"]) == ("1319.5", "2")
    assert admin.get(tried)["Location"] == taken  # the dry run is in its place
    before = totals(shop)
    again = worked(
        admin, one, file_text(ORDERS, GOOD, ["1002", "2026-03-03", "20", "", ""]).encode("gb18030")
    )
    assert "2 rows were there already: they will not count twice." in seen(admin, again)
    same = sent(admin, again, do="take")
    assert title(admin, same) == "All 2 rows were there already: nothing counts twice"
    assert totals(shop) == before


def test_refused_rows_come_back_are_put_right_and_dropped_again(shop, admin):
    one = file_connector(shop)
    taken = sent(admin, worked(admin, one, file_text(ORDERS, GOOD, NAMELESS)), do="take")
    page = admin.get(taken).content.decode()
    file = re.search(r'href="(/api/imports/\d+/bad.csv)"', page)[1]
    lines = list(csv.reader(io.StringIO(b"".join(admin.get(file).streaming_content).decode("utf-8-sig"))))
    assert lines[0][4:] == ORDERS
    assert len(lines) == 2
    assert "Refused rows, as they stand in the file" in text(admin.get(taken))
    lines[1][4] = "1003"
    mended = worked(admin, one, file_text(*lines))
    assert title(admin, mended) == "The one row can be taken"
    assert title(admin, sent(admin, mended, do="take")) == "The row was taken"
    assert totals(shop)["orders"] == "2"


def test_a_column_that_nobody_knows_is_chosen_and_remembered(shop, admin):
    one = file_connector(shop)
    head = ["Beleg", "Wann", "Summe"]
    tried = worked(admin, one, file_text(head, ["B1", "2026-03-02", "7.50"], delimiter=";"))
    assert title(admin, tried) == "Nothing can be taken from this file"
    assert "No header was found" in seen(admin, tried)
    fields = columns(admin, tried)
    assert list(fields) == head
    chosen = {fields["Beleg"]: "order_id", fields["Wann"]: "ordered_at", fields["Summe"]: "total"}
    again = sent(admin, tried, **chosen)
    assert title(admin, again) == "The one row can be taken"
    one.refresh_from_db()
    assert connecting.opened(one).settings.columns == {
        "Beleg": "order_id",
        "Wann": "ordered_at",
        "Summe": "total",
    }
    assert Audit.objects.filter(action="connector.change", target=str(one.uuid)).count() == 1
    following = worked(admin, one, file_text(head, ["B2", "2026-03-03", "8"], delimiter=";"))
    assert title(admin, following) == "The one row can be taken"
    other = sent(admin, following, **{columns(admin, following)["Summe"]: "-", "do": "take"})
    assert title(admin, other) == "Nothing can be taken from this file"  # what was changed is looked at first
    assert totals(shop)["orders"] == "0"


def test_encoding_delimiter_header_and_sheet_can_be_said(shop, admin):
    one = file_connector(shop)
    head = ["Receipt", "Date", "Total", "Store"]
    text_file = file_text(["a", "b", "Date"], head, ["1", "2026-03-02", "5", "Köln"]).encode("utf-16")
    tried = worked(admin, one, text_file)
    assert "UTF-16" in seen(admin, tried)
    assert "header in row 2" in seen(admin, tried)
    wrong = sent(admin, tried, header="1")
    assert title(admin, wrong) == "Nothing can be taken from this file"
    right = sent(admin, wrong, header="2", delimiter=",")
    assert title(admin, right) == "The one row can be taken"
    assert "Köln" in seen(admin, right)
    book = Workbook()
    book.active.title = "March"
    for name, amount in (("March", "1"), ("April", "2")):
        sheet = book[name] if name in book.sheetnames else book.create_sheet(name)
        sheet.append(["Receipt", "Date", "Total"])
        sheet.append([f"{name}-1", "2026-03-02", amount])
    out = io.BytesIO()
    book.save(out)
    tried = worked(admin, one, out.getvalue(), "till.xlsx")
    assert "March-1" in seen(admin, tried)
    assert "April-1" in seen(admin, sent(admin, tried, sheet="April"))
    assert admin.post(f"{tried}again/", {"header": "0"}).status_code in (400, 409)


def bomb():
    """A workbook that unpacks to more than is taken."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(800):
            part.write(b"\x00" * 1024 * 1024)
    return out.getvalue()


TROUBLE = {
    "empty": (b"", "The file is empty."),
    "pdf": (b"%PDF-1.7 and so on", "This is no CSV, TSV, JSON lines or XLSX, but PDF."),
    "old excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "This is an old .xls workbook"),
    "broken": (b"PK\x03\x04 no workbook at all", "The workbook is damaged"),
    "json": (b'[{"order_id": "1"}]', "send JSON lines, an object on each line"),
    "binary": (bytes(range(256)) * 40, "No header was found"),
}


@pytest.mark.parametrize("what", TROUBLE)
def test_what_is_no_table_is_said_on_the_page(shop, admin, what):
    file, sentence = TROUBLE[what]
    address = worked(admin, file_connector(shop), file, "file.xlsx")
    assert title(admin, address) == "Nothing can be taken from this file"
    assert sentence in seen(admin, address)
    assert 'id="drop-file"' in admin.get(address).content.decode() or what == "binary"


def test_a_zip_bomb_is_said_on_the_page(shop, admin):
    address = worked(admin, file_connector(shop), bomb(), "bomb.xlsx")
    assert "MB when it is unpacked" in seen(admin, address)


def test_a_file_that_is_too_large_is_said_on_the_page_and_to_a_script(shop, admin, settings):
    settings.IMPORT_MB = 1
    one = file_connector(shop)
    large = b"x" * (1024 * 1024 + 1)
    answer = drop(admin, one, large)
    assert answer.status_code == 413
    assert "at most 1 MB are taken" in html.unescape(answer.content.decode())
    said = drop(admin, one, large, HTTP_ACCEPT="application/json")
    assert (said.status_code, said.json()["code"]) == (413, "too_large")
    assert not Import.objects.exists()
    page = admin.get("/imports/?too_large=3145728")
    assert page.status_code == 413
    assert "The file has 3 MB; at most 1 MB are taken" in html.unescape(page.content.decode())


def test_what_a_form_lacks_is_said_on_the_page(shop, admin):
    one = file_connector(shop)
    for given, sentence in (
        ({"connector": str(one.uuid)}, "Choose a file first."),
        ({"connector": "none", "file": SimpleUploadedFile("a.csv", b"x")}, "Choose the connector"),
    ):
        answer = admin.post("/imports/", given)
        assert answer.status_code == 400
        assert sentence in html.unescape(answer.content.decode())
    connecting.switch(one, on=False)
    answer = drop(admin, one, "x")
    assert answer.status_code == 409
    assert "paused" in answer.content.decode()
    assert admin.get("/imports/999999/").status_code == 404
    assert admin.get(f"/imports/{10**30}/").status_code == 404


def test_a_script_is_told_where_the_file_is(shop, admin):
    said = drop(admin, file_connector(shop), file_text(ORDERS, GOOD), HTTP_ACCEPT="application/json")
    assert said.status_code == 202
    page = said.json()["page"]
    assert title(admin, page) == "Waiting to be read"
    now = admin.get(f"{page}now/?seen=waiting-0-0")
    assert now.status_code == 204
    imports.run(batches.drain)
    piece = admin.get(f"{page}now/?seen=waiting-0-0").content.decode()
    assert "The one row can be taken" in piece
    assert "hx-trigger" not in piece.split("<form")[0]


def test_cancelled_it_can_be_read_again(shop, admin):
    address = drop(admin, file_connector(shop), file_text(ORDERS, GOOD))["Location"]
    assert admin.post(f"{address}again/").status_code == 409
    admin.post(f"{address}cancel/")
    assert title(admin, address) == "Cancelled"
    imports.run(batches.drain)
    assert Job.objects.get(kind="import").state == "cancelled"
    answer = admin.post(f"{address}again/", {"do": "read"})
    imports.run(batches.drain)
    assert title(admin, answer["Location"]) == "The one row can be taken"


def test_the_list_has_each_file_once(shop, admin):
    one, other = file_connector(shop), file_connector(shop, "customers")
    assert "No file was dropped yet" in seen(admin, "/imports/")
    sent(admin, worked(admin, one, file_text(ORDERS, GOOD, NAMELESS), "orders.csv"), do="take")
    worked(admin, other, file_text(["手机号", "姓名"], ["13812345678", "林"]), "people.csv")
    page = seen(admin, "/imports/")
    assert "1 file in the last 30 days; rows taken: 1, refused: 1." in page
    listed = re.search(r"<tbody>.*?</tbody>", admin.get("/imports/").content.decode(), re.DOTALL)[0]
    assert listed.count("orders.csv") == listed.count("people.csv") == 1
    page = admin.get(f"/imports/?connector={other.uuid}").content.decode()
    narrowed = re.search(r"<tbody>.*?</tbody>", page, re.DOTALL)[0]
    assert "people.csv" in narrowed
    assert "orders.csv" not in narrowed
    listed = admin.get(f"/channels/store/connectors/{one.uuid}/").content.decode()
    assert "orders.csv" in listed
    assert "data-drop" in listed
    assert "/api/imports/templates/orders.xlsx" in listed


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_only_admins_see_files_and_what_stands_in_them(shop, admin, role):
    one = file_connector(shop)
    address = worked(admin, one, file_text(ORDERS, GOOD))
    other = person(shop, role)
    for page in ("/imports/", address, f"{address}now/"):
        assert other.get(page).status_code == 403
    assert drop(other, one, "x").status_code == 403
    assert other.post(f"{address}again/").status_code == 403
    connector = other.get(f"/channels/store/connectors/{one.uuid}/").content.decode()
    assert "data-drop" not in connector
    assert f'href="{address}"' not in connector


def test_another_workspaces_file_is_not_there(shop, admin):
    address = worked(admin, file_connector(shop), file_text(ORDERS, GOOD))
    stranger = Workspace.objects.create(slug="elsewhere", name="Elsewhere")
    user = User.objects.create_user("stranger")
    Member.objects.create(workspace=stranger, user=user, role="admin")
    client = Client()
    client.force_login(user)
    assert client.get(address).status_code == 404
    assert client.post(f"{address}again/").status_code == 404


@pytest.mark.parametrize("rows", TABLES)
def test_a_template_has_the_fields_there_are_and_no_row(shop, admin, rows):
    for language in ("en", "zh"):
        book = load_workbook(
            io.BytesIO(admin.get(f"/api/imports/templates/{rows}.xlsx?lang={language}").content)
        )
        first, about = book.worksheets
        titles = [cell.value for cell in first[1]]
        assert titles == [one.chinese if language == "zh" else one.english for one in TABLES[rows].fields]
        assert first.max_row == 1
        assert [row[0].value for row in about.iter_rows(min_row=2)] == titles
        plain = admin.get(f"/api/imports/templates/{rows}.csv?lang={language}").content.decode("utf-8-sig")
        assert next(csv.reader(io.StringIO(plain))) == titles
    assert admin.get("/api/imports/templates/nothing.xlsx").status_code == 404


def test_each_kind_of_rows_has_its_words_and_can_be_chosen():
    assert list(ROWS) == list(TABLES) == list(get_args(Rows))


def test_a_template_filled_in_is_taken(shop, admin):
    book = load_workbook(io.BytesIO(admin.get("/api/imports/templates/customers.xlsx?lang=zh").content))
    sheet = book.worksheets[0]
    place = [cell.value for cell in sheet[1]].index("手机号") + 1
    sheet.cell(2, place, "13812345678")
    sheet.cell(3, place, "13812345679")
    out = io.BytesIO()
    book.save(out)
    address = worked(admin, file_connector(shop, "customers"), out.getvalue(), "customers.xlsx")
    assert title(admin, address) == "All 2 rows can be taken"


def test_a_payout_bill_is_dropped(shop, admin):
    bill = ["订单号", "结算金额", "平台扣费", "结算时间"]
    lines = [["1001", "95.00", "-5.00", "2026-03-09"], ["1001", "-7", "", "2026-03-10"]]
    one = file_connector(shop, "payouts")
    tried = worked(admin, one, file_text(bill, *lines))
    assert title(admin, tried) == "All 2 rows can be taken"
    for _ in range(2):
        sent(admin, worked(admin, one, file_text(bill, *lines)), do="take")
        found = shop.get("/api/payouts/", **{"from": "2026-03-01", "to": "2026-03-31"})["results"]
        assert [(row["order_id"], row["paid"], row["fees_billed"]) for row in found] == [
            ("1001", "88.00", "5.00")
        ]


def test_the_first_rows_are_shown_as_they_will_be_with_what_is_refused_in_place(shop, admin):
    one = file_connector(shop, "order_lines")
    head = ["订单号", "下单时间", "商品编码", "商品名称", "数量", "单价"]
    rows = [
        ["1", "2026年3月2日 下午3:05", "A", "香薰", "2", "5"],
        ["1", "2026年3月2日 下午3:05", "B", "台灯", "1", "7.5"],
        ["2", "2026-03-03", "A", "香薰", "many", "5"],
    ]
    address = worked(admin, one, file_text(head, *rows))
    page = admin.get(address).content.decode()
    said = text(admin.get(address))
    assert "2–3" in said
    assert "香薰 × 2 at 5; 台灯 × 1 at 7.5" in said
    assert "17.5" in said  # the total, of its lines
    refused = re.search(r'<tr class="refused">.*?</tr>.*?</tr>', page, re.DOTALL)[0]
    assert "hit" in refused
    assert "many" in html.unescape(refused)


def test_what_stands_in_a_file_is_text(shop, admin):
    nasty = "<script>alert(1)</script>"
    head = ["订单号", "实付金额", nasty]
    address = worked(admin, file_connector(shop), file_text(head, [nasty, "5", nasty]), f"{nasty}.csv")
    for page in (address, "/imports/"):
        assert nasty not in admin.get(page).content.decode()
