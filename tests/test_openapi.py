"""docs/openapi.yaml is valid and says what the code says (`make docs` writes it)."""

from pathlib import Path

from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

WRITTEN = Path("docs/openapi.yaml")


def test_what_is_written_is_what_is_served() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    assert not GENERATOR_STATS
    assert OpenApiYamlRenderer().render(schema).decode() == WRITTEN.read_text(encoding="utf-8"), "make docs"


def test_every_operation_has_a_name_of_its_own_and_says_how_it_fails() -> None:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]
    assert len({one["operationId"] for one in operations}) == len(operations) > 15
    assert all("default" in one["responses"] and one["description"] for one in operations)
