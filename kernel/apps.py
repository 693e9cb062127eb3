"""The kernel as a Django app: workspaces, members, tokens, audit, jobs."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """`kernel` is the label its tables carry."""

    name = "kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"
