"""What a change of edges does to profiles, found by looking at profiles and edges alone. Exact (docs/identity.md):

1 A new or earlier edge inside a profile changes at most its leader. 2 One between two profiles whose union passes
the test joins them and changes nothing else. 3 Else the edges inside the two and the new one are replayed: if none
inside is refused now, nothing changes. 4 Else, and when an edge is void or a pair forbidden, these profiles are
replayed with the ring of all profiles an edge leads to, growing until the ring comes out as it went in.

Not here: where edges come from (resolve.py), locks (locks.py).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from cdp.kernel.db import Statements, array, rows, run
from cdp.kernel.event import Moved
from profiles.identity import join, kinds
from profiles.identity.join import Clusters, Edge, Node
from profiles.identity.kinds import Rules
from profiles.identity.locks import Beyond, Held

sql = Statements(__file__)

MOST_EDGES = 20_000  # of one replay; beyond, and beyond MOST_RINGS, all profiles of the workspace are held
MOST_RINGS = 6


def load(held: Held, rules: Rules, statement: str, ids: Iterable[int]) -> dict[int, Node]:
    """Identifiers as nodes: the statement takes `ids`."""
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

    def __init__(self, held: Held, rules: Rules) -> None:
        self._held = held
        self._rules = rules
        self._before: dict[int, int] = {}  # identifier -> profile, of those that change
        self._after: dict[int, int] = {}
        self._whole: dict[int, int] = {}  # profile -> its leader from now on, where all its members go along
        self._given: dict[int, tuple[int, int]] = {}  # sighting -> owner before, owner after
        self._asked: set[int] = set()  # whose edges may be refused now, or no longer: never by fact 2
        self._old: set[int] = set()  # identifiers of `_before` that were there before the batch

    def relabel(self, identifier: int, before: int, after: int) -> None:
        """An identifier goes to another profile (or, in between, back)."""
        self._before.setdefault(identifier, before)
        self._after[identifier] = after

    def share(self, identifier: int, before: int) -> None:
        """An identifier becomes shared: a profile of its own, its edges void."""
        self.relabel(identifier, before, identifier)
        self._asked.add(identifier)

    def give(self, sighting: int, before: int, after: int) -> None:
        """A sighting goes to another owner."""
        self._given[sighting] = (before, after)

    def settle(
        self, edges: list[Edge], middle: set[int], grown: Mapping[int, Node], nodes: Mapping[int, Node]
    ) -> None:
        """Facts 1 to 4 for new or earlier edges, profiles that lost something, and identifiers seen earlier."""
        cross = [edge for edge in edges if nodes[edge.a].profile != nodes[edge.b].profile]
        clusters = self._profiles({nodes[end].profile for edge in cross for end in (edge.a, edge.b)})
        middle = set(middle)
        failing = self._fact_2(clusters, cross, middle, nodes)
        middle |= self._fact_3(clusters, failing, middle, nodes)
        done = self._fact_4(clusters, middle) if middle else set()
        self._leaders(clusters, done, grown)

    def _profiles(self, profiles: set[int]) -> Clusters:
        """Profiles as elements with their counts and the pairs that keep them apart."""
        clusters = Clusters(self._rules)
        if not profiles:
            return clusters
        values = {"workspace": self._held.workspace, "profiles": array(sorted(profiles))}
        counts: dict[int, dict[join.Sort, int]] = {profile: {} for profile in profiles}
        for profile, kind, namespace, n in rows(self._held.db, sql["counts"], **values):
            counts[profile][kind, namespace] = n
        for profile, count in counts.items():
            clusters.add(profile, count)
        for x, y in rows(self._held.db, sql["profiles_apart"], **values):
            clusters.forbid(x, y)
        return clusters

    def _fact_2(
        self, clusters: Clusters, cross: list[Edge], middle: set[int], nodes: Mapping[int, Node]
    ) -> list[Edge]:
        """Unite what passes the test; the edges that fail. What touches the middle is left to fact 4."""
        failing = []
        for edge in cross:
            a, b = nodes[edge.a].profile, nodes[edge.b].profile
            if middle & {a, b}:
                self._asked.add(edge.b)
            elif clusters.fits(a, b):
                clusters.unite(a, b)
            elif edge.manual:
                middle.update(clusters.members(a), clusters.members(b))
            else:
                failing.append(edge)
                self._asked.add(edge.b)
        return failing

    def _fact_3(
        self, clusters: Clusters, failing: list[Edge], middle: set[int], nodes: Mapping[int, Node]
    ) -> set[int]:
        """The profiles in which a failing edge shuts out another: all others stay as they are."""
        left = [(nodes[edge.a].profile, nodes[edge.b].profile, edge) for edge in failing]
        left = [
            (a, b, edge) for a, b, edge in left if not middle & {*clusters.members(a), *clusters.members(b)}
        ]
        if not left:
            return set()
        profiles = {one for a, b, _ in left for one in (*clusters.members(a), *clusters.members(b))}
        inside = self._nodes(profiles)
        edges = self._edges(profiles)
        home = {node.id: clusters.find(node.profile) for node in inside.values()}
        kept = [edge for edge in edges if home[edge.a] == home[edge.b]] + [edge for *_, edge in left]
        result = join.kruskal(self._rules, inside, kept, self._apart(profiles))
        pieces: dict[int, set[int]] = defaultdict(set)
        for node, cluster in home.items():
            pieces[cluster].add(result.find(node))
        broken = {cluster for cluster, found in pieces.items() if len(found) > 1}
        return _connected(clusters, left, broken)

    def _fact_4(self, clusters: Clusters, middle: set[int]) -> set[int]:
        """Replay the middle with its ring, growing it until the ring comes out as it went in."""
        rings = 0
        while True:
            middle = self._whole_clusters(clusters, middle)
            ring = self._whole_clusters(clusters, self._neighbours(middle)) - middle
            self._held.need(middle | ring)
            nodes, edges = self._nodes(middle | ring), self._edges(middle | ring)
            if len(edges) > MOST_EDGES and not self._held.whole:
                raise Beyond
            result = join.kruskal(self._rules, nodes, edges, self._apart(middle | ring))
            changed = self._changed(clusters, result, nodes, ring)
            if not changed:
                break
            middle |= changed
            rings += 1
            if rings > MOST_RINGS and not self._held.whole:
                raise Beyond
        for members in result.all():
            lead = join.leader(nodes[member] for member in members).id
            for member in members:
                if nodes[member].profile != lead:
                    self.relabel(member, nodes[member].profile, lead)
        self._asked.update(member for member, node in nodes.items() if node.profile in middle)
        return middle | ring

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
            if sorted(result.members(found[0])) != sorted(found):
                changed.update(nodes[member].profile for member in found)
        return changed

    def _whole_clusters(self, clusters: Clusters, profiles: set[int]) -> set[int]:
        """With each profile those that fact 2 has joined to it."""
        return {one for profile in profiles for one in _together(clusters, profile)}

    def _leaders(self, clusters: Clusters, done: set[int], grown: Mapping[int, Node]) -> None:
        """Profiles joined whole, and those of identifiers seen earlier, are named after the strongest."""
        joined = {one for found in clusters.all() if len(found) > 1 for one in found}
        earlier: dict[int, list[Node]] = defaultdict(list)
        for node in grown.values():
            if not node.shared:
                earlier[node.profile].append(node)
        profiles = self._whole_clusters(clusters, joined | earlier.keys()) - done
        if not profiles:
            return
        heads = {head.id: head for head in self._heads(profiles)}
        for profile in profiles:
            home = _together(clusters, profile)
            candidates = [heads[one] for one in home] + [
                node for one in home for node in earlier.get(one, ())
            ]
            lead = join.leader(candidates).id
            if lead != profile:
                self._whole[profile] = lead

    def _heads(self, profiles: set[int]) -> list[Node]:
        """The leaders of profiles; their values are of no account here."""
        found = rows(self._held.db, sql["heads"], workspace=self._held.workspace, ids=array(sorted(profiles)))
        return [
            Node(id_, key, (self._rules[kind].rank, kind, "", ""), first_seen, id_)
            for id_, key, kind, first_seen in found
        ]

    def _nodes(self, profiles: set[int]) -> dict[int, Node]:
        """The unshared identifiers of profiles."""
        return load(self._held, self._rules, sql["inside"], profiles)

    def _edges(self, profiles: set[int]) -> list[Edge]:
        """The unvoided edges, by hand too, with both ends in these profiles."""
        found = rows(
            self._held.db, sql["edges"], workspace=self._held.workspace, profiles=array(sorted(profiles))
        )
        return [Edge(a, b, (at, message, event), manual) for a, b, at, message, event, manual in found]

    def _apart(self, profiles: set[int]) -> list[join.Ends]:
        """The cannot-link pairs with both ends in these profiles."""
        values = {"workspace": self._held.workspace, "profiles": array(sorted(profiles))}
        return rows(self._held.db, sql["apart"], **values)

    def _neighbours(self, profiles: set[int]) -> set[int]:
        """All profiles an unvoided edge leads to."""
        values = {"workspace": self._held.workspace, "profiles": array(sorted(profiles))}
        return {profile for (profile,) in rows(self._held.db, sql["neighbours"], **values)}

    def write(self, made: set[int]) -> None:
        """Write the new labels: a handful of identifiers. `made`: those that nobody else can have seen yet."""
        db, workspace = self._held.db, self._held.workspace
        if self._whole:
            olds, news = array(self._whole.keys()), array(self._whole.values())
            for id_, before, after in rows(
                db, sql["relabel_profiles"], workspace=workspace, olds=olds, news=news
            ):
                self.relabel(id_, before, after)
        differing = {id_: after for id_, after in self._after.items() if after != self._before[id_]}
        if differing:
            ids, profiles = array(differing.keys()), array(differing.values())
            run(db, sql["relabel"], workspace=workspace, ids=ids, profiles=profiles)
        if self._asked:
            run(db, sql["refused"], workspace=workspace, ids=array(sorted(self._asked)))
        self._old = differing.keys() - made

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

    def homes(self, identifiers: Iterable[int]) -> set[int]:
        """The profiles of identifiers that began as profiles of their own."""
        return {self._after.get(one, one) for one in identifiers}

    def concerned(self) -> set[int]:
        """Every profile an identifier left or came to."""
        differing = {id_ for id_, after in self._after.items() if after != self._before[id_]}
        return {self._before[id_] for id_ in differing} | {self._after[id_] for id_ in differing}


def _home(clusters: Clusters, profile: int) -> int:
    """What stands for the cluster a profile is in."""
    return min(_together(clusters, profile))


def _together(clusters: Clusters, profile: int) -> list[int]:
    """A profile with those that fact 2 has joined to it."""
    return clusters.members(profile) if clusters.knows(profile) else [profile]


def _connected(clusters: Clusters, failing: list[tuple[int, int, Edge]], broken: set[int]) -> set[int]:
    """The profiles that failing edges connect, in any number of steps, to a broken one."""
    found = set(broken)
    grows = bool(found)
    while grows:
        grows = False
        for a, b, _ in failing:
            ends = {clusters.find(a), clusters.find(b)}
            if ends & found and not ends <= found:
                found |= ends
                grows = True
    return {one for cluster in found for one in clusters.members(cluster)}
