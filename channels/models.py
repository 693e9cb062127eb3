"""Channels, their connectors and write keys: tables and constraints, no behaviour. Not here: the inbox (schema.sql)."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.models import Job, Workspace


class ChannelKind(models.TextChoices):
    """What sort of place a channel is."""

    WEB = "web", _("Web shop")
    APP = "app", _("App")
    MINI_PROGRAM = "mini_program", _("Mini program")
    MARKETPLACE = "marketplace", _("Marketplace")
    SOCIAL = "social", _("Social")
    STORE = "store", _("Store")
    CALL_CENTRE = "call_centre", _("Call centre")
    EMAIL = "email", _("E-mail")
    ADS = "ads", _("Advertising")
    CRM = "crm", _("CRM")
    ERP = "erp", _("ERP")
    OTHER = "other", _("Other")


class Channel(models.Model):
    """A place where the company meets its customers."""

    workspace = models.ForeignKey(Workspace, models.CASCADE)
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=ChannelKind.choices, default=ChannelKind.OTHER)
    currency = models.CharField(max_length=3)
    timezone = models.CharField(max_length=60)
    commission = models.DecimalField(max_digits=6, decimal_places=5, default=0)  # share of the order's total
    color = models.CharField(max_length=9, blank=True, default="")
    settings = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["workspace", "slug"], name="channels_channel_slug"),)

    def __str__(self) -> str:
        return self.name


class Connector(models.Model):
    """How data gets from a channel to us. Its uuid is the scope of its messageIds, for good."""

    workspace = models.ForeignKey(Workspace, models.CASCADE)
    channel = models.ForeignKey(Channel, models.CASCADE)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40, default="http")
    settings = models.JSONField(default=dict)  # "own": its kind's
    secrets = models.TextField(blank=True, default="")  # sealed (channels/connect/connections.py)
    cursor = models.JSONField(default=dict)  # of what is pulled: how far it came
    rate_limit = models.IntegerField(null=True, blank=True)  # requests a second; None: no limit
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class WriteKey(models.Model):
    """A key that can only write to one connector. It is public in browsers; admins may read it again."""

    connector = models.ForeignKey(Connector, models.CASCADE, related_name="keys")
    key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.key[:6]}…"


class Import(models.Model):
    """A file that an admin dropped: how it was read, what became of its rows. Bytes and chunks: imports/store.sql."""

    workspace = models.ForeignKey(Workspace, models.CASCADE)
    connector = models.ForeignKey(Connector, models.CASCADE)
    job = models.ForeignKey(Job, models.CASCADE)
    name = models.CharField(max_length=200)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    dry_run = models.BooleanField(default=False)
    wanted = models.JSONField(default=dict)  # sheet, encoding, delimiter, as they were said
    form = models.JSONField(default=dict)  # the same as they were found
    columns = models.JSONField(default=list)  # [column, field] in the order of the file
    notes = models.JSONField(default=list)  # [code, parameters] of imports/words.py
    rows = models.BigIntegerField(default=0)  # of data that were read and kept
    good = models.BigIntegerField(default=0)
    bad = models.BigIntegerField(default=0)
    known = models.BigIntegerField(null=True)  # rows that say nothing that was not there
    preview = models.JSONField(default=list)
    actor = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["workspace", "-id"], name="channels_import_newest"),)

    def __str__(self) -> str:
        return self.name


class Destination(models.Model):
    """Where we send to, and what is sent. Names of events: `channels_asked`; what went out: `channels_delivery`."""

    workspace = models.ForeignKey(Workspace, models.CASCADE)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    settings = models.JSONField(default=dict)  # its kind's
    secrets = models.TextField(blank=True, default="")  # sealed (channels/connect/connections.py)
    segments = models.JSONField(default=list)  # [{"segment", "on": entered | left | all}]
    purpose = models.CharField(max_length=60, blank=True, default="")  # of consent; "": none is needed
    purpose_channel = models.CharField(max_length=60, blank=True, default="")  # of consent: sms, email …
    fields = models.JSONField(default=list)  # names of kernel/told.py
    cap = models.JSONField(null=True)  # {"count", "hours"}: for each person
    quiet = models.JSONField(null=True)  # {"from", "to", "then": wait | refuse}, in the workspace's zone
    holdout = models.DecimalField(max_digits=5, decimal_places=4, default=0)  # share of people
    enabled = models.BooleanField(default=True)
    changes_read = models.BigIntegerField(
        default=0
    )  # number of the last change of a segment that was looked at
    held_until = models.DateTimeField(null=True)  # its server is left alone until then
    troubles = models.IntegerField(default=0)  # one after the other
    trouble = models.JSONField(null=True)  # the last: {"code", "params", "words", "at"}
    served_at = models.DateTimeField(null=True)  # whose turn it is
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
