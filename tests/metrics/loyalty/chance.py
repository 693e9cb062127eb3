"""Random members: steps with and without tiers, several at one moment, changes of accounts that cancel each other."""

from decimal import Decimal

from hypothesis import strategies as st

from tests.metrics.journeys.chance import moments
from tests.reference.loyalty import Change, Step


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """Steps of six people; `tie` tells those of one moment apart."""
    return [
        Step(
            customer=draw(st.integers(1, 6)),
            at=draw(moments()),
            kind=draw(st.sampled_from(("joined", "upgraded"))),
            tier=draw(st.sampled_from((None, "", "silver", "gold", "black"))),
            tie=tie,
        )
        for tie in draw(st.permutations(range(draw(st.integers(0, 12)))))
    ]


@st.composite
def changes(draw: st.DrawFn) -> list[Change]:
    """Changes of the same six people and one more."""
    made = []
    for _ in range(draw(st.integers(0, 15))):
        unit = draw(st.sampled_from(("points", "balance")))
        kind = draw(st.sampled_from(("earned", "earned", "spent", "expired")))
        amount = Decimal(draw(st.integers(0, 4)))
        made.append(
            Change(
                draw(st.integers(1, 7)),
                draw(moments()),
                unit,
                kind,
                amount if kind == "earned" else -amount,
                "" if unit == "points" else draw(st.sampled_from(("CNY", "EUR"))),
                draw(st.integers(1, 3)),
            )
        )
    return made
