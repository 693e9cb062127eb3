"""Log lines that stay one line: what was sent to us may not forge another or move the cursor. Not here: counters."""

import logging
import re

SENT = "django.security."  # what was wrong with a request: no bug of ours, and anybody could fill the log with it
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


class OneLine(logging.Formatter):
    """Control characters of the message are written as escapes; a traceback keeps its lines, each of them clean."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and under it a traceback."""
        message = CONTROL.sub(_escape, record.getMessage())
        plain = logging.makeLogRecord(
            record.__dict__ | {"msg": message, "args": None, "exc_info": None, "exc_text": None}
        )
        text = super().format(plain)
        if record.exc_info and not record.name.startswith(SENT):
            trace = self.formatException(record.exc_info).splitlines()
            text += "\n" + "\n".join(CONTROL.sub(_escape, line) for line in trace)
        return text


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
