"""What the API takes and answers about segments, field by field: for its description. Not here: how it comes about."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from kernel.web.openapi import JSON_VALUE, DecimalText, page_of
from metrics.models import NAME_LENGTH, SLUG_LENGTH
from profiles.answers import Profile

RULE = (
    'Conditions in `{"all": […]}`, `{"any": […]}`, `{"not": …}`: `trait` with is, is_not, in, contains, exists, '
    "gt, gte, lt, lte, before, after, within_last; `did`, `did_not` a step, with `times` and `within` or `between`; "
    "`sequence` with `within`; `orders`, `spent`, `first_order` with `within` or `between`; `seen_on`; `has`; "
    "`segment`; `consent`."
)


@extend_schema_field({"type": "object", "description": RULE, "additionalProperties": JSON_VALUE})
class Rule(serializers.Field):
    """A rule."""


class SegmentAsked(serializers.Serializer):
    """A segment to be made."""

    slug = serializers.SlugField(max_length=SLUG_LENGTH, required=False, help_text="else made of the name")
    name = serializers.CharField(max_length=NAME_LENGTH)
    rule = Rule()


class SegmentChanged(serializers.Serializer):
    """What of a segment becomes different."""

    slug = serializers.SlugField(max_length=SLUG_LENGTH, required=False)
    name = serializers.CharField(max_length=NAME_LENGTH, required=False)
    rule = Rule(required=False)


class RuleAsked(serializers.Serializer):
    """A rule to be tried."""

    rule = Rule()


class Segment(serializers.Serializer):
    """A rule under a name, and how many it finds."""

    slug = serializers.SlugField()
    name = serializers.CharField()
    rule = Rule()
    words = serializers.CharField(help_text="The rule in the language of whoever asks.")
    count = serializers.IntegerField(allow_null=True, help_text="null: its members are being asked.")
    trouble = serializers.CharField(allow_null=True, help_text="Why its members cannot be asked; they stay.")
    as_of = serializers.DateTimeField(allow_null=True)
    refreshed_at = serializers.DateTimeField(allow_null=True)
    author = serializers.CharField(allow_null=True, help_text="a person's login")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class SegmentTried(serializers.Serializer):
    """How many a rule finds, and some of them."""

    count = serializers.IntegerField()
    sample = Profile(many=True)
    words = serializers.CharField()
    as_of = serializers.DateTimeField(allow_null=True)


class Day(serializers.Serializer):
    """Who entered and left on a day of the workspace's zone."""

    day = serializers.DateField()
    entered = serializers.IntegerField()
    left = serializers.IntegerField()
    members = serializers.IntegerField(
        help_text="At the end of the day; who was joined with another counts once."
    )


class History(serializers.Serializer):
    """Every day of a period."""

    days = Day(many=True)
    as_of = serializers.DateTimeField(allow_null=True)


class InsightValue(serializers.Serializer):
    """A value of a dimension, of members and of the base."""

    value = serializers.CharField()
    members = serializers.IntegerField()
    share = DecimalText(allow_null=True)
    base_members = serializers.IntegerField()
    base_share = DecimalText(allow_null=True)
    index = DecimalText(
        allow_null=True, help_text="100: as often as in the base; null: nobody of the base has it."
    )


class InsightDimension(serializers.Serializer):
    """A dimension, or `trait:NAME`, with its values by size."""

    dimension = serializers.CharField()
    values = InsightValue(many=True)


class InsightAnswer(serializers.Serializer):
    """How members differ from a base."""

    members = serializers.IntegerField()
    base = serializers.IntegerField()
    dimensions = InsightDimension(many=True)
    as_of = serializers.DateTimeField(allow_null=True)


class OverlapSegment(serializers.Serializer):
    """A segment that is looked at."""

    slug = serializers.SlugField()
    count = serializers.IntegerField()


class OverlapSet(serializers.Serializer):
    """People who are in exactly these of them."""

    segments = serializers.ListField(child=serializers.SlugField())
    count = serializers.IntegerField()


class Overlap(serializers.Serializer):
    """Who is in which of some segments."""

    segments = OverlapSegment(many=True)
    sets = OverlapSet(many=True)
    a = serializers.IntegerField(help_text="In a.")
    b = serializers.IntegerField(help_text="In b.")
    both = serializers.IntegerField(help_text="In a and in b.")
    only_a = serializers.IntegerField()
    only_b = serializers.IntegerField()
    as_of = serializers.DateTimeField(allow_null=True)


SegmentPage = page_of("Segment", Segment(many=True))
