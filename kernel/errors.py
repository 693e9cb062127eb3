"""Every kind of trouble we raise on purpose, as one small tree. Anything else that rises is a bug.

Trouble
├── Refused        the sender or person asked for what cannot be (has an HTTP status and a code)
│   ├── BadRequest   400, code given       ├── NotAllowed  403 (NoWorkspace: of who belongs to none)
│   ├── NotFound     404                   ├── WrongMethod 405
│   └── Conflict     409
├── TryAgain       503: not now, the same request is welcome later
└── TooSlow        work that did not end in its time: smaller next time
"""


class Trouble(Exception):
    """Something went wrong in a way we know; the text says what to do."""

    code, status = "trouble", 500


class Refused(Trouble):
    """What was asked cannot be done as asked."""

    code, status = "refused", 400


class BadRequest(Refused):
    """The request itself is wrong. `code` says how."""

    def __init__(self, text: str, code: str = "bad_request") -> None:
        super().__init__(text)
        self.code = code


class NotAllowed(Refused):
    """The person's role does not reach this."""

    code, status = "not_allowed", 403


class NoWorkspace(NotAllowed):
    """The person belongs to no workspace: never did, or was let go."""

    code = "no_workspace"


class NotFound(Refused):
    """There is no such thing in this workspace."""

    code, status = "not_found", 404


class WrongMethod(Refused):
    """The address is there, and takes something else: mostly what a form sends."""

    code, status = "wrong_method", 405


class Conflict(Refused):
    """The request is clear, but what is there stands against it."""

    code, status = "conflict", 409


class TryAgain(Trouble):
    """Not now: the same request is welcome later."""

    code, status = "try_again", 503


class TooSlow(Trouble):
    """Work that did not end in its time was taken back. It is tried again smaller, never the same way."""

    code, status = "too_slow", 503
