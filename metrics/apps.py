"""The metrics part as a Django app."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """`metrics` is the label its tables carry."""

    name = "metrics"
    default_auto_field = "django.db.models.BigAutoField"
