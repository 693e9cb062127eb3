"""What people call the kinds of rows, and how a column's cell is read. Not here: the columns (fields.py)."""

from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from channels.tables.fields import DATE, ID, NUMBER, TEXT, TIME

ROWS: Final = MappingProxyType(
    {
        "orders": _("Orders, one per row"),
        "order_lines": _("Order lines, one per row"),
        "customers": _("Customers"),
        "products": _("Products"),
        "stock": _("Stock"),
        "prices": _("Prices"),
        "costs": _("Costs"),
        "spend": _("Spend on ads"),
        "store_visits": _("Store visits"),
        "payouts": _("Payout bills"),
    }
)
CELLS: Final = MappingProxyType(
    {
        ID: _("number or code, as text"),
        TEXT: _("text"),
        NUMBER: _("number"),
        TIME: _("date and time: 2026-03-02 18:30"),
        DATE: _("date: 2026-03-02"),
    }
)
