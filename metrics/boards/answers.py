"""What the read API takes and answers about analyses and boards, field by field: for its description."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kernel.web.openapi import page_of
from metrics.boards.kinds import KINDS, NAMES
from metrics.models import COLUMNS, NAME_LENGTH, ROWS, SLUG_LENGTH, TALLEST

BY_KIND = "; ".join(f"{kind.name}: {', '.join((*kind.names, *kind.many))}" for kind in KINDS)
ON_BOARD = "slug of a board"
VALUE = {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "array", "items": {"type": "string"}}]}


@extend_schema_field({"type": "object", "additionalProperties": VALUE})
class Params(serializers.Field):
    """Query parameters: a text, a whole number, or a list of texts where one may repeat."""


class AnalysisAsked(serializers.Serializer):
    """A question to be kept."""

    name = serializers.CharField(max_length=NAME_LENGTH)
    kind = serializers.ChoiceField(choices=NAMES)
    params = Params(required=False, help_text=f"Of the kind's own GET address. {BY_KIND}.")
    board = serializers.SlugField(
        allow_null=True,
        required=False,
        help_text=f"{ON_BOARD}: it is put there, at the first free place",
    )


class AnalysisChanged(serializers.Serializer):
    """What of a question becomes different."""

    name = serializers.CharField(max_length=NAME_LENGTH, required=False)
    kind = serializers.ChoiceField(choices=NAMES, required=False)
    params = Params(required=False)
    board = serializers.SlugField(
        allow_null=True, required=False, help_text=f"{ON_BOARD}; null: off the one it stands on"
    )


class Analysis(serializers.Serializer):
    """A question under a name."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=NAMES)
    params = Params()
    board = serializers.SlugField(allow_null=True, help_text=f"{ON_BOARD}, the first it was put on")
    author = serializers.CharField(allow_null=True, help_text="a person's login")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class Tile(serializers.Serializer):
    """Where a question stands, in cells of a grid; no two share one."""

    analysis = serializers.IntegerField()
    x = serializers.IntegerField(min_value=0, max_value=COLUMNS - 1)
    y = serializers.IntegerField(min_value=0, max_value=ROWS - 1)
    w = serializers.IntegerField(min_value=1, max_value=COLUMNS)
    h = serializers.IntegerField(min_value=1, max_value=TALLEST)


class BoardAsked(serializers.Serializer):
    """A board to be made."""

    slug = serializers.SlugField(max_length=SLUG_LENGTH, required=False, help_text="else made of the name")
    name = serializers.CharField(max_length=NAME_LENGTH)
    tiles = Tile(many=True, required=False)
    shared = serializers.BooleanField(required=False, help_text="with the whole workspace")


class BoardChanged(serializers.Serializer):
    """What of a board becomes different; `tiles` are all there are from then on."""

    slug = serializers.SlugField(max_length=SLUG_LENGTH, required=False)
    name = serializers.CharField(max_length=NAME_LENGTH, required=False)
    tiles = Tile(many=True, required=False)
    shared = serializers.BooleanField(required=False)


class Board(serializers.Serializer):
    """Questions side by side."""

    slug = serializers.SlugField()
    name = serializers.CharField()
    tiles = Tile(many=True)
    shared = serializers.BooleanField()
    author = serializers.CharField(allow_null=True, help_text="a person's login")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


AnalysisPage = page_of("Analysis", Analysis(many=True))
BoardPage = page_of("Board", Board(many=True))
