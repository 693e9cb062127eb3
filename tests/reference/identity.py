"""The join of docs/identity.md as plainly as it can be said: the judge of profiles/identity. Shares no code with it."""

from collections import defaultdict

KINDS = {  # kind -> rank, limit, fan-out, exclusive
    "user_id": (1, 1, None, True),
    "member_no": (2, 1, None, True),
    "unionid": (3, 1, None, True),
    "marketplace_uid": (4, 1, 2, True),
    "openid": (5, 1, 2, True),
    "phone": (6, 3, 3, False),
    "email": (7, 5, 3, False),
    "device_id": (8, 100, 3, False),
    "anonymous_id": (9, 1000, 3, False),
}
OTHER = (10, 5, 3, False)


def resolve(observations, key, manual=(), cannot=(), kinds=KINDS):  # noqa: C901 - in one piece, as it is defined
    """Observations are (time, message id, event id, {(kind, namespace, value), …}).

    Yields: identifier -> its leader; the shared ones; the refused pairs; set of identifiers -> its owner.
    """

    def rule(identifier):
        return kinds.get(identifier[0], OTHER)

    def strength(identifier):
        return (rule(identifier)[0], *identifier)

    centres = defaultdict(set)
    for *_, together in observations:
        centre = min(together, key=strength)
        for one in together:
            if rule(centre)[3] and rule(centre)[0] < rule(one)[0]:
                centres[one, centre[:2]].add(centre)
    shared = {
        one for (one, _), found in centres.items() if rule(one)[2] is not None and len(found) > rule(one)[2]
    }

    first_seen, edges, owners = {}, {}, {}
    for time, message, event, together in sorted(observations, key=lambda seen: seen[:3]):
        for one in together:
            first_seen.setdefault(one, time)
        usable = sorted(together - shared, key=strength)
        owners[frozenset(together)] = usable[0] if usable else min(together, key=strength)
        for one in usable[1:]:
            edges.setdefault((usable[0], one), (time, message, event))
    order = [((rule(b)[0], first, b), a, b) for (a, b), first in edges.items()]
    hand = {tuple(sorted(pair, key=strength)) for pair in manual if not shared & set(pair)}
    order = [((0, strength(a), strength(b)), a, b) for a, b in hand] + order

    cluster = {one: frozenset([one]) for one in first_seen} | {
        one: frozenset([one]) for pair in manual for one in pair
    }
    for place, a, b in sorted(order, key=lambda edge: edge[0]):
        left, right = cluster[a], cluster[b]
        meets = any((x in left and y in right) or (x in right and y in left) for x, y in cannot)
        sorts = {one[:2] for one in left} & {one[:2] for one in right}
        over = any(
            sum(one[:2] == sort for one in left | right) > kinds.get(sort[0], OTHER)[1] for sort in sorts
        )
        if left != right and not meets and (place[0] == 0 or not over):
            for one in left | right:
                cluster[one] = left | right
    leaders = {
        one: min(found, key=lambda one: (rule(one)[0], first_seen[one], key(one)))
        for one, found in cluster.items()
    }
    refused = {(a, b) for _, a, b in order if cluster[a] != cluster[b]}
    return leaders, shared, refused, owners
