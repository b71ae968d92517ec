"""Families of metrics as they are declared, and the lines of their samples."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

Encoder = Callable[[Collector], bytes]
"""What prometheus-client writes a form of the exposition with."""


@dataclass(frozen=True)
class Family:
    """A family of metrics. `name` is without the suffix that `kind` (``gauge``, ``info`` or
    ``counter``) adds; `labels` are all that its samples have.
    """

    name: str
    words: str
    labels: tuple[str, ...] = ()
    kind: str = "gauge"

    @property
    def sample_name(self) -> str:
        """The name that its samples and queries have."""
        return self.name + {"info": "_info", "counter": "_total"}.get(self.kind, "")

    def header(self, encode: Encoder) -> bytes:
        """The lines above its samples, in one form of the exposition."""
        return encode(_Declared(self)).removesuffix(END)

    def line(self, labels: Sequence[str], value: float | None) -> str:
        """A sample, the same in each form; empty where the value is not known or not a number.

        Source: the text formats of Prometheus and OpenMetrics, which write names, label values
        and numbers alike.
        """
        if value is None or not math.isfinite(value):
            return ""
        told = ",".join(
            f'{name}="{_escaped(text)}"' for name, text in zip(self.labels, labels, strict=True)
        )
        braces = f"{{{told}}}" if told else ""
        number: str = floatToGoString(value)  # type: ignore[no-untyped-call]
        return f"{self.sample_name}{braces} {number}\n"


END = b"# EOF\n"
"""What an exposition of OpenMetrics ends with."""


def moment(at: datetime | None) -> float | None:
    """The same in seconds since 1970, as metrics tell moments."""
    return None if at is None else at.timestamp()


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


class _Declared(Collector):
    """A family without samples, for the encoders."""

    def __init__(self, family: Family) -> None:
        self._metric = Metric(family.name, family.words, family.kind)

    def collect(self) -> Iterator[Metric]:
        yield self._metric
