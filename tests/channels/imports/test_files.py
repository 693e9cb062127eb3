"""Files as they come: encodings, separators, quotes, workbooks, and what is none. Each costs itself, no good row."""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from django.db import connection

from cdp.pipeline import batches, imports
from channels.imports import unpacked
from kernel.db import rows
from tests.channels.imports.dropping import bad, drop, file_connector, post, text
from tests.channels.test_reasons import OF_FILES
from tests.shop import Shop

HEAD = ["订单号", "下单时间", "实付金额", "门店", "备注"]
ROWS = [["1", "2026-03-01", "10", "静安店", "礼品"], ["2", "2026-03-02", "20", "徐汇店", "，逗号"]]
CSV = text(HEAD, *ROWS)


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def book(*rows: list[Any], title: str = "Sheet1", more: dict[str, list[list[Any]]] | None = None) -> bytes:
    found = openpyxl.Workbook()
    sheet = found.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for name, lines in (more or {}).items():
        other = found.create_sheet(name)
        for line in lines:
            other.append(line)
    out = io.BytesIO()
    found.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("file", "encoding"),
    [
        (CSV.encode(), "utf-8"),
        (CSV.encode("utf-8-sig"), "utf-8-sig"),
        (CSV.encode("gb18030"), "gb18030"),
        (CSV.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + CSV.encode("utf-16-be"), "utf-16"),
        (CSV.encode("utf-16-le"), "utf-16-le"),
        (CSV.encode("utf-32"), "utf-32"),
        (CSV.replace("\r\n", "\r").encode(), "utf-8"),
        (CSV.replace("\r\n", "\n").rstrip().encode(), "utf-8"),
    ],
    ids=["utf-8", "bom", "gb18030", "utf-16", "utf-16-be", "utf-16-bare", "utf-32", "cr", "lf"],
)
def test_every_encoding_and_line_end_is_read(shop: Shop, file: bytes, encoding: str) -> None:
    one = file_connector(shop)
    said = drop(shop, one, file)
    assert (said["state"], said["good"], said["bad"], said["form"]["encoding"]) == ("done", 2, 0, encoding)
    assert shop.value("gmv") == "30"
    [order] = shop.get("/api/events/", message_id="order:2")["results"]
    assert order["properties"]["store"] == "徐汇店"


def test_other_alphabets_are_told_from_chinese(shop: Shop) -> None:
    one = file_connector(shop)
    lines = [[str(n), "2026-03-01", "1", f"Genève {n}", "café à la crème, où ça ?"] for n in range(1, 41)]
    said = drop(shop, one, text(["Order number", "Date", "Total", "Store", "Note"], *lines).encode("cp1252"))
    assert (said["good"], said["bad"]) == (40, 0)
    [order] = shop.get("/api/events/", message_id="order:7")["results"]
    assert order["properties"]["store"] == "Genève 7"


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_every_separator_is_found(shop: Shop, sign: str) -> None:
    said = drop(shop, file_connector(shop), text(HEAD, *ROWS, delimiter=sign))
    assert (said["good"], said["form"]["delimiter"]) == (2, sign)


def test_what_somebody_says_of_a_file_is_believed(shop: Shop) -> None:
    one = file_connector(shop)
    file = text(HEAD, *ROWS, delimiter=";").encode("gb18030")
    said = drop(shop, one, file, encoding="GBK", delimiter="semicolon")
    assert (said["good"], said["form"]["encoding"]) == (2, "gb18030")
    wrong = drop(shop, one, CSV.encode("gb18030"), encoding="utf-8")
    assert (wrong["state"], "Nothing" in wrong["message"], bool(wrong["message"])) == ("failed", False, True)


def test_a_row_of_another_encoding_costs_itself(shop: Shop) -> None:
    lines = [[str(n), "2026-03-01", "1", "静安店", ""] for n in range(1, 31)]
    file = (
        text(HEAD, *lines)
        .encode()
        .replace("30,2026-03-01,1,静安店".encode(), b"30,2026-03-01,1,\xbe\xb2\xff")
    )
    said = drop(shop, file_connector(shop), file)
    assert (said["rows"], said["good"], said["bad"]) == (30, 29, 1)
    [line] = bad(shop, said["id"])[1:]
    assert line[:2] == ["31", "unreadable_row"]


def test_a_quote_that_does_not_end_costs_its_own_row(shop: Shop) -> None:
    lines = [f"{n},2026-03-01,1,静安店,x" for n in range(1, 601)]
    lines[9] = '10,2026-03-01,1,"静安店,x'
    lines[299] = '300,2026-03-01,1,"Cup, large","two\nlines"'
    lines[399] = '400,2026-03-01,1,静安店,"5"" pan"'
    lines[598] = '599,2026-03-01,1,"open'
    said = drop(shop, file_connector(shop), "\n".join([",".join(HEAD), *lines]))
    assert (said["rows"], said["good"], said["bad"]) == (600, 598, 2)
    assert [line[4] for line in bad(shop, said["id"])[1:]] == ["10", "599"]
    assert shop.value("orders") == "598"


def test_ragged_rows_blank_rows_and_nul(shop: Shop) -> None:
    file = "\n".join(
        [
            ",".join(HEAD),
            "1,2026-03-01,10",  # what is left out at the end says nothing
            "",
            ",,,,",
            "2,2026-03-01,1,234.50,静安店,x",  # a thousand with a comma
            "3,2026-03-01,5\x00,静\x00安店,x",
            "4,2026-03-01,5,静安店,x,,,",
        ]
    )
    said = drop(shop, file_connector(shop), file)
    assert (said["rows"], said["good"], said["bad"]) == (4, 3, 1)
    [line] = bad(shop, said["id"])[1:]
    assert (line[0], line[1]) == ("5", "unreadable_row")
    assert "6" in line[3]
    assert shop.value("gmv") == "20"


def test_titles_above_the_header_doubled_and_unknown_columns_are_said(shop: Shop) -> None:
    file = "三月销售报表,,,,\n导出人：王,,,,\n\n订单号,下单时间,实付金额,门店,门店,心情\n1,2026-03-01,10,A,B,好\n"
    said = drop(shop, file_connector(shop), file)
    assert said["good"] == 1
    assert {"column": "门店 (2)", "field": ""} in said["columns"]
    for word in ("心情", "门店", "3"):
        assert word in said["message"], said["message"]
    [order] = shop.get("/api/events/", message_id="order:1")["results"]
    assert order["properties"]["store"] == "A"


def test_numbers_that_are_ids_and_lost_digits(shop: Shop) -> None:
    rows = [
        ["1.0", "2026-03-01", "1", "1.38E+10", "M1"],
        ["'00012", "2026-03-01", "1", "13812345678.0", ""],
        ['="00013"', "2026-03-01", "1", "", "4.1E+15"],
        ["6.5E+17", "2026-03-01", "1", "", ""],
    ]
    file = text(["订单号", "下单时间", "实付金额", "手机号", "会员号"], *rows)
    said = drop(shop, file_connector(shop), file)
    assert (said["good"], said["bad"]) == (3, 1)
    found = {one["message_id"]: one for one in shop.get("/api/events/")["results"]}
    assert set(found) == {"order:1", "order:00012", "order:00013"}
    assert found["order:1"]["properties"]["lost_digits"] == {"phone": "1.38E+10"}
    assert found["order:00013"]["properties"]["lost_digits"] == {"member_no": "4.1E+15"}
    assert found["order:00013"]["profile"] is None
    assert shop.profile("phone:+8613812345678")["summary"]["orders"] == 1


# ---- workbooks --------------------------------------------------------------------------------------------


def test_a_workbook_with_dates_formulas_ids_and_mixed_types(shop: Shop) -> None:
    file = book(
        ["日报", None, None, None],
        [],
        ["订单号", "下单时间", "实付金额", "手机号"],
        [1001, datetime.fromisoformat("2026-03-01T10:30"), 12.5, 13812345678],
        ["1002", date(2026, 3, 2), "¥1,000", "138 1234 5678"],
        [1003, 46084.5, "=1+1", None],
        [12345678901234567, "2026/3/4 9:00", 8, None],
        ["12345678901234568", "2026/3/4 9:00", 8, True],
    )
    said = drop(shop, file_connector(shop), file, "日报.xlsx")
    assert said["form"]["format"] == "xlsx"
    assert said["rows"] == 5
    lines = bad(shop, said["id"])[1:]
    # a formula that no spreadsheet has counted yet has no value
    assert [(line[0], line[1]) for line in lines] == [("6", "missing_field"), ("7", "unreadable_row")]
    found = {one["message_id"]: one for one in shop.get("/api/events/")["results"]}
    assert found["order:1001"]["occurred_at"] == "2026-03-01T02:30:00Z"
    assert found["order:1002"]["occurred_at"] == "2026-03-01T16:00:00Z"
    assert "order:12345678901234568" in found
    assert shop.value("gmv") == "1020.5"
    assert shop.profile("phone:+8613812345678")["summary"]["orders"] == 2


def test_a_serial_number_is_a_time(shop: Shop) -> None:
    drop(shop, file_connector(shop), book(["订单号", "下单时间", "实付金额"], [1, 46084.5, 5]))
    [order] = shop.get("/api/events/")["results"]
    assert order["occurred_at"] == "2026-03-03T04:00:00Z"


def test_the_sheet_with_rows_is_read_the_others_are_said_and_one_can_be_chosen(shop: Shop) -> None:
    orders = [["订单号", "下单时间", "实付金额"], [1, "2026-03-01", 5]]
    more = [["订单号", "下单时间", "实付金额"], [2, "2026-03-01", 7]]
    file = book(title="说明", more={"三月": orders, "四月": more})
    one = file_connector(shop)
    said = drop(shop, one, file)
    assert (said["good"], said["form"]["sheet"]) == (1, "三月")
    assert "四月" in said["message"]
    assert drop(shop, one, file, sheet="四月")["form"]["sheet"] == "四月"
    assert shop.value("gmv") == "12"
    none = drop(shop, one, file, sheet="五月")
    assert (none["state"], "三月" in none["message"]) == ("failed", True)


# ---- what is none --------------------------------------------------------------------------------------------


def bomb() -> bytes:
    """A workbook whose sheet says that it is small, and is not."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("xl/worksheets/sheet1.xml", b"<c>" * 5_000_000)
    return out.getvalue().replace(struct.pack("<I", 15_000_000), struct.pack("<I", 1_000))


def far() -> bytes:
    found = openpyxl.Workbook()
    found.active.append(HEAD)
    found.active["XFD1048576"] = 1
    out = io.BytesIO()
    found.save(out)
    return out.getvalue()


def ole(name: str) -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2_000_000 + name.encode("utf-16-le") + b"\x00" * 512
    )


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as into:
        for name, data in parts.items():
            into.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("file", "word"),
    [
        (b"", "empty"),
        (b"\n\r\n  \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"1,2026-03-01,10\n2,2026-03-01,20\n", "header"),
        ("订单号,门店\n1,A\n".encode(), "total"),
        ("下单时间,实付金额\n2026-03-01,1\n".encode(), "order_id"),
        (ole("EncryptedPackage"), "password"),
        (ole("Workbook"), ".xls "),
        (b"%PDF-1.7 ...", "PDF"),
        (zlib.compress(b"x") and b"\x1f\x8b\x08rest", "gzip"),
        (packed(readme=b"x"), "ZIP"),
        (packed(mimetype=b"application/vnd.oasis", **{"content.xml": b""}), "OpenDocument"),
        (b"PK\x03\x04" + b"nothing else", "damaged"),
        (book(HEAD, *ROWS)[:-200], "damaged"),
        (b'[{"order_id": 1}]', "JSON lines"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "HTML"),
        (os.urandom(5_000).replace(b"\n", b"") + b"\n", ""),
        ((",".join(f"c{n}" for n in range(3_000)) + "\n").encode(), "columns"),
        (far(), "empty"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_file_of_which_nothing_can_be_taken_says_why(shop: Shop, file: bytes, word: str) -> None:
    said = drop(shop, file_connector(shop), file)
    assert (said["state"], said["rows"], said["good"], said["bad"]) == ("failed", 0, 0, 0)
    assert said["message"]
    assert word in said["message"]


def test_a_bomb_is_counted_and_not_believed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacked, "LARGEST", 10 * 1024 * 1024)
    said = drop(shop, file_connector(shop), bomb())
    assert said["state"] == "failed"
    assert "10" in said["message"]


def test_a_header_without_rows_is_done(shop: Shop) -> None:
    said = drop(shop, file_connector(shop), ",".join(HEAD) + "\n")
    assert (said["state"], said["rows"], "no rows" in said["message"]) == ("done", 0, True)


def test_a_file_over_the_limit_is_413(shop: Shop, settings: Any) -> None:
    settings.IMPORT_MB = 1
    answer = post(shop, file_connector(shop), b"x" * (1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw.replace(b"xl/worksheets", b"xl/worksheetz"),
        lambda raw: raw[:300] + os.urandom(200) + raw[500:],
    ],
)
def test_a_damaged_workbook_is_a_state_and_not_an_error(shop: Shop, wrong: Callable[[bytes], bytes]) -> None:
    said = drop(shop, file_connector(shop), wrong(book(HEAD, *ROWS)))
    assert said["state"] == "failed"
    assert said["message"]


# ---- JSON lines --------------------------------------------------------------------------------------------


def test_json_lines(shop: Shop) -> None:
    file = "\n".join(
        [
            '{"order_id": 1001, "created_at": "2026-03-01T10:00:00+08:00", "total": 12.50,'
            ' "customer": {"phone": "13812345678"}}',
            "",
            "{broken",
            '{"order_id": "1002", "created_at": "2026-03-02", "total": "7", "customer": null}',
            "[1, 2]",
        ]
    )
    one = file_connector(shop, columns={"customer.phone": "phone"})
    said = drop(shop, one, file, "orders.jsonl")
    assert (said["rows"], said["good"], said["bad"], said["form"]["format"]) == (4, 2, 2, "json_lines")
    assert shop.value("gmv") == "19.5"
    assert shop.profile("phone:+8613812345678")["summary"]["orders"] == 1
    assert [line[0] for line in bad(shop, said["id"])[1:]] == ["3", "5"]


WRONG = {
    "digits_lost": ("order_id,total\n1.2E+17,5", "1.2E+17"),
    "too_many_cells": ("order_id,total\n1,1,234.50", "3 cells, the header 2"),
    "open_quote": ('order_id,total,store\n1,5,"x\n2,5,y\n3,5,z', "A quote begins"),
    "broken_text": (b"order_id,total,store\n1,5,\xff\n", "none in "),
    "row_no_json": ('{"order_id": 1, "total": 5}\n{"order_id": ', "no JSON object"),
}


def test_every_code_of_a_row_is_here() -> None:
    assert set(WRONG) == OF_FILES


@pytest.mark.parametrize("code", WRONG)
def test_every_reason_of_a_row_is_kept_with_its_words(shop: Shop, code: str) -> None:
    file, said = WRONG[code]
    drop(shop, file_connector(shop), file, encoding="utf-8")
    [reject] = shop.get("/api/rejects/", reason="unreadable_row")["results"]
    assert said in reject["hint"]
    kept = rows(
        connection, "select code from channels_reject where workspace_id = %(ws)s", ws=shop.workspace.pk
    )
    assert kept == [(code,)]


def test_others_are_served_while_a_large_file_is_looked_at(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event that comes while a file is unpacked, or read for its encoding, does not wait for it."""
    monkeypatch.setattr(imports, "AHEAD_SECONDS", 0.0)
    lines = [[str(n), "2026-03-01", "1", "静安店", "x"] for n in range(1, 3)]
    one, said = file_connector(shop), "0"
    for file in (book(HEAD, *lines), text(HEAD, *lines)):
        answer = post(shop, one, file)
        seen: list[str | None] = []

        def between(seen: list[str | None] = seen) -> None:
            batches.drain()
            seen.append(shop.value("orders"))

        shop.sends({"type": "page", "userId": "u1"}, drain=False)
        imports.run(between)
        assert seen[0] == said, "before the first of its rows"
        said = "2"
        assert len(seen) > 3
        assert shop.get(f"/api/imports/{answer.json()['id']}/")["good"] == 2
