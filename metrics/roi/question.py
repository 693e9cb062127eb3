"""What is asked of joining: the day, how long before and after, which channels, what it cost. Read and refused here.

Not here: what is answered (roi.py).
"""

from collections.abc import Mapping
from datetime import UTC, date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from kernel import periods
from kernel.errors import BadRequest
from kernel.periods import ONE_DAY
from metrics import api
from metrics.effects.base import LEAST_DAYS
from metrics.journeys import asking
from metrics.mirror.reading import Mirror
from metrics.query import ReportingSettings
from metrics.scope import Days

NAMED: Final = ("at", "window", "joined", "cost")
WINDOW: Final = "30d"
LONGEST: Final = 366  # days before, and after
MOST_COST: Final = Decimal(10) ** 15
SIDES: Final = (-2, -1, 0, 1)  # windows by number: 0 before, 1 after, the others earlier still
BEFORE, AFTER = 0, 1
BEGINS: Final = """select min(begins) from (
    select min(occurred_at) as begins from orders union all select min(occurred_at) from touches
)"""


class Question(NamedTuple):
    """Channels joined on a day; `window` days before it are held against as many from it on."""

    at: date
    window: int
    joined: tuple[int, ...]  # channels by id, in their order
    others: tuple[int, ...]
    cost: Decimal | None

    def days(self, number: int) -> Days:
        """The days of a window of SIDES."""
        first = self.at + ONE_DAY * self.window * (number - 1)
        return Days(first, first + ONE_DAY * (self.window - 1))


def read(given: Mapping[str, Any], settings: ReportingSettings, today: date) -> Question:
    """The question of an address. Raises BadRequest with a sentence for what cannot be asked."""
    window = _window(given.get("window") or WINDOW)
    at = _at(given.get("at") or "", window, today)
    joined = _joined(given.get("joined") or "", settings)
    others = tuple(channel for channel in settings.channels if channel not in joined)
    return Question(at, window, joined, others, _cost(given.get("cost") or ""))


def check_data(question: Question, settings: ReportingSettings, mirror: Mirror) -> date:
    """The first day there is anything of. Raises BadRequest where the days before reach farther back."""
    ((begins,),) = mirror.rows(BEGINS)
    if begins is None:
        raise BadRequest(
            _("Nothing has happened in this workspace yet: there is nothing to compare."), "no_data"
        )
    first = periods.day(begins.replace(tzinfo=UTC), periods.zone(settings.zone))
    if question.days(BEFORE).first < first:
        there = (question.at - first).days
        said = {"first": first, "window": question.window, "at": question.at, "days": there}
        if there >= LEAST_DAYS:
            sentence = _(
                "The data begin on %(first)s: they do not hold %(window)s days before %(at)s. "
                "Ask for a window of %(days)sd at most."
            )
        else:
            sentence = _(
                "The data begin on %(first)s: they do not hold %(window)s days before %(at)s. Ask for a later day."
            )
        raise BadRequest(sentence % said, "window_too_long")
    return first


def _window(text: str) -> int:
    lasts = asking.length("window", text)
    if lasts % timedelta(days=1) or not LEAST_DAYS <= lasts.days <= LONGEST:
        sentence = _(
            "The window is whole days, from %(least)sd to %(most)sd: less cannot be told from chance."
        )
        raise BadRequest(sentence % {"least": LEAST_DAYS, "most": LONGEST}, "bad_window")
    return lasts.days


def _at(text: str, window: int, today: date) -> date:
    if not text:
        raise BadRequest(_("Say on which day the channels were joined (at), like 2026-09-01."), "missing_at")
    at = api.date_of("at", text)
    if at > today:
        raise BadRequest(
            _("%(at)s is in the future: nothing has come of it yet.") % {"at": at}, "at_in_future"
        )
    whole = (today - at).days  # days from `at` on that are over
    if whole < window:
        said = {"window": window, "at": at, "ready": at + ONE_DAY * window, "days": whole}
        sentence = _("The %(window)s days from %(at)s on are not over: ask again on %(ready)s.") % said
        if whole >= LEAST_DAYS:
            sentence += " " + _("A window of %(days)sd can be asked for now.") % said
        raise BadRequest(sentence, "window_not_over")
    return at


def _joined(text: str, settings: ReportingSettings) -> tuple[int, ...]:
    ids = {slug: channel for channel, slug in settings.channels.items()}
    slugs = [slug.strip() for slug in text.split(",") if slug.strip()]
    if len(ids) <= 1:
        raise BadRequest(
            _("This workspace has one channel: there is no other one to compare it with."), "one_channel_only"
        )
    if not slugs:
        sentence = _("Name the channels whose data were joined (joined), of %(channels)s.")
        raise BadRequest(sentence % {"channels": ", ".join(ids)}, "missing_joined")
    for slug in slugs:
        if slug not in ids:
            sentence = _("There is no channel “%(channel)s” in this workspace.")
            raise BadRequest(sentence % {"channel": slug[:200]}, "unknown_channel")
    joined = {ids[slug] for slug in slugs}
    if len(joined) == len(ids):
        raise BadRequest(
            _("All channels are named as joined: leave out one at least, to see what comes without joining."),
            "all_joined",
        )
    return tuple(channel for channel in settings.channels if channel in joined)


def _cost(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        cost = Decimal(text)
    except InvalidOperation:
        cost = Decimal("NaN")
    if not cost.is_finite() or not 0 <= cost <= MOST_COST:
        raise BadRequest(
            _("The cost is what joining took, an amount like 120000.00 and not below 0."), "bad_cost"
        )
    return cost
