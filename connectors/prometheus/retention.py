"""What a server no longer has, and what is said of a window that reaches there."""

from __future__ import annotations

from datetime import datetime

from connectors.prometheus.api import PrometheusApi
from connectors.prometheus.grids import milliseconds
from connectors.prometheus.windows import day_and_time


class Kept:
    """Since when the server keeps samples: asked when it first matters, and once."""

    def __init__(self, api: PrometheusApi, deadline: float) -> None:
        self._api = api
        self._deadline = deadline
        self._answer: tuple[datetime | None] | None = None

    def since(self) -> datetime | None:
        """The moment; None: the server does not say. Raises an UpstreamError."""
        if self._answer is None:
            self._answer = (self._api.kept_since(self._deadline),)
        return self._answer[0]


def gap_words(start: int, first: int | None, kept: datetime | None) -> tuple[bool, str]:
    """Of a window that begins at `start` (milliseconds) while the values begin at `first` (None:
    not known when): whether something is known to be lost, and a sentence that says what.
    """
    begins = "" if first is None else f"; the values begin at {day_and_time(first)}"
    if kept is not None and start < milliseconds(kept):
        since = day_and_time(milliseconds(kept))
        return True, (
            f"the window begins at {day_and_time(start)}, and the server keeps samples since "
            f"{since} only{begins}"
        )
    later = f"there is nothing at the beginning of the window, {day_and_time(start)}{begins}"
    if kept is None:
        later += "; how long it keeps samples the server does not say (see retention)"
    return False, later
