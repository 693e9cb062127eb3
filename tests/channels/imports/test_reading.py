"""Reading alone, without a database: every CSV comes back as csv.reader has it, and no bytes are more than unusable."""

import csv
import io
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from channels.imports import formats
from channels.imports.formats import Asked, Raw
from channels.imports.words import SAID, Unusable
from channels.tables import chunk
from channels.tables.chunk import Chunk
from channels.tables.rows import PLAIN, READERS, rows_of, said

HEAD = ["订单号", "下单时间", "实付金额", "门店", "备注"]
CELL = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\x00\r\n\x1c\x1d\x1e\x85\u2028\u2029"),
    max_size=12,
)
LINES = st.lists(st.lists(CELL, min_size=5, max_size=5), min_size=1, max_size=12)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gb18030")


def read(data: bytes, **asked: Any) -> list[Raw]:
    return list(formats.opened(io.BytesIO(data), "", Asked("orders", **asked)).rows)


def written(rows: list[list[str]], sign: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=sign).writerows(rows)
    return out.getvalue()


@given(lines=LINES, sign=st.sampled_from(",;\t|"), encoding=st.sampled_from(ENCODINGS))
def test_what_a_program_writes_is_read_as_it_was_written(
    lines: list[list[str]], sign: str, encoding: str
) -> None:
    data = written([HEAD, *lines], sign).encode(encoding)
    wanted = formats.Wanted(encoding=encoding, delimiter=sign)
    found = read(data, wanted=wanted)
    assert [raw.cells for raw in found] == [line for line in lines if "".join(line).strip()]
    assert not any(raw.fault for raw in found)


@given(
    lines=st.lists(st.integers(1, 9), min_size=3, max_size=40),
    broken=st.sets(st.integers(0, 39), max_size=3),
    cell=st.sampled_from(['"open', '"a,b', '"', '"x""']),
)
def test_quotes_without_an_end_cost_no_row_but_their_own(
    lines: list[int], broken: set[int], cell: str
) -> None:
    rows = [f"{n},2026-03-01,5,{cell if n in broken else 'shop'},note" for n, _ in enumerate(lines)]
    found = read("\n".join([",".join(HEAD), *rows]).encode())
    good = {raw.cells[0] for raw in found if not raw.fault and raw.cells[3] == "shop"}
    assert good == {str(n) for n, _ in enumerate(lines) if n not in broken}


@given(
    data=st.binary(max_size=600),
    before=st.sampled_from([b"", "订单号,实付金额\n".encode(), b"PK\x03\x04", b"{"]),
)
def test_any_bytes_are_rows_or_a_sentence(data: bytes, before: bytes) -> None:
    found: list[Raw] = []
    said_why = "empty"
    try:
        found = read(before + data)
    except Unusable as why:
        said_why = why.code
    assert said_why in SAID
    assert all(len(raw.cells) == len(found[0].cells) for raw in found)


@given(
    kind=st.sampled_from(sorted(READERS)),
    cells=st.lists(st.lists(st.text(max_size=20), max_size=7), min_size=1, max_size=5),
    fields=st.lists(
        st.sampled_from(
            ["order_id", "total", "sku", "price", "quantity", "ordered_at", "at", "phone", "properties.x", ""]
        ),
        min_size=1,
        max_size=6,
        unique=True,
    ),
    body=st.text(max_size=30),
)
def test_whatever_stands_in_cells_is_said_or_left_out(
    kind: str, cells: list[list[str]], fields: list[str], body: str
) -> None:
    made = Chunk(
        kind, "f", [f"c{n}" for n, _ in enumerate(fields)], fields, cells, list(range(1, len(cells) + 1))
    )
    messages = [one.message for one in said(chunk.read(chunk.written(made)), PLAIN)]
    assert len(messages) >= len(cells)
    assert all(message["messageId"] for message in messages)
    origin = rows_of(chunk.written(made), 0)
    assert origin is not None
    assert json.loads(origin)[0]["row"] == 1
    assert rows_of(body, 0) is None
