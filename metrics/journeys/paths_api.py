"""Paths over HTTP, and the people behind a node, a link or a path. Not here: how they are made (paths.py)."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import BadRequest
from kernel.web.api import ApiView, parameters
from kernel.web.openapi import DecimalText, Unconverted
from metrics import api
from metrics.journeys import asking, paths, steps
from metrics.journeys.base import Asked
from metrics.journeys.paths_walk import CHANNEL, LEVELS, Question
from profiles.answers import ProfilePage

VISITS, MOST_VISITS = 5, 20
SESSION = "30d"
MOST_TOP = 100
NAMED = ("level", "steps", "from", "to", "start", "end", "session")
CHAINS = ("node", "link", "path")
ASKED = [
    OpenApiParameter("level", OpenApiTypes.STR, enum=list(LEVELS), description=f"default {CHANNEL}"),
    asking.text_of("steps", f"how many visits of each path, 1 to {MOST_VISITS}; default {VISITS}"),
    *api.PERIOD,
    asking.text_of("start", "a step: what lies before its first meeting is cut off"),
    asking.text_of(
        "end", "a step: what lies after its last meeting is cut off, and the last visits are drawn"
    ),
    asking.text_of("session", f"a longer pause begins a new path, like 24h; default {SESSION}"),
]


class PathNode(serializers.Serializer):
    """A channel, touchpoint or event at a step."""

    id = serializers.CharField(help_text="STEP:NAME, as links name it.")
    name = serializers.CharField(help_text="`other`: what is not among the 50 largest of the step.")
    step = serializers.IntegerField()
    customers = serializers.IntegerField(help_text="Distinct people.")
    paths = serializers.IntegerField(help_text="One customer may have several.")


class PathLink(serializers.Serializer):
    """From a node to one of the next step."""

    source = serializers.CharField()  # type: ignore[assignment]  # the name that the field has in the answer
    target = serializers.CharField()
    value = serializers.IntegerField(help_text="Paths that go from one to the other.")


class FrequentPath(serializers.Serializer):
    """A way that many go, and what came of it."""

    nodes = serializers.ListField(child=serializers.CharField(), help_text="Names, from the first visit on.")
    customers = serializers.IntegerField()
    paths = serializers.IntegerField()
    converted = serializers.IntegerField(help_text="Customers with an order on the path.")
    orders = serializers.IntegerField()
    revenue = DecimalText(help_text="Totals less refunds of these orders.")
    unconverted = Unconverted(many=True)
    median_seconds = serializers.FloatField(help_text="From the first touch of the path to its last.")


class PathsAnswer(serializers.Serializer):
    """Ways through channels, touchpoints or events."""

    nodes = PathNode(many=True)
    links = PathLink(many=True)
    paths = FrequentPath(
        many=True, required=False, help_text="Those of most customers, if `top` is asked for."
    )
    as_of = serializers.DateTimeField(allow_null=True, help_text="The newest event that is in it.")


class Paths(ApiView):
    """Which ways customers go."""

    @extend_schema(
        parameters=[*ASKED, asking.text_of("top", f"so many frequent paths too, 1 to {MOST_TOP}")],
        responses=PathsAnswer,
    )
    def get(self, request: Request) -> Response:
        """Nodes and links by step, and the most frequent paths with what was ordered on them."""
        given = parameters(request, (*NAMED, "top"))
        with asking.opened(self.access.workspace, given) as asked:
            wanted = question(given, asked.settings.channels)
            top = asking.whole("top", given["top"], MOST_TOP) if "top" in given else 0
            found = paths.drawn(asked, wanted)
            answer: dict[str, Any] = {
                "nodes": [node.json() for node in found.nodes],
                "links": [link._asdict() for link in found.links],
            }
            if top:
                answer["paths"] = [path.json() for path in paths.frequent(asked, wanted, top)]
            return Response(answer | {"as_of": asked.as_of})


class PathsPeople(ApiView):
    """The people behind a node, a link or a path; without one everybody with a path."""

    shows_contacts = True

    @extend_schema(
        parameters=[
            *ASKED,
            asking.text_of("node", "a node's id"),
            asking.text_of("link", "SOURCE>TARGET, by their ids"),
            asking.text_of("path", "ids with > between them: a path that is drawn as these and no more"),
            *asking.PEOPLE,
        ],
        responses=ProfilePage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page of profiles."""
        given = parameters(request, (*NAMED, *CHAINS, "ordering"))
        return asking.listed(request, self.access, given, lambda asked: people(asked, given))


def people(asked: Asked, given: Mapping[str, Any]) -> list[int]:
    """The serial ids of the profiles that an address asks for."""
    wanted = question(given, asked.settings.channels)
    chosen = [name for name in CHAINS if given.get(name)]
    if len(chosen) > 1:
        raise BadRequest(f"Only one of {', '.join(CHAINS)} can be asked for at a time.", "bad_node")
    if not chosen:
        return paths.people(asked, wanted, "")
    chain = given[chosen[0]]
    if chosen[0] != "path" and len(paths.read(chain, wanted.visits)) != CHAINS.index(chosen[0]) + 1:
        example = {"node": "1:NAME", "link": "1:NAME>2:NAME"}[chosen[0]]
        raise BadRequest(f"`{chosen[0]}` is {example}, by the ids of the answer.", "bad_node")
    return paths.people(asked, wanted, chain, whole=chosen[0] == "path")


def question(given: Mapping[str, Any], channels: Mapping[int, str]) -> Question:
    """The parameters of an address as a question; a BadRequest says which cannot be. `channels`: slugs by id."""
    cuts = {name: steps.one(given[name], channels) for name in ("start", "end") if given.get(name)}
    if len(cuts) > 1:
        raise BadRequest("Paths begin at `start` or end at `end`: ask for one of them.", "bad_start")
    return Question(
        asking.one_of("level", given.get("level", CHANNEL), LEVELS),
        asking.whole("steps", given.get("steps", str(VISITS)), MOST_VISITS),
        asking.length("session", given.get("session", SESSION)),
        cuts.get("start"),
        cuts.get("end"),
    )
