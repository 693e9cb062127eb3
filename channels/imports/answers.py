"""What the API answers about imports, field by field: for its description alone."""

from rest_framework import serializers

from channels.imports.detect import CSV, JSON_LINES, XLSX
from kernel.web.openapi import JsonObject, page_of

STATES = ("waiting", "running", "done", "cancelled", "failed")


class Started(serializers.Serializer):
    """An import that waits for its worker."""

    id = serializers.IntegerField()


class Asked(serializers.Serializer):
    """A file and how it is to be read."""

    file = serializers.FileField()
    connector = serializers.UUIDField(help_text="Of kind `file`.")
    dry_run = serializers.ChoiceField(choices=("1", "0"), required=False, help_text="1: nothing is stored.")
    sheet = serializers.CharField(required=False, help_text="Of a workbook; else the first with rows.")
    encoding = serializers.CharField(required=False, help_text="Else it is found out.")
    delimiter = serializers.CharField(required=False, help_text="One sign, or `tab`; else it is found out.")
    header = serializers.IntegerField(required=False, help_text="The row it stands in; else it is found out.")


class Form(serializers.Serializer):
    """How the file is written; a field is empty where it has no such thing."""

    format = serializers.ChoiceField(choices=(CSV, JSON_LINES, XLSX), required=False)
    encoding = serializers.CharField(required=False)
    delimiter = serializers.CharField(required=False)
    sheet = serializers.CharField(required=False)
    header = serializers.IntegerField(required=False, help_text="The row it stands in; JSON lines: 0.")


class Column(serializers.Serializer):
    """A column of the file and what it says."""

    column = serializers.CharField()
    field = serializers.CharField(help_text="Empty: nothing we know; the column is left out.")


class ImportPreview(serializers.Serializer):
    """Rows as they would become."""

    rows = serializers.ListField(child=serializers.IntegerField(), help_text="Their numbers in the file.")
    messages = serializers.ListField(child=JsonObject())
    reason = serializers.CharField(allow_null=True)
    field = serializers.CharField(allow_null=True, help_text="The column that is wrong.")
    hint = serializers.CharField(allow_null=True)


class Import(serializers.Serializer):
    """A file and what became of its rows."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    connector = serializers.UUIDField()
    size = serializers.IntegerField(help_text="Bytes.")
    dry_run = serializers.BooleanField()
    state = serializers.ChoiceField(choices=STATES)
    rows = serializers.IntegerField(help_text="Of data, read so far.")
    good = serializers.IntegerField(help_text="Rows that were stored, or that were there already.")
    bad = serializers.IntegerField(help_text="Rows that were refused.")
    known = serializers.IntegerField(allow_null=True, help_text="Rows that were there already.")
    seconds = serializers.FloatField()
    message = serializers.CharField(help_text="Why nothing was taken, or what was noticed; empty: nothing.")
    form = Form()
    columns = Column(many=True)
    created_at = serializers.DateTimeField()


class ImportDetail(Import):
    """The same with the first rows of a dry run."""

    preview = ImportPreview(many=True)


ImportPage = page_of("Import", Import(many=True))
