"""A piece of work (a run, a delivery, a request) under one id, and the steps that it is made of.

The id and what the work is about are kept in a context variable: every line that is logged
meanwhile says them, whoever logs it. A thread that is to go on with the same work runs in a copy
of the context (`contextvars.copy_context().run`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

Attribute = str | int | float | bool
Attributes = Mapping[str, Attribute]

NOTHING: Attributes = MappingProxyType({})
RUN_ID = "run_id"


@dataclass(frozen=True)
class Reference:
    """Where in which trace a piece of work is, both in hexadecimal."""

    trace_id: str
    span_id: str


class Span(Protocol):
    """A span that has begun. None of its methods raises."""

    @property
    def reference(self) -> Reference | None:
        """Where it is; None: nobody keeps spans."""
        ...

    def note(self, attributes: Attributes) -> None:
        """Adds to what it says."""
        ...

    def fail(self, error_type: str) -> None:
        """Says that it did not do what it was to do."""
        ...

    def end(self, *, kept: bool) -> None:
        """Ends it; not `kept`: as if it had never been."""
        ...


class Spans(Protocol):
    """Who keeps spans. Neither method raises."""

    def begin(self, name: str, attributes: Attributes, after: Sequence[Reference]) -> Span:
        """A span in the calling context: below the one that is open there, or the first of a trace
        of its own. `after`: what it goes on with, in other traces.
        """
        ...

    def happened(
        self, name: str, attributes: Attributes, *, seconds: float, error_type: str | None
    ) -> None:
        """Keeps a span of so many seconds that ends now, below the one that is open."""
        ...


class _Unkept:
    """Spans, and a span, where nobody keeps any."""

    reference: Reference | None = None

    def begin(self, name: str, attributes: Attributes, after: Sequence[Reference]) -> Span:  # noqa: ARG002
        return self

    def happened(
        self, name: str, attributes: Attributes, *, seconds: float, error_type: str | None
    ) -> None:
        """Forgets it."""

    def note(self, attributes: Attributes) -> None:
        """Forgets it."""

    def fail(self, error_type: str) -> None:
        """Forgets it."""

    def end(self, *, kept: bool) -> None:
        """Forgets it."""


UNKEPT = _Unkept()
_said: ContextVar[Attributes] = ContextVar("said", default=NOTHING)
_keeper: list[Spans] = [UNKEPT]


def keep_with(spans: Spans) -> None:
    """From now on this process's spans are kept by these; `UNKEPT`: by nobody."""
    _keeper[0] = spans


def spans() -> Spans:
    """Who keeps spans now."""
    return _keeper[0]


class Work:
    """A piece of work under way. `id`: 32 hexadecimal digits; of the trace, where one is kept."""

    def __init__(self, id_: str, span: Span) -> None:
        self.id = id_
        self._span = span
        self._kept = True

    @property
    def reference(self) -> Reference | None:
        """Where it is in which trace; None: traces are not kept."""
        return self._span.reference

    def note(self, **attributes: Attribute) -> None:
        """Adds to what the span says of it."""
        self._span.note(attributes)

    def fail(self, error_type: str) -> None:
        """Says that it failed without raising."""
        self._span.fail(error_type)

    def forget(self) -> None:
        """There was nothing to do: no span is kept of it."""
        self._kept = False

    def end(self) -> None:
        """Ends its span; the context managers do."""
        self._span.end(kept=self._kept)


@contextmanager
def doing(
    what: str, *, after: Sequence[Reference] = (), traced: bool = True, **about: Attribute
) -> Iterator[Work]:
    """A piece of work: within it every line says ``doing=what``, its `run_id` and what it is about.

    In the course of another it is a step of that one, under that one's id. `after`: the work of
    other threads that it goes on with. Not `traced`: it is not worth a span.
    """
    outer = _said.get()
    keeper = _keeper[0] if traced else UNKEPT
    span = keeper.begin(what, about, after)
    found = span.reference
    id_ = outer.get(RUN_ID) or (found.trace_id if found else secrets.token_hex(16))
    work = Work(str(id_), span)
    token = _said.set({"doing": what, **about, **outer, RUN_ID: work.id})
    try:
        yield work
    except BaseException as error:
        work.fail(_type_of(error))
        raise
    finally:
        work.end()
        _said.reset(token)


@contextmanager
def step(name: str, **about: Attribute) -> Iterator[Work]:
    """A step of the work under way, with a span of its own and nothing more in the log."""
    work = Work(current_id() or "", _keeper[0].begin(name, about, ()))
    try:
        yield work
    except BaseException as error:
        work.fail(_type_of(error))
        raise
    finally:
        work.end()


@contextmanager
def continuing(said: Attributes) -> Iterator[None]:
    """Within it lines say what those of another process say (`said()` there), under its id. Whoever
    began the work keeps its spans.
    """
    token = _said.set(said)
    try:
        yield
    finally:
        _said.reset(token)


def said() -> Attributes:
    """What lines of the log say of the work under way in this context."""
    return _said.get()


def current_id() -> str | None:
    """The id of the work under way in this context; None: there is none."""
    found = _said.get().get(RUN_ID)
    return None if found is None else str(found)


def _type_of(error: BaseException) -> str:
    """What is said of an error: its kind, never its words, which may hold what is secret."""
    return str(getattr(error, "error_type", type(error).__name__))
