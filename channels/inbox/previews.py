"""What a fix would do, before it does it: how many would be accepted, what they are worth, why the others not.

Nothing is written. Not here: doing it (rejects.py).
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple, Unpack
from uuid import UUID

from channels import reasons
from channels.inbox import fixes, rejects, repairs, reread, resend, worth
from channels.inbox.fixes import Fix
from channels.inbox.rejects import Which
from channels.mapping import apply
from channels.reasons import Wording
from channels.snapshot import Snapshot
from kernel.db import Connection, rows
from kernel.event import Clean, Record, RejectedMessage

LOOKED_AT = 2_000  # newest rejects of a preview
EXAMPLES = 3
MOST_REASONS = 10  # of those that would not be accepted
MOST_VALUES = 8  # that stand in a field


class Example(NamedTuple):
    """One message before and after."""

    id: UUID
    message_id: str
    before: str
    after: str
    accepted: bool
    changed: list[dict[str, Any]]  # as repairs.differences


class Left(NamedTuple):
    """Of those that would not be accepted: why, where, how many. `hint`: of one of them."""

    reason: str
    field: str
    hint: str
    messages: int


class Preview(NamedTuple):
    """What a fix would do. `looked_at`: of `total` the newest, all where there are no more than LOOKED_AT."""

    total: int
    looked_at: int
    accepted: int
    untouched: int  # the fix has nothing to do there
    left: list[Left]
    money: dict[str, Decimal]  # currency -> what the accepted orders come to
    examples: list[Example]


def of(
    db: Connection, workspace: int, fix: Fix, words: Wording = reasons.english, **which: Unpack[Which]
) -> Preview:
    """The open rejects that are meant, read as the fix would make them."""
    kept, snapshot = _newest(db, workspace, LOOKED_AT, which), apply.snapshot(db, workspace)
    again = reread.now(db, workspace, kept, snapshot, lambda text: fixes.apply(text, fix))
    return Preview(
        total=rejects.waiting(db, workspace, **which),
        looked_at=len(kept),
        accepted=len(again.understood),
        untouched=again.untouched,
        left=_left([bad for _, bad in again.bads], words),
        money=_money(again.understood, snapshot),
        examples=_examples(kept, fix, {one.id for one in again.understood}),
    )


def _newest(db: Connection, workspace: int, most: int, which: Which) -> list[resend.Kept]:
    found = rows(db, rejects.sql["peek"], most=most, **rejects.asked(workspace, which))
    return [resend.Kept(*row) for row in found]


def _left(bads: Sequence[RejectedMessage], words: Wording) -> list[Left]:
    """By reason and field, the most first."""
    count = Counter((bad.reason, bad.field) for bad in bads)
    one = {(bad.reason, bad.field): bad for bad in reversed(bads)}
    return [
        Left(reason, field, words(_why(one[reason, field])), n)
        for (reason, field), n in count.most_common(MOST_REASONS)
    ]


def _why(bad: RejectedMessage) -> reasons.Why:
    value = reasons.quoted_whole(fixes.value(bad.raw, bad.field))
    return reasons.Why(bad.reason, bad.field, bad.code, bad.params, value=value)


def _money(understood: Sequence[Clean | Record], snapshot: Snapshot) -> dict[str, Decimal]:
    """The totals of the orders among them, by currency."""
    found: dict[str, Decimal] = {}
    for one in understood:
        meaning = one.meaning if isinstance(one, Clean) else None
        if meaning is not None and meaning.kind == worth.ORDER and meaning.fields.get("total"):
            own = snapshot.connectors[one.connector].channel.currency
            currency = meaning.fields.get("currency") or own
            found[currency] = found.get(currency, Decimal(0)) + meaning.fields["total"]
    return found


def _examples(kept: Sequence[resend.Kept], fix: Fix, accepted: set[UUID]) -> list[Example]:
    """The newest that the fix changes, those that would be accepted first."""
    found: list[Example] = []
    for one in sorted(kept, key=lambda one: one.id not in accepted):
        after = fixes.apply(one.raw, fix)
        if after is not None:
            changed = repairs.difference(one.raw, after)
            found.append(Example(one.id, one.message_id, one.raw, after, one.id in accepted, changed))
        if len(found) == EXAMPLES:
            break
    return found


# ---- what there is to choose from -------------------------------------------------------------------

SAMPLE = 200  # rejects whose fields are looked at


class Fields(NamedTuple):
    """Of rejects that are alike: what stands in the field that is refused, and in which other ones something does."""

    values: list[tuple[str, int]]  # the most frequent first
    others: list[tuple[str, str]]  # path, what one of them says there; in most of them first


def fields(db: Connection, workspace: int, **which: Unpack[Which]) -> Fields:
    """Of the newest ones."""
    said: Counter[str] = Counter()
    there: Counter[str] = Counter()
    example: dict[str, str] = {}
    field = which.get("field") or ""
    for one in _newest(db, workspace, SAMPLE, which):
        value = reasons.quoted_whole(fixes.value(one.raw, field))
        said.update([value] if value else [])
        for path, plain in fixes.fields(one.raw).items():
            if path not in (field, *fixes.KEPT):
                there[path] += 1
                example.setdefault(path, reasons.quoted(fixes.text(plain)))
    return Fields(said.most_common(MOST_VALUES), [(path, example[path]) for path, _ in there.most_common()])
