"""Logs: in colour for people, one JSON object a line for machines. Secrets never reach either."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterable, Mapping, MutableMapping
from types import TracebackType
from typing import Any, Literal, TextIO

import structlog

from connectors.hiding import HIDDEN, spellings, without_credentials
from syncd import tracing

log = structlog.get_logger(__name__)


class Redactor:
    """Replaces known secrets, and what looks like one, wherever they turn up in an event,
    tracebacks included.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted(spellings(secrets), key=len, reverse=True)

    def __call__(
        self,
        logger: Any,  # noqa: ARG002  structlog's signature
        method: str,  # noqa: ARG002
        event: MutableMapping[str, Any],
    ) -> MutableMapping[str, Any]:
        """The event without the secrets (a structlog processor)."""
        return {key: self._clean(value) for key, value in event.items()}

    def text(self, text: str) -> str:
        """A text without the secrets."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return without_credentials(text)

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self._clean(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(item) for item in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self._clean(str(value))


_in_use: list[Redactor] = [Redactor()]


def without_secrets(text: str) -> str:
    """A text as the log would show it: without the secrets that it was set up with last."""
    return _in_use[0].text(text)


def set_up(
    *,
    form: Literal["auto", "console", "json"] = "auto",
    level: str = "info",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Configures structlog for the process; libraries' own logging goes the same way, from
    warnings up. `form` auto: console on a terminal, else JSON. Writes to `stream` (stderr, and
    then what Python itself would write there goes the same way: warnings, and what nobody caught).
    """
    out = stream if stream is not None else sys.stderr
    console = form == "console" or (form == "auto" and out.isatty())
    redact = _in_use[0] = Redactor(secrets)
    shared: list[structlog.typing.Processor] = [
        _with_the_work,
        structlog.processors.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    if console:
        last: list[structlog.typing.Processor] = [
            structlog.processors.format_exc_info,
            redact,
            structlog.dev.ConsoleRenderer(colors=out.isatty()),
        ]
    else:
        last = [
            # locals would put secrets, cut short and so unrecognisable, into tracebacks
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            redact,
            structlog.processors.JSONRenderer(),
        ]
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("syncd").setLevel(level.upper())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    if stream is None:
        logging.captureWarnings(True)
        threading.excepthook = _thread_died
        if not console:
            sys.excepthook = _crashed


def _thread_died(told: threading.ExceptHookArgs) -> None:
    name = told.thread.name if told.thread is not None else None
    log.error("thread.died", thread=name, exc_info=told.exc_value)


def _crashed(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    if isinstance(error, Exception):
        log.error("crashed", exc_info=error)
    else:
        sys.__excepthook__(kind, error, at)


def _with_the_work(
    logger: Any,  # noqa: ARG001  structlog's signature
    method: str,  # noqa: ARG001
    event: MutableMapping[str, Any],
) -> MutableMapping[str, Any]:
    """The event with the id of the work that it belongs to, and what that is about."""
    return {**tracing.said(), **event}
