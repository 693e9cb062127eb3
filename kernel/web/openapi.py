"""How the read API describes itself: the token, one name an operation, the form of every error, parts of answers.

Not here: what a path takes and answers (each part's api.py and answers.py).
"""

import re
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

ERROR = {
    "description": "What cannot be answered, and why.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
                "required": ["code", "message"],
            }
        }
    },
}
METHODS = ("get", "post", "put", "patch", "delete")
WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Token …`."""

    target_class = "kernel.web.access.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """The header."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token ` and a token of `manage.py token`.",
        }


class Described(AutoSchema):
    """An operation is called as its view is: `profiles`, `waiting_orders`."""

    def get_operation_id(self) -> str:
        """The view's name; of what changes something, where one can do something else as well, with the method."""
        name, own = WORDS.sub("_", type(self.view).__name__).lower(), self.method.lower()
        several = any(hasattr(self.view, one) for one in METHODS if one != own)
        return f"{name}_{own}" if several and own != "get" else name

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """With the form of its errors."""
        found: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if found:
            found["responses"]["default"] = ERROR
        return found


# ---- what answers are made of ------------------------------------------------------------------------

# What a sender wrote, whatever that was.
JSON_VALUE = {"$ref": "#/components/schemas/JsonValue"}


def with_json(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """The description with that component: the settings call it at the end."""
    result["components"]["schemas"]["JsonValue"] = {
        "description": "Any JSON, as its sender wrote it.",
        "nullable": True,
        "anyOf": [
            {"type": "string"},
            {"type": "number"},
            {"type": "boolean"},
            {"type": "array", "items": JSON_VALUE},
            {"type": "object", "additionalProperties": JSON_VALUE},
        ],
    }
    return result


@extend_schema_field(JSON_VALUE)
class JsonValue(serializers.Field):
    """Any JSON."""


@extend_schema_field({"type": "object", "additionalProperties": JSON_VALUE})
class JsonObject(serializers.Field):
    """An object with names of its sender's choice."""


@extend_schema_field({"type": "string", "format": "decimal"})
class DecimalText(serializers.Field):
    """A number as a string, exact."""


class Unconverted(serializers.Serializer):
    """An amount that has no rate, and so stands apart."""

    currency = serializers.CharField()
    value = DecimalText()


def shape(name: str, fields: dict[str, Any]) -> type[serializers.Serializer]:
    """An object of these fields: for those with a name that Python keeps for itself, or that are made from a list."""
    return type(name, (serializers.Serializer,), fields)


def page_of(name: str, results: serializers.BaseSerializer, **more: Any) -> type[serializers.Serializer]:
    """A cursor page; `results` is a list of its rows (`Row(many=True)`)."""
    fields = {
        "next": serializers.URLField(allow_null=True, help_text="The next page's address."),
        "previous": serializers.URLField(allow_null=True, help_text="The address of the page before."),
        "results": results,
    }
    return shape(f"{name}Page", fields | more)
