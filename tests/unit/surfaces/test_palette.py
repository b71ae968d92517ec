"""A status has one colour: on the pages, in pictures and in reports."""

from __future__ import annotations

import re

from syncd.model import Status
from syncd.surfaces.app import STATIC
from syncd.surfaces.palette import COLOURS


def test_the_colours_by_day_are_those_of_the_style() -> None:
    style = (STATIC / "page.css").read_text()
    by_day = dict(re.findall(r"--(\w+): (#\w{6})", style.partition("@media")[0]))

    assert {status: by_day.get(status.value, by_day["unknown"]) for status in Status} == COLOURS
