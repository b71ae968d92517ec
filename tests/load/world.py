"""What `make load` loads: an organisation of many key results, and a Prometheus whose numbers move."""

from __future__ import annotations

import json
import sys
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import yaml

from syncd.demo.serving import Answer, Request, Sandbox

TEAMS = 50
IN_AN_OBJECTIVE = 10
STEP_SECONDS = 60.0
"""A number is another one after so long: at no turn of the worker is it what it was before."""


def write_mappings(folder: Path, key_results: int, today: datetime) -> None:
    """The mapping files of so many key results, each with a number of its own, spread over teams;
    the period began 30 days ago and ends in 60.
    """
    folder.mkdir(parents=True)
    period = {
        "id": "load",
        "from": (today - timedelta(days=30)).date(),
        "to": (today + timedelta(days=60)).date(),
    }
    _write(
        folder / "organisation.yaml",
        {"organisation": "Load", "period": period, "timezone": "America/Los_Angeles"},
    )
    teams = min(TEAMS, key_results)
    for first in range(teams):
        team = team_of(first, key_results)
        _write(folder / f"{team}.yaml", _team(team, range(first, key_results, teams)))


def team_of(number: int, key_results: int) -> str:
    """The team whose this key result is, of so many."""
    return f"team-{number % min(TEAMS, key_results):02}"


def _team(team: str, numbers: range) -> object:
    objectives = [
        {
            "id": f"{team}-o{index}",
            "title": f"What {team} wants to reach, part {index}",
            "key_results": [
                _key_result(number) for number in numbers[start : start + IN_AN_OBJECTIVE]
            ],
        }
        for index, start in enumerate(range(0, len(numbers), IN_AN_OBJECTIVE))
    ]
    return {"team": team, "title": f"The people of {team}", "objectives": objectives}


def _key_result(number: int) -> object:
    return {
        "id": f"kr{number}",
        "title": f"Share {number} of what runs is as it should be",
        "owner": f"Lead {number % 97}",
        "indicator": {
            "measure": "prometheus.query",
            "query": f"load_{number}",
            "unit": "ratio",
        },
        "target": {"increase_to": "95 %", "from": "10 %"},
    }


def _write(path: Path, said: object) -> None:
    text = yaml.dump(said, sort_keys=False, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper))
    path.write_text(text, encoding="utf-8")


class Moving(Sandbox):
    """A Prometheus that has one number for each query it may be asked, which moves every minute."""

    def answer(self, request: Request) -> Answer:
        """The number now, or how the server is set up."""
        if request.path == "/api/v1/query":
            self.forget_requests()
            said = [*request.query, *parse_qsl(request.body.decode())]
            query = next(value for name, value in said if name == "query")
            now = self.now().timestamp()
            seed = zlib.crc32(query.encode())
            value = 0.2 + (seed % 97 + int(now / STEP_SECONDS)) % 97 / 200
            found = [{"metric": {"__name__": query}, "value": [now, f"{value:.4f}"]}]
            return _success({"resultType": "vector", "result": found})
        statuses = {
            "/api/v1/status/buildinfo": {"version": "2.42.0"},
            "/api/v1/status/flags": {
                "query.lookback-delta": "5m",
                "storage.tsdb.retention.time": "100y",
            },
            "/api/v1/status/runtimeinfo": {"storageRetention": "100y"},
        }
        if request.path in statuses:
            return _success(statuses[request.path])
        return Answer(404, b"404 page not found\n", "text/plain; charset=utf-8")


def _success(data: object) -> Answer:
    return Answer.json({"status": "success", "data": data})


def main() -> None:
    """Serves until its standard input ends; its first line says where."""
    with Moving(lambda: datetime.now(UTC)) as upstream:
        sys.stdout.write(json.dumps({"url": upstream.url}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
