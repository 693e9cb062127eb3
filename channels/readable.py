"""Bytes of a sender to JSON text that every reader behind the front door can read. Not here: what the JSON means.

One cut emoji, one NaN or one deep object in a batch must not cost its neighbours: what no parser takes is mended in
place and the rest stays byte for byte. The inbox keeps the mended text, so that front door and worker read alike.
"""

import codecs
import re
import zlib
from typing import Final, TypeVar

import msgspec

from channels.protocol import BODY_BYTES
from kernel.errors import Refused

GZIP: Final = b"\x1f\x8b"
GZIP_WINDOW: Final = 31  # zlib: 15 bits of window, gzip header
PIECE: Final = 64 * 1024
DEPTH: Final = 200  # deeper objects and arrays are cut
SURROGATE: Final = re.compile(
    r"(?<!\\)((?:\\\\)*)(?:(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
REPLACEMENT: Final = "\\ufffd"
TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]|-?\b(?:NaN|Infinity)\b', re.DOTALL)
CUT: Final = '"(too deep)"'
Form = TypeVar("Form")


class Unreadable(Refused):
    """The body is no JSON, however one looks at it."""

    code, status = "bad_json", 400


class NotAnObject(Refused):
    """JSON, but a list, a number, a text or null."""

    code, status = "not_an_object", 400

    def __init__(self) -> None:
        super().__init__("The body must be a JSON object: { … }.")


class BadEncoding(Refused):
    """The compression is broken or not gzip."""

    code, status = "bad_encoding", 415


class TooLarge(Refused):
    """More than is taken."""

    code, status = "too_large", 413

    def __init__(self, limit: int = BODY_BYTES) -> None:
        super().__init__(f"A request may have {limit:,} bytes after decompression: send it in parts.")


def inflate(body: bytes, encoding: str) -> bytes:
    """The body without its compression; stops while inflating when it grows too large, so a bomb costs 5 MB."""
    if not encoding and body[:2] != GZIP:
        return body
    names = [name.strip().lower() for name in encoding.split(",") if name.strip()]
    names = [name for name in names if name != "identity"]
    if names and names not in (["gzip"], ["x-gzip"]):
        raise BadEncoding("Only gzip is understood: send the body as gzip or uncompressed.")
    if not names and body[:2] != GZIP:
        return body
    return _gunzip(body)


def _gunzip(body: bytes) -> bytes:
    out: list[bytes] = []
    size = 0
    rest = body
    while rest:
        member = zlib.decompressobj(GZIP_WINDOW)
        while not member.eof:
            try:
                piece = member.decompress(rest, PIECE)
            except zlib.error as trouble:
                raise BadEncoding("The gzip stream is broken: send the request again.") from trouble
            size += len(piece)
            if size > BODY_BYTES:
                raise TooLarge
            out.append(piece)
            rest = member.unconsumed_tail
            if not rest and not piece and not member.eof:
                raise BadEncoding("The gzip stream ends too early: send the request again.")
        rest = member.unused_data.lstrip(b"\x00")
    return b"".join(out)


def read(body: bytes, decoder: msgspec.json.Decoder[Form]) -> tuple[str, Form]:
    """JSON text of a body, mended where needed, and its form; raises Unreadable or NotAnObject."""
    text = _decode(body).replace("\x00", "")
    try:
        return text, decoder.decode(text)
    except msgspec.ValidationError as trouble:
        raise NotAnObject from trouble
    except (msgspec.DecodeError, RecursionError):
        mended = _cut_deep(SURROGATE.sub(_lone, text))
    try:
        return mended, decoder.decode(mended)
    except msgspec.ValidationError as trouble:
        raise NotAnObject from trouble
    except (msgspec.DecodeError, RecursionError) as trouble:
        raise Unreadable("The body is no valid JSON: check what the client sends.") from trouble


def _decode(body: bytes) -> str:
    """UTF-8 as a rule; UTF-16 and -32 by their mark; what is none of it has its bad bytes replaced."""
    if body.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return body.decode("utf-32", "replace")
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    return text.removeprefix("\ufeff")


def _lone(found: re.Match[str]) -> str:
    """A pair stays; half a pair becomes the replacement character."""
    return found[0] if found[2] else found[1] + REPLACEMENT


def _cut_deep(text: str) -> str:
    """NaN and Infinity become text, and what lies deeper than DEPTH is cut, its neighbours untouched."""
    out: list[str] = []
    depth = kept = 0
    for token in TOKEN.finditer(text):
        mark = token[0]
        if mark in "[{":
            depth += 1
            if depth == DEPTH + 1:
                out += (text[kept : token.start()], CUT)
        elif mark in "]}":
            depth -= 1
            if depth == DEPTH:
                kept = token.end()
        elif mark[0] != '"' and depth <= DEPTH:
            out += (text[kept : token.start()], f'"{mark}"')
            kept = token.end()
    out.append(text[kept:] if depth <= DEPTH else "")
    return "".join(out)
