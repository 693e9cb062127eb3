"""Loads the demo retailer through the front door: its workspace, channels and keys, then every request over HTTP.

Safe to repeat: an interrupted load goes on with what it began with, and a message sent twice is one event.
Not here: what is sent (simulate.py).
"""

import datetime as dt
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction

from cdp.pipeline import jobs
from channels import queries, setup
from channels.models import Channel, WriteKey
from demo import agreement, boards, findings, outlets, simulate
from demo.doubles import Doubles
from demo.outlets import Outlet
from demo.send import Senders
from demo.simulate import Simulation
from demo.world import CURRENCY, ZONE
from kernel.errors import Trouble
from kernel.models import Job, Member, Workspace

SLUG, NAME = "demo", "Hemu Home 禾木家居"
MAIN = "main"  # whose members may see the demo too
KIND = "demo"  # of the job
LOOK_SECONDS = 0.4  # between two looks at the inbox
STUCK_SECONDS = 180  # nothing left the inbox for so long: no worker runs

Tell = Callable[[int, int], None]  # (messages that are done, all messages)


class Size(NamedTuple):
    """What a demo is made of: the same size makes the same bytes."""

    customers: int = simulate.CUSTOMERS
    days: int = simulate.DAYS
    seed: int = simulate.SEED
    end: str = ""  # ISO with offset; empty: now, as long as no job was begun

    def simulation(self) -> Simulation:
        """A fresh one."""
        return Simulation(self.customers, self.days, self.seed, dt.datetime.fromisoformat(self.end))


def end_of(day: dt.date | None, now: dt.datetime) -> str:
    """The last moment of a day in Shanghai, at most now."""
    last = now.astimezone(ZONE)
    if day and day < last.date():
        last = dt.datetime.combine(day, dt.time(23, 59, 59), tzinfo=ZONE)
    return last.replace(microsecond=0).isoformat()


def begun(wanted: Size | None, now: dt.datetime) -> Job | None:
    """The job to do: one that was interrupted or cancelled, else a new one; None when there is nothing to do.

    Without a wish the demo is loaded once; with one, that very size is loaded unless it is already there. A wish
    without an end fits a job with any end: an interrupted load keeps the one it began with.
    """
    workspace = place()
    jobs = Job.objects.filter(workspace=workspace, kind=KIND).order_by("id")
    if wanted is None:
        open_job = jobs.exclude(state="done").first()
        if open_job or jobs.exists():
            return open_job
        wanted = Size()
    asked = {name: value for name, value in wanted._asdict().items() if value != ""}
    same = jobs.filter(detail__contains=asked).first()
    if same:
        return None if same.state == "done" else same
    detail = {**asked, "end": wanted.end or end_of(None, now)}
    return Job.objects.create(workspace=workspace, kind=KIND, detail=detail)


def load(job: Job, address: str, tell: Tell) -> int:
    """Sends all of a job and waits until the pipeline has worked it in; how many messages it was."""
    size = Size(**job.detail)
    workspace = job.workspace
    if workspace is None:
        raise Trouble("The demo's workspace is gone: run `manage.py demo` again.")
    keys = connectors(workspace)
    doubles = Doubles(workspace, address)
    total = 0
    for request in size.simulation().requests():
        total += _count(request.body)
        doubles.learn(request)
    Job.objects.filter(pk=job.pk).update(state="waiting", started_at=dt.datetime.now(dt.UTC))
    jobs.tell(job, total=total)
    watch = _Progress(job, workspace.pk, total, tell)
    try:
        with doubles, Senders(address, keys) as senders:
            doubles.open()
            for request in size.simulation().requests():
                rest = doubles.take(request)
                if rest is not None:
                    senders.send(rest)
                watch.sent(_count(request.body))
        doubles.over(watch.look)
        watch.until_empty()
        last = dt.datetime.fromisoformat(size.end).astimezone(ZONE).date()
        agreement.make(workspace, last - dt.timedelta(days=size.days - 1), last)
    except BaseException:
        jobs.end(job, "failed")
        raise
    jobs.end(job, "done", done=total)
    return total


def truth(wanted: Size | None) -> dict[str, Any]:
    """What there is to find in the newest demo that was begun, of a size if one is wanted (findings.py). Takes seconds.

    Raises Trouble where none was, and where this version makes another one of the same size.
    """
    asked = {name: value for name, value in wanted._asdict().items() if value != ""} if wanted else {}
    begun = Job.objects.filter(workspace__slug=SLUG, kind=KIND, detail__contains=asked)
    job = begun.order_by("-id").first()
    if job is None:
        raise Trouble("No such demo was loaded here: run `manage.py demo` first.")
    simulation = Size(**job.detail).simulation()
    total = sum(_count(request.body) for request in simulation.requests())
    if job.total and job.total != total:
        raise Trouble(
            "The demo that is loaded was made by another version of Huiliu, whose truth is not known."
        )
    found: dict[str, Any] = findings.told(simulation.findings)
    return found


class _Progress:
    """Counts what has left the inbox: the job's row and whoever listens are told now and then."""

    def __init__(self, job: Job, workspace: int, total: int, tell: Tell) -> None:
        self._job, self._workspace, self._total, self._tell = job, workspace, total, tell
        self._sent = self._requests = 0
        self._looked = 0.0

    def sent(self, messages: int) -> None:
        """One more request is on its way."""
        self._sent += messages
        self._requests += 1
        if time.monotonic() - self._looked > LOOK_SECONDS:
            self.look()

    def until_empty(self) -> None:
        """Waits for the worker."""
        least, since = self.look(), time.monotonic()
        while least:
            time.sleep(LOOK_SECONDS)
            waiting = self.look()
            if waiting < least:
                least, since = waiting, time.monotonic()
            elif time.monotonic() - since > STUCK_SECONDS:
                raise Trouble(
                    f"{waiting} requests wait in the inbox and none has left it for {STUCK_SECONDS} s: "
                    "see that a worker runs, then run `manage.py demo` again."
                )

    def look(self) -> int:
        """How many requests wait; tells how many messages are done."""
        self._looked = time.monotonic()
        waiting = queries.freshness(self._workspace).waiting
        share = min(1.0, waiting / self._requests) if self._requests else 0.0
        done = min(self._total, round(self._sent * (1 - share)))
        if not jobs.tell(self._job, done=done):
            raise Trouble(
                f"Cancelled after {done:,} of {self._total:,} events, which stay. "
                "`manage.py demo` goes on with the rest."
            )
        self._tell(done, self._total)
        return waiting


def _count(body: dict[str, Any]) -> int:
    return sum(len(messages) for messages in body.values())


# --- what the demo stands on ----------------------------------------------------------------------------------


def place() -> Workspace:
    """The demo's own workspace, open to everybody who may see the main one."""
    with transaction.atomic():
        workspace = Workspace.objects.filter(slug=SLUG).first()
        if workspace is None:
            workspace = setup.add_workspace("Demo", timezone=ZONE.key, currency=CURRENCY)
            workspace.name = NAME
            workspace.save(update_fields=["name"])
        boards.make(workspace)
        for member in Member.objects.filter(workspace__slug=MAIN):
            Member.objects.get_or_create(
                workspace=workspace, user=member.user, defaults={"role": member.role}
            )
    return workspace


def connectors(workspace: Workspace) -> dict[str, str]:
    """A good write key by the simulation's name of a connector; what is missing is made."""
    keys: dict[str, str] = {}
    with transaction.atomic():
        for lane, outlet in enumerate(outlets.OUTLETS, start=1):
            channel = _channel(workspace, outlet, lane)
            for code, name in outlet.connectors:
                keys[code] = _key(channel, name)
    return keys


def _channel(workspace: Workspace, outlet: Outlet, lane: int) -> Channel:
    """A channel with its colour, commission and lane; a new one comes with its first connector."""
    found = Channel.objects.filter(workspace=workspace, slug=outlet.slug).first()
    if found:
        return found
    setup.add_channel(workspace, outlet.name, outlet.kind)
    channel = Channel.objects.filter(workspace=workspace, slug=outlet.slug).first()
    if channel is None:
        raise Trouble(
            f"The channel {outlet.name} did not get the short name {outlet.slug}, which the demo needs."
        )
    channel.color, channel.commission = outlet.color, Decimal(outlet.commission)
    channel.settings = {**channel.settings, "lane": lane}
    channel.save(update_fields=["color", "commission", "settings"])
    channel.connector_set.update(name=outlet.connectors[0][1])
    return channel


def _key(channel: Channel, name: str) -> str:
    keys = WriteKey.objects.filter(
        connector__channel=channel, connector__name=name, revoked_at=None
    ).order_by("id")
    if not channel.connector_set.filter(name=name).exists():
        setup.add_connector(channel, name)
    key = keys.first()
    if key is None:
        raise Trouble(
            f"The connector {name} of {channel.name} has no write key left: make one on the Channels page."
        )
    return key.key
