"""The colours of the statuses, wherever the page's own style does not reach."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.model import Status

UNKNOWN = "#676c78"
"""What is not known, not judged, or over: neither good nor bad."""

COLOURS: Mapping[str, str] = {
    **dict.fromkeys(Status, UNKNOWN),
    Status.ACHIEVED: "#2a5caa",
    Status.ON_TRACK: "#1b7f57",
    Status.AT_RISK: "#a35f00",
    Status.OFF_TRACK: "#b3201f",
    Status.MISSED: "#8d1515",
}
"""Those of the pages by day, each readable on white; a test holds them to the style."""
