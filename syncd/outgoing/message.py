"""The words of a notification, by a template that can do nothing but make words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from syncd.outgoing.grouping import Line

SHIPPED = Path(__file__).parent / "message.txt"
MOST_LINES = 30
LONGEST_TITLE = 250
BLOCKS = ("title", "body")


class TemplateRefused(Exception):
    """The template cannot be used; the message says what is expected."""


@dataclass(frozen=True)
class Message:
    """What a notification says: one line, and a text."""

    title: str
    body: str


def read_template(path: Path | None) -> Template:
    """A route's own template, or the one that is shipped. Raises TemplateRefused."""
    place = path or SHIPPED
    try:
        found = _environment().from_string(place.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateRefused(f"{place} cannot be read; expected a text file") from error
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        where = f"{place}:{line}" if line else str(place)
        raise TemplateRefused(f"{where}: {error.message}") from error
    missing = [name for name in BLOCKS if name not in found.blocks]
    if missing:
        raise TemplateRefused(
            f"{place} has no block {' and no block '.join(missing)}; expected "
            "{% block title %}...{% endblock %} and {% block body %}...{% endblock %}"
        )
    return found


def message(template: Template, found: Sequence[Line], base: str) -> Message:
    """The notification of these lines. Raises TemplateRefused where the template fails on them."""
    shown = found[:MOST_LINES]
    known = {
        "lines": shown,
        "count": sum(line.count for line in found),
        "more": len(found) - len(shown),
        "base": base,
    }
    try:
        title, body = (
            "".join(template.blocks[name](template.new_context(known))) for name in BLOCKS
        )
    except (TemplateError, ArithmeticError, TypeError, ValueError) as error:
        raise TemplateRefused(f"the template failed: {error}") from error
    return Message(" ".join(title.split())[:LONGEST_TITLE], body.strip())


def _environment() -> ImmutableSandboxedEnvironment:
    # Plain text: each service escapes it in its own way.
    return ImmutableSandboxedEnvironment(
        autoescape=False, undefined=StrictUndefined, trim_blocks=True
    )
