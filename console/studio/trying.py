"""A draft tried on what came last: one payload looked at closely, all of them in counts and sums.

Not here: what a mapping makes of a payload (channels/studio/preview.py), each field (channels/studio/fields.py).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec
from django.db import connection
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from channels import sender
from channels.language import mapping
from channels.language.draft import Draft
from channels.language.errors import Wrong
from channels.language.mapping import Mapping
from channels.mapping import apply, opening
from channels.mapping.mapped import Around
from channels.models import Connector
from channels.snapshot import Snapshot
from channels.studio import fields, preview
from channels.studio.preview import Payload, Tried
from console.event import event_steps
from console.studio import json_view, rows, words
from kernel import vocabulary
from kernel.web import format

STORED, PART, NOTHING, REJECTED = "stored", "part", "nothing", "rejected"
TONES: Final = {STORED: "good", PART: "warn", NOTHING: "line", REJECTED: "bad"}
HUNDRED: Final = Decimal(100)  # cents of a yuan
LARGEST_OWN: Final = 100 * 1024  # characters of a payload that somebody wrote


class Loaded(NamedTuple):
    """What a draft is tried on. `now`: the mapping in use."""

    connector: Connector
    snapshot: Snapshot
    payloads: list[Payload]
    now: Mapping | Wrong | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A payload that can be chosen."""

    key: str
    at: datetime
    said: str  # the event that comes of it, or why none does
    state: str
    tone: str
    word: str
    current: bool

    @property
    def title(self) -> str:
        """`22 Nov 10:41 · Order Completed · stored`."""
        return " · ".join(one for one in (format.moment(self.at), self.said, self.word) if one)


@dataclass(frozen=True, slots=True)
class Filter:
    """Some of the payloads."""

    value: str
    words: str
    n: int
    current: bool

    @property
    def title(self) -> str:
        """`rejected (23)`."""
        return f"{self.words} ({format.number(self.n)})"


@dataclass(frozen=True, slots=True)
class Became:
    """A message, and what becomes of it."""

    tone: str
    word: str
    name: str
    at: datetime | None
    why: str
    people: list[tuple[str, str]]
    amounts: list[tuple[str, str]]
    marks: list[str]
    json: SafeString


@dataclass(frozen=True, slots=True)
class Count:
    """How many payloads became an event."""

    name: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of an event, before and after. `odd`: what it looks like when cents and yuan were confused."""

    event: str
    field: str
    currency: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    odd: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """All that is shown of a try. Without a usable draft: only what came, and what the mapping in use makes of it."""

    choices: list[Choice]  # of those that the filter leaves
    filters: list[Filter]
    cells: list[Choice]  # of all
    place: int  # of the chosen one among the choices, from 1
    key: str
    payload: SafeString | None
    paths: list[str]
    received_at: datetime | None
    usable: bool
    look: fields.Look
    made: list[Became]
    before: list[Became]
    nothing: str  # why no message comes of it
    verdict: tuple[str, str]  # tone, words
    finding: str
    counts: list[Count]
    rejected: tuple[int, int]
    sums: list[Sum]


def own_of(typed: str) -> tuple[list[Any] | None, str]:
    """A payload that somebody wrote, and what is wrong with it."""
    if not typed.strip():
        return None, ""
    if len(typed) > LARGEST_OWN:
        return None, _("A payload of your own has at most 100 KB.")
    try:
        return [preview.PLAIN.decode(typed.encode())], ""
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None, _("This is no JSON.")


def load(connector: Connector, own: list[Any] | None = None) -> Loaded:
    """The last payloads, those that somebody wrote before them, and the mapping in use."""
    snapshot = apply.snapshot(connection, connector.workspace_id)
    payloads = preview.given(connector, own or [])
    payloads += preview.newest(connection, connector, snapshot, preview.MOST - len(payloads))
    kept = snapshot.mappings.get(connector.pk)
    return Loaded(connector, snapshot, payloads, kept.at(datetime.now(UTC)) if kept else None)


def trial(loaded: Loaded, draft: Draft, made: Mapping | None, key: str = "", only: str = "") -> Trial:
    """A draft tried, `made` where it can be used. `key`, `only`: the payload that was chosen, and the filter."""
    snapshot = loaded.snapshot
    tried = preview.tried(loaded.payloads, loaded.now, made or Mapping(Draft()), snapshot)
    keys, cells = _keys(loaded.payloads), []
    for name, each in zip(keys, tried, strict=True):
        cells.append(_choice(name, each, usable=made is not None))
    filters = _filters(cells, only)
    left = [one for one in cells if not only or only in (one.state, f"event:{one.said}")]
    chosen = next((one for one in left if one.key == key), left[0] if left else None)
    n = keys.index(chosen.key) if chosen else None
    one = tried[n] if n is not None else None
    look = fields.looked(draft, one.payload.source if one else None, _around(loaded, one, draft))
    totals = [preview.totals(tried, snapshot, after=after) for after in (False, True)]
    if not made:
        totals[1] = {"events": {}, "rejected": 0, "amounts": []}
    current = [_current(cell, chosen) for cell in left]
    return Trial(
        choices=current,
        filters=filters,
        cells=[_current(cell, chosen) for cell in cells],
        place=left.index(chosen) + 1 if chosen else 0,
        key=chosen.key if chosen else "",
        payload=json_view.shown(_plain(one), rows.used(draft), keyed=True) if one else None,
        paths=json_view.paths(_plain(one)) if one else [],
        received_at=one.payload.row.received_at if one else None,
        usable=made is not None,
        look=look,
        made=_became(one, snapshot, after=True) if one and made else [],
        before=_became(one, snapshot, after=False) if one else [],
        nothing=_("The mapping leaves it out on purpose.") if one and made else "",
        verdict=_verdict(chosen, usable=made is not None),
        finding=_finding(cells) if made else "",
        counts=_counts(*totals),
        rejected=(totals[0]["rejected"], totals[1]["rejected"]),
        sums=_sums(*totals),
    )


def _around(loaded: Loaded, one: Tried | None, draft: Draft) -> Around:
    settings = loaded.snapshot.connectors[loaded.connector.pk]
    try:
        zoned = mapping.Mapping(Draft(zone=draft.zone))
    except Wrong:
        zoned = None
    at = one.payload.row.received_at if one else datetime.now(UTC)
    around = opening.around_of("", at, settings, zoned)
    hook = sender.read(one.payload.row.sender).hook if one else None
    around.context.headers = hook.headers if hook else {}
    return around


def _keys(payloads: list[Payload]) -> list[str]:
    """Each payload's request and its place there, from the newest."""
    seen: dict[str, int] = {}
    found = []
    for one in payloads:
        request = str(one.row.request)
        seen[request] = seen.get(request, -1) + 1
        found.append(f"{request}.{seen[request]}")
    return found


def _plain(one: Tried) -> Any:
    return preview.shown(one)["payload"]


# ---- what becomes of each ---------------------------------------------------------------------------


def _choice(key: str, one: Tried, *, usable: bool) -> Choice:
    prepared = one.after.prepared if usable else one.before.prepared
    left_out = any(mark.startswith(preview.LEFT_OUT) for clean in prepared.cleans for mark in clean.marks)
    names = [clean.name or clean.type for clean in prepared.cleans] + [each.type for each in prepared.records]
    state = PART if left_out else STORED if names else NOTHING
    state = REJECTED if prepared.bads else state
    said = names[0] if names else prepared.bads[0].field if prepared.bads else ""
    return Choice(key, one.payload.row.received_at, said, state, TONES[state], _word(state), current=False)


def _word(state: str) -> str:
    return {
        STORED: _("stored"),
        PART: _("a field left out"),
        NOTHING: _("left out"),
        REJECTED: _("rejected"),
    }[state]


def _current(one: Choice, chosen: Choice | None) -> Choice:
    is_it = chosen is not None and one.key == chosen.key
    return Choice(one.key, one.at, one.said, one.state, one.tone, one.word, current=is_it)


def _filters(cells: list[Choice], only: str) -> list[Filter]:
    """All, each state there is, each event there is."""
    found = [Filter("", _("All"), len(cells), current=not only)]
    for state in (REJECTED, PART, NOTHING, STORED):
        n = sum(one.state == state for one in cells)
        if n or only == state:
            found.append(Filter(state, _word(state), n, current=only == state))
    events = dict.fromkeys(one.said for one in cells if one.state in (STORED, PART))
    for name in events:
        n = sum(one.said == name for one in cells)
        found.append(Filter(f"event:{name}", name, n, current=only == f"event:{name}"))
    return found


def _became(one: Tried, snapshot: Snapshot, *, after: bool) -> list[Became]:
    outcome = one.after if after else one.before
    said = preview.shown(one)["after" if after else "before"]
    messages = outcome.messages
    found = []
    for n, state in enumerate(said):
        raw = messages[n] if n < len(messages) else None
        found.append(_message(state, raw, outcome, snapshot))
    return found


def _message(state: dict[str, Any], raw: Any, outcome: preview.Outcome, snapshot: Snapshot) -> Became:
    body = json_view.shown(raw) if raw is not None else SafeString("")
    if state["state"] == "rejected":
        return Became("bad", _("would be rejected"), state["field"], None, state["hint"], [], [], [], body)
    currency = state["fields"].get("currency") or snapshot.currency
    clean = next((each for each in outcome.prepared.cleans if each.message_id == state["message_id"]), None)
    if clean is not None:
        channels = {each.id: each for each in snapshot.channels.values()}
        currency = state["fields"].get("currency") or channels[clean.channel].currency
    amounts = [
        (_field(name), format.money(state["fields"][name], currency))
        for name in (*vocabulary.AMOUNTS, *preview.OF_RECORDS)
        if name in state["fields"]
    ]
    people = [
        (words.label(f"identifiers.{each['kind']}"), each["value"]) for each in state.get("identifiers", ())
    ]
    marks = event_steps.marks(state)
    return Became(
        "warn" if any(each.startswith(preview.LEFT_OUT) for each in state.get("marks", ())) else "good",
        _("would be stored"),
        state.get("name") or state["type"],
        format.as_moment(state["at"]),
        "",
        people,
        sorted(set(amounts)),
        marks,
        body,
    )


def _field(name: str) -> str:
    return words.label(f"properties.{name}")


def _verdict(chosen: Choice | None, *, usable: bool) -> tuple[str, str]:
    if chosen is None:
        return "", ""
    if not usable:
        return "bad", _("cannot be used yet")
    return chosen.tone, {
        STORED: _("would be stored"),
        PART: _("would be stored, a field left out"),
        NOTHING: _("would be left out"),
        REJECTED: _("would be rejected"),
    }[chosen.state]


# ---- all of them ------------------------------------------------------------------------------------


def _finding(cells: list[Choice]) -> str:
    """`77 stored, 8 of them with a field left out, 23 rejected`."""
    n = {state: sum(one.state == state for one in cells) for state in TONES}
    said = [_("%(n)s stored") % {"n": n[STORED] + n[PART]}]
    if n[PART]:
        said.append(_("%(n)s of them with a field left out") % {"n": n[PART]})
    if n[NOTHING]:
        said.append(_("%(n)s left out on purpose") % {"n": n[NOTHING]})
    said.append(_("%(n)s rejected") % {"n": n[REJECTED]})
    return _(", ").join(said)


def _counts(before: dict[str, Any], after: dict[str, Any]) -> list[Count]:
    names = dict.fromkeys([*after["events"], *before["events"]])
    return [Count(name, before["events"].get(name, 0), after["events"].get(name, 0)) for name in names]


def _sums(before: dict[str, Any], after: dict[str, Any]) -> list[Sum]:
    sides = [
        {(one["event"], one["field"], one["currency"]): one for one in side["amounts"]}
        for side in (before, after)
    ]
    found = []
    for key in sorted(set(sides[0]) | set(sides[1])):
        old, new = sides[0].get(key), sides[1].get(key)
        event, field, currency = key
        found.append(Sum(event, _field(field), currency, old, new, _odd(old, new)))
    return found


def _odd(old: dict[str, Any] | None, new: dict[str, Any] | None) -> str:
    """A hundred times as much, or a hundredth: the same amounts in another unit."""
    if old is None or new is None:
        return ""
    was, becomes = Decimal(old["largest"]), Decimal(new["largest"])
    if was and becomes == was * HUNDRED:
        return _("a hundred times as much: are these cents?")
    if becomes and was == becomes * HUNDRED:
        return _("a hundredth of it: were these yuan already?")
    return ""
