"""Random and hand-made people for the journeys' tests, in the judge's form and in the mirror's."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from metrics.journeys.base import Asked
from metrics.query import ReportingSettings
from metrics.scope import Days
from tests.metrics.mirror_tables import InMemory
from tests.reference.journeys_funnel import Touch

CHANNELS = {1: "web", 2: "tmall", 3: "store"}
IDS = {slug: channel for channel, slug in CHANNELS.items()}
TOUCHPOINTS = {"A": "browse", "B": "cart", "C": "order", "D": "marketing"}  # of the events of these tests
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = Days(date(2026, 3, 1), date(2026, 3, 3))
HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    """A moment so many hours after the period begins."""
    return BEGIN + hours * HOUR


def mirror_of(touches: Iterable[Touch]) -> InMemory:
    """A mirror of these. Each person has two sightings, so that whose a touch is has to be looked up."""
    made, listed = InMemory(), list(touches)
    made.put(
        "customers",
        [
            {"sighting": 10 * profile + n, "profile": profile, "identified": True}
            for profile in {touch.profile for touch in listed}
            for n in (0, 1)
        ],
    )
    made.put(
        "touches",
        [
            {
                "occurred_at": touch.at.replace(tzinfo=None),
                "tie": touch.tie,
                "sighting": 10 * touch.profile + touch.tie % 2,
                "channel": IDS[touch.channel],
                "touchpoint": TOUCHPOINTS.get(touch.name, "other"),
                "name": touch.name,
                "active": True,
                "campaign": touch.campaign,
            }
            for touch in listed
        ],
    )
    return made


def asked_of(mirror: InMemory, days: Days = DAYS, zone: str = "UTC") -> Asked:
    """The mirror, asked of a workspace."""
    return Asked(mirror, ReportingSettings(1, zone, "CNY", CHANNELS), days)


def histories(names: Sequence[str] = "ABCD", most: int = 9) -> st.SearchStrategy[list[Touch]]:
    """A few people with few names and channels: equal times, edges of periods and windows are common."""
    touch = st.tuples(
        st.integers(1, 3),
        st.sampled_from((-1, 0, 1, 2, 3, 4, 24, 25, 70, 71, 72, 73, 96)),
        st.sampled_from(sorted(CHANNELS.values())),
        st.sampled_from(names),
        st.sampled_from((None, "x", "y")),
    )
    return st.lists(touch, max_size=most).map(
        lambda drawn: [
            Touch(profile, at(hours), tie, channel, name, campaign)
            for tie, (profile, hours, channel, name, campaign) in enumerate(drawn)
        ]
    )
