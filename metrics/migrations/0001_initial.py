"""The tables of metrics, out of schema.sql and span_schema.sql."""

import re
from pathlib import Path

from django.db import migrations

PART = Path(__file__).resolve().parent.parent
SCHEMAS = [(PART / name).read_text(encoding="utf-8") for name in ("schema.sql", "span_schema.sql")]
TABLES = [table for schema in SCHEMAS for table in re.findall(r"^create table (\w+)", schema, re.MULTILINE)]


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunSQL("\n".join(SCHEMAS), f"drop table {', '.join(TABLES)}")]
