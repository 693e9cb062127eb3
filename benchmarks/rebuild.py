"""Everything again from the inbox, beside the first time: events a second, and per CPU second of everything.

.venv/bin/python -m benchmarks.rebuild [--events 100000 --people 20000 --runs 3]
"""

from benchmarks import ground
from benchmarks.stream import Stream


def main() -> None:
    """Fills, drains, rebuilds; prints both rates and their ratio."""
    options = ground.options(__doc__, people=20_000, events=100_000, runs=3)
    with ground.ground() as servers:
        figures = ground.Figures("rebuild", options)
        workspace, connectors, _key = ground.place()
        ground.fill(workspace.pk, connectors, Stream(options.people).bodies(options.events))
        from cdp.pipeline import rebuild

        cpu, rates = ground.cpu(servers), {"drain": list[tuple[float, float]](), "rebuild": []}
        for name, work in (("drain", ground.drain), *[("rebuild", rebuild.everything)] * options.runs):
            cpu.since()
            done = work()["events"]
            took, spent = cpu.since()
            if done != options.events:
                raise SystemExit(f"{name} came to {done} of {options.events} events")
            rates[name].append((done / took, done / spent))
        for name, title in (("drain", "the first time"), ("rebuild", "rebuild")):
            figures.say(name, title, [one[0] for one in rates[name]], "events/s")
            figures.say(
                f"{name}_cpu", f"{title}, per CPU second", [one[1] for one in rates[name]], "events/CPU s"
            )
        again = [one[1] for one in rates["rebuild"]]
        figures.ratio("ratio", "rebuild : the first time", again, [rates["drain"][0][1]] * len(again))
        figures.write()


if __name__ == "__main__":
    main()
