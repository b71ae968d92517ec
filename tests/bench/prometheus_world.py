"""A Prometheus that takes its time for each answer, and counts how many it is asked for at once."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from syncd.demo.serving import Answer, Request
from tests.load.world import Moving


class Slow(Moving):
    """Answers a query after so many seconds; ``/counts`` tells what was asked so far."""

    def __init__(self, seconds: float) -> None:
        super().__init__(lambda: datetime.now(UTC))
        self._seconds = seconds
        self._guard = threading.Lock()
        self._queries: Counter[str] = Counter()
        self._now = self._most = 0

    def answer(self, request: Request) -> Answer:
        """The number, later."""
        if request.path == "/counts":
            with self._guard:
                told = {
                    "asked": self._queries.total(),
                    "distinct": len(self._queries),
                    "at_once": self._most,
                }
                self._queries.clear()
                self._most = 0
            return Answer.json(told)
        if request.path != "/api/v1/query":
            return super().answer(request)
        said = dict([*request.query, *parse_qsl(request.body.decode())])
        with self._guard:
            self._queries[said["query"]] += 1
            self._now += 1
            self._most = max(self._most, self._now)
        time.sleep(self._seconds)
        try:
            return super().answer(request)
        finally:
            with self._guard:
                self._now -= 1


def main(words: list[str]) -> None:
    """Serves until its standard input ends; its first line says where."""
    with Slow(float(words[0])) as upstream:
        sys.stdout.write(json.dumps({"url": upstream.url}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1:])
