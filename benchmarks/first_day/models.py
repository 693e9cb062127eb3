"""A table a thing. The front door uses Source, Person, Name and Event, the loop all but Source."""

from typing import Any

from django.db import connection, models


class Source(models.Model):
    """Who sends, by the key he sends."""

    name = models.CharField(max_length=200)
    key = models.CharField(max_length=100, unique=True)
    is_authenticated = True

    class Meta:
        app_label = "first_day"

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """Somebody."""

    traits = models.JSONField(default=dict)
    events = models.IntegerField(default=0)
    orders = models.IntegerField(default=0)
    revenue = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    first_seen = models.DateTimeField(null=True)
    last_seen = models.DateTimeField(null=True)

    class Meta:
        app_label = "first_day"

    def __str__(self) -> str:
        return f"person {self.pk}"


class Name(models.Model):
    """What he is known by."""

    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=200)
    person = models.ForeignKey(Person, models.CASCADE)

    class Meta:
        app_label = "first_day"
        unique_together = ("kind", "value")

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class Event(models.Model):
    """What happened."""

    source = models.ForeignKey(Source, models.CASCADE, null=True)
    message_id = models.CharField(max_length=100, unique=True)
    type = models.CharField(max_length=20)
    name = models.CharField(max_length=200, default="")
    user_id = models.CharField(max_length=200, default="")
    anonymous_id = models.CharField(max_length=200, default="")
    at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    person = models.ForeignKey(Person, models.CASCADE, null=True)
    properties = models.JSONField(default=dict)
    traits = models.JSONField(default=dict)
    context = models.JSONField(default=dict)

    class Meta:
        app_label = "first_day"
        indexes = (models.Index(fields=["person", "at"], name="first_day_event_person_at"),)

    def __str__(self) -> str:
        return self.message_id


class Trait(models.Model):
    """What was said of somebody."""

    person = models.ForeignKey(Person, models.CASCADE)
    name = models.CharField(max_length=200)
    value = models.JSONField()
    said = models.IntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        app_label = "first_day"
        unique_together = ("person", "name", "value")

    def __str__(self) -> str:
        return f"{self.name} of {self.person_id}"


class Order(models.Model):
    """What was bought."""

    order_id = models.CharField(max_length=100, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, null=True)
    at = models.DateTimeField()
    total = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)

    class Meta:
        app_label = "first_day"

    def __str__(self) -> str:
        return self.order_id


class Line(models.Model):
    """A product of it."""

    order = models.ForeignKey(Order, models.CASCADE)
    number = models.IntegerField()
    sku = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    price = models.DecimalField(max_digits=14, decimal_places=2)
    quantity = models.IntegerField()

    class Meta:
        app_label = "first_day"
        unique_together = ("order", "number")

    def __str__(self) -> str:
        return f"{self.order_id} {self.number}"


class Active(models.Model):
    """That somebody was there on a day."""

    person = models.ForeignKey(Person, models.CASCADE)
    day = models.DateField()
    channel = models.CharField(max_length=50)
    events = models.IntegerField(default=0)

    class Meta:
        app_label = "first_day"
        unique_together = ("person", "day", "channel")

    def __str__(self) -> str:
        return f"{self.person_id} {self.day}"


class Daily(models.Model):
    """A number of a day and a channel."""

    day = models.DateField()
    channel = models.CharField(max_length=50)
    metric = models.CharField(max_length=50)
    value = models.DecimalField(max_digits=16, decimal_places=2, default=0)

    class Meta:
        app_label = "first_day"
        unique_together = ("day", "channel", "metric")

    def __str__(self) -> str:
        return f"{self.metric} {self.day}"


MODELS: tuple[Any, ...] = (Source, Person, Name, Event, Trait, Order, Line, Active, Daily)


def create() -> None:
    """Its tables, beside the product's."""
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)


def empty() -> None:
    """Everything gone again."""
    tables = ", ".join(f'"{model._meta.db_table}"' for model in MODELS)
    with connection.cursor() as cursor:
        cursor.execute(f"truncate {tables} restart identity")
