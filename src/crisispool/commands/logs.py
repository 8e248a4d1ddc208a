"""How log lines look: JSON on standard error, one line each, without secrets."""

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, Final

import structlog

TALKATIVE: Final = ("httpx", "httpcore", "telegram", "apscheduler", "aiohttp.access", "alembic")
"""Libraries that tell what nobody needs: whole URLs with a token in it, every statement with its values."""

_SECRETS: Final = (
    (re.compile(r"(?<!\d)\d{5,}:[A-Za-z0-9_-]{20,}"), "[bot token]"),
    (re.compile(r"/(p|app|invited|feed)/[A-Za-z0-9_-]{16,}"), r"/\1/[link]"),
    (re.compile(r"(?i)([?&](?:code|state|session_state)=)[^&\s\"']+"), r"\1[secret]"),
    (re.compile(r"(?i)\bbearer\s+\S+"), "Bearer [token]"),
    (re.compile(r"://[^/\s:@]+:[^/\s@]+@"), "://[who]@"),
)


def set_up_logging(level: str) -> None:
    """Log from this level on. Every line, whoever wrote it, passes the filter that takes secrets out."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        _without_traceback,
    ]
    structlog.configure(
        processors=[*shared[:-2], structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _redacted_event,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def redacted(value: object) -> object:
    """The same, with every secret in any text of it replaced."""
    if isinstance(value, str):
        for pattern, instead in _SECRETS:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, Mapping):
        return {str(key): redacted(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [redacted(each) for each in value]
    return value if isinstance(value, (int, float, bool, type(None))) else redacted(str(value))


def _redacted_event(_: Any, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    return {key: redacted(value) for key, value in event.items()}


def _without_traceback(_: Any, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """A traceback quotes what was being worked on; its kind is enough, our own code says where."""
    about = event.pop("exc_info", None)
    if isinstance(about, tuple) and about[0] is not None:
        event["kind"] = about[0].__name__
    return event
