"""The API of analyses and boards. Not here: what they may be and who may do what (analyses.py, boards.py)."""

from django.db import connection
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.web.api import ApiView, body, limit, paged, parameters
from metrics.boards import analyses, answers, boards
from metrics.boards.reader import Reader

PAGING = [OpenApiParameter(name, OpenApiTypes.STR) for name in ("cursor", "limit")]
GONE = {status.HTTP_204_NO_CONTENT: None}


class _View(ApiView):
    """A view that knows who asks."""

    @property
    def reader(self) -> Reader:
        """Whoever sent this request."""
        return Reader.of(self.access, self.request.user)


class Analyses(_View):
    """Questions kept by name."""

    @extend_schema(parameters=PAGING, responses=answers.AnalysisPage)
    def get(self, request: Request) -> Response:
        """A cursor page of one's own and of those on shared boards, newest first; an admin sees all."""
        given = parameters(request)
        return paged(request, analyses.listed(connection, self.reader, given.get("cursor"), limit(request)))

    @extend_schema(
        operation_id="analysis_add",
        request=answers.AnalysisAsked,
        responses={status.HTTP_201_CREATED: answers.Analysis},
    )
    def post(self, request: Request) -> Response:
        """Keeps one, on a board where one is named. Analysts and admins."""
        made = analyses.add(self.reader, body(request))
        return Response(analyses.said(self.reader, made), status=status.HTTP_201_CREATED)


class Analysis(_View):
    """One question."""

    @extend_schema(responses=answers.Analysis)
    def get(self, request: Request, number: int) -> Response:
        """Its name, kind, parameters, and the board it stands on."""
        parameters(request)
        return Response(analyses.said(self.reader, analyses.one(self.reader, number)))

    @extend_schema(
        operation_id="analysis_change", request=answers.AnalysisChanged, responses=answers.Analysis
    )
    def patch(self, request: Request, number: int) -> Response:
        """Changes what is named, for whoever made it or an admin."""
        changed = analyses.change(self.reader, number, body(request))
        return Response(analyses.said(self.reader, changed))

    @extend_schema(operation_id="analysis_delete", responses=GONE)
    def delete(self, _request: Request, number: int) -> Response:
        """Drops it, with its tiles."""
        analyses.remove(self.reader, number)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Boards(_View):
    """Questions side by side."""

    @extend_schema(parameters=PAGING, responses=answers.BoardPage)
    def get(self, request: Request) -> Response:
        """A cursor page of one's own and of shared ones, newest first; an admin sees all."""
        given = parameters(request)
        return paged(request, boards.listed(connection, self.reader, given.get("cursor"), limit(request)))

    @extend_schema(
        operation_id="board_add",
        request=answers.BoardAsked,
        responses={status.HTTP_201_CREATED: answers.Board},
    )
    def post(self, request: Request) -> Response:
        """Makes one. Analysts and admins."""
        return Response(boards.said(boards.add(self.reader, body(request))), status=status.HTTP_201_CREATED)


class Board(_View):
    """One board."""

    @extend_schema(responses=answers.Board)
    def get(self, request: Request, slug: str) -> Response:
        """Its name, its tiles, whether the workspace shares it."""
        parameters(request)
        return Response(boards.said(boards.one(self.reader, slug)))

    @extend_schema(operation_id="board_change", request=answers.BoardChanged, responses=answers.Board)
    def patch(self, request: Request, slug: str) -> Response:
        """Changes what is named, for whoever made it or an admin; `tiles` takes the place of all there are."""
        return Response(boards.said(boards.change(self.reader, slug, body(request))))

    @extend_schema(operation_id="board_delete", responses=GONE)
    def delete(self, _request: Request, slug: str) -> Response:
        """Drops it; its analyses stay."""
        boards.remove(self.reader, slug)
        return Response(status=status.HTTP_204_NO_CONTENT)
