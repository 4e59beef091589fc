"""Logs that can be read out loud: no client address, no query string, no body."""

import logging


class WithoutRequests(logging.Filter):
    """Drop what Django attaches of a request, and cut addresses off at the question mark."""

    def filter(self, record: logging.LogRecord) -> bool:
        if hasattr(record, "request"):
            del record.request
        if record.name.startswith("django.request") and isinstance(record.args, tuple):
            record.args = tuple(
                argument.split("?")[0] if isinstance(argument, str) else argument for argument in record.args
            )
        return True
