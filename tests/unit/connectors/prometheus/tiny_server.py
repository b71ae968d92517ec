"""A Prometheus that says what a test wants it to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.base import Session
from tests.contract.faultserver import Reply, Request, json_reply

NOW = datetime(2026, 1, 15, 10, 30, 0, 250_000, tzinfo=UTC)
Opener = Callable[..., Session]


@dataclass
class TinyServer:
    """Answers instant queries with `at_once` and range queries with the value of `curve` (None:
    no sample) at each moment; a list is a vector with one cluster each. `warnings` stand beside
    the answers to the queries that are `warned` of.
    """

    at_once: Callable[[str], float | list[str] | None] = lambda _: 1.0
    curve: Callable[[str, float], float | list[str] | None] = lambda *_: 1.0
    warnings: list[str] = field(default_factory=list)
    warned: Callable[[str], bool] = lambda _: True
    retention: str | None = "15d"
    aligned: bool = False

    def __call__(self, request: Request) -> Reply:
        form = {name: values[0] for name, values in request.form.items()}
        if request.path == "/api/v1/status/runtimeinfo" and self.retention is not None:
            data = {"storageRetention": self.retention}
            return json_reply({"status": "success", "data": data})
        if request.path == "/api/v1/query":
            moment = float(form.get("time", f"{NOW.timestamp()}"))
            if form["query"] == "time()":
                return self._success(form, "scalar", [moment, f"{moment}"])
            return self._success(form, "vector", self._vector(self.at_once(form["query"]), moment))
        if request.path == "/api/v1/query_range":
            return self._success(form, "matrix", self._matrix(form))
        # as Mimir answers for what it has not
        return Reply(404, b"404 page not found\n", "text/plain; charset=utf-8")

    def _success(self, form: dict[str, str], kind: str, result: Any) -> Reply:
        body: dict[str, Any] = {"status": "success", "data": {"resultType": kind, "result": result}}
        if self.warnings and self.warned(form["query"]):
            body["warnings"] = self.warnings
        return json_reply(body)

    def _vector(self, said: float | list[str] | None, moment: float) -> list[Any]:
        if said is None:
            return []
        if isinstance(said, list):
            return [{"metric": {"cluster": name}, "value": [moment, "1"]} for name in said]
        return [{"metric": {}, "value": [moment, f"{said}"]}]

    def _matrix(self, form: dict[str, str]) -> list[Any]:
        start, end, step = (round(float(form[name]) * 1000) for name in ("start", "end", "step"))
        if self.aligned:
            start, end = start // step * step, end // step * step
        lines: dict[str, list[Any]] = {}
        for moment in range(start, end + 1, step):
            said = self.curve(form["query"], moment / 1000)
            for name in said if isinstance(said, list) else [] if said is None else [""]:
                value = "1" if isinstance(said, list) else f"{said}"
                lines.setdefault(name, []).append([moment / 1000, value])
        return [
            {"metric": {"cluster": name} if name else {}, "values": values}
            for name, values in lines.items()
        ]
