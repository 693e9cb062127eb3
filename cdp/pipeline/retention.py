"""How long each kind of data is kept: what would go, said before it goes, and the daily work that lets it go.

Events and anonymous browsing stay for ever so far: customers and money counted in the past are made of them, and would
change. Raw bodies may go; from then on nothing can be made anew from the inbox (rebuild.py refuses), and what was
received is shown no more. Not here: erasure of one person, files of exports (exports.py: a day).
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from kernel import audit
from kernel.db import Connection, Statements, rows, run
from kernel.errors import BadRequest
from kernel.models import Retention, Workspace
from kernel.periods import utc_text

SQL = Statements(__file__)

KINDS: Final = ("raw_bodies", "anonymous_browsing", "events", "rejects", "exports", "audit")
COUNTED: Final = ("anonymous_browsing", "events")  # what totals of the past are made of
MOST_MONTHS: Final = 1_200
STEP: Final = 5_000  # rows that go in one transaction
STEPS: Final = 400  # of a kind and a workspace in one run: the next one goes on
ACTOR: Final = "retention"


class Gone(NamedTuple):
    """What lies before a time: how many, and since when."""

    rows: int
    oldest: datetime | None


def of(workspace: Workspace) -> dict[str, int | None]:
    """Months by kind; None: for ever."""
    said = dict(Retention.objects.filter(workspace=workspace).values_list("kind", "months"))
    return {kind: said.get(kind) for kind in KINDS}


def checked(asked: Mapping[str, Any]) -> dict[str, int | None]:
    """Months by kind as somebody asks for them; BadRequest for what cannot be."""
    for kind, months in asked.items():
        if kind not in KINDS:
            raise BadRequest(
                _("There is no kind of data %(kind)r: %(all)s.")
                % {"kind": str(kind)[:60], "all": ", ".join(KINDS)},
                "unknown_kind",
            )
        if months is not None and (type(months) is not int or not 1 <= months <= MOST_MONTHS):
            raise BadRequest(
                _("“%(kind)s” is a whole number of months from 1 to %(most)s, or null: for ever.")
                % {"kind": kind, "most": f"{MOST_MONTHS:,}"},
                "bad_months",
            )
        if months is not None and kind in COUNTED:
            raise BadRequest(stays(kind), "kept_for_ever")
    return dict(asked)


def stays(kind: str) -> str:
    """Why a kind has no end yet; empty where it may have one."""
    if kind not in COUNTED:
        return ""
    return _("They stay for ever: customers and money counted in the past are made of them and would change.")


def keep(workspace: Workspace, months: Mapping[str, int | None], actor: str) -> None:
    """From now on; what is too old goes with the next daily work. Noted with what it was before."""
    with transaction.atomic():
        before = of(workspace)
        for kind, number in months.items():
            Retention.objects.update_or_create(workspace=workspace, kind=kind, defaults={"months": number})
        changed = {kind: number for kind, number in months.items() if before[kind] != number}
        was = {kind: before[kind] for kind in changed}
        audit.note(workspace.pk, actor, "retention.set", "retention", before=was, after=changed)


def end(now: datetime, months: int) -> datetime:
    """So many calendar months ago; the last day of a month that has no such day."""
    place = now.year * 12 + now.month - 1 - months
    year, month = max(place // 12, 1), place % 12 + 1
    return now.astimezone(UTC).replace(year=year, month=month, day=min(now.day, monthrange(year, month)[1]))


def shown(
    db: Connection, workspace: Workspace, months: Mapping[str, int | None], now: datetime
) -> list[dict[str, Any]]:
    """Each kind with its months and what would go by them now, as the API says it. Nothing is changed."""
    found = []
    for kind in KINDS:
        number = months[kind]
        before = None if number is None else end(now, number)
        gone = Gone(0, None) if before is None else _before(db, workspace.pk, kind, before)
        found.append(
            {
                "kind": kind,
                "months": number,
                "stays": stays(kind) or None,
                "goes": {
                    "count": gone.rows,
                    "oldest": utc_text(gone.oldest),
                    "before": utc_text(before),
                },
            }
        )
    return found


def _before(db: Connection, workspace: int, kind: str, before: datetime) -> Gone:
    return Gone(*rows(db, SQL[f"{kind}_before"], workspace=workspace, before=before)[0])


def run_all(db: Connection, now: datetime) -> dict[str, int]:
    """Lets go what is too old, of all workspaces, in steps; how many rows by kind. Killed, it goes on next time."""
    counts: dict[str, int] = {}
    wanted = Retention.objects.filter(~Q(kind__in=COUNTED), months__isnull=False).order_by(
        "workspace_id", "kind"
    )
    for one in wanted:
        assert one.months is not None  # noqa: S101 (asked for)
        before = end(now, one.months)
        gone = _let_go(db, one, before)
        counts[one.kind] = counts.get(one.kind, 0) + gone
        if gone:
            audit.note(
                one.workspace_id, ACTOR, "retention.apply", one.kind, gone=gone, before=utc_text(before)
            )
    return counts


def _let_go(db: Connection, one: Retention, before: datetime) -> int:
    total = 0
    for _step in range(STEPS):
        with transaction.atomic():
            if one.kind == "audit":
                run(db, SQL["audit_may_go"])
            gone = run(db, SQL[f"{one.kind}_go"], workspace=one.workspace_id, before=before, step=STEP)
            if gone:  # with the first row that goes, that a rebuild knows
                later = Q(gone_before__isnull=True) | Q(gone_before__lt=before)
                Retention.objects.filter(later, pk=one.pk).update(gone_before=before)
        total += gone
        if gone < STEP:
            break
    return total


def lost(gone: Retention) -> str:
    """Why nothing is made anew any more."""
    return _(
        "What %(workspace)s received before %(day)s was let go (retention of raw bodies): reading it anew would lose "
        "what was made of it."
    ) % {"workspace": gone.workspace.name, "day": utc_text(gone.gone_before)}


def bodies_gone() -> Retention | None:
    """A workspace of which raw bodies have gone: what was made of them cannot be made anew."""
    found = Retention.objects.filter(kind="raw_bodies", gone_before__isnull=False)
    return found.select_related("workspace").order_by(F("gone_before").desc()).first()
