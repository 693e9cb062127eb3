"""The two neighbours of every figure: raw COPY into the event table (the limit), and the loop one writes first.

The loop: a Django model per table, get_or_create for the identifiers, save() per event, one transaction per event.
"""

import uuid
from typing import Any

from benchmarks.ground import Cpu, Stream

ROWS = 5_000


def copied(cpu: Cpu, workspace: int, events: int, runs: int) -> list[tuple[float, float]]:
    """COPY of ready lines into the partitioned event table with its indexes: (rows/s, rows/CPU s) of each run."""
    import io

    from django.db import connection

    with connection.cursor() as cursor:
        out = io.StringIO()
        cursor.copy_expert(
            f"copy (select * from profiles_event where workspace_id = {int(workspace)} limit {int(events)}) to stdout",
            out,
        )
    lines = out.getvalue().splitlines(keepends=True)
    found = []
    for run in range(runs):
        fresh = [_renamed(line, run) for line in lines]
        chunks = ["".join(fresh[start : start + ROWS]) for start in range(0, len(fresh), ROWS)]
        cpu.since()
        with connection.cursor() as cursor:
            for chunk in chunks:
                cursor.copy_expert("copy profiles_event from stdin", io.StringIO(chunk))
        took, spent = cpu.since()
        found.append((len(fresh) / took, len(fresh) / spent))
    return found


def _renamed(line: str, run: int) -> str:
    """The same row under another workspace and id."""
    _workspace, _id, rest = line.split("\t", 2)
    return f"{900_000 + run}\t{uuid.uuid4()}\t{rest}"


class Loop:
    """The service one writes on the first day: a DRF serializer, get_or_create, a transaction an event."""

    def __init__(self) -> None:
        from django.db import connection

        self.event, self.person, self.name = _models()
        self.serializer = _serializer()
        with connection.schema_editor() as editor:
            for model in (self.person, self.name, self.event):
                editor.create_model(model)

    def take(self, message: dict[str, Any]) -> None:
        """One message."""
        from django.db import transaction

        checked = self.serializer(data=message)
        checked.is_valid(raise_exception=True)
        sent = checked.validated_data
        with transaction.atomic():
            if not self.event.objects.filter(message_id=sent["messageId"]).exists():
                self._store(sent)

    def _store(self, sent: dict[str, Any]) -> None:
        owner = None
        for kind in ("userId", "anonymousId"):
            if not sent.get(kind):
                continue
            person = owner or self.person.objects.create()
            found, _new = self.name.objects.get_or_create(
                kind=kind, value=sent[kind], defaults={"person": person}
            )
            if owner is not None and found.person_id != owner.pk:
                self.event.objects.filter(person=found.person).update(person=owner)
                self.name.objects.filter(person=found.person).update(person=owner)
            owner = owner or found.person
        owner.traits.update(sent.get("traits", {}))
        owner.events += 1
        owner.save()
        self.event.objects.create(
            message_id=sent["messageId"],
            type=sent["type"],
            name=sent.get("event") or sent.get("name") or "",
            at=sent["timestamp"],
            person=owner,
            properties=sent.get("properties", {}),
            context=sent.get("context", {}),
        )


def looped(cpu: Cpu, stream: Stream, events: int, runs: int) -> list[tuple[float, float]]:
    """The naive loop: (events/s, events/CPU s) of each run."""
    loop, found = Loop(), []
    for _ in range(runs):
        messages = [stream.message() for _ in range(events)]
        cpu.since()
        for message in messages:
            loop.take(message)
        took, spent = cpu.since()
        found.append((events / took, events / spent))
    return found


def _serializer() -> Any:
    from rest_framework import serializers

    fields = {
        "messageId": serializers.CharField(max_length=100),
        "type": serializers.ChoiceField(["track", "identify", "page", "screen", "group", "alias"]),
        "event": serializers.CharField(max_length=200, required=False),
        "name": serializers.CharField(max_length=200, required=False),
        "userId": serializers.CharField(max_length=200, required=False),
        "anonymousId": serializers.CharField(max_length=200, required=False),
        "timestamp": serializers.DateTimeField(),
        "properties": serializers.DictField(required=False),
        "traits": serializers.DictField(required=False),
        "context": serializers.DictField(required=False),
    }
    return type("Message", (serializers.Serializer,), fields)


def _models() -> Any:
    from django.db import models

    def model(title: str, /, **fields: Any) -> Any:
        meta = type("Meta", (), {"app_label": "naive"})
        return type(title, (models.Model,), fields | {"__module__": __name__, "Meta": meta})

    person = model("Person", traits=models.JSONField(default=dict), events=models.IntegerField(default=0))
    name = model(
        "Name",
        kind=models.CharField(max_length=20),
        value=models.CharField(max_length=200, unique=True),
        person=models.ForeignKey(person, models.CASCADE),
    )
    event = model(
        "Event",
        message_id=models.CharField(max_length=100, unique=True),
        type=models.CharField(max_length=20),
        name=models.CharField(max_length=200),
        at=models.DateTimeField(),
        person=models.ForeignKey(person, models.CASCADE),
        properties=models.JSONField(),
        context=models.JSONField(),
    )
    return event, person, name


def sizes() -> list[tuple[str, int, int, int]]:
    """(table, rows, heap bytes, index bytes) of the parts' tables, partitions added up, largest first."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(p.relname, c.relname)::text, sum(greatest(c.reltuples, 0))::bigint,"
            " sum(pg_table_size(c.oid))::bigint, sum(pg_indexes_size(c.oid))::bigint from pg_class c"
            " left join pg_inherits h on h.inhrelid = c.oid left join pg_class p on p.oid = h.inhparent"
            " join pg_namespace n on n.oid = c.relnamespace where n.nspname = current_schema() and c.relkind = 'r'"
            " group by 1 order by 3 desc limit 14"
        )
        return cursor.fetchall()
