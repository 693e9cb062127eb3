"""Files in an S3-compatible bucket: who entered and left, or what happened, as CSV or Parquet, many rows a file.

A file that is written again after a kill may hold rows of an earlier one: each row carries its key.
Not here: putting it there (channels/delivery/files.py).
"""

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final, Literal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from msgspec import Meta, Struct

from channels.connectors.base import Guide, Secret
from channels.destinations import template
from channels.destinations.base import EVENT, DestinationKind, File, Target, Told
from kernel.told import moment

COLUMNS: Final = (
    "delivery",
    "happened_at",
    "cause",
    "cause_name",
    "profile_id",
)  # no names of kernel/told.py
ROWS: Final = 5_000  # of a file
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run
NUMBER: Final = re.compile(r"[+-]\d[\d ]*(\.\d+)?")


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where to, and how written."""

    bucket: Annotated[
        str,
        Meta(
            pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,62}(/[^\s]{0,500})?$",
            title=gettext_noop("Bucket and folder"),
            examples=["s3://hemu-crm/segments"],
        ),
    ]
    region: Annotated[str, Meta(pattern=r"^[a-z0-9-]{0,40}$", title=gettext_noop("Region"))] = ""
    endpoint: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[^\s/]{1,300}/?)?$",
            title=gettext_noop("Endpoint"),
            description=gettext_noop("Of a service other than AWS."),
        ),
    ] = ""
    written_as: Annotated[Literal["csv", "parquet"], Meta(title=gettext_noop("Written as"))] = "csv"


def file(target: Target, several: Sequence[Told], now: float) -> File:
    """One file of these deliveries; the same deliveries are the same file."""
    own: Settings = target.settings
    rows = [_row(target.fields, told) for told in several]
    digest = hashlib.sha256(b"".join(sorted(told.key.bytes for told in several))).hexdigest()[:16]
    day = datetime.fromtimestamp(now, UTC).date()
    first = min(told.at for told in several)
    name = f"{day:%Y-%m-%d}/{first:%Y%m%dT%H%M%SZ}-{digest}.{own.written_as}"
    columns = (*COLUMNS, *target.fields)
    body = _parquet(columns, rows) if own.written_as == "parquet" else _csv(columns, rows)
    return File(own.bucket, own.region, own.endpoint, name, body)


def _row(fields: Sequence[str], told: Told) -> list[str]:
    cause = told.cause if told.cause == EVENT else f"segment.{told.cause}"
    fixed = [str(told.key), moment(told.at), cause, told.name, str(told.person or "")]
    return fixed + [template.plain(told.values.get(name)) for name in fields]


def _csv(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """With what a spreadsheet would take for a formula as a text; a number with a sign is none."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([[f"'{one}" if _runs(one) else one for one in row] for row in rows])
    return out.getvalue().encode("utf-8", "replace")


def _runs(text: str) -> bool:
    return text.startswith(FORMULA) and not NUMBER.fullmatch(text)


def _parquet(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """All columns as texts. DuckDB is loaded where it is needed: 60 MB that no web process needs."""
    duckdb = import_module("duckdb")
    with TemporaryDirectory(prefix="huiliu-send-") as folder, duckdb.connect(":memory:") as db:
        named = ", ".join(
            f'"{name}" varchar' for name in columns
        )  # names of kernel/told.py: no quote in them
        db.execute(f"create table told ({named})")
        places = ", ".join("?" * len(columns))
        db.executemany(f"insert into told values ({places})", rows)  # noqa: S608 (question marks)
        path = Path(folder) / "told.parquet"
        db.execute(f"copy told to '{path}' (format parquet, compression zstd)")
        return path.read_bytes()


CSV_BUCKET: Final = DestinationKind(
    name="csv_bucket",
    label=_("Files in a bucket"),
    about=_(
        "Writes who entered and left a segment, or what happened, as CSV or Parquet files into an S3-compatible "
        "bucket."
    ),
    guide=Guide(
        steps=(
            _("Make an access key that may write to this folder and do nothing else."),
            _(
                "Each file lies in a folder of its day. A row's key is the same should it ever come in two files."
            ),
        ),
        read_on="2026-11-30",
    ),
    settings=Settings,
    secrets=(Secret("access_key", _("Access key")), Secret("secret_key", _("Secret key"))),
    file=file,
    at_once=ROWS,
)
