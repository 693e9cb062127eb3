"""IN: inbox -> numbers. The one list of the order of work; the work itself lies in the parts.

Not here: which messages, and when (batches.py), starting over (rebuild.py).
"""

from collections import Counter
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from cdp.pipeline import activation
from channels import erase
from channels.inbox import cleaned, health, log, rejects, seen
from channels.mapping import apply
from channels.plan import violations
from channels.pulls import lookups
from channels.snapshot import Snapshot
from kernel import contacts, planner
from kernel.db import Connection, array
from kernel.event import Clean, Owners, Prepared, Record
from kernel.process.timing import StageTimer
from metrics import capture, customer_spans, purchases
from metrics.facts import changes, orders
from metrics.facts.base import WorkspaceSettings
from metrics.segments import touched
from profiles import activity, events, marks, recent, search, summary, traits
from profiles import erase as suppression
from profiles.identity import kinds, locks, resolve
from profiles.privacy import consents

# Facts that count people alone.
PEOPLE = frozenset(
    {"feedback_given", "membership_joined", "membership_upgraded", "points_changed", "balance_changed"}
)
SPAN = 30  # seconds: since 1970 every zone's offset and changes are multiples of it
# What kept plans go to: it grows from nothing to millions of rows under them.
LARGE_TABLES = array(
    [
        *("profiles_identifier", "profiles_sighting", "profiles_edge", "profiles_manual", "profiles_cannot"),
        *("profiles_activity", "profiles_trait", "profiles_summary", "channels_seen", "channels_reject"),
        *(
            "metrics_order",
            "metrics_order_message",
            "metrics_order_line",
            "metrics_fact_message",
            "metrics_span",
        ),
    ]
)


def snapshot(db: Connection, workspace: int) -> Snapshot:
    """The settings a batch is read by."""
    return apply.snapshot(db, workspace, kinds.of(db, workspace).blocked)


def prepare(db: Connection, batch: log.Batch, watch: StageTimer) -> Prepared:
    """Bodies to clean messages: decode, map, clean. Nothing is written, no lock is taken.

    But where somebody comes again who was erased and suppressed: what is left of his messages is written at once.
    """
    with watch("prepare"):
        settings = snapshot(db, batch.workspace)
        prepared = apply.prepare(batch.rows, settings)
        turn_away(db, prepared, batch, settings)
        return prepared


def turn_away(db: Connection, prepared: Prepared, batch: log.Batch, settings: Snapshot | None = None) -> None:
    """Leaves people out who were erased and suppressed: one look, and none more where there are none."""
    if keys := suppression.suppressed(db, batch.workspace, prepared.cleans):
        erase.turn_away(db, prepared, batch.rows, settings or snapshot(db, batch.workspace), keys)


def store(db: Connection, prepared: Prepared, watch: StageTimer) -> Counter[str]:
    """Clean messages to numbers, inside the caller's ONE transaction, its tables always in this order."""
    workspace = prepared.workspace
    planner.afresh(db, LARGE_TABLES, len(prepared.cleans) + len(prepared.records))
    settings = changes.settings_of(db, workspace)
    with watch("dedupe"):
        fresh = seen.first(db, workspace, prepared.cleans)
        records = seen.first_records(db, workspace, prepared.records)
    with watch("fold"):  # all that needs no answer: from the next line on other batches of the workspace wait
        folded, written = resolve.fold(db, workspace, fresh), events.lines(db, workspace, fresh)
    with watch("wait"):
        locks.hold(db, workspace)
    with watch("identity"):
        customers = orders.lock(db, workspace, fresh, records)
        owners = resolve.owners(db, workspace, fresh, customers, folded)
    with watch("profiles"):
        events.append(db, workspace, fresh, written)
        cells = activity.fold(fresh, day_of(settings))
    with watch("spans"):
        summary.rename(db, workspace, owners)
        active = recent.active(cells, owners)
        known = recent.of(db, workspace, active, owners)
        change = customer_spans.begin(db, workspace, owners, active, known)
    with watch("profiles"):
        activity.add(db, workspace, cells, owners.new)
        said = _said(db, workspace, fresh, owners.new)
    with watch("facts"):
        changed = changes.apply(db, settings, believed(fresh), records)
        purchases.mark_stale(db, workspace, changed.currencies)
        marks.remark(db, workspace, changed.marked, changed.unmarked)
    with watch("sums"):
        spent = purchases.spent(db, settings, _buyers(db, workspace, owners, changed.sightings))
        added = summary.Added(cells, recent.after(known, active))
        summary.remake(db, workspace, owners, added, spent, said)
        customer_spans.apply(db, workspace, owners, change, changed)
    with watch("mirror"):
        _follow(db, workspace, fresh, owners, changed)
    with watch("rejects"):
        refused = rejects.add(db, workspace, prepared.bads)
        _count(db, prepared, (fresh, records), day_of(settings))
    return Counter(
        events=len(fresh),
        records=len(records),
        rejects=refused,
        repeats=len(prepared.cleans) + len(prepared.records) - len(fresh) - len(records),
    )


def _said(db: Connection, workspace: int, fresh: list[Clean], new: set[int]) -> set[int]:
    """What people said of themselves, what they agreed to, how they are found; the sightings that said something."""
    said = traits.observe(db, workspace, fresh, new)
    consents.keep(db, workspace, fresh, new)
    search.index(db, workspace, fresh)
    return said


def _count(
    db: Connection, prepared: Prepared, stored: tuple[list[Clean], list[Record]], day: activity.Day
) -> None:
    """What each connector brought, what its notices only named, what its cleaning rules did, what breaks the plan."""
    if prepared.lookups:
        lookups.add(db, prepared.workspace, prepared.lookups)
    health.add(db, prepared.workspace, prepared, stored)
    cleaned.add(db, prepared.workspace, prepared)
    violations.add(db, prepared.workspace, stored[0], prepared.bads, day)


def believed(fresh: list[Clean]) -> list[Clean]:
    """What facts are made of: an order that a crawler sent is nobody's, its answers and memberships are none."""
    if not any(clean.marks and contacts.BOT in clean.marks for clean in fresh):
        return fresh
    return [_nobodys(clean) if contacts.BOT in clean.marks else clean for clean in fresh]


def _nobodys(clean: Clean) -> Clean:
    counts_people = clean.meaning is not None and clean.meaning.kind in PEOPLE
    return replace(clean, sighting=None, meaning=None if counts_people else clean.meaning)


def day_of(settings: WorkspaceSettings) -> activity.Day:
    """Instants to days of the workspace's zone, each half minute asked for once: no day begins within one."""
    zone = ZoneInfo(settings.zone)
    days: dict[int, date] = {}

    def day(at: datetime) -> date:
        span = int(at.timestamp()) // SPAN
        found = days.get(span)
        if found is None:
            found = days[span] = at.astimezone(zone).date()
        return found

    return day


def _buyers(db: Connection, workspace: int, owners: Owners, sightings: set[int]) -> dict[int, int]:
    """All sightings of the profiles whose purchases may have changed: sighting -> profile."""
    profiles = {owners.profile[sighting] for sighting in sightings} | summary.whole(owners)
    return summary.sightings_of(db, workspace, profiles) if profiles else {}


def settle(db: Connection, workspace: int, owners: Owners) -> None:
    """After a merge, a split or what waited: the rows of the profiles that moved. Same order, no events."""
    settings = changes.settings_of(db, workspace)
    summary.rename(db, workspace, owners)
    change = customer_spans.begin(db, workspace, owners, {}, {})
    buyers = _buyers(db, workspace, owners, set())
    summary.remake(db, workspace, owners, summary.NOTHING, purchases.spent(db, settings, buyers), set())
    customer_spans.apply(db, workspace, owners, change, changes.NOTHING)
    _follow(db, workspace, [], owners, changes.NOTHING)


def _follow(
    db: Connection, workspace: int, fresh: list[Clean], owners: Owners, changed: changes.FactChanges
) -> None:
    """What follows beside the line takes it up from here: the mirror and destinations what happened, segments that
    anything did.
    """
    capture.keep(db, workspace, fresh, owners, changed)
    activation.keep(db, workspace, fresh, owners)
    touched.note(db, workspace)
