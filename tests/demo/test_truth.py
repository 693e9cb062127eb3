"""Who is who: the profiles that come out are compared with the people that the simulation put in.

Precision: of the pairs of identifiers in one profile, how many are one person's. Recall: of the pairs that the
messages prove to be one person's, how many are in one profile. Values that several people use are in neither.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping

import pytest
from django.conf import settings
from django.db import connection

from channels import queries
from demo.people import Id
from demo.truth import Truth
from kernel.db import rows
from kernel.event import identifier_key
from kernel.models import Workspace
from profiles.identity import join, kinds
from tests.demo.loading import arrive
from tests.demo.reading import pairs, plain, simulated, understood

PRECISION, RECALL = 0.999, 0.98


def scores(truth: Truth, resolved: Mapping[Id, object]) -> tuple[float, float]:
    """Pairwise precision and recall of an answer (identifier -> profile)."""
    groups = defaultdict(list)
    owner = {value: person for person, values in truth.people().items() for value in values}
    for value, profile in resolved.items():
        if value in owner:
            groups[profile].append(value)
    together, proven = pairs(groups.values()), pairs(truth.proven())
    right = sum(len({owner[value] for value in pair}) == 1 for pair in together)
    return right / len(together), len(together & proven) / len(proven)


def test_the_definition_of_the_join_finds_the_people() -> None:
    found, truth = simulated(1_500, 180)
    profiles, shared, refused = joined(understood(found).cleans)
    precision, recall = scores(truth, profiles)
    assert precision >= PRECISION
    assert recall >= RECALL
    assert len(shared) >= 6  # there was something to protect from: the shops' tablets, the relay numbers
    assert len(refused) >= 5  # and households' browsers, mistyped phones
    assert len(truth.people()) > 900


def test_the_scores_notice_a_wrong_join_and_a_missed_one() -> None:
    _found, truth = simulated()
    right = {value: place for place, group in enumerate(truth.proven()) for value in group}
    assert scores(truth, right) == (1.0, 1.0)
    assert scores(truth, dict.fromkeys(right, 0))[0] < 0.1
    alone = {value: place for place, value in enumerate(right)}
    alone |= dict.fromkeys([*truth.proven()[0][:2], *list(right)[-2:]], -1)
    assert scores(truth, alone)[1] < 0.1


@pytest.mark.django_db(transaction=True)
def test_the_pipeline_finds_the_people() -> None:
    found, truth = simulated(1_500, 180)
    workspace = arrive(found)
    precision, recall = scores(truth, resolved(workspace, truth))
    assert precision >= PRECISION
    assert recall >= RECALL
    refused: Counter[str] = Counter()
    for group in queries.reject_groups(workspace.pk):
        refused[group.reason] += group.count
    assert refused == truth.rejects


def resolved(workspace: Workspace, truth: Truth) -> dict[Id, int]:
    """The pipeline's answer for every identifier that the truth knows; phones and mails are found by key."""
    profile = dict(
        rows(
            connection,
            "select key::text, profile_id from profiles_identifier where workspace_id = %(workspace)s",
            workspace=workspace.pk,
        )
    )
    keys = {
        value: str(identifier_key(settings.IDENTITY_SECRET, workspace.pk, *value))
        for value in itertools.chain(*truth.people().values())
    }
    missing = [value for value, key in keys.items() if key not in profile]
    assert not missing, missing[:5]
    return {value: profile[key] for value, key in keys.items()}


# --- the definition, over everything at once ------------------------------------------------------------------


def joined(cleans):
    """Of everything that was seen: identifier -> cluster, the shared ones, the pairs that were refused."""
    rules = kinds.Rules(kinds.DEFAULTS)
    nodes, numbers, first = {}, {}, {}
    for clean in cleans:
        for value in clean.identifiers:
            number = numbers.setdefault(value, len(numbers) + 1)
            if number not in nodes:
                strength = (rules[value.kind].rank, value.kind, value.namespace, value.value)
                nodes[number] = join.Node(number, value.key, strength, clean.occurred_at, number)
        if clean.identifiers:
            ids = tuple(
                sorted((numbers[value] for value in clean.identifiers), key=lambda n: nodes[n].strength)
            )
            seen = (clean.occurred_at, clean.message_id, clean.id)
            first[ids] = min(first.get(ids, seen), seen)
    sightings = [join.Sighting(place, ids, seen) for place, (ids, seen) in enumerate(first.items())]
    shared = join.shared(rules, nodes, sightings)
    for number in shared:
        nodes[number].shared = True
    edges: dict[tuple[int, int], join.Seen] = {}
    for sighting in sightings:
        for a, b in join.star([nodes[number] for number in sighting.ids]):
            edges[a.id, b.id] = min(edges.get((a.id, b.id), sighting.first), sighting.first)
    kept = [join.Edge(a, b, seen) for (a, b), seen in edges.items()]
    clusters = join.kruskal(rules, nodes, kept, [])
    refused = {(a, b) for a, b in edges if clusters.find(a) != clusters.find(b)}
    return {plain(value): clusters.find(number) for value, number in numbers.items()}, shared, refused
