"""A first build keeps to its memory however much there is, and takes lines of any length."""

from datetime import timedelta
from pathlib import Path

import pytest

from metrics.mirror import build
from metrics.mirror.files import Folder
from metrics.mirror.tables import TOUCHES
from metrics.mirror.writer import Writer
from tests.metrics.mirror.state import followed
from tests.shop import START, Shop, track

ROWS, WRITER_MB = 500_000, 160  # more bytes of text than the writer has memory


def test_a_month_that_is_larger_than_the_memory_is_sorted_on_disk(tmp_path: Path) -> None:
    about = '"{""product_id"":""S-%06d"",""name"":""' + "a long name of a product " * 10 + '""}"'
    with (tmp_path / "touches.csv").open("w") as out:
        for n in range(ROWS):
            out.write(f"2026-05-01 10:00:00,{n},{n * 7919 % ROWS},1,browse,Viewed,true,,,{about % n}\n")
    assert (tmp_path / "touches.csv").stat().st_size > WRITER_MB * 1_000_000
    with Writer(Folder(tmp_path / "mirror", 1), WRITER_MB) as writer:
        select = build._csv(tmp_path / "touches.csv", TOUCHES.columns, longest=len(about) + 100)
        files = writer.put(TOUCHES, select)
        assert sum(file.rows for file in files) == ROWS
        in_order = writer.rows(
            "select count(*) from (select sighting, lag(sighting) over () as before "
            f"from ({writer.scan(TOUCHES, files)})) where sighting < before"
        )
    assert in_order == [(0,)]


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return Shop()


def test_the_longest_line_there_can_be_is_read_among_short_ones(shop: Shop) -> None:
    long = '"' * 240_000  # as long as a message may be, and half as long again as CSV
    shop.sends(*[track("Viewed", "u-1", START + timedelta(hours=n), note="short") for n in range(50)])
    shop.sends(track("Viewed", "u-1", START + timedelta(hours=60), note=long))
    shop.sends(*[track("Viewed", "u-1", START + timedelta(hours=n), note="short") for n in range(70, 120)])
    shop.drains()
    rows = followed(shop.workspace.pk)["touches"]
    assert len(rows) == 101
