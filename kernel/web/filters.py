"""What a list of the read API may be narrowed by, declared: names, what their values are, the code of a wrong one.

Values are read here and looked up by the list's own SQL (cursor.py). Not here: the form of all views (api.py).
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django_filters import FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from kernel.errors import BadRequest
from kernel.models import Workspace
from kernel.web import api


class Filters(FilterSet):
    """The filters of one list. `refusals`: the sentence and the code of the BadRequest that a wrong value is."""

    refusals: ClassVar[Mapping[str, tuple[str, str]]] = {}

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        """What the query gives, read, with the cursor; unknown names are refused."""
        given = api.parameters(request, cls.base_filters)
        return given | cls.read(request, {name: given[name] for name in given if name in cls.base_filters})

    @classmethod
    def read(cls, request: Request, given: Mapping[str, str]) -> dict[str, Any]:
        """The same of values at hand: only what was given stands in it."""
        form = cls(given, queryset=Workspace.objects.none(), request=request).form
        for name in form.errors:
            raise BadRequest(*cls.refusals[name])
        return {name: form.cleaned_data[name] for name in given}

    @classmethod
    def documented(cls) -> list[OpenApiParameter]:
        """For the API's description."""
        named = [
            OpenApiParameter(
                name, OpenApiTypes.STR, enum=[word for word, _label in one.extra.get("choices", ())]
            )
            for name, one in cls.base_filters.items()
        ]
        return named + [OpenApiParameter(name, OpenApiTypes.STR) for name in api.PAGING]
