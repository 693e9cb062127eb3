"""A till's, a shop system's or an ERP's file: CSV, TSV, JSON lines, XLSX. What its rows are, how they are written.

Not here: taking and reading the file (channels/imports/), what its columns mean (channels/tables/).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from msgspec import Meta, Struct

from channels.connectors.base import (
    FILE,
    Connection,
    ConnectorKind,
    Delivery,
    Guide,
    Message,
    Secret,
    Unusable,
)
from channels.reasons import NOT_AN_OBJECT, Rejection
from channels.tables import chunk, columns, rows
from channels.tables.rows import Style
from kernel import money, periods
from kernel.errors import BadRequest

Rows = Literal[
    "orders",
    "order_lines",
    "customers",
    "products",
    "stock",
    "prices",
    "costs",
    "spend",
    "store_visits",
    "payouts",
]
MOST_COLUMNS = 500
Header = Annotated[str, Meta(max_length=200)]


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """What the files hold and how they are written."""

    rows: Annotated[
        Rows, Meta(title=gettext_noop("Rows"), description=gettext_noop("What each row of the files is."))
    ] = "orders"
    columns: Annotated[
        dict[Header, Header],
        Meta(
            max_length=MOST_COLUMNS,
            title=gettext_noop("Columns"),
            description=gettext_noop(
                "Header of the file to field, for headers that are not known by themselves; “-” leaves a column out."
            ),
        ),
    ] = {}
    dates: Annotated[
        Literal["ymd", "dmy", "mdy"],
        Meta(
            title=gettext_noop("Dates"),
            description=gettext_noop("The order of day and month where the year stands last: 03/04/2026."),
        ),
    ] = "ymd"
    zone: Annotated[
        str,
        Meta(
            max_length=60,
            title=gettext_noop("Time zone"),
            description=gettext_noop("Of times that say none. Empty: the channel's."),
        ),
    ] = ""
    currency: Annotated[
        str,
        Meta(
            max_length=3,
            title=gettext_noop("Currency"),
            description=gettext_noop("Of amounts that say none. Empty: the channel's."),
        ),
    ] = ""
    watch: Annotated[
        str,
        Meta(
            max_length=400,
            pattern=r"^[^\x00-\x1f]*$",
            title=gettext_noop("Watched place"),
            description=gettext_noop(
                "Files that lie there are taken by themselves: a folder below your workspace's in HUILIU_WATCH_DIR, "
                "or s3://bucket/prefix. Empty: none."
            ),
        ),
    ] = ""
    pattern: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=200,
            title=gettext_noop("Which files"),
            description=gettext_noop("Of the watched place, by name: *.csv, orders-*.xlsx."),
        ),
    ] = "*"
    after: Annotated[
        Literal["left", "moved", "deleted"],
        Meta(
            title=gettext_noop("What becomes of a file"),
            description=gettext_noop(
                "Once it is read: left where it is, moved to done/ there, deleted. What cannot be read stays."
            ),
        ),
    ] = "left"
    settle: Annotated[
        int,
        Meta(
            ge=1,
            le=86_400,
            title=gettext_noop("Seconds to settle"),
            description=gettext_noop("A file of a folder is read when nobody has written to it for so long."),
        ),
    ] = 10
    endpoint: Annotated[
        str,
        Meta(
            max_length=300,
            title=gettext_noop("Endpoint"),
            description=gettext_noop("Of the bucket's service: https://…. Empty: AWS."),
        ),
    ] = ""
    region: Annotated[str, Meta(max_length=60, pattern=r"^[A-Za-z0-9-]*$", title=gettext_noop("Region"))] = ""


def style(settings: Settings) -> Style:
    """How the rows are to be read; a zone or a currency that is none is as if it were not set."""
    zone = periods.zone(settings.zone) if settings.zone and periods.is_zone(settings.zone) else None
    return Style(settings.columns, settings.dates, zone, money.currency(settings.currency) or "")


def messages(
    connection: Connection, delivery: Delivery, received_at: datetime
) -> Iterable[Message | Unusable]:
    """The rows of one request."""
    try:
        held = chunk.read(delivery.body)
        found = list(rows.said(held, style(connection.settings)))
    except (msgspec.MsgspecError, KeyError, ValueError):
        raise Rejection(NOT_AN_OBJECT) from None
    for one in found:
        yield Unusable(one.message, one.why) if one.why else one.message


def check(connection: Connection) -> str:
    """Whether what is set can be used; names the first setting that cannot."""
    own: Any = connection.settings
    if own.zone and not periods.is_zone(own.zone):
        raise BadRequest(
            _now("“%(text)s” is not a time zone: use a name like Asia/Shanghai.") % {"text": own.zone}
        )
    if own.currency and not money.currency(own.currency):
        raise BadRequest(
            _now("“%(text)s” is not a currency: use a three-letter code such as CNY.")
            % {"text": own.currency}
        )
    for header, field in own.columns.items():
        if field != columns.NONE and not columns.is_field(own.rows, field):
            raise BadRequest(
                _now("“%(header)s” cannot go to “%(field)s”: rows of this kind have no such field.")
                % {"header": header, "field": field}
            )
    return str(_now("The settings can be used: drop a file, as a dry run first."))


FILE_KIND = ConnectorKind(
    name="file",
    label=_("File"),
    category="file",
    direction=FILE,
    about=_(
        "Orders, customers, products, stock, prices, spend and payout bills as CSV, TSV, JSON lines or XLSX."
    ),
    settings=Settings,
    secrets=(
        Secret("access_key", _("Access key"), _("Of a watched bucket."), needed=False),
        Secret("secret_key", _("Secret key"), _("Of a watched bucket."), needed=False),
    ),
    messages=messages,
    check=check,
    guide=Guide(
        steps=(
            _("Choose what the rows are; a template with the columns can be downloaded."),
            _("Drop the file. It is tried first: which columns are known, which rows would be refused."),
            _("Import it. The same file again, or a part of it, counts nothing twice."),
            _(
                "For files that come by themselves set a watched place: what became of each shows on this page."
            ),
        ),
        untold=(
            _("Every row of orders counts as an order that was paid: leave out those that were not."),
            _("Formulas count by the value that was last calculated in the spreadsheet."),
            _("A date without its century, or with the year last, needs the setting of day and month."),
            _("A line of a payout bill without a number of its own is known by all that stands in it."),
        ),
    ),
)
