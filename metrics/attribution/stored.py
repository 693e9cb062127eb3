"""Answers that took long, kept in PostgreSQL for every process. Not here: those of one process (kept.py), making them.

A row a question: the last state of the mirror it was answered for, and every model's answer then.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec
from django.utils import timezone

from kernel.db import Connection, Statements, rows
from metrics.attribution.answers import Attributed
from metrics.attribution.models.base import Told

SQL: Final = Statements(__file__)
MOST: Final = 200  # questions of a workspace, the latest made
ENCODER: Final = msgspec.json.Encoder(decimal_format="string")
DECODER: Final = msgspec.json.Decoder(list[Attributed])
AMOUNTS: Final = ("amount",)  # of a warning's values: decimals


class Stored(NamedTuple):
    """`seconds`: how long making it took."""

    state: str
    answers: dict[str, Attributed]
    seconds: float
    made_at: datetime


def read(db: Connection, workspace: int, question: str) -> Stored | None:
    """What was kept of a question, whatever the mirror has had since."""
    found = rows(db, SQL["read"], workspace=workspace, question=question)
    if not found:
        return None
    state, body, seconds, made_at = found[0]
    return Stored(state, {one.model: _whole(one) for one in DECODER.decode(body)}, seconds, made_at)


def keep(
    db: Connection, workspace: int, question: str, state: str, answers: list[Attributed], seconds: float
) -> None:
    """Keeps a question's answers in the place of earlier ones; the oldest of too many questions go."""
    values: dict[str, Any] = {"workspace": workspace, "question": question, "state": state}
    body = ENCODER.encode(answers).decode()
    rows(db, SQL["keep"], body=body, seconds=seconds, made_at=timezone.now(), most=MOST, **values)


def _whole(answer: Attributed) -> Attributed:
    """The same with the amounts of its warnings as they were: JSON has them as texts."""
    warnings = [
        Told(
            one.code,
            {name: Decimal(value) if name in AMOUNTS else value for name, value in one.values.items()},
        )
        for one in answer.warnings
    ]
    return answer._replace(warnings=warnings)
