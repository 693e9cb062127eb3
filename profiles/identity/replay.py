"""What a change of edges does to profiles, found by looking at profiles and edges alone. Exact (docs/identity.md):

1 A new or earlier edge inside a profile changes at most its leader. 2 One between two profiles whose union passes
the test joins them and changes nothing else. 3 Else the edges inside the two and the new one are replayed: if none
inside is refused now, nothing changes. 4 Else, and when an edge is void or a pair forbidden, these profiles are
replayed with the ring of all profiles an edge leads to, growing until the ring comes out as it went in.

What reaches beyond the bounds waits (`_wait`): it joins nothing until the background has worked it (waiting.py).
Not here: where edges come from (resolve.py), who else may write (locks.py).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from enum import Enum

from kernel.db import Statements, array, rows, run
from kernel.event import Moved, Owners
from profiles.identity import evidence, join, kinds, standing
from profiles.identity.join import Clusters, Edge, Ends, Node, Stars
from profiles.identity.kinds import Rules
from profiles.identity.locks import Held

sql = Statements(__file__)

MOST_EDGES = 20_000  # of one replay
MOST_RINGS = 6


class Reach(Enum):
    """How far a replay may go before what is left of it waits: to the bounds above and the time, at most."""

    BATCH = "batch"  # while something of the workspace waits, only as far as the first ring: it would wait as well
    PERSON = "person"
    ALL = "all"  # the background's: no bounds


class Beyond(Exception):
    """The change reaches further than its bounds."""


def load(held: Held, rules: Rules, ids: Iterable[int]) -> dict[int, Node]:
    """Identifiers as nodes."""
    return _load(held, rules, sql["ends"], ids)


def _load(held: Held, rules: Rules, statement: str, ids: Iterable[int]) -> dict[int, Node]:
    wanted = sorted(ids)
    if not wanted:
        return {}
    found = rows(held.db, statement, workspace=held.workspace, ids=array(wanted))
    nodes = {}
    for id_, key, kind, namespace, value, first_seen, profile, shared in found:
        strength = (rules[kind].rank, kind, namespace, kinds.opened(held.workspace, kind, value))
        nodes[id_] = Node(id_, key, strength, first_seen, profile, shared)
    return nodes


class Change:
    """Who is where after a batch or an edit: decided in memory, written once."""

    def __init__(
        self, held: Held, rules: Rules, reach: Reach = Reach.BATCH, made: Collection[int] = ()
    ) -> None:
        """`made`: identifiers that are in no table until facts 1 and 2 have said in which profile they begin."""
        self._held = held
        self._rules = rules
        self._reach = reach
        self._made = made
        self.stars: Stars = {}  # the edges of the batch, whose events are in no table yet
        self._clusters = Clusters(rules)
        self._cross: list[Edge] = []
        self._lost: set[int] = set()
        self._left: set[int] = set()  # clusters that facts 1 and 2 do not settle
        self._failing: list[Edge] = []
        self._leads: dict[
            int, int
        ] = {}  # profile -> its leader by facts 1 and 2, of those joined or seen earlier
        self.born: set[int] = set()  # profiles of new identifiers alone
        self.renamed: dict[int, int] = {}  # profile -> leader, where all that changes is who leads it
        self._before: dict[int, int] = {}  # identifier -> profile, of those that change
        self._after: dict[int, int] = {}
        self._whole: dict[int, int] = {}  # profile -> its leader from now on, where all its members go along
        self._given: dict[int, tuple[int, int]] = {}  # sighting -> owner before, owner after
        self._asked: set[int] = set()  # whose edges may be refused now, or no longer: never by fact 2
        self._old: set[int] = set()  # identifiers of `_before` that were there before the batch
        self._kept: set[int] = set()  # identifiers whose profile is the same under another name
        self._redrawn: list[Ends] = []
        self._waiting: set[Ends] = (
            set()
        )  # edges; an identifier twice: its profile with all that leads out of it

    def relabel(self, identifier: int, before: int, after: int) -> None:
        """An identifier goes to another profile (or, in between, back)."""
        self._before.setdefault(identifier, before)
        self._after[identifier] = after

    def share(self, identifier: int, before: int) -> None:
        """An identifier becomes shared: a profile of its own, its edges void."""
        self.relabel(identifier, before, identifier)
        self._asked.add(identifier)

    def redraw(self, edges: Iterable[Ends]) -> None:
        """New edges of old sightings, all between profiles that lost something."""
        self._redrawn += edges

    def give(self, sighting: int, before: int, after: int) -> None:
        """A sighting goes to another owner."""
        self._given[sighting] = (before, after)

    def settle(
        self, edges: list[Edge], lost: set[int], grown: Mapping[int, Node], nodes: Mapping[int, Node]
    ) -> None:
        """Facts 1 to 4 for new or earlier edges, profiles that lost something, and identifiers seen earlier."""
        self.unite(edges, lost, grown, nodes)
        self.replay(nodes)

    def unite(
        self, edges: list[Edge], lost: set[int], grown: Mapping[int, Node], nodes: Mapping[int, Node]
    ) -> None:
        """Facts 1 and 2, in memory but for what is known; says of new nodes in which profile they begin."""
        self._cross = cross = [edge for edge in edges if nodes[edge.a].profile != nodes[edge.b].profile]
        ends = {nodes[end].profile for edge in cross for end in (edge.a, edge.b)}
        clusters = self._clusters = self._profiles(ends, nodes)
        self._lost, self._left = lost, {_home(clusters, profile) for profile in lost}
        self._failing = self._fact_2(clusters, cross, self._left, nodes)
        self._leads = self._leaders(clusters, grown, nodes)
        for one in self._made:
            lead = self._leads.get(one, one)
            if lead != one and not clusters.knows(lead):
                lead = nodes[lead].profile  # its leader is about to change: all its members go along
            nodes[one].profile = lead

    def replay(self, nodes: Mapping[int, Node]) -> None:
        """Facts 3 and 4, where 2 was not enough. New identifiers stand in their table by now."""
        clusters, left, done = self._clusters, self._left, set[int]()
        left |= self._fact_3(clusters, self._failing, left, nodes)
        if left:
            try:
                done = self._fact_4(clusters, left)
            except Beyond:
                self._wait(clusters, left, self._cross, nodes)
                done = self._take_apart(self._lost, nodes)
        known: dict[int, list[int]] = defaultdict(list)  # leader -> profiles that were there before
        for profile, lead in self._leads.items():
            if profile not in self._made:
                known[lead].append(profile)
                if lead != profile and profile not in done:
                    self._whole[profile] = lead
        for lead, before in known.items():
            if len(before) == 1 and before[0] in self._whole:
                self.renamed[before[0]] = lead
        profiles = {nodes[one].profile for one in self._made}
        self.born = profiles.intersection(self._made).difference(done, known)

    def _profiles(self, profiles: set[int], nodes: Mapping[int, Node]) -> Clusters:
        """Profiles as they stand; nothing is known of new ones, which hold themselves alone."""
        held, new = self._held, profiles.intersection(self._made)
        clusters = standing.clusters(held.db, held.workspace, self._rules, profiles - new)
        for one in new:
            clusters.add(one, {nodes[one].sort: 1})
        return clusters

    def _fact_2(
        self, clusters: Clusters, cross: list[Edge], left: set[int], nodes: Mapping[int, Node]
    ) -> list[Edge]:
        """Unite what passes the test; the edges that fail. What touches a cluster left to fact 4 is left to it too."""
        failing = []
        for edge in cross:
            a, b = clusters.find(nodes[edge.a].profile), clusters.find(nodes[edge.b].profile)
            if a in left or b in left:
                self._asked.add(edge.b)
            elif clusters.fits(a, b):
                clusters.unite(a, b)
            elif edge.manual:
                left |= {a, b}  # nothing unites them any more, so that they stay the clusters' names
            else:
                failing.append(edge)
                self._asked.add(edge.b)
        return failing

    def _fact_3(
        self, clusters: Clusters, failing: list[Edge], left: set[int], nodes: Mapping[int, Node]
    ) -> set[int]:
        """The clusters in which a failing edge shuts out another: all others stay as they are."""
        tried, links = [], []
        for edge in failing:
            a, b = clusters.find(nodes[edge.a].profile), clusters.find(nodes[edge.b].profile)
            if a not in left and b not in left:
                tried.append(edge)
                links.append((a, b))
        if not tried:
            return set()
        profiles = _whole(clusters, {end for ends in links for end in ends})
        inside = self._nodes(profiles)
        home = {node.id: clusters.find(node.profile) for node in inside.values()}
        kept = [edge for edge in self._edges(profiles) if home[edge.a] == home[edge.b]] + tried
        result = join.kruskal(self._rules, inside, kept, self._apart(profiles))
        pieces: dict[int, set[int]] = defaultdict(set)
        for node, cluster in home.items():
            pieces[cluster].add(result.find(node))
        return _connected(links, {cluster for cluster, found in pieces.items() if len(found) > 1})

    def _fact_4(self, clusters: Clusters, homes: set[int]) -> set[int]:
        """Replay the middle with its ring, growing it until the ring comes out as it went in."""
        middle, rings, waits = _whole(clusters, homes), 0, self._waits()
        while True:
            self._keep_within(rings, len(middle), waits)
            ring = _whole(clusters, self._neighbours(middle)) - middle
            self._keep_within(rings, len(middle | ring), waits)  # each profile of the ring has an edge
            nodes, edges = self._nodes(middle | ring), self._edges(middle | ring)
            if waits:
                edges = [edge for edge in edges if edge[:2] not in waits or _inside(nodes, edge)]
            self._keep_within(rings, len(edges), waits)
            result = join.kruskal(self._rules, nodes, edges, self._apart(middle | ring))
            changed = self._changed(clusters, result, nodes, ring)
            if not changed:
                break
            middle |= _whole(clusters, changed)
            rings += 1
            middle = self._widened(middle, rings)
        for members in result.all():
            self._name(members, nodes)
        self._asked.update(member for member, node in nodes.items() if node.profile in middle)
        return middle | ring

    def _keep_within(self, rings: int, size: int, waits: set[Ends]) -> None:
        """Go on only within the bounds."""
        if self._reach is Reach.ALL:
            return
        most = 0 if waits and self._reach is Reach.BATCH else MOST_RINGS
        if size > MOST_EDGES or rings > most or self._held.late:
            raise Beyond

    def _widened(self, middle: set[int], rings: int) -> set[int]:
        """A middle without bounds grows in ever larger steps: one that is too large is right as well."""
        if self._reach is Reach.ALL:
            for _ in range(2 ** (rings - 1) - 1):
                wider = middle | self._neighbours(middle)
                if len(wider) == len(middle):
                    break
                middle = wider
        return middle

    def _changed(
        self, clusters: Clusters, result: Clusters, nodes: dict[int, Node], ring: set[int]
    ) -> set[int]:
        """The profiles of the ring that lost or gained somebody."""
        members: dict[int, list[int]] = defaultdict(list)
        for node in nodes.values():
            if node.profile in ring:
                members[_home(clusters, node.profile)].append(node.id)
        changed: set[int] = set()
        for found in members.values():
            one = result.find(found[0])
            if len(result.members(one)) != len(found) or any(result.find(other) != one for other in found):
                changed.update(nodes[member].profile for member in found)
        return changed

    def _name(self, members: list[int], nodes: Mapping[int, Node]) -> int:
        """What was replayed into one profile is named after its strongest."""
        lead = join.leader(nodes[member] for member in members).id
        for member in members:
            if nodes[member].profile != lead:
                self.relabel(member, nodes[member].profile, lead)
        return lead

    def _wait(self, clusters: Clusters, left: set[int], cross: list[Edge], nodes: Mapping[int, Node]) -> None:
        """The new edges that facts 1 to 3 did not settle wait."""
        for edge in cross:
            a, b = clusters.find(nodes[edge.a].profile), clusters.find(nodes[edge.b].profile)
            if a != b and (a in left or b in left):
                self._waiting.add((edge.a, edge.b))

    def _take_apart(self, lost: set[int], nodes: Mapping[int, Node]) -> set[int]:
        """What is void or forbidden separates at once, each profile for itself. What others gain by it waits."""
        if not lost:
            return lost
        inside = self._nodes(lost)
        edges = [edge for edge in self._edges(lost) if _inside(inside, edge)]
        for members in join.kruskal(self._rules, inside, edges, self._apart(lost)).all():
            lead = self._name(members, inside)
            self._waiting.add((lead, lead))
        self._asked.update(inside)
        for a, b in self._redrawn:
            if self._after.get(a, nodes[a].profile) != self._after.get(b, nodes[b].profile):
                self._waiting.add((a, b))
        return lost

    def _leaders(
        self, clusters: Clusters, grown: Mapping[int, Node], nodes: Mapping[int, Node]
    ) -> dict[int, int]:
        """Profiles joined whole, and those of identifiers seen earlier, are named after the strongest."""
        together = [found for found in clusters.all() if len(found) > 1]
        earlier: dict[int, list[Node]] = defaultdict(list)
        for node in grown.values():
            if not node.shared:
                earlier[node.profile].append(node)
        homes = together + [[one] for one in earlier if len(_together(clusters, one)) == 1]
        heads = {head.id: head for head in self._heads({one for home in homes for one in home})}
        leads: dict[int, int] = {}
        for home in homes:
            candidates = [heads.get(one) or nodes[one] for one in home]
            candidates += [node for one in home for node in earlier.get(one, ())]
            leads.update(dict.fromkeys(home, join.leader(candidates).id))
        return leads

    def _heads(self, profiles: set[int]) -> list[Node]:
        """The leaders of profiles; their values are of no account here."""
        known = sorted(profiles.difference(self._made))
        if not known:
            return []
        found = rows(self._held.db, sql["heads"], workspace=self._held.workspace, ids=array(known))
        return [
            Node(id_, key, (self._rules[kind].rank, kind, "", ""), first_seen, id_)
            for id_, key, kind, first_seen in found
        ]

    def _nodes(self, profiles: set[int]) -> dict[int, Node]:
        """The unshared identifiers of profiles."""
        return _load(self._held, self._rules, sql["inside"], profiles)

    def _edges(self, profiles: set[int]) -> list[Edge]:
        """The unvoided edges, by hand too, with both ends in these profiles."""
        found = standing.edges(self._held.db, self._held.workspace, profiles, evidence.tied)
        return [self._as_told(edge) for edge in found]

    def _as_told(self, edge: Edge) -> Edge:
        """An edge of this batch has its message at hand."""
        star = None if edge.manual else self.stars.get((edge.a, edge.b))
        return edge._replace(first=star[0]) if star and star[0][2] == edge.first[2] else edge

    def _apart(self, profiles: set[int]) -> list[join.Ends]:
        """The cannot-link pairs with both ends in these profiles."""
        values = {"workspace": self._held.workspace, "profiles": array(sorted(profiles))}
        return rows(self._held.db, sql["apart"], **values)

    def _neighbours(self, profiles: set[int]) -> set[int]:
        """All profiles an unvoided edge leads to."""
        values = {"workspace": self._held.workspace, "profiles": array(sorted(profiles))}
        return {profile for (profile,) in rows(self._held.db, sql["neighbours"], **values)}

    def _waits(self) -> set[Ends]:
        """The edges of the workspace that join nobody yet."""
        return set(rows(self._held.db, sql["waiting"], workspace=self._held.workspace))

    def write(self) -> None:
        """Write the new labels: a handful of identifiers."""
        db, workspace = self._held.db, self._held.workspace
        differing = {id_: after for id_, after in self._after.items() if after != self._before[id_]}
        if differing:
            ids, profiles = array(differing.keys()), array(differing.values())
            run(db, sql["relabel"], workspace=workspace, ids=ids, profiles=profiles)
        self._old = differing.keys() - set(self._made)  # new ones nobody can have seen yet
        if self._whole:
            olds, news = array(self._whole.keys()), array(self._whole.values())
            for id_, before, after in rows(
                db, sql["relabel_profiles"], workspace=workspace, olds=olds, news=news
            ):
                self.relabel(id_, before, after)
                if id_ not in self._made:
                    (self._kept if before in self.renamed else self._old).add(id_)
        if self._waiting:
            pairs = sorted(self._waiting)
            a, b = array([x for x, _ in pairs]), array([y for _, y in pairs])
            run(db, sql["wait"], workspace=workspace, a=a, b=b)
        if self._asked:
            run(db, sql["refused"], workspace=workspace, ids=array(sorted(self._asked)))

    def profile(self, sighting: int, owner: int, known: Mapping[int, int]) -> int:
        """The profile of a sighting of the batch at the end."""
        if sighting in self._given:
            owner = self._given[sighting][1]
        return self._after[owner] if owner in self._after else known[owner]

    def moved(self, new: set[int]) -> list[Moved]:
        """All sightings that were there before and are in another profile now."""
        db, workspace = self._held.db, self._held.workspace
        places: dict[int, tuple[int, int]] = {}
        if self._old:
            ids = array(sorted(self._old))
            for sighting, owner in rows(db, sql["owned"], workspace=workspace, ids=ids):
                places[sighting] = (self._before[owner], self._after[owner])
        given = {one: ends for one, ends in self._given.items() if one not in new}
        if given:
            ends = {end for pair in given.values() for end in pair}
            now: dict[int, int] = dict(
                rows(db, sql["profiles_of"], workspace=workspace, ids=array(sorted(ends)))
            )
            for one, (before, after) in given.items():
                places[one] = (self._before.get(before, now[before]), now[after])
        found = [Moved(one, *ends) for one, ends in places.items() if one not in new and ends[0] != ends[1]]
        return sorted(found)

    def homes(self, nodes: Mapping[int, Node]) -> set[int]:
        """The profiles of new identifiers."""
        return {self._after.get(one, nodes[one].profile) for one in self._made}

    def concerned(self) -> set[int]:
        """Every profile an identifier left or came to."""
        differing = {
            id_ for id_, after in self._after.items() if after != self._before[id_] and id_ not in self._kept
        }
        return {self._before[id_] for id_ in differing} | {self._after[id_] for id_ in differing}


def redo(held: Held, rules: Rules, middle: set[int], edges: list[Edge], reach: Reach) -> Owners:
    """Fact 4 for profiles that lost something or wait, with new edges between them; all that moved by it."""
    change = Change(held, rules, reach)
    nodes = load(held, rules, {end for edge in edges for end in (edge.a, edge.b)})
    change.settle(edges, middle, {}, nodes)
    change.write()
    moved = change.moved(set())
    touched = {end for move in moved for end in (move.before, move.after)} | change.concerned()
    return Owners(set(), {move.sighting: move.after for move in moved}, moved, set(), touched)


def _inside(nodes: Mapping[int, Node], edge: Edge) -> bool:
    """Whether both ends are in one profile."""
    return nodes[edge.a].profile == nodes[edge.b].profile


def _home(clusters: Clusters, profile: int) -> int:
    """What stands for the cluster a profile is in."""
    return clusters.find(profile) if clusters.knows(profile) else profile


def _together(clusters: Clusters, profile: int) -> list[int]:
    """A profile with those that fact 2 has joined to it."""
    return clusters.members(profile) if clusters.knows(profile) else [profile]


def _whole(clusters: Clusters, profiles: set[int]) -> set[int]:
    """With each profile those that fact 2 has joined to it."""
    homes = {_home(clusters, profile) for profile in profiles}
    return {one for home in homes for one in _together(clusters, home)}


def _connected(links: list[Ends], broken: set[int]) -> set[int]:
    """The clusters that failing edges connect, in any number of steps, to a broken one."""
    near: dict[int, list[int]] = defaultdict(list)
    for a, b in links:
        near[a].append(b)
        near[b].append(a)
    found, left = set(broken), list(broken)
    while left:
        fresh = [other for other in near[left.pop()] if other not in found]
        found.update(fresh)
        left += fresh
    return found
