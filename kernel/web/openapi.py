"""How the read API describes itself: the token, one name an operation, the form of every error.

Not here: what a path takes and answers (each part's api.py).
"""

import re
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

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
        """The view's name."""
        return WORDS.sub("_", type(self.view).__name__).lower()

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """With the form of its errors."""
        found: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if found:
            found["responses"]["default"] = ERROR
        return found
