"""Pages, pieces, the read API's JSON and files leave compressed, for whoever says that gzip is understood.

How long a compressed answer is tells of what repeats in it (BREACH), so it varies at random from one answer to the
next, a form's token is written anew each time, and our cookies do not come with other sites' requests (SameSite).
A page of 80 kB costs 1 to 2 ms and is a seventh to an eighth of itself.
Not here: static files, compressed when they are built (WhiteNoise); the front door, whose answers are short.
"""

from typing import Final

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS: Final = frozenset(
    (
        *("text/html", "text/plain", "text/csv", "text/css", "text/javascript"),
        *("application/json", "application/javascript", "application/vnd.oai.openapi", "image/svg+xml"),
        "application/vnd.oai.openapi+json",
    )
)
LEAST_BYTES: Final = 1_000  # a packet on the way holds more than that as it is


class CompressionMiddleware(GZipMiddleware):
    """Text of some length, whole or in pieces; everything else as it is."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The same answer, shorter."""
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind not in TEXTS or (not response.streaming and len(response.content) < LEAST_BYTES):  # type: ignore[attr-defined]
            return response
        return super().process_response(request, response)
