"""What can be asked of attribution, and how an address says it. Not here: how it is answered (answers.py)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from kernel import vocabulary
from kernel.errors import BadRequest
from metrics.attribution.models import BY_NAME
from metrics.journeys import asking, steps
from metrics.journeys.steps import Step

DIMENSIONS: Final = ("channel", "campaign", "source")
MEASURES: Final = ("revenue", "margin", "conversions", "new_customers")
WORTHS: Final = ("conversions", "chain")
ORDER: Final = "order"  # a conversion: a purchase; also the touchpoint that is none
TOUCHPOINTS: Final = tuple(name for name in vocabulary.TOUCHPOINTS if name != ORDER)
MOST_ORDER: Final = 3  # of a Markov chain
LOOKBACK: Final = "30d"
MODEL: Final = "last"
NAMED: Final = ("model", "by", "measure", "lookback", "compare", "touches", "conversion", "order", "worth")


class Question(NamedTuple):
    """What is asked, beside the days. `lookback`: how long before a conversion a touch counts, its last moment too."""

    model: str = MODEL
    by: str = DIMENSIONS[0]
    measure: str = MEASURES[0]
    lookback: timedelta = timedelta(days=30)
    compare: str = ""  # another model; "": none
    touches: tuple[str, ...] = ("marketing",)
    conversion: Step | None = None  # an event in an order's place
    order: int = 1  # of the Markov chain
    worth: str = WORTHS[0]  # of a set of channels, for Shapley


def read(given: Mapping[str, Any], channels: Mapping[int, str]) -> Question:
    """The question of an address. Raises BadRequest for what cannot be asked."""
    one_of = asking.one_of
    model = one_of("model", given.get("model", MODEL), tuple(BY_NAME))
    compare = given.get("compare", "")
    found = Question(
        model=model,
        by=one_of("by", given.get("by", DIMENSIONS[0]), DIMENSIONS),
        measure=one_of("measure", given.get("measure", MEASURES[0]), MEASURES),
        lookback=asking.length("lookback", given.get("lookback", LOOKBACK)),
        compare=one_of("compare", compare, tuple(BY_NAME)) if compare else "",
        touches=touchpoints(given.get("touches", "marketing")),
        conversion=conversion(given.get("conversion", ORDER), channels),
        order=asking.whole("order", given.get("order", "1"), MOST_ORDER),
        worth=one_of("worth", given.get("worth", WORTHS[0]), WORTHS),
    )
    if found.conversion is not None and found.measure != "conversions" and "measure" in given:
        raise BadRequest(
            f"An event that is no order has no {found.measure}: ask for measure=conversions.", "bad_measure"
        )
    return found


def touchpoints(text: str) -> tuple[str, ...]:
    """The kinds of touches of a list, in the vocabulary's order. Raises BadRequest for what is none."""
    wanted = {name.strip() for name in text.split(",")} - {""}
    if not wanted or wanted - set(TOUCHPOINTS):
        raise BadRequest(
            f"`touches` lists touchpoints with commas between them, of {', '.join(TOUCHPOINTS)}.",
            "bad_touches",
        )
    return tuple(name for name in TOUCHPOINTS if name in wanted)


def conversion(text: str, channels: Mapping[int, str]) -> Step | None:
    """The step that converts; None: an order."""
    if text == ORDER:
        return None
    found = steps.listed(text, channels)
    if len(found) != 1:
        raise BadRequest("`conversion` is `order`, or one step like Product Added.", "bad_conversion")
    return found[0]
