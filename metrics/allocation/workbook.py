"""A statement as a workbook: the sheet, its corrections, the orders.

Not here: how a workbook is written (kernel/web/workbook.py).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.db import Connection
from kernel.web import access, workbook
from kernel.web.workbook import Sheet
from metrics.allocation import store
from metrics.allocation.rules import MODEL_WORDS
from metrics.allocation.store import CorrectionSum, Share, Statement

PER_READ: Final = 500  # orders
MOST_ORDERS: Final = 200_000  # of a file
REASON_WORDS: Final[Mapping[str, Promise]] = {
    "late": gettext_lazy("late order"),
    "gone": gettext_lazy("order taken away"),
    "refund": gettext_lazy("refunded after closing"),
    "return": gettext_lazy("returned after closing"),
    "amount": gettext_lazy("amount, cost or rate changed"),
    "credit": gettext_lazy("customer joined or split, or a late touch"),
}
STATE_WORDS: Final[Mapping[str, Promise]] = {
    "draft": gettext_lazy("Draft"),
    "sent": gettext_lazy("Sent"),
    "disputed": gettext_lazy("Disputed"),
    "agreed": gettext_lazy("Agreed"),
    "closed": gettext_lazy("Closed"),
    "waiting": gettext_lazy("Waiting"),
}
Names = Mapping[int, str]  # of channels


def of(  # noqa: PLR0913 (one file, whole)
    db: Connection,
    found: Statement,
    shares: Sequence[Share],
    corrections: Sequence[CorrectionSum],
    names: Names,
    channels: Sequence[int],
    *,
    masked: bool,
) -> bytes:
    """The file. `channels`: those whose orders it has; none: all together."""
    wanted: list[int | None] = [*channels] or [None]
    orders = [line for one in wanted for line in _orders(db, found, one, names, masked=masked)]
    head = [_("Order"), _("Sold by"), _("Day"), _("Store"), _("Order value"), _("Refunded"), _("Pot")]
    head += [_("Credit"), _("Correction"), _("Of statement")]
    return workbook.made(
        [
            Sheet(_("Settlement"), [*_about(found), *_sheet(shares, names)]),
            Sheet(_("Corrections"), _corrections(corrections, names)),
            Sheet(_("Orders"), [head, *orders], [0]),
        ]
    )


def _about(found: Statement) -> list[list[Any]]:
    return [
        [_("Statement"), found.number],
        [_("Days"), f"{found.first} – {found.last}"],
        [_("State"), str(STATE_WORDS[found.state])],
        [_("Currency"), found.currency],
        [_("Rules, version"), found.version],
        [_("Digest"), found.digest or ""],
        [],
    ]


def _sheet(shares: Sequence[Share], names: Names) -> list[list[Any]]:
    models = list(dict.fromkeys(name for one in shares for name in one.steps.get("models", {})))
    head = [_("Channel"), _("Earned"), *(str(MODEL_WORDS[name]) for name in models), _("Cost recovered")]
    head += [_("Services"), _("Amount"), _("Corrections"), _("To pay"), _("State"), _("By")]
    lines = [
        [
            names.get(one.channel, _("Company")),
            one.earned,
            *(_number(one.steps.get("models", {}).get(name)) for name in models),
            *(_number(one.steps.get(name)) for name in ("cost", "service")),
            *(one.amount, one.corrected, one.to_pay, str(STATE_WORDS[one.state]), one.decided_by or ""),
        ]
        for one in shares
    ]
    zero = Decimal(0)
    gaps = [""] * (len(models) + 2)
    total = [_("Sum"), sum((one.earned for one in shares), zero), *gaps]
    total += [sum((getattr(one, name) for one in shares), zero) for name in ("amount", "corrected", "to_pay")]
    return [head, *lines, total]


def _corrections(found: Sequence[CorrectionSum], names: Names) -> list[list[Any]]:
    head = [_("Channel"), _("Of statement"), _("Days"), _("Reason"), _("Orders"), _("Amount")]
    return [head] + [
        [
            names.get(one.channel, _("Company")),
            one.number,
            f"{one.first} – {one.last}",
            str(REASON_WORDS[one.reason]),
            one.orders,
            one.amount,
        ]
        for one in found
    ]


def _orders(
    db: Connection, found: Statement, channel: int | None, names: Names, *, masked: bool
) -> list[list[Any]]:
    lines: list[list[Any]] = []
    at = None
    while len(lines) < MOST_ORDERS:
        page = store.orders(db, found.id, channel, None, at, PER_READ)
        lines += [
            [
                access.scrub(one.order_id) if masked else one.order_id,
                names.get(one.channel, ""),
                one.day.isoformat(),
                one.store,
                *(one.value, one.refunded, one.pot, one.credit),
                str(REASON_WORDS[one.reason]) if one.reason else "",
                one.number,
            ]
            for one in page.items
        ]
        at = page.next
        if at is None:
            break
    return lines


def _number(value: str | None) -> Decimal | str:
    return Decimal(value).quantize(Decimal("1E-6")) if value else ""
