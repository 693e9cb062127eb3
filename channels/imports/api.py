"""Imports over the API: a file is dropped, watched, cancelled; its refused rows come back as a file.

Not here: reading the file (work.py), which body is how large (cdp/serve/uploads.py).
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from channels import reasons
from channels.imports import answers, outcome, start, store, templates, words
from channels.models import Connector, Import
from channels.tables.fields import TABLES, Table
from kernel import audit, cursor, limits
from kernel.cursor import Order
from kernel.errors import BadRequest, NotFound
from kernel.periods import utc_text
from kernel.web import spreadsheet
from kernel.web.api import ApiView, limit, paged, parameters, uuid_of
from kernel.web.workbook import XLSX_TYPE

LONGEST: Final = 200  # characters of a name
FIELDS: Final = frozenset(("file", "connector", "dry_run", *start.WANTED))
YES, NO = frozenset(("1", "true", "yes", "on")), frozenset(("", "0", "false", "no", "off"))
NEWEST: Final = Order("i.created_at", "timestamptz", "i.id", "bigint")


def shown(found: Import) -> dict[str, Any]:
    """An import as the list has it."""
    state = found.job.state
    until = found.ended_at or (found.job.updated_at if state not in store.OPEN else timezone.now())
    return {
        "id": found.pk,
        "name": found.name,
        "connector": str(found.connector.uuid),
        "size": found.size,
        "dry_run": found.dry_run,
        "state": state,
        "rows": found.rows,
        "good": found.good,
        "bad": found.bad,
        "known": found.known,
        "seconds": round(max((until - found.created_at).total_seconds(), 0.0), 3),
        "message": words.text(found.notes),
        "form": found.form,
        "columns": [{"column": column, "field": field} for column, field in found.columns],
        "created_at": utc_text(found.created_at),
    }


def detailed(found: Import) -> dict[str, Any]:
    """The same with the first rows of a dry run."""
    preview = []
    names = [column for column, _field in found.columns]
    for one in found.preview:
        hint = outcome.sentence(names, [], one, reasons.translated) if one.get("reason") else None
        preview.append(
            {name: one.get(name) for name in ("rows", "messages", "reason", "field")} | {"hint": hint}
        )
    return shown(found) | {"preview": preview}


class Imports(ApiView):
    """Files that were dropped, and dropping one."""

    role = "admin"
    parser_classes = (MultiPartParser,)
    notify: Callable[[], object] | None = None  # calls the worker (cdp/api_urls.py)

    @extend_schema(
        parameters=[OpenApiParameter("connector", OpenApiTypes.UUID, description="Of this connector.")],
        responses=answers.ImportPage,
    )
    def get(self, request: Request) -> Response:
        """A cursor page of imports, newest first."""
        given = parameters(request, known=("connector",))
        wheres = ["i.workspace_id = %(workspace)s::bigint"]
        values: dict[str, Any] = {"workspace": self.access.workspace.pk}
        if "connector" in given:
            wheres.append("i.connector_id = %(connector)s::bigint")
            values["connector"] = _connector(self.access.workspace, given["connector"]).pk
        select = store.sql["listed"]
        found = cursor.page(
            connection, select, wheres, values, NEWEST, given.get("cursor"), limit(request), list
        )
        wanted = Import.objects.select_related("connector", "job").in_bulk([row[1] for row in found.items])
        return paged(request, found._replace(items=[shown(wanted[row[1]]) for row in found.items]))

    @extend_schema(request={"multipart/form-data": answers.Asked}, responses={202: answers.Started})
    def post(self, request: Request) -> Response:
        """Keeps the file; a worker reads it from here on."""
        parameters(request)
        workspace = self.access.workspace
        given = _given(request)
        connector = _connector(workspace, given["connector"])
        made = start.start(
            connector,
            request.FILES["file"],
            str(request.user),
            dry_run=given["dry_run"],
            wanted={name: given[name] for name in start.WANTED},
            notify=self.notify,
        )
        return Response({"id": made.pk}, status=202)


class ImportDetail(ApiView):
    """One import."""

    role = "admin"

    @extend_schema(responses=answers.ImportDetail)
    def get(self, request: Request, number: str) -> Response:
        """How far it is, and what became of its rows."""
        parameters(request)
        found = _one(self.access.workspace, number)
        if found.job.state not in ("waiting", "running", "done") and not found.dry_run:
            outcome.settle(connection, found)  # no worker looks after it any more
            found = _one(self.access.workspace, number)
        self.shows_contacts = bool(found.preview)
        return Response(detailed(found))


class ImportBad(ApiView):
    """The rows that were refused."""

    role = "admin"

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, number: str) -> StreamingHttpResponse:
        """Under the file's own header, with row number, reason, column and what is wrong before them; no formulas."""
        parameters(request)
        found = _one(self.access.workspace, number)
        audit.note(self.access.workspace.pk, str(request.user), "import.bad", str(found.pk), file=found.name)
        answer = StreamingHttpResponse(_written(found), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="import-{found.pk}-bad.csv"'
        answer["Cache-Control"] = "no-store"
        return answer


def _written(found: Import) -> Iterator[str]:
    with limits.unlimited(connection):
        table = outcome.bad_rows(connection, found)
        yield from spreadsheet.lines(next(table), table)


class ImportCancel(ApiView):
    """Ending an import."""

    role = "admin"

    @extend_schema(request=None, responses=answers.ImportDetail)
    def post(self, request: Request, number: str) -> Response:
        """It stops after the rows it is at; those that were read stay, and the same file again counts them once."""
        parameters(request)
        found = _one(self.access.workspace, number)
        start.cancel(found, str(request.user))
        return Response(detailed(_one(self.access.workspace, number)))


class ImportTemplate(ApiView):
    """An empty file with the columns of a kind of rows."""

    @extend_schema(
        parameters=[
            OpenApiParameter("lang", OpenApiTypes.STR, enum=["en", "zh"], description="Of the header.")
        ],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, rows: str) -> HttpResponse:
        """A header alone, in English or Chinese."""
        table, chinese = _template(request, rows)
        answer = HttpResponse(templates.as_csv(table, chinese), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{rows}.csv"'
        return answer


class ImportWorkbook(ApiView):
    """An empty workbook with the columns of a kind of rows."""

    @extend_schema(
        parameters=[
            OpenApiParameter("lang", OpenApiTypes.STR, enum=["en", "zh"], description="Of the header.")
        ],
        responses={(200, XLSX_TYPE): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, rows: str) -> HttpResponse:
        """A header alone; a second sheet says what each column is and by which names it is known."""
        table, chinese = _template(request, rows)
        answer = HttpResponse(templates.as_xlsx(table, chinese), content_type=XLSX_TYPE)
        answer["Content-Disposition"] = f'attachment; filename="{rows}.xlsx"'
        return answer


def _template(request: Request, rows: str) -> tuple[Table, bool]:
    given = parameters(request, known=("lang",))
    table = TABLES.get(rows)
    if table is None:
        raise NotFound(_("There are templates for %(all)s.") % {"all": ", ".join(TABLES)})
    language = given.get("lang", "en")
    if language not in ("en", "zh"):
        raise BadRequest(_("The language is en or zh."), "bad_language")
    return table, language == "zh"


# ---- what was asked -------------------------------------------------------------------------------------


def _given(request: Request) -> dict[str, Any]:
    """The fields of the form, checked."""
    for name in [*request.POST, *request.FILES]:
        if name not in FIELDS:
            raise BadRequest(
                f"An import has no field {name[:60]!r}: {', '.join(sorted(FIELDS))}.", "unknown_field"
            )
    if "file" not in request.FILES:
        raise BadRequest(_("The file is missing: send it as the field “file” of a form."), "no_file")
    if len(request.FILES.getlist("file")) > 1:
        raise BadRequest(_("One file at a time."), "many_files")
    said = {name: _text(request, name) for name in FIELDS - {"file"}}
    dry = said["dry_run"].lower()
    if dry not in YES | NO:
        raise BadRequest(_("`dry_run` is 1 or 0."), "bad_value")
    return said | {"dry_run": dry in YES}


def _text(request: Request, name: str) -> str:
    value: object = request.POST.get(name, "")
    if not isinstance(value, str) or len(value) > LONGEST or "\x00" in value:
        raise BadRequest(f"`{name}` is a text of at most {LONGEST} characters.", "bad_value")
    return value if name == "delimiter" else value.strip()


def _connector(workspace: Any, uuid: str) -> Connector:
    found = None
    if uuid_of(uuid):
        found = Connector.objects.select_related("channel").filter(workspace=workspace, uuid=uuid).first()
    if found is None:
        raise BadRequest(_("There is no such connector in this workspace."), "unknown_connector")
    return found


def _one(workspace: Any, number: str) -> Import:
    plain = number if number.isascii() and number.isdecimal() and len(number) < 18 else ""
    found = store.one(workspace.pk, int(plain)) if plain else None
    if found is None:
        raise NotFound(_("There is no such import in this workspace."))
    return found
