"""Who is in a segment: asked whole, compared with who was, and what differs written as entered and left.

A segment's turn is one transaction under the workspace's lock: killed at any moment it has happened or not. Who was
joined with somebody stays in it; joins and splits need nothing more, for the whole rule is asked again each time.
Not here: when (cdp/pipeline/segmenting.py), what a rule asks (compile.py).
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kernel import limits, periods
from kernel.db import Connection, Statements, array, rows, run
from kernel.errors import BadRequest, TryAgain
from kernel.models import Workspace
from metrics.mirror import reading
from metrics.models import Segment
from metrics.segments import compile as compiling
from metrics.segments import kept, rule
from profiles.queries import choosing

SQL = Statements(__file__)

# The classes of advisory locks of workspaces: for the whole of a worker's turn, and for one segment that is asked.
TURN: Final = 0x5354
LOCK: Final = 0x5347
EVERY: Final = timedelta(seconds=45)  # rules with windows are asked so often, whatever happens
NOW_AND_THEN: Final = timedelta(minutes=10)  # all others too: rates move what was spent
LONGEST_SECONDS: Final = 60  # of one statement: then the segment says that it takes too long

# Why somebody entered or left: something happened or time passed; the rule was made or changed; people were joined, and
# go on as one (sql: moved). Only the first is news.
EVENT, RULE = "event", "rule"

DIFFERENCE = """with found as materialized (select s.key from {base} where {condition}), gone as (
    update metrics_segment_member m set left_at = %(now)s::timestamptz
    where m.workspace_id = %(workspace)s::int and m.segment_id = %(segment)s::bigint and m.left_at is null
        and not exists (select from found f where f.key = m.profile)
    returning m.profile
), come as (
    insert into metrics_segment_member (workspace_id, segment_id, profile, entered_at)
    select %(workspace)s::int, %(segment)s::bigint, f.key, %(now)s::timestamptz from found f
    where not exists (
        select from metrics_segment_member m where m.workspace_id = %(workspace)s::int
            and m.segment_id = %(segment)s::bigint and m.left_at is null and m.profile = f.key
    )
    returning profile
), told as (
    insert into metrics_segment_change (workspace_id, segment_id, profile, entered, at, why)
    select %(workspace)s::int, %(segment)s::bigint, c.profile, c.entered, %(now)s::timestamptz, %(why)s::text
    from (select profile, false as entered from gone union all select profile, true from come) c
)
select (select count(*) from found), (select count(*) from come), (select count(*) from gone)"""


class Turn(NamedTuple):
    """What a workspace's segments are to be asked for."""

    workspace: int
    changed: int
    state: str | None
    stale: bool  # something changed since
    at: datetime | None


def turns(db: Connection) -> list[Turn]:
    """The workspaces with segments, the one that waits longest first."""
    return [Turn(*row) for row in rows(db, SQL["turns"])]


def due(turn: Turn, now: datetime, *, windows: bool) -> bool:
    """Whether it is time to ask. `windows`: a rule of it moves by time alone."""
    if turn.stale or turn.at is None:
        return True
    return now - turn.at >= (EVERY if windows else NOW_AND_THEN)


def with_windows(workspace: int) -> bool:
    """Whether somebody may enter or leave a segment of the workspace by time passing."""
    return any(kept.moves_by_time(one.rule) for one in Segment.objects.filter(workspace=workspace))


def take(db: Connection, turn: Turn, clock: Callable[[], datetime] = timezone.now) -> int:
    """Asks all segments of a workspace; how many were. Where another worker is at it, it is left to that one.

    Raises TryAgain, once the others were asked, where the mirror is being made: then it is not noted as done.
    """
    if not rows(db, SQL["alone"], lock=TURN, workspace=turn.workspace)[0][0]:
        return 0
    try:
        return _take(db, turn, clock)
    finally:
        rows(db, SQL["release"], lock=TURN, workspace=turn.workspace)


def _take(db: Connection, turn: Turn, clock: Callable[[], datetime]) -> int:
    workspace, began, asked, late = Workspace.objects.get(pk=turn.workspace), clock(), list[bool](), None
    for key in (
        Segment.objects.filter(workspace=workspace)
        .order_by("refreshed_at", "pk")
        .values_list("pk", flat=True)
    ):
        try:
            asked.append(refresh(db, workspace, key, clock))
        except TryAgain as trouble:
            late = trouble
    if late is not None:
        raise late
    if all(asked):  # one whose rule is changed this moment is asked next time
        run(db, SQL["seen"], workspace=turn.workspace, changed=turn.changed, state=turn.state, now=began)
    return sum(asked)


def refresh(
    db: Any,
    workspace: Workspace,
    key: int,
    clock: Callable[[], datetime] = timezone.now,
    seconds: float = LONGEST_SECONDS,
) -> bool:
    """Asks one segment; False while another of the workspace is asked.

    Raises TryAgain while the mirror that it needs is being made. A rule that can no longer be asked (a channel, a
    segment is gone), and one that takes longer than `seconds`, says so on the segment; its members stay.
    """
    try:
        return _refresh(db, workspace, key, clock, seconds)
    except OperationalError as trouble:
        if limits.too_slow(trouble) is None:
            raise
        said = _("This rule takes longer than %(n)s seconds: make it simpler.") % {"n": f"{seconds:g}"}
        Segment.objects.filter(pk=key).update(trouble=said, refreshed_at=clock())
        return True


def _refresh(db: Any, workspace: Workspace, key: int, clock: Callable[[], datetime], seconds: float) -> bool:
    with transaction.atomic():
        if not rows(db, SQL["hold"], lock=LOCK, workspace=workspace.pk)[0][0]:
            return False
        segment = Segment.objects.filter(pk=key).first()
        if segment is None:
            return True
        run(db, f"set local statement_timeout = {int(seconds * 1000)}")
        now = clock()
        try:
            node = kept.node_of(db, workspace, segment)
            with compiling.opened(workspace, node, now) as over:
                if over.mirror is not None:
                    reading.patient(over.mirror, seconds)
                count = _compare(over, segment, node)
                as_of = over.mirror.as_of if over.mirror else now
        except BadRequest as trouble:
            Segment.objects.filter(pk=key).update(trouble=str(trouble), refreshed_at=now)
            return True
        Segment.objects.filter(pk=key).update(
            trouble="", count=count, as_of=as_of, refreshed_at=now, filled=segment.version
        )
    return True


def _compare(over: compiling.Over, segment: Segment, node: rule.Node) -> int:
    """Writes what differs; how many are in it."""
    found = compiling.condition(over, node)
    own = {
        "segment": segment.pk,
        "now": over.now,
        "why": EVENT if segment.filled == segment.version else RULE,
    }
    run(over.db, SQL["moved"], workspace=over.workspace.pk, segment=segment.pk, now=over.now)
    text = DIFFERENCE.format(base=choosing.BASE, condition=found.sql)
    count, _come, _gone = rows(over.db, text, **found.values, **own)[0]
    return int(count)


def begin(db: Connection, workspace: int) -> None:
    """From the first segment on the workspace's changes are noted."""
    run(db, SQL["begin"], workspace=workspace)


def drop(db: Connection, segment: Segment) -> None:
    """Forgets a segment's members and their history."""
    run(db, SQL["drop"], workspace=segment.workspace_id, segment=segment.pk)


# ---- what was ------------------------------------------------------------------------------------


class Day(NamedTuple):
    """Who entered and left on a day, and how many were in it at its end."""

    day: date
    entered: int
    left: int
    members: int


def was_in(db: Connection, segment: Segment, at: datetime) -> list[int]:
    """Serial ids of who was in it at a moment: who they are now. Before it was first asked it had nobody."""
    found = rows(db, SQL["at"], workspace=segment.workspace_id, segment=segment.pk, at=at)
    return [profile for (profile,) in found]


def history(db: Connection, workspace: Workspace, segment: Segment, first: date, last: date) -> list[Day]:
    """Every day of a period, both ends inside, in the workspace's zone."""
    where = periods.zone(workspace.timezone)
    asked = {"workspace": workspace.pk, "segment": segment.pk, "begin": periods.begins(first, where)}
    zone = workspace.timezone if periods.is_zone(workspace.timezone) else "UTC"
    by_day = {
        day: found
        for day, *found in rows(db, SQL["history"], **asked, end=periods.ends(last, where), zone=zone)
    }
    members, made = int(rows(db, SQL["before"], **asked)[0][0]), []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        entered, left, grew = by_day.get(day, (0, 0, 0))
        members += grew
        made.append(Day(day, entered, left, members))
    return made


def sets(db: Connection, workspace: int, keys: list[int]) -> list[tuple[tuple[int, ...], int]]:
    """How many are in exactly which of some segments: (their ids, people), the largest first."""
    found = rows(db, SQL["sets"], workspace=workspace, segments=array(sorted(keys)))
    return sorted(((tuple(ids), n) for ids, n in found), key=lambda one: (-one[1], one[0]))
