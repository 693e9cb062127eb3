"""What pages say of an import: what was found, as a sentence; why rows were refused; how the file is written.

Not here: why no row could be taken (channels/imports/words.py), why one was refused (channels/reasons.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels import reasons
from channels.imports import outcome, store
from channels.models import Import
from kernel.web import format

NAMED: Final = 2  # reasons that stand in the title
ENCODINGS: Final = MappingProxyType(
    {
        "utf-8": "UTF-8",
        "utf-8-sig": gettext_lazy("UTF-8 with BOM"),
        "gb18030": "GB18030 (GBK)",
        "utf-16": "UTF-16",
        "big5": "Big5",
        "shift_jis": "Shift JIS",
        "cp1252": "Windows-1252",
    }
)
DELIMITERS: Final = MappingProxyType(
    {
        ",": gettext_lazy("comma"),
        "\t": gettext_lazy("tab"),
        ";": gettext_lazy("semicolon"),
        "|": gettext_lazy("bar"),
    }
)
FORMATS: Final = MappingProxyType(
    {"csv": gettext_lazy("text"), "json_lines": gettext_lazy("JSON lines"), "xlsx": gettext_lazy("workbook")}
)


class Verdict(NamedTuple):
    """What was found, and what follows from it."""

    title: str
    lead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Rows that are refused for the same."""

    count: int
    column: str
    text: str  # what is wrong, of one of them
    row: int  # that one's number in the file


def whys(found: Import) -> list[Why]:
    """Why a dry run would refuse rows, most first."""
    names = [column for column, _field in found.columns]
    told = []
    for _reason, _code, field, count, one in store.why(connection, found):
        said = outcome.sentence(names, one["cells"][0] if one["cells"] else [], one, reasons.translated)
        told.append(Why(count=count, column=field, text=said, row=one["rows"][0]))
    return told


def verdict(found: Import) -> Verdict:
    """By where it stands."""
    state = found.job.state
    if state == "waiting":
        return Verdict(_("Waiting to be read"))
    if state == "running":
        return Verdict(_("Reading, nothing is stored") if found.dry_run else _("Importing"))
    if state == "failed":
        return Verdict(
            _("Nothing can be taken from this file") if not found.rows else _("It stopped half-way")
        )
    if state == "cancelled":
        return Verdict(
            _("Cancelled"), "" if found.dry_run else _("What was read before stays, and counts once.")
        )
    if not found.rows:
        return Verdict(_("The file has a header and no rows"))
    return _tried(found) if found.dry_run else _taken(found)


def _tried(found: Import) -> Verdict:
    good = format.number(found.good)
    lead = _("Nothing is stored yet.")
    if found.known:
        there = ngettext(
            "%(n)s row was there already: it will not count twice.",
            "%(n)s rows were there already: they will not count twice.",
            found.known,
        )
        lead = f"{there % {'n': format.number(found.known)}} {lead}"
    if not found.bad:
        all_of_them = ngettext("The one row can be taken", "All %(n)s rows can be taken", found.rows)
        return Verdict(all_of_them % {"n": good}, lead)
    said = {"good": good, "rows": format.number(found.rows), "why": _why(found)}
    return Verdict(_("%(good)s of %(rows)s rows can be taken; %(why)s") % said, lead)


def _taken(found: Import) -> Verdict:
    said = {name: format.number(getattr(found, name)) for name in ("rows", "good", "bad")}
    there = min(found.known or 0, found.good)
    lead = ""
    if 0 < there < found.good:
        lead = _("%(new)s are new; %(known)s were there already and count once.") % {
            "new": format.number(found.good - there),
            "known": format.number(there),
        }
    if found.bad:
        return Verdict(_("%(good)s of %(rows)s rows were taken, %(bad)s refused") % said, lead)
    if there == found.rows:
        one = ngettext(
            "The row was there already: nothing counts twice",
            "All %(n)s rows were there already: nothing counts twice",
            found.rows,
        )
        return Verdict(one % {"n": said["rows"]}, lead)
    return Verdict(
        ngettext("The row was taken", "All %(n)s rows were taken", found.rows) % {"n": said["rows"]}, lead
    )


def _why(found: Import) -> str:
    """`26 have no “order id”; 3 have no usable amount in “total”`; the rest in one number."""
    counted: dict[tuple[str, str], int] = {}
    for reason, _code, field, count, _one in store.why(connection, found):
        counted[reason, field] = counted.get((reason, field), 0) + count
    ordered = sorted(counted.items(), key=lambda one: -one[1])
    told = [_of(reason, field, count) for (reason, field), count in ordered[:NAMED]]
    rest = found.bad - sum(count for _key, count in ordered[:NAMED])
    if rest > 0:
        told.append(_("%(n)s for other reasons") % {"n": format.number(rest)})
    return _("; ").join(told)


def _of(reason: str, column: str, count: int) -> str:
    said = {"n": format.number(count), "column": column, "why": str(reasons.of(reason).label)}
    if reason == "missing_field" and column:
        return ngettext("%(n)s has no “%(column)s”", "%(n)s have no “%(column)s”", count) % said
    if reason == "bad_amount" and column:
        return (
            ngettext(
                "%(n)s has no usable number in “%(column)s”",
                "%(n)s have no usable number in “%(column)s”",
                count,
            )
            % said
        )
    if reason == "bad_time" and column:
        return (
            ngettext(
                "%(n)s has no readable time in “%(column)s”",
                "%(n)s have no readable time in “%(column)s”",
                count,
            )
            % said
        )
    if reason == "no_identity":
        return ngettext("%(n)s names no customer", "%(n)s name no customer", count) % said
    return _("%(n)s refused: %(why)s") % said


def written(form: dict[str, Any]) -> str:
    """`GB18030, comma, header in row 3`: how a file is written, as it was found."""
    parts: list[str] = []
    if form.get("format"):
        parts.append(str(FORMATS.get(form["format"], form["format"])))
    if form.get("sheet"):
        parts.append(_("sheet “%(name)s”") % {"name": form["sheet"]})
    if form.get("encoding"):
        parts.append(str(ENCODINGS.get(form["encoding"], form["encoding"])))
    if form.get("delimiter"):
        parts.append(str(DELIMITERS.get(form["delimiter"], form["delimiter"])))
    if form.get("header"):
        parts.append(_("header in row %(n)s") % {"n": form["header"]})
    return _(", ").join(parts)


def sheets(notes: Sequence[Any]) -> list[str]:
    """The other sheets of a workbook, or all where none could be read."""
    return [
        name for code, params in notes if code in ("other_sheets", "no_sheet") for name in params["sheets"]
    ]


def size(found: Import) -> str:
    """Of a file, for people."""
    kilo = found.size / 1024
    if kilo < 1:
        return _("%(n)s bytes") % {"n": format.number(found.size)}
    return f"{format.number(round(kilo))} KB" if kilo < 1024 else f"{format.number(kilo / 1024, 1)} MB"
