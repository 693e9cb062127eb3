"""Between the channels at size, part after part in one run, on a retailer of the run's own.

    .venv/bin/python -m benchmarks.between [--only attribution] [--people 2000 --events 100000 --clones 49 --rounds 5]

The default comes to 5 million events of 300 thousand people on eight channels. A part is a module here with
`measure(figures, place, options)`, and its line in PARTS.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from benchmarks import ground
from benchmarks.between import attribution, parity, settlement
from benchmarks.between.ground import Place, place
from benchmarks.clones import Clones, sizes, step_seconds

PARTS: Final[dict[str, Callable[[ground.Figures, Place, Any], None]]] = {
    "attribution": attribution.measure,
    "settlement": settlement.measure,
    "parity": parity.measure,
}


def main() -> None:
    """Fills, grows, mirrors; then each part that is asked for."""
    given: dict[str, int | str] = {"only": "", "people": 2_000, "events": 100_000, "clones": 49, "rounds": 5}
    options = ground.options(__doc__, **given)
    parts = options.only.split(",") if options.only else list(PARTS)
    if unknown := set(parts) - set(PARTS):
        raise SystemExit(f"There is no part {', '.join(sorted(unknown))}: there are {', '.join(PARTS)}.")
    with ground.ground():
        figures = ground.Figures("between", options)
        here = place(options.people, step_seconds(options.events))
        here.fill(options.events)
        took = Clones(here.workspace.pk).grow(options.clones)
        ground.analyze()
        rows = {table: n for table, n, *_ in sizes()}
        print(f"   {rows.get('profiles_event', 0):,} events, cloned in {took:.0f} s", flush=True)
        from cdp.pipeline import mirroring

        began = time.perf_counter()
        mirroring.now(anew=True)
        print(f"   mirror made in {time.perf_counter() - began:.1f} s", flush=True)
        for name in parts:
            PARTS[name](figures, here, options)
        figures.write()


if __name__ == "__main__":
    main()
