"""Attribution at size: every model over 90 days on the page, first and after a day's new events; and beside a peer.

The page is asked as a browser does: while it shows how far the job is, again after a moment; a worker's thread makes it
here. The peer (peer.py) is given its journeys ready; ours reads them from the mirror, holds refunds, margin and new
customers besides, and rounds to the cent. It is also timed without the reading. Not here: the retailer (ground.py).
"""

import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from benchmarks import ground
from benchmarks.between import peer
from benchmarks.between.ground import Place

FIRST_SECONDS, AFTER_SECONDS, TIMES = 20.0, 2.0, 20.0
PERIOD: Final = "from=2026-02-01&to=2026-05-01"
DAY_EVENTS: Final = 150  # of days that the stream's events spread over, with clones
AGAIN_SECONDS: Final = 0.1  # between two looks at a page that is being made


def measure(figures: ground.Figures, here: Place, options: Any) -> None:
    """First, again, after a day; beside the peer."""
    from cdp.pipeline import attributions, mirroring
    from metrics.attribution import background

    background.FRESH_SECONDS = 0.0  # type: ignore[misc]  # an answer from before the day's events is none
    client = ground.reader(here.workspace)
    attributions.start()
    spent: list[float] = []
    most: list[float] = []

    def page() -> float:
        cpu, longest = ground.Cpu(os.getpid(), own=False), 0.0
        began = time.perf_counter()
        while True:
            asked = time.perf_counter()
            answer = client.get(f"/allocation/?{PERIOD}")
            longest = max(longest, time.perf_counter() - asked)
            if answer.status_code != 200 or b'id="attribution"' not in answer.content:
                raise SystemExit(f"/allocation/: {answer.status_code} {answer.content[:300]!r}")
            if b"Side by side" in answer.content:
                break
            time.sleep(AGAIN_SECONDS)
        took = time.perf_counter() - began
        spent.append(cpu.since()[1])
        most.append(longest)
        return took

    def say(name: str, seconds: list[float], must: float) -> None:
        _say(figures, name, seconds, must)
        figures.say(f"{name}_cpu".replace(" ", "_"), "   its CPU, the reading process in it", spent, "CPU s")
        figures.say(f"{name}_longest".replace(" ", "_"), "   its longest request", most, "s")
        spent.clear()
        most.clear()

    say("attribution, all models, 90 days, first", [page()], FIRST_SECONDS)
    say("attribution, the same again", [page() for _ in range(options.rounds)], AFTER_SECONDS)
    after = []
    for _ in range(max(1, options.rounds // 2)):
        here.fill(max(100, options.events * (options.clones + 1) // DAY_EVENTS))
        mirroring.now()
        after.append(page())
    say("attribution, after a day's new events", after, AFTER_SECONDS)
    attributions.stop()
    _beside(figures, here, options)


def _say(figures: ground.Figures, name: str, seconds: list[float], must: float) -> None:
    middle = figures.say(name.replace(" ", "_"), name, seconds, "s")
    print(f"   must < {must:.0f} s: {'reached' if middle < must else 'NOT reached'}", flush=True)


def _beside(figures: ground.Figures, here: Place, options: Any) -> None:
    from django.db import connection

    from metrics import query
    from metrics.attribution import answers, background, paths
    from metrics.attribution.kept import KEPT
    from metrics.attribution.question import Question
    from metrics.journeys.base import Asked
    from metrics.mirror import reading
    from metrics.scope import Days

    settings = query.reporting_settings(connection, here.workspace)
    first, last = (_day(part.split("=")[1]) for part in PERIOD.split("&"))
    names = [*peer.HEURISTICS, "markov", "shapley"]
    with reading.open_mirror(here.workspace.pk) as mirror:
        reading.patient(mirror, background.LONGEST_SECONDS)  # as where nobody waits
        asked = Asked(mirror, settings, Days(first, last))
        journeys = _journeys(asked, Question())
        print(
            f"   {len(journeys):,} journeys, {int(journeys['won'].sum()):,} of them with an order", flush=True
        )
        ours, models, theirs = [], [], []
        for _ in range(options.rounds):
            KEPT.forget()
            ours.append(_took(lambda: answers.several(connection, asked, Question(), names)))
            found = paths.read(connection, asked, Question(), timed=True)
            models.append(_took(partial(_credit, found, names)))
            theirs.append(_took(lambda: peer.everything(journeys)))
    print(
        f"   {len(found.walked.paths):,} distinct paths with an order, {len(found.walked.lost):,} without",
        flush=True,
    )
    figures.say("attribution_ours", "ours, from the mirror to the cent", ours, "s")
    figures.say("attribution_models", "ours, the models alone", models, "s")
    figures.say("attribution_peer", "the peer, journeys ready", theirs, "s")
    figures.ratio("attribution_times", "the peer to ours, from the mirror", theirs, ours, TIMES)
    figures.ratio("attribution_models_times", "the peer to our models alone", theirs, models, TIMES)


def _credit(found: Any, names: list[str]) -> None:
    """Every model's sums, of paths that are there; what hangs on ages was made with the paths."""
    from metrics.attribution import answers
    from metrics.attribution.models import BY_NAME
    from metrics.attribution.question import Question

    for name in names:
        answers.credit(found, BY_NAME[name], answers.fitted(BY_NAME[name], found.walked, Question()))


def _journeys(asked: Any, question: Any) -> Any:
    """Every journey of the period, as the peer wants it: a row each."""
    from django.db import connection

    from metrics.attribution import paths

    found = paths.read(connection, asked, question)
    signs = found.walk.keys()
    rows = [
        ([signs[sign] for sign in text], [age / 86_400 for age in ages], True, 100.0)
        for *_order, text, _named, ages in found.walk.orders(timed=True)
        if text is not None
    ]
    rows += [
        ([found.keys.names[key] for key in touches], list(range(len(touches)))[::-1], False, 0.0)
        for touches, n in found.walked.lost.items()
        for _ in range(n)
    ]
    return peer.frame(rows)


def _took(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _day(text: str) -> Any:
    from datetime import date

    return date.fromisoformat(text)
