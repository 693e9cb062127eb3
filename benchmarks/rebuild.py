"""Everything again from the inbox: requests and events a second. `python -m benchmarks.rebuild [--events 100000]`"""

import time

from benchmarks import ground
from benchmarks.ground import Stream


def main() -> None:
    """Fills, drains, rebuilds; prints both rates."""
    options = ground.options(__doc__, people=20_000, events=100_000)
    with ground.ground() as servers:
        ground.machine()
        workspace, connectors, _key = ground.place()
        ground.fill(workspace.pk, connectors, Stream(options.people).bodies(options.events))
        from cdp import pipeline, rebuild

        cpu = ground.cpu(servers)
        for name, work in (("drain", lambda: pipeline.drain(wait=True)), ("rebuild", rebuild.everything)):
            begin = time.perf_counter()
            cpu.since()
            work()
            took = time.perf_counter() - begin
            _clock, spent = cpu.since()
            print(
                f"{name:10} {options.events / took:10,.0f} events/s {options.events / spent:10,.0f} events/CPU s"
            )


if __name__ == "__main__":
    main()
