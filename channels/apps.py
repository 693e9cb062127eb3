"""The channels part as a Django app."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """`channels` is the label its tables carry."""

    name = "channels"
    default_auto_field = "django.db.models.BigAutoField"
