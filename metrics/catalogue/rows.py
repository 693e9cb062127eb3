"""The lists of rows that numbers are made of: which there are, what a row of them shows, by what they are ordered.

A new one: its statement in rows.sql, its declaration here, or both in a theme's own <theme>_rows; terms then name it.
A statement yields `at, key` (by which it is ordered and paged), `money, rate_day` (the currency of a row's amounts and
the day whose rate converts them), `day, channel_id` (where it counts) and the columns shown, summed or asked about.
Not here: which of the rows a term counts (base.py), reading them (metrics/drill.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from kernel.db import Statements
from kernel.errors import Trouble

SQL = Statements(__file__)
# How a cell is written: words as they are, a word of a list (`words`), links, times, numbers.
WORDS = ("text", "named", "word", "yes", "order", "customer", "channel", "channels", "moment", "day")
NUMBERS = ("number", "money", "cost", "prices", "score")
BESIDE = {
    "money": "currency",
    "cost": "cost_currency",
    "prices": "currency",
    "score": "scale",
    "named": "name",
}  # read with the cell
WHEN = ("period", "before", "both")


class Column(NamedTuple):
    """A column of a page: its field, its head, how a cell is written (of WORDS or NUMBERS)."""

    field: str
    head: Any
    form: str = "text"
    words: Mapping[str, Any] = {}

    @property
    def number(self) -> bool:
        """Whether it stands to the right."""
        return self.form in NUMBERS


@dataclass(frozen=True)
class Rows:
    """A list of rows. Without a statement: the rows of both sides of a difference, or a day each (DAYS_OF_STOCK)."""

    kind: str = ""  # what the API says they are
    statement: str = ""  # the name in rows.sql
    shown: tuple[str, ...] = ()  # what the API shows of a row, in this order
    columns: tuple[Column, ...] = ()  # what a page shows of it
    source: Statements = field(
        default_factory=lambda: SQL, repr=False, compare=False
    )  # where the statement stands
    key_cast: str = "uuid"
    at_cast: str = "timestamptz"
    daily: bool = False  # each counts on its `day` and `channel_id`: sums of them need not be kept
    mirrored: bool = False  # listed by the mirror (metrics/breakdown/lists.py), newest first
    spread: bool = False  # an amount falls evenly on the days from `first` to `last` of its row
    least: int = 1  # of customers: how many orders or channels they have at least
    when: str = "period"  # of customers, of WHEN: active in the period, before it, in both
    across: bool = False  # of customers: on other channels as well than the one that is asked for
    mean: bool = False  # of days: what they come to is their mean, not their sum
    back: int = 0  # of days: so many, up to the end of the period, instead of the period's own
    usual: str = (
        ""  # what a page orders it by until somebody asks for another order; empty: as the list comes
    )

    def __post_init__(self) -> None:
        """Says what is missing or not known."""
        where = "metrics/catalogue/rows.py"
        if not self.kind:
            raise Trouble(f"A list of rows has no kind: say in {where} what its rows are.")
        if self.statement and self.statement not in self.source:
            raise Trouble(
                f"The rows {self.kind!r} have no statement {self.statement!r} in rows.sql: write it."
            )
        for name, value in (("shown", self.shown), ("columns", self.columns)):
            if not value:
                raise Trouble(f"The rows {self.kind!r} show nothing: give them {name}=(…) in {where}.")
        if self.when not in WHEN:
            raise Trouble(f"The rows {self.kind!r} are of {self.when!r}: one of {', '.join(WHEN)} is known.")
        for column in self.columns:
            self._check(column)
        if self.usual and self.usual.removeprefix("-") not in {one.field for one in self.columns}:
            raise Trouble(f"The rows {self.kind!r} are ordered by {self.usual!r}: no column of theirs.")

    def _check(self, column: Column) -> None:
        """A page's column has a form, and what it is written from is shown."""
        if column.form not in (*WORDS, *NUMBERS):
            raise Trouble(f"The rows {self.kind!r} write {column.field!r} as {column.form!r}: no such form.")
        for name in (column.field, BESIDE.get(column.form)):
            if name and name not in self.answered:
                raise Trouble(
                    f"The rows {self.kind!r} have a column {column.field!r}, but {name!r} is not shown: "
                    "add it to shown=(…)."
                )

    @property
    def answered(self) -> set[str]:
        """The names that a row has in an answer (metrics/drill_row.py)."""
        names = {name.removesuffix("_id") if name.endswith("channel_id") else name for name in self.shown}
        owned = self.by_order or names & {"profile_id", "sighting_id"}
        return names | ({"profile", "customer"} if owned else set())

    @property
    def by_order(self) -> bool:
        """Whether a row's customer is its order's."""
        shown = set(self.shown)
        return {"order_id", "channel_id"} <= shown and not shown & {"profile_id", "sighting_id"}

    @property
    def text(self) -> str:
        """The statement."""
        return self.source[self.statement].rstrip()

    @property
    def by_day(self) -> bool:
        """Whether it has no rows but a day each."""
        return self.kind == "days"

    @property
    def people(self) -> bool:
        """Whether each is a customer: found by walking along their ids."""
        return self.kind == "customers"


STATES: dict[str, Any] = {
    "open": _("stands"),
    "part_refunded": _("partly refunded"),
    "refunded": _("refunded"),
    "cancelled": _("cancelled"),
}
WHATS: dict[str, Any] = {
    "order": _("order"),
    "refund": _("refund"),
    "sold": _("sold"),
    "back": _("taken back"),
    "cost": _("cost"),
    "cost_back": _("cost of what was taken back"),
}
_SETTLED = ("paid", "merchant_discount", "platform_discount", "fees", "payout")
WHO = Column("customer", _("Customer"), "customer")
ORDER = Column("order_id", _("Order"), "order")
CHANNEL = Column("channel", _("Channel"), "channel")
CHANNELS = Column("channels", _("Channels"), "channels")
WHAT = Column("what", _("Kind"), "word", WHATS)
AT = Column("occurred_at", _("Time"), "moment")
TOTAL = Column("total", _("Total"), "money")

# ---- orders and what follows them ---------------------------------------------------------------

ORDERS = Rows(
    kind="orders",
    statement="orders",
    daily=True,
    shown=("order_id", "channel_id", "occurred_at", "currency", "total", "refunded", "state", "sighting_id"),
    usual="-occurred_at",
    columns=(
        ORDER,
        WHO,
        CHANNEL,
        AT,
        Column("state", _("State"), "word", STATES),
        TOTAL,
        Column("refunded", _("Refunded"), "money"),
    ),
)
SETTLED = Rows(  # those of them that say what their platforms make of the money
    kind="orders",
    statement="settled",
    daily=True,
    shown=("order_id", "channel_id", "occurred_at", "currency", "total", "sighting_id", *_SETTLED),
    usual="-occurred_at",
    columns=(
        *(ORDER, WHO, CHANNEL, AT, TOTAL),
        Column("paid", _("Customer paid"), "money"),
        Column("merchant_discount", _("Merchant discount"), "money"),
        Column("platform_discount", _("Platform discount"), "money"),
        Column("fees", _("Fees"), "money"),
        Column("payout", _("Payout"), "money"),
    ),
)
REFUNDS = Rows(
    kind="refunds",
    statement="refunds",
    daily=True,
    shown=(
        *("order_id", "channel_id", "service_channel_id", "occurred_at"),
        *("order_day", "currency", "refund", "reason"),
    ),
    usual="-occurred_at",
    columns=(
        ORDER,
        WHO,
        CHANNEL,
        AT,
        Column("order_day", _("Ordered on"), "day"),
        Column("reason", _("Reason")),
        Column("refund", _("Refund"), "money"),
    ),
)
MOVES = Rows(  # orders, and the refunds taken away from them
    kind="moves",
    shown=("order_id", "channel_id", "what", "occurred_at", "currency", "moved"),
    usual="-occurred_at",
    columns=(ORDER, WHO, CHANNEL, WHAT, AT, Column("moved", _("Amount"), "money")),
)
RETURNS = Rows(
    kind="returns",
    statement="returns",
    daily=True,
    shown=("order_id", "channel_id", "service_channel_id", "received_at", "store"),
    usual="-received_at",
    columns=(
        ORDER,
        WHO,
        CHANNEL,
        Column("service_channel", _("Received on"), "channel"),
        Column("received_at", _("Time"), "moment"),
        Column("store", _("Store")),
    ),
)

# ---- goods --------------------------------------------------------------------------------------

_LINE: dict[str, Any] = {
    "kind": "lines",
    "shown": (
        *("order_id", "channel_id", "what", "sku", "name"),
        *("occurred_at", "quantity", "unit_cost", "cost_currency"),
    ),
    "usual": "-occurred_at",
    "columns": (
        ORDER,
        WHO,
        CHANNEL,
        WHAT,
        Column("sku", _("SKU")),
        Column("name", _("Product")),
        AT,
        Column("quantity", _("Quantity"), "number"),
        Column("unit_cost", _("Unit cost"), "cost"),
    ),
    "key_cast": "text",
}
LINES = Rows(statement="lines", daily=True, **_LINE)
LINES_BACK = Rows(statement="lines_back", daily=True, **_LINE)
LINES_MOVED = Rows(**_LINE)  # sold, and those taken back taken away from them
_MARGIN: dict[str, Any] = {
    "kind": "line_amounts",
    "shown": (
        "order_id",
        "channel_id",
        "what",
        "sku",
        "name",
        "occurred_at",
        "quantity",
        "currency",
        "moved",
    ),
    "usual": "-occurred_at",
    "columns": (
        ORDER,
        WHO,
        CHANNEL,
        WHAT,
        Column("sku", _("SKU")),
        Column("name", _("Product")),
        AT,
        Column("quantity", _("Quantity"), "number"),
        Column("moved", _("Amount"), "money"),
    ),
    "key_cast": "text",
}
MARGIN_REVENUE = Rows(statement="margin_revenue", daily=True, **_MARGIN)  # what is taken back is below zero
MARGIN_COST = Rows(statement="margin_cost", daily=True, **_MARGIN)
MARGIN = Rows(**_MARGIN)  # what goods brought in, and their cost taken away
SKUS = Rows(
    kind="skus",
    statement="skus",
    shown=("sku", "name", "channels", "prices", "currency", "spread", "agreeing"),
    usual="-spread",
    columns=(
        Column("sku", _("SKU"), "named"),
        Column("prices", _("Prices"), "prices"),
        Column("spread", _("Spread"), "money"),
    ),
    key_cast="text",
    at_cast="text",
)
_DAYS: dict[str, Any] = {
    "kind": "days",
    "shown": ("day",),
    "usual": "-day",
    "columns": (Column("day", _("Day"), "day"),),
}
DAYS = Rows(**_DAYS)  # of what is made of rows that stand in no one list
DAYS_OF_STOCK = Rows(**_DAYS, mean=True)

# ---- what was spent, what was said --------------------------------------------------------------

SPEND = Rows(
    kind="spend",
    statement="spend",
    shown=("channel_id", "first", "last", "currency", "spent", "campaign", "medium", "kind"),
    columns=(
        CHANNEL,
        Column("campaign", _("Campaign")),
        Column("medium", _("Medium")),
        Column("first", _("From"), "day"),
        Column("last", _("To"), "day"),
        Column("spent", _("Total spent"), "money"),
    ),
    key_cast="text",
    spread=True,
)
_ANSWER: dict[str, Any] = {
    "kind": "answers",
    "shown": ("profile_id", "occurred_at", "channel_id", "score", "scale", "satisfied", "answers"),
    "usual": "-occurred_at",
    "columns": (
        WHO,
        CHANNEL,
        AT,
        Column("score", _("Score"), "score"),
        Column("satisfied", _("Satisfied"), "yes"),
        Column("answers", _("Answers"), "number"),
    ),
    "key_cast": "text",
}
ANSWERS = Rows(statement="answers", **_ANSWER)
ANSWERS_WEIGHED = Rows(**_ANSWER)  # those for us, and those against us taken away

# ---- customers, those we came to know last first ------------------------------------------------

_PEOPLE: dict[str, Any] = {"kind": "customers", "key_cast": "bigint", "at_cast": "bigint"}
_ACTIVE: dict[str, Any] = _PEOPLE | {
    "statement": "active",
    "shown": ("profile_id", "first_at", "last_at", "channels", "events"),
    "columns": (
        WHO,
        CHANNELS,
        Column("first_at", _("First seen"), "moment"),
        Column("last_at", _("Last seen"), "moment"),
        Column("events", _("Events"), "number"),
    ),
}
_BUYERS: dict[str, Any] = _PEOPLE | {
    "statement": "buyers",
    "shown": ("profile_id", "first_at", "last_at", "channels", "orders"),
    "columns": (
        WHO,
        CHANNELS,
        Column("first_at", _("First order"), "moment"),
        Column("last_at", _("Last order"), "moment"),
        Column("orders", _("Orders"), "number"),
    ),
}
ACTIVE = Rows(**_ACTIVE)
ACTIVE_ON_SEVERAL = Rows(**_ACTIVE, least=2, across=True)
ACTIVE_BEFORE = Rows(**_ACTIVE, when="before")
ACTIVE_AGAIN = Rows(**_ACTIVE, when="both")
BUYERS = Rows(**_BUYERS)
BUYERS_AGAIN = Rows(**_BUYERS, least=2)
FIRST_ORDERS = Rows(
    **_PEOPLE,
    statement="new",
    shown=("profile_id", "occurred_at", "order_id", "channel_id"),
    columns=(WHO, ORDER, CHANNEL, AT),
)
