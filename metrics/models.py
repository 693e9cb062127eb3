"""What people keep of metrics: questions by name, boards of them, segments. Tables and constraints, no behaviour.

Not here: the tables that facts and sums stand in (schema.sql).
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from kernel.models import Workspace

KIND_LENGTH, NAME_LENGTH, SLUG_LENGTH = 20, 80, 60  # characters
COLUMNS, ROWS = 12, 400  # of a board's grid
TALLEST = 12  # rows of a tile
MOST_TILES = 24  # of a board: each is asked for when it opens


class Analysis(models.Model):
    """A question under a name: its kind, and the parameters of that kind's address."""

    workspace = models.ForeignKey(Workspace, models.CASCADE)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True
    )  # null: it came with the workspace, or whoever made it is gone
    name = models.CharField(max_length=NAME_LENGTH)
    kind = models.CharField(max_length=KIND_LENGTH)
    params = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = (models.Index(fields=["workspace", "-created_at", "-id"], name="metrics_analysis_newest"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Board(models.Model):
    """Questions side by side. Shared: everybody of the workspace may look at it."""

    workspace = models.ForeignKey(Workspace, models.CASCADE)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)  # null: as above
    slug = models.SlugField(max_length=SLUG_LENGTH)
    name = models.CharField(max_length=NAME_LENGTH)
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "slug"], name="metrics_board_once"),)
        indexes = (models.Index(fields=["workspace", "-created_at", "-id"], name="metrics_board_newest"),)

    def __str__(self) -> str:
        return self.slug


class Tile(models.Model):
    """Where a question stands on a board, in cells of its grid. No two overlap: a migration's `metrics_tile_apart`."""

    board = models.ForeignKey(Board, models.CASCADE, related_name="tiles")
    analysis = models.ForeignKey(Analysis, models.CASCADE, related_name="tiles")
    x = models.PositiveSmallIntegerField()
    y = models.PositiveSmallIntegerField()
    w = models.PositiveSmallIntegerField()
    h = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["board", "analysis"], name="metrics_tile_once"),
            models.CheckConstraint(
                condition=Q(w__gte=1, h__gte=1, h__lte=TALLEST)
                & Q(x__lte=COLUMNS - F("w"))
                & Q(y__lte=ROWS - F("h")),
                name="metrics_tile_inside",
            ),
        )

    def __str__(self) -> str:
        return f"{self.board_id}: {self.analysis_id} at {self.x},{self.y}"


class Attribution(models.Model):
    """What a question of attribution came to that took long, for one state of the mirror: made again at any time."""

    workspace = models.ForeignKey(Workspace, models.CASCADE)
    question = models.CharField(max_length=64)  # a digest
    state = models.TextField()
    body = models.TextField()  # JSON
    seconds = models.FloatField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "metrics_attribution"
        constraints = (
            models.UniqueConstraint(fields=["workspace", "question"], name="metrics_attribution_once"),
        )

    def __str__(self) -> str:
        return self.question


class Segment(models.Model):
    """A rule under a name, and how its members stood when it was last asked."""

    workspace = models.ForeignKey(Workspace, models.CASCADE)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    slug = models.SlugField(max_length=SLUG_LENGTH)
    name = models.CharField(max_length=NAME_LENGTH)
    rule = models.JSONField()
    version = models.IntegerField(default=1)  # of the rule
    filled = models.IntegerField(default=0)  # the version that its members are of; 0: of none yet
    count = models.BigIntegerField(null=True)
    as_of = models.DateTimeField(null=True)  # the newest event that is in it
    refreshed_at = models.DateTimeField(null=True)
    trouble = models.TextField(default="")  # why its members could not be asked; they stay as they were
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "slug"], name="metrics_segment_once"),)
        indexes = (models.Index(fields=["workspace", "-created_at", "-id"], name="metrics_segment_newest"),)

    def __str__(self) -> str:
        return self.slug
