"""The profiles part as a Django app."""

from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    """`profiles` is the label its tables carry."""

    name = "profiles"
    default_auto_field = "django.db.models.BigAutoField"
