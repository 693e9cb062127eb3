"""A file of order lines, dropped, read and worked to its end: rows a second and memory, beside reading it alone.

Started by benchmarks.doors. The peers do the first step only: csv.reader for the CSV, openpyxl for the workbook.
"""

import csv
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import ground

HEAD = ("订单号", "下单时间", "手机号", "门店", "商品编码", "商品名称", "数量", "单价")
LINES = 3  # of an order
PEOPLE = 20_000
SKUS = 500
PIECE = 1 << 20
MUST = {"csv": 5_000, "xlsx": 2_000}  # rows a second
MEMORY_MUST = 300  # MB


def measure(figures: ground.Figures, servers: Any, options: Any) -> None:
    """The CSV, then the workbook."""
    from channels.connect import setup
    from channels.models import Channel

    channel = Channel.objects.order_by("pk")[0]
    one = setup.make(channel, "file", "Files", {"rows": "order_lines"}, {}).connector
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "lines.csv"
        _write_csv(table, options.rows)
        _one(figures, servers, one, table, options.rows)
        alone = _alone(lambda: _read_csv(table))
        figures.say("csv_reader", "csv.reader alone", [options.rows / alone], "rows/s")
        book = Path(folder) / "lines.xlsx"
        _write_xlsx(book, options.sheet)
        _one(figures, servers, one, book, options.sheet)
        alone = _alone(lambda: _read_xlsx(book))
        figures.say("openpyxl", "openpyxl alone, read only", [options.sheet / alone], "rows/s")


def _one(figures: ground.Figures, servers: Any, connector: Any, path: Path, rows: int) -> None:
    from django.db import connection

    from cdp.pipeline import batches, imports
    from channels.imports import store
    from channels.models import Import

    name = path.suffix[1:]
    print(f"{path.name:52} {path.stat().st_size / 1e6:12,.1f} MB, {rows:,} rows", flush=True)
    cpu = ground.cpu(servers)
    _forget_peak()
    before = _memory("VmRSS")
    with path.open("rb") as file:
        made = store.begin(connection, connector, iter(lambda: file.read(PIECE), b""), path.name, "benchmark")
    kept, _spent = cpu.since()
    imports.run(lambda: batches.drain(wait=False))
    took, spent = cpu.since()
    found = Import.objects.select_related("job").get(pk=made.pk)
    if (found.job.state, found.rows, found.good) != ("done", rows, rows):
        raise SystemExit(f"{name}: {found.job.state}, {found.good} good of {found.rows} rows of {rows}")
    rate = figures.say(f"{name}_rate", f"{name}, end to end", [rows / (kept + took)], "rows/s")
    figures.say(f"{name}_cpu", f"{name}, per CPU second of everything", [rows / spent], "rows/CPU s")
    must = MUST[name]
    print(f"{'':52} must {must:,}: {'reached' if rate >= must else 'NOT reached'}", flush=True)
    peak = _memory("VmHWM")
    figures.say(f"{name}_memory", f"{name}, most memory of the worker", [peak], "MB")
    figures.note(f"{name}_memory_before", before)
    print(f"{'':52} must {MEMORY_MUST}: {'reached' if peak < MEMORY_MUST else 'NOT reached'}", flush=True)


def _lines(rows: int, first: int) -> Iterator[list[Any]]:
    for n in range(rows):
        order = first + n // LINES
        at = f"2026-{order % 9 + 1:02}-{order % 28 + 1:02} {order % 24:02}:{order % 60:02}:00"
        phone = f"138{order % PEOPLE:08}" if order % 5 else ""
        yield [
            f"T{order:09}",
            at,
            phone,
            f"Store {order % 40}",
            f"SKU-{n % SKUS}",
            f"龙井 {n % SKUS}",
            n % 3 + 1,
            "12.50",
        ]


def _write_csv(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        writer.writerows(_lines(rows, 1))


def _write_xlsx(path: Path, rows: int) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Lines")
    sheet.append(list(HEAD))
    for line in _lines(rows, 500_000_000):
        sheet.append(line)
    book.save(path)


def _alone(read: Any) -> float:
    begin = time.perf_counter()
    read()
    return time.perf_counter() - begin


def _read_csv(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file))


def _read_xlsx(path: Path) -> int:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    try:
        return sum(1 for _ in book.worksheets[0].iter_rows(values_only=True))
    finally:
        book.close()


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _memory(name: str) -> float:
    """Of this process, in MB."""
    said = Path("/proc/self/status").read_text()
    return int(said.split(f"{name}:")[1].split()[0]) / 1024
