"""The report as PDF, set by Typst, whose compiler is one wheel of the optional extra ``pdf``.

The document goes to the compiler as data (JSON), so no text in it can be read as markup.
"""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from importlib.resources import files
from typing import Any

from syncd.surfaces.palette import COLOURS
from syncd.surfaces.plain import plain
from syncd.surfaces.report.document import Line, Report
from syncd.surfaces.report.pictures import (
    bar_picture,
    course_picture,
    overview_picture,
    spark_picture,
)

EXTRA = "pip install 'syncd[pdf]'"


class NoPdf(Exception):
    """PDF was asked for, and what makes it is not installed; the message says what to do."""


def pdf(report: Report) -> bytes:
    """The report as a tagged PDF. Raises NoPdf where the extra ``pdf`` is not installed."""
    try:
        import typst
    except ImportError as error:
        raise NoPdf(
            f"PDF needs the optional extra pdf, which is not installed; install it with {EXTRA}, "
            "or ask for another --format"
        ) from error
    source = files("syncd.surfaces") / "templates" / "report" / "report.typ"
    document = {
        **_data(report),
        "changes": {**_data(report.changes), "lists": _data(report.changes.lists)},
        "overview": overview_picture(report.groups),
        "course": None if report.course is None else course_picture(report.course),
        "colours": {str(name): colour for name, colour in COLOURS.items()},
    }
    made = typst.compile(source.read_bytes(), sys_inputs={"report": json.dumps(document)})
    return bytes(made)


def _data(value: Any) -> Any:
    """JSON-able form: texts made harmless, drawings as SVG."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, Line):
        label = f"{value.done} done, {value.expected} expected"
        return {
            **_fields(value, ("spark", "bar")),
            "spark": spark_picture(value.spark, value.sign, label),
            "bar": bar_picture(value.bar, value.sign, label),
        }
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value, ())
    if isinstance(value, list | tuple):
        return [_data(one) for one in value]
    return value


def _fields(value: Any, without: tuple[str, ...]) -> dict[str, Any]:
    return {
        name: _data(getattr(value, name))
        for name in value.__dataclass_fields__
        if name not in without
    }
