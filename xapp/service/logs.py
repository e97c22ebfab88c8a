"""Logging: structured lines on standard error, those of libraries included.

Everything goes through the standard library's handlers, which do not raise: a log that cannot be
written must not fail a decision.
"""

import logging
import sys
from typing import Any

import structlog


def configure(level: str, form: str) -> None:
    """Set up structlog and the standard library's logging; `form` is `json` or `console`."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    # uvicorn tells of starts, stops and what is not HTTP; the first two are logged by this service
    # in its own words, the last is counted.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    # A line for each request to the core.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.raiseExceptions = False
    logging.basicConfig(level=threshold, handlers=[handler], force=True)
