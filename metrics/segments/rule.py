"""The language of segments: a rule as JSON, read into conditions. Every wrong place is named in a sentence.

`{"all": […]}`, `{"any": […]}`, `{"not": …}` over the conditions below. A count that is compared (`times`, `orders`,
`spent`) is 0 of who did nothing: `{"lte": 2}` holds of them too. Not here: what a condition asks of the database
(compile.py), how it is said in words (words.py), how single values are read (values.py).
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from kernel.errors import BadRequest
from metrics.journeys import steps
from metrics.journeys.steps import Step
from metrics.segments import values
from metrics.segments.values import KIND, SLUG, wrong

MOST_CONDITIONS: Final = 100  # of a rule
MOST_IN_ALL: Final = 300  # with those of the segments it names
DEEPEST: Final = 10  # levels of all, any and not
MOST_STEPS: Final = 10  # of a sequence

Sizes = tuple[tuple[str, Decimal], ...]  # comparisons that all hold, as ("gte", 3)


class Span(NamedTuple):
    """The time that counts: the last while, or days of the workspace's zone, both inside. Neither: all of it."""

    within: timedelta | None = None
    days: tuple[date, date] | None = None


class All(NamedTuple):
    """Every part holds."""

    parts: tuple["Node", ...]


class Some(NamedTuple):
    """One part or more holds."""

    parts: tuple["Node", ...]


class Not(NamedTuple):
    """The part does not hold."""

    part: "Node"


class Trait(NamedTuple):
    """What of a person's trait holds, by the value that survives."""

    name: str
    tests: tuple[tuple[str, Any], ...]


class Did(NamedTuple):
    """How often somebody did a step."""

    step: Step
    times: Sizes
    span: Span


class Sequence(NamedTuple):
    """Somebody did steps in this order, the last so long after the first at most."""

    steps: tuple[Step, ...]
    within: timedelta


class Orders(NamedTuple):
    """How many orders somebody made."""

    times: Sizes
    span: Span


class Spent(NamedTuple):
    """What somebody's orders came to, less what was given back of them, in the workspace's currency."""

    amounts: Sizes
    span: Span


class FirstOrder(NamedTuple):
    """The first order ever was on one of these channels (none: on any), in this time."""

    channels: tuple[int, ...]
    span: Span


class SeenOn(NamedTuple):
    """An event of any kind came from one of these channels."""

    channels: tuple[int, ...]


class Has(NamedTuple):
    """An identifier of a kind is known."""

    kind: str


class InSegment(NamedTuple):
    """Another segment's rule holds. `part`: that rule, once it was looked up."""

    slug: str
    part: "Node | None" = None


class Consent(NamedTuple):
    """Whether a purpose was consented to on a channel, or ("") on all of them."""

    purpose: str
    channel: str
    given: bool


Node = (
    All
    | Some
    | Not
    | Trait
    | Did
    | Sequence
    | Orders
    | Spent
    | FirstOrder
    | SeenOn
    | Has
    | InSegment
    | Consent
)
TIMED: Final = (Did, Orders, Spent, FirstOrder)
TESTS: Final = (
    *("is", "is_not", "in", "contains", "exists", "gt", "gte", "lt", "lte", "before", "after", "within_last"),
)
SPAN: Final = ("within", "between")
# The word that says what a condition is, and the words that may stand beside it.
BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "all": (),
    "any": (),
    "not": (),
    "trait": TESTS,
    "did": ("times", *SPAN),
    "did_not": ("times", *SPAN),
    "sequence": ("within",),
    "orders": SPAN,
    "spent": SPAN,
    "first_order": SPAN,
    "seen_on": (),
    "has": (),
    "segment": (),
    "consent": (),
}


def read(rule: Any, channels: Mapping[int, str]) -> Node:
    """A rule. `channels`: slugs by id. Raises BadRequest that names the place that cannot be."""
    return _Reader(channels).node(rule, "rule", 1)


def parts(node: Node) -> tuple[Node, ...]:
    """What stands inside of a condition."""
    if isinstance(node, All | Some):
        return node.parts
    if isinstance(node, Not):
        return (node.part,)
    return (node.part,) if isinstance(node, InSegment) and node.part is not None else ()


def each(node: Node) -> list[Node]:
    """A condition and all inside of it."""
    return [node, *(one for part in parts(node) for one in each(part))]


def named(node: Node) -> set[str]:
    """The segments that a rule names itself."""
    return {one.slug for one in each(node) if isinstance(one, InSegment)}


def moves_by_time(node: Node) -> bool:
    """Whether somebody may enter or leave without anything happening."""
    return any(
        (isinstance(one, TIMED) and one.span.within is not None)
        or (isinstance(one, Trait) and any(test == "within_last" for test, _value in one.tests))
        for one in each(node)
    )


Look = Callable[[str], Node | None]  # the rule of a slug; None: there is no such segment


def whole(node: Node, look: Look, above: tuple[str, ...] = ()) -> Node:
    """With the rules of the segments it names. Raises BadRequest for one there is not, for a loop, for too much."""
    return _whole(node, look, above, [MOST_IN_ALL])


def _whole(node: Node, look: Look, above: tuple[str, ...], left: list[int]) -> Node:
    left[0] -= 1
    if left[0] < 0:
        raise BadRequest(
            _("With the segments it names the rule has more than %(n)s conditions.") % {"n": MOST_IN_ALL},
            "bad_rule",
        )
    if isinstance(node, All | Some):
        return node._replace(parts=tuple(_whole(part, look, above, left) for part in node.parts))
    if isinstance(node, Not):
        return Not(_whole(node.part, look, above, left))
    if not isinstance(node, InSegment):
        return node
    if node.slug in above:
        way = " → ".join((*above[above.index(node.slug) :], node.slug))
        raise BadRequest(
            _("The segments name each other in a circle: %(way)s.") % {"way": way}, "segment_loop"
        )
    found = look(node.slug)
    if found is None:
        raise BadRequest(
            _("There is no segment “%(slug)s” in this workspace.") % {"slug": node.slug}, "unknown_segment"
        )
    return node._replace(part=_whole(found, look, (*above, node.slug), left))


def _alone(given: dict[str, Any], word: str, at: str) -> None:
    """Nothing stands beside a condition's word that does not belong to it."""
    for name in given:
        if name != word and name not in BESIDE[word]:
            listed = ", ".join(BESIDE[word]) or _("nothing")
            raise wrong(
                at,
                _("“%(name)s” cannot stand beside “%(word)s”: %(listed)s can.")
                % {"name": str(name)[:60], "word": word, "listed": listed},
            )


class _Reader:
    """Reads one rule, and counts what it has read."""

    def __init__(self, channels: Mapping[int, str]) -> None:
        self.channels, self.ids = channels, {slug: id_ for id_, slug in channels.items()}
        self.left = MOST_CONDITIONS

    def node(self, given: Any, at: str, level: int) -> Node:
        """A condition at a place of the rule."""
        self.left -= 1
        if self.left < 0:
            raise wrong("rule", _("a rule has at most %(n)s conditions.") % {"n": MOST_CONDITIONS})
        if level > DEEPEST:
            raise wrong(at, _("a rule is at most %(n)s levels deep.") % {"n": DEEPEST})
        if not isinstance(given, dict):
            raise wrong(at, _('a condition is an object, for example {"has": "phone"}.'))
        word = next((word for word in BESIDE if word in given), None)
        if word is None:
            raise wrong(at, _("a condition begins with one of %(words)s.") % {"words": ", ".join(BESIDE)})
        _alone(given, word, at)
        place = f"{at}.{word}"
        if word in ("all", "any"):
            inside = values.listed(given[word], place, MOST_CONDITIONS)
            read = tuple(self.node(one, f"{place}[{n}]", level + 1) for n, one in enumerate(inside))
            return All(read) if word == "all" else Some(read)
        if word == "not":
            return Not(self.node(given["not"], place, level + 1))
        found: Node = getattr(self, f"_{word}")(given, place, at)
        return found

    def _trait(self, given: dict[str, Any], place: str, at: str) -> Node:
        tests = [name for name in given if name != "trait"]
        if not tests:
            raise wrong(at, _("a trait is compared by one of %(words)s.") % {"words": ", ".join(TESTS)})
        name = values.text(given["trait"], place)
        return Trait(
            name, tuple((test, values.compared(test, given[test], f"{at}.{test}")) for test in tests)
        )

    def _did(self, given: dict[str, Any], place: str, at: str) -> Node:
        step = self._step(given[place.rpartition(".")[2]], place)
        times = (
            values.sizes(given["times"], f"{at}.times", whole=True)
            if "times" in given
            else (("gte", Decimal(1)),)
        )
        return Did(step, times, self._span(given, at))

    def _did_not(self, given: dict[str, Any], place: str, at: str) -> Node:
        return Not(self._did(given, place, at))

    def _sequence(self, given: dict[str, Any], place: str, at: str) -> Node:
        listed = values.listed(given["sequence"], place, MOST_STEPS)
        if len(listed) < 2:
            raise wrong(place, _("a sequence has two steps or more."))
        found = tuple(self._step(one, f"{place}[{n}]") for n, one in enumerate(listed))
        if "within" not in given:
            raise wrong(at, _('a sequence needs a time that it is done in, for example "within": "7d".'))
        return Sequence(found, values.length(given["within"], f"{at}.within"))

    def _orders(self, given: dict[str, Any], place: str, at: str) -> Node:
        return Orders(values.sizes(given["orders"], place, whole=True), self._span(given, at))

    def _spent(self, given: dict[str, Any], place: str, at: str) -> Node:
        return Spent(values.sizes(given["spent"], place), self._span(given, at))

    def _first_order(self, given: dict[str, Any], place: str, at: str) -> Node:
        asked = given["first_order"]
        if not isinstance(asked, dict) or not set(asked) <= {"channel"}:
            raise wrong(place, _('this is an object like {"channel": ["store"]}.'))
        span = self._span(given, at)
        channels = self._channels(asked["channel"], f"{place}.channel") if "channel" in asked else ()
        if not channels and span == Span():
            raise wrong(place, _("say on which channels, or when the first order was."))
        return FirstOrder(channels, span)

    def _seen_on(self, given: dict[str, Any], place: str, _at: str) -> Node:
        return SeenOn(self._channels(given["seen_on"], place))

    def _has(self, given: dict[str, Any], place: str, _at: str) -> Node:
        return Has(
            values.matching(given["has"], place, KIND, _("this is a kind of identifier, for example phone."))
        )

    def _segment(self, given: dict[str, Any], place: str, _at: str) -> Node:
        return InSegment(values.matching(given["segment"], place, SLUG, _("this is the slug of a segment.")))

    def _consent(self, given: dict[str, Any], place: str, _at: str) -> Node:
        asked = given["consent"]
        if not isinstance(asked, dict) or not set(asked) <= {"purpose", "channel", "given"}:
            raise wrong(
                place, _('this is an object like {"purpose": "marketing", "channel": "sms", "given": true}.')
            )
        told = asked.get("given", True)
        if not isinstance(told, bool):
            raise wrong(f"{place}.given", _("this is true or false."))
        channel = (
            values.text(asked["channel"], f"{place}.channel") if asked.get("channel") is not None else ""
        )
        return Consent(values.text(asked.get("purpose"), f"{place}.purpose"), channel, told)

    # ---- parts of conditions ---------------------------------------------------------------------

    def _step(self, given: Any, place: str) -> Step:
        try:
            return steps.one(values.text(given, place), self.channels)
        except BadRequest as trouble:
            if trouble.code == values.CODE:
                raise
            raise wrong(place, str(trouble)) from None

    def _span(self, given: dict[str, Any], at: str) -> Span:
        if "within" in given and "between" in given:
            raise wrong(at, _("“within” and “between” cannot stand side by side: choose one."))
        if "within" in given:
            return Span(values.length(given["within"], f"{at}.within"))
        return Span(None, values.days(given["between"], f"{at}.between")) if "between" in given else Span()

    def _channels(self, given: Any, place: str) -> tuple[int, ...]:
        slugs = values.listed([given] if isinstance(given, str) else given, place, values.MOST_VALUES)
        for n, slug in enumerate(slugs):
            if not isinstance(slug, str) or slug not in self.ids:
                shown = str(slug)[:60]
                raise wrong(
                    f"{place}[{n}]", _("there is no channel “%(slug)s” in this workspace.") % {"slug": shown}
                )
        return tuple(sorted({self.ids[slug] for slug in slugs}))
