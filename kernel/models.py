"""Workspaces, who may do what in them, and the record of what was done. Tables and constraints, no behaviour."""

from django.conf import settings
from django.db import models


class Role(models.TextChoices):
    """From least to most: a viewer never receives raw contact data."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    ADMIN = "admin"


class Workspace(models.Model):
    """One brand or company; everything belongs to exactly one. Zone and currency are fixed once it has events."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=60, default="Asia/Shanghai")
    currency = models.CharField(max_length=3, default="CNY")
    settings = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A person's role in a workspace."""

    workspace = models.ForeignKey(Workspace, models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    role = models.CharField(max_length=10, choices=Role.choices)
    seen_at = models.DateTimeField(null=True)  # on the pages of this workspace, to the minute
    link_until = models.DateTimeField(null=True)  # of the newest link to set a password; null: none, or used
    channels = models.JSONField(
        default=list
    )  # ids; not empty: one of these channels' people, who see theirs alone

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "user"], name="kernel_member_once"),)

    def __str__(self) -> str:
        return f"{self.user} {self.role} {self.workspace}"


class ApiToken(models.Model):
    """A token for the read API: only its SHA-256 is kept, the prefix tells it apart on a page."""

    workspace = models.ForeignKey(Workspace, models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    role = models.CharField(max_length=10, choices=Role.choices)
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=12)
    name = models.CharField(max_length=80, default="")  # what it is for
    scope = models.CharField(max_length=20, default="")  # "": all that its role may; else that alone
    used_at = models.DateTimeField(null=True)  # to the minute
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.prefix


class Audit(models.Model):
    """Who did what to what, and why. Never changed: triggers see to it (migrations/0007_people.py)."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, null=True)
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (
            models.Index(fields=["workspace", "-at"], name="kernel_audit_newest"),
            models.Index(fields=["workspace", "target", "-at"], name="kernel_audit_target"),
            models.Index(fields=["workspace", "actor", "-at"], name="kernel_audit_actor"),
        )

    def __str__(self) -> str:
        return f"{self.at} {self.actor} {self.action} {self.target}"


class Job(models.Model):
    """Long work a person may watch: its own counts, kept across reloads and restarts."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, null=True)
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=12, default="waiting")  # waiting running done failed cancelled
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)
    started_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class FilePart(models.Model):
    """A piece of a file that a job makes, in its order."""

    job = models.ForeignKey(Job, models.CASCADE)
    number = models.IntegerField()
    text = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["job", "number"], name="kernel_file_part_once"),)

    def __str__(self) -> str:
        return f"{self.job} {self.number}"


class Heartbeat(models.Model):
    """The last sign of life of a process, or of the inbox being worked (process/heartbeat.py)."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()
    detail = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.name} {self.at}"


class SavedView(models.Model):
    """A list as a person wants to see it again: the page and its address's question."""

    workspace = models.ForeignKey(Workspace, models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["workspace", "user", "page", "name"], name="kernel_view_once"),
        )

    def __str__(self) -> str:
        return f"{self.page} {self.name}"


class Retention(models.Model):
    """How many months a kind of data is kept (null: for ever), and before when it has gone already."""

    workspace = models.ForeignKey(Workspace, models.CASCADE)
    kind = models.CharField(max_length=20)
    months = models.IntegerField(null=True)
    gone_before = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "kind"], name="kernel_retention_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.months}"
