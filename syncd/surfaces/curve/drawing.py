"""The curve as SVG, drawn by Vega (vl-convert, https://vega.github.io/vega/).

`curve.vega.json` says what is drawn and how; its colours are the page's own. What comes back is
made plain: no styles, no scripts, and what a place says stands under the pointer as its title.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from markupsafe import Markup

from syncd.surfaces.curve.course import Curve

_LINK = "{http://www.w3.org/1999/xlink}href"
_DRAWING = (
    *("class", "d", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height", "href"),
    *("fill", "fill-opacity", "opacity"),
    *("stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "stroke-opacity"),
    *("text-anchor", "font-size", "font-weight"),
)
"""The attributes that draw; what the page says by itself (typeface, roles) is left out."""

DRAWINGS = 256
"""How many drawings are kept: a curve is drawn again when it differs."""


def drawn(curve: Curve) -> Markup:
    """The curve as an `svg` element without a name: who shows it says in words what it is."""
    signals = {
        "begins": curve.begins,
        "ends": curve.ends,
        "suffix": curve.suffix,
        "unit": curve.unit,
        "ticks": curve.ticks,
        "joined": "linear" if curve.in_values else "step-after",
    }
    asked = json.dumps({"signals": signals, "rows": curve.rows}, sort_keys=True)
    # written by an XML writer, from what it escapes
    return Markup(_svg(asked))  # noqa: S704  # nosec B704


@lru_cache(DRAWINGS)
def _svg(asked: str) -> str:
    # Brings a whole engine for scripts: not loaded before something is drawn.
    import vl_convert

    wanted = json.loads(asked)
    spec = dict(_specification())
    spec["signals"] = [
        {**signal, "value": wanted["signals"].get(signal["name"], signal["value"])}
        for signal in spec["signals"]
    ]
    spec["data"] = [{**data, "values": wanted["rows"][data["name"]]} for data in spec["data"]]
    return _plain(vl_convert.vega_to_svg(spec, allowed_base_urls=[]))


@cache
def _specification() -> dict[str, Any]:
    text = (Path(__file__).parent / "curve.vega.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _plain(svg: str) -> str:
    # Vega wrote it, and escapes what it is given
    root = ET.fromstring(svg)  # noqa: S314  # nosec B314
    for parent in list(root.iter()):
        for child in list(parent):
            if _draws_nothing(child):
                parent.remove(child)
    box = root.attrib["viewBox"]
    for element in root.iter():
        _simplify(element)
    root.attrib = {"class": "curve", "viewBox": box}
    return ET.tostring(root, encoding="unicode")


def _draws_nothing(element: ET.Element) -> bool:
    return element.get("class") in ("background", "foreground")


def _simplify(element: ET.Element) -> None:
    words = element.get("aria-label")
    tag = element.tag.rpartition("}")[2]
    element.tag = tag
    if tag == "a" and _LINK in element.attrib:
        # Vega makes addresses whole with one of its own; all are places of the same page.
        element.set("href", f"#{element.attrib[_LINK].partition('#')[2]}")
    if words and tag not in ("svg", "g"):
        title = ET.Element("title")
        title.text = words
        element.insert(0, title)
    element.attrib = {name: it for name, it in element.attrib.items() if name in _DRAWING}
