"""Which price of a SKU is the usual one, and which differ from it."""

from decimal import Decimal

import pytest

from metrics import prices


@pytest.mark.parametrize(
    ("asked", "usual"),
    [
        (["10", "10", "12"], "10"),
        (["10", "12", "12"], "12"),  # most channels ask it, though it is not the lowest
        (["8", "9"], "8"),  # of several as frequent the lowest
        (["9", "9", "8", "8", "1"], "8"),
        (["10.00", "10", "11"], "10"),  # 10.00 is 10
    ],
)
def test_the_usual_price_is_the_one_most_channels_ask(asked, usual):
    assert prices.usual([Decimal(one) for one in asked]) == Decimal(usual)
