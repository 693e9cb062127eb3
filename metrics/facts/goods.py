"""Goods of an order's lines: what a quantity is worth, what is taken back. Pure; not here: the ledger."""

from decimal import Decimal
from typing import Any

from kernel.event import Line
from metrics.facts.rows import OrderLine

NOUGHT = Decimal(0)


def worth_of(lines: list[OrderLine], named: Line, price: Decimal | None) -> Decimal:
    """A quantity of an SKU at the prices of its lines, one after the other; `price`: where they have none."""
    worth, rest = NOUGHT, named.quantity
    for line in lines:
        if line.sku == named.sku and line.price is not None:
            part, price = min(rest, line.quantity), line.price
            worth, rest = worth + part * price, rest - part
    return worth + rest * (price or NOUGHT)


def take(
    lines: list[OrderLine], left: list[Decimal], products: list[tuple[str, Decimal]]
) -> dict[int, tuple[str, Decimal, Decimal]]:
    """Takes products out of what is left of the lines (none named: all of it): per line sku, taken, excess.

    A product that no line has stands below 0, so that its excess is seen.
    """
    taken: dict[int, list[Any]] = {}
    if not products:
        for index, line in enumerate(lines):
            if left[index]:
                taken[index] = [line.sku, left[index], NOUGHT]
                left[index] = NOUGHT
    for number, (sku, quantity) in enumerate(products):
        indices = [index for index, line in enumerate(lines) if line.sku == sku]
        for index in indices:
            part = min(quantity, left[index])
            if part:
                taken.setdefault(index, [sku, NOUGHT, NOUGHT])[1] += part
                left[index] -= part
                quantity -= part
        if quantity:
            taken.setdefault(indices[0] if indices else -1 - number, [sku, NOUGHT, NOUGHT])[2] += quantity
    return {index: (sku, part, excess) for index, (sku, part, excess) in taken.items()}
