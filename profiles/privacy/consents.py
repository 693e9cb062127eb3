"""What people agreed to and took back: kept as it was said, and what holds of a profile now.

What is said is tied to the sighting that said it, never to a profile: whoever is joined, split or joined again has what
their own sightings said. Of a purpose and a channel the latest word holds; of two at the same moment the withdrawal.
A word without a channel is said of all of them. Not here: reading it out of a message (channels/mapping/consent.py).
"""

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from kernel import contacts
from kernel.db import Connection, Statements, array, copy, rows, run
from kernel.event import SOLD, Clean
from kernel.periods import utc_text

SQL = Statements(__file__)
WORDS: Final = (
    "at",
    "sighting_id",
    "workspace_id",
    "given",
    "event",
    "purpose",
    "name",
    "channel",
    "proof",
    "text_version",
)
SIGNALS: Final = (
    "first_at",
    "last_at",
    "sighting_id",
    "workspace_id",
    "given",
    "first_event",
    "last_event",
    "purpose",
    "name",
    "source",
)
EVENT: Final = "event"
Moment = tuple[datetime, UUID]


class Signal(NamedTuple):
    """What an answer that comes over and over is kept by. `name`: the purpose as it was sent."""

    sighting: int
    name: str
    source: str
    given: bool


class Times(NamedTuple):
    """When it was said first and last, and by which events."""

    purpose: str
    first: Moment
    last: Moment


def keep(db: Connection, workspace: int, fresh: list[Clean], new: AbstractSet[int] = frozenset()) -> None:
    """Keeps what a batch says. `new`: the sightings nobody knew, whose rows go in by COPY."""
    telling = [clean for clean in fresh if clean.consent and clean.sighting is not None]
    if not telling:
        return
    copy(db, "profiles_consent", WORDS, _words(workspace, telling))
    signals = fold(telling)
    first = [(key, signals[key]) for key in signals if key.sighting in new]
    copy(db, "profiles_consent_signal", SIGNALS, [_signal(workspace, *one) for one in first])
    known = sorted((key, signals[key]) for key in signals if key.sighting not in new)
    if known:
        _add(db, workspace, known)


def _words(workspace: int, telling: list[Clean]) -> Iterable[tuple[object, ...]]:
    for clean in telling:
        for word in clean.consent:
            if word.source == EVENT:
                yield (
                    clean.occurred_at,
                    clean.sighting,
                    workspace,
                    word.given,
                    clean.id,
                    word.purpose,
                    word.name,
                    word.channel,
                    word.proof,
                    word.text_version,
                )


def fold(telling: list[Clean]) -> dict[Signal, Times]:
    """A batch's answers that come over and over, each once."""
    found: dict[Signal, Times] = {}
    for clean in telling:
        assert clean.sighting is not None  # noqa: S101 (the caller's)
        at = (clean.occurred_at, clean.id)
        for word in clean.consent:
            if word.source == EVENT:
                continue
            key = Signal(clean.sighting, word.name, word.source, word.given)
            before = found.get(key)
            if before is None:
                found[key] = Times(word.purpose, at, at)
            else:
                found[key] = Times(word.purpose, min(before.first, at), max(before.last, at))
    return found


def _signal(workspace: int, key: Signal, times: Times) -> tuple[object, ...]:
    (first_at, first_event), (last_at, last_event) = times.first, times.last
    return (
        first_at,
        last_at,
        key.sighting,
        workspace,
        key.given,
        first_event,
        last_event,
        times.purpose,
        key.name,
        key.source,
    )


def _add(db: Connection, workspace: int, known: list[tuple[Signal, Times]]) -> None:
    run(
        db,
        SQL["add_signals"],
        workspace=workspace,
        sightings=array([key.sighting for key, _ in known]),
        names=array([key.name for key, _ in known]),
        sources=array([key.source for key, _ in known]),
        answers=array([key.given for key, _ in known]),
        purposes=array([times.purpose for _, times in known]),
        first_ats=array([times.first[0] for _, times in known]),
        first_events=array([times.first[1] for _, times in known]),
        last_ats=array([times.last[0] for _, times in known]),
        last_events=array([times.last[1] for _, times in known]),
    )


# ---- what holds of many ---------------------------------------------------------------------------


def given(
    db: Connection, workspace: int, profiles: Collection[int], purpose: str, channel: str = ""
) -> dict[int, bool]:
    """What holds now for a purpose on a channel, of those among the profiles (serial ids) who ever said: True or False.

    A word on the channel and one on all of them are one question: the later holds. Who is missing never said.
    """
    found = rows(
        db,
        SQL["given"],
        workspace=workspace,
        profiles=array(sorted(profiles)),
        purpose=folded(purpose),
        channels=array(sorted({"", folded(channel)})),
    )
    return dict(found)


def folded(text: str) -> str:
    """A purpose or a channel as it is matched."""
    return " ".join(text.split()).lower()


# ---- one profile ----------------------------------------------------------------------------------


class Point(NamedTuple):
    """Something said of a purpose and a channel at a moment."""

    at: datetime
    given: bool
    event: UUID
    name: str
    source: str
    proof: str | None = None
    text_version: str | None = None

    @property
    def place(self) -> tuple[datetime, bool, int]:
        """Where it stands among others: by time, at the same moment the withdrawals last."""
        return self.at, not self.given, self.event.int


Kept = dict[tuple[str, str], list[Point]]  # by purpose and channel, in their order


class Standing(NamedTuple):
    """What holds of a purpose and a channel: since when, and the word that says so."""

    purpose: str
    channel: str
    since: datetime
    word: Point
    last: datetime  # when it was said last


def points(db: Connection, workspace: int, profile: int) -> Kept:
    """All that a profile's sightings said: each word; of an answer that comes over and over the first and the last of
    each stretch in which nothing else was said.
    """
    found: Kept = {}
    for purpose, channel, *point in rows(db, SQL["points"], workspace=workspace, profile=profile):
        found.setdefault((purpose, channel), []).append(Point(*point))
    if any(_wavered(said) for said in found.values()):
        for purpose, answer in _between(db, workspace, profile):
            if (purpose, "") in found:
                found[purpose, ""].append(answer)
    return {key: _stretches(said) for key, said in sorted(found.items())}


def _wavered(said: list[Point]) -> bool:
    """Whether an answer that comes over and over was not always the same."""
    return len({point.given for point in said}) > 1 and any(point.source != EVENT for point in said)


def _between(db: Connection, workspace: int, profile: int) -> Iterable[tuple[str, Point]]:
    """What the events themselves said between first and last."""
    for at, event, category, answer, source in rows(
        db, SQL["between"], workspace=workspace, profile=profile, bot=contacts.BOT, sold=array(SOLD)
    ):
        name = " ".join(category.split())
        yield name.lower(), Point(at, answer, event, name, source)


def _stretches(said: Iterable[Point]) -> list[Point]:
    """In their order, without what repeats the answer before and after it and is no word of its own."""
    ordered = sorted(set(said), key=lambda point: point.place)
    kept = []
    for place, point in enumerate(ordered):
        around = ordered[max(place - 1, 0) : place + 2]
        edge = len(around) < 3 or any(other.given is not point.given for other in around)
        if edge or point.source == EVENT:
            kept.append(point)
    return kept


def standing(said: Kept) -> list[Standing]:
    """What holds now."""
    return [_standing(*key, ordered) for key, ordered in said.items()]


def _standing(purpose: str, channel: str, ordered: list[Point]) -> Standing:
    last = ordered[-1]
    place = len(ordered) - 1
    while place and ordered[place - 1].given is last.given:
        place -= 1
    stretch = ordered[place:]
    words = [point for point in stretch if point.source == EVENT]
    return Standing(purpose, channel, stretch[0].at, words[-1] if words else stretch[0], last.at)


def said_by(
    db: Connection, workspace: int, events: Iterable[tuple[datetime, UUID]]
) -> dict[UUID, tuple[str, int, str]]:
    """messageId, channel and name of the events that said so."""
    asked = sorted(set(events))
    times, events_ = array([at for at, _ in asked]), array([event for _, event in asked])
    found = rows(db, SQL["said_by"], workspace=workspace, times=times, events=events_)
    return {event: (message, channel, name) for event, message, channel, name in found}


def brief(said: Kept) -> list[dict[str, Any]]:
    """What holds now, in short; not masked."""
    return [
        {
            "purpose": one.word.name,
            "channel": one.channel or None,
            "given": one.word.given,
            "since": utc_text(one.since),
        }
        for one in standing(said)
    ]


def shown(said: Kept, by: dict[UUID, tuple[str, int, str]], slugs: dict[int, str]) -> dict[str, Any]:
    """What holds now and how it came to it, as the read API says it; not masked."""
    return {
        "now": [
            {
                "purpose": one.word.name,
                "channel": one.channel or None,
                "given": one.word.given,
                "since": utc_text(one.since),
                "last_said": utc_text(one.last),
                "source": one.word.source,
                "event": _event(one.word, by, slugs),
                "proof": one.word.proof,
                "text_version": one.word.text_version,
            }
            for one in standing(said)
        ],
        "history": [
            {
                "at": utc_text(point.at),
                "purpose": point.name,
                "channel": channel or None,
                "given": point.given,
                "source": point.source,
                "event": _event(point, by, slugs),
                "proof": point.proof,
                "text_version": point.text_version,
            }
            for (_purpose, channel), point in sorted(
                ((key, point) for key, ordered in said.items() for point in ordered),
                key=lambda pair: (pair[1].place, pair[0]),
                reverse=True,
            )
        ],
    }


def _event(point: Point, by: dict[UUID, tuple[str, int, str]], slugs: dict[int, str]) -> dict[str, Any]:
    message, channel, name = by.get(point.event, (None, None, ""))
    return {
        "id": str(point.event),
        "message_id": message,
        "name": name,
        "channel": None if channel is None else slugs.get(channel),
        "occurred_at": utc_text(point.at),
    }
