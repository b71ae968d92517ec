"""The report as Markdown that GitHub and GitLab show alike; pictures are files beside it.

Every text is escaped unless a filter here made it: a template cannot forget to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import jinja2

from syncd.surfaces.plain import plain
from syncd.surfaces.report.document import Report
from syncd.surfaces.report.signs import Sign

_SPECIAL = re.compile(
    r"[\\`*{}\[\]<>|~&$#@^]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # within a word it means nothing
    r"|:(?=//|[A-Za-z+])"  # addresses, and pictures by name
    r"|(?<=\bwww)\.|!(?=\d)",
    re.IGNORECASE,
)
_OPENING = re.compile(r"^(?:[-+=:!]|\d+(?=[.)](?:\s|$)))")


class Named(Protocol):
    """What has an id, and a title by which people know it."""

    @property
    def key(self) -> str:
        """Its id."""
        ...

    @property
    def title(self) -> str:
        """What people call it."""
        ...


class Markdown(str):
    """Markdown that is meant as such."""

    __slots__ = ()


def markdown(report: Report, pictures: Mapping[str, str] | None = None) -> str:
    """The report as Markdown. `pictures`: where each picture's file is, relative to the report's
    own; None: it has none.
    """
    # what is escaped here is Markdown, by finalize
    environment = jinja2.Environment(  # noqa: S701  # nosec B701
        loader=jinja2.PackageLoader("syncd.surfaces", "templates/report"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_safe,
    )
    environment.filters.update(code=_code, cells=_cells)
    environment.globals.update(
        picture=partial(_picture, pictures or {}), sign=_sign, named=_named, br=Markdown("<br>")
    )
    text = environment.get_template("report.md").render(report=report)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def escape(text: str) -> Markdown:
    r"""The text as it is read, whatever it means in Markdown; fit for a table's cell too.

    >>> print(escape("a|b *c* <d> [e](http://f.g)"))
    a\|b \*c\* \<d\> \[e\](http\://f.g)
    """
    line = _SPECIAL.sub(r"\\\g<0>", plain(text))
    opening = _OPENING.match(line)
    if opening is not None and opening[0].isdigit():
        line = f"{opening[0]}\\{line[opening.end() :]}"
    elif opening is not None:
        line = f"\\{line}"
    return Markdown(line)


def _safe(value: Any) -> Any:
    return escape(value) if isinstance(value, str) and not isinstance(value, Markdown) else value


def _code(text: str) -> Markdown:
    """The text as code, for ids. A bar would end a cell even there, so it is not code then."""
    line = plain(text)
    return escape(line) if "`" in line or "|" in line else Markdown(f"`{line}`")


def _cells(texts: Sequence[str]) -> Markdown:
    """The texts under each other in one cell."""
    return Markdown("<br>".join(escape(text) for text in texts))


def _sign(sign: Sign) -> Markdown:
    return escape(f"{sign.shape} {sign.words}")


def _named(one: Named) -> Markdown:
    return Markdown(f"**{escape(one.title)}** {_code(one.key)}")


def _picture(pictures: Mapping[str, str], name: str, words: str) -> Markdown:
    where = pictures.get(name)
    return Markdown("" if where is None else f"![{escape(words)}](<{where}>)")
