"""`syncd doctor` on an installation as a whole: the demo's upstreams, each fault made for real."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from syncd.demo.jira import JiraSandbox
from syncd.demo.jira.quarter import quarter_seed as jira_quarter
from syncd.demo.netbox import NetBoxSandbox
from syncd.demo.netbox.quarter import quarter_seed as netbox_quarter
from syncd.demo.prometheus import PrometheusSandbox
from syncd.demo.prometheus.quarter import quarter_seed as prometheus_quarter
from tests import command
from tests.contract import faults
from tests.contract.faultserver import FaultServer, Reply

MAPPINGS = Path(__file__).parents[2] / "mappings" / "small"
JIRA_TOKEN = "jira-s3cr3t-token"
NETBOX_TOKEN = "nbt_abcdef.s3cr3t456789"

Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def upstreams() -> Iterator[dict[str, str]]:
    def now() -> datetime:
        return datetime.now(UTC)

    with ExitStack() as stack:
        jira = JiraSandbox(jira_quarter(), now, token=JIRA_TOKEN, user="r@example.org")
        netbox = NetBoxSandbox(netbox_quarter(), now, token=NETBOX_TOKEN)
        prometheus = PrometheusSandbox(prometheus_quarter(), now)
        yield {
            "jira": stack.enter_context(jira).url,
            "netbox": stack.enter_context(netbox).url,
            "prometheus": stack.enter_context(prometheus).url,
        }


@pytest.fixture
def doctor(upstreams: dict[str, str], tmp_path: Path) -> Call:
    """The command on the upstreams; `settings` is added to the file, `more` to the environment."""

    def call(
        *words: str, settings: str = "", url: dict[str, str] | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        at = upstreams | (url or {})
        (tmp_path / "settings.yaml").write_text(
            f"""\
sources:
  jira: {{kind: jira, url: "{at["jira"]}", user: {{env: T_USER}}, token: {{env: T_JIRA}}}}
  netbox: {{kind: netbox, url: "{at["netbox"]}", token: {{env: T_NETBOX}}}}
  prometheus: {{kind: prometheus, url: "{at["prometheus"]}", limits: {{attempts: 1}}}}
{settings}"""
        )
        clean = {key: value for key, value in os.environ.items() if not key.startswith("SYNCD_")}
        environment = clean | {
            "SYNCD_CONFIG": str(tmp_path / "settings.yaml"),
            "SYNCD_DATABASE_URL": f"sqlite:///{tmp_path / 'syncd.db'}",
            "SYNCD_MAPPINGS": str(MAPPINGS),
            "SYNCD_LISTEN": "127.0.0.1:9",
            "T_USER": "r@example.org",
            "T_JIRA": JIRA_TOKEN,
            "T_NETBOX": NETBOX_TOKEN,
            **more,
        }
        return command.syncd("doctor", *words, environment=environment)

    return call


def found(answer: subprocess.CompletedProcess[str]) -> dict[str, list[Any]]:
    """What stands in the JSON, by group."""
    assert "Traceback" not in answer.stderr, answer.stderr
    groups = json.loads(answer.stdout)["groups"]
    return {group["name"]: group["findings"] for group in groups}


def levels(answer: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    """The gravest level of each thing that was looked at, by group."""
    order = ("ok", "unknown", "warning", "problem")
    told: dict[str, dict[str, str]] = {}
    for name, findings in found(answer).items():
        for one in findings:
            group = told.setdefault(name, {})
            group[one["about"]] = max(group.get(one["about"], "ok"), one["level"], key=order.index)
    return told


def test_everything_is_looked_at_and_nothing_is_made(doctor: Call, tmp_path: Path) -> None:
    answer = doctor("--json")

    told = levels(answer)
    assert list(told) == [
        "settings",
        "mapping",
        "store",
        "process",
        "source jira",
        "source netbox",
        "source prometheus",
    ]
    assert told["source jira"] == {
        "reachable": "ok",
        "authorised": "ok",
        "version": "ok",
        "timezone": "ok",
        "issues": "ok",
        "fields": "ok",
        "clock": "ok",
    }
    # the sandbox's quarter is past for the machine's clock: there are no samples now
    assert told["source prometheus"]["metrics"] == "warning"
    assert told["process"] == {"running": "unknown"}
    assert answer.returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["settings.yaml"]


def test_strict_ends_with_failure_on_a_warning_too(doctor: Call) -> None:
    assert doctor("--source", "prometheus", "--strict").returncode == 1
    assert doctor("--source", "jira", "--strict").returncode == 0


def test_people_read_what_is_wrong_and_how_to_mend_it_without_a_secret(doctor: Call) -> None:
    answer = doctor(T_JIRA="wr0ng-token", T_NETBOX="")

    assert answer.returncode == 1
    assert (
        "✖ secrets: sources.netbox.token: no T_NETBOX in the environment (problem)" in answer.stdout
    )
    assert "✖ authorised: jira: GET /rest/api/3/" in answer.stdout
    assert "fix: make a token that lives" in answer.stdout
    assert "problems, " in answer.stdout.splitlines()[-1]
    assert "wr0ng" not in answer.stdout + answer.stderr


def test_one_source_may_be_looked_at_alone(doctor: Call) -> None:
    assert list(levels(doctor("--source", "netbox", "--json"))) == ["settings", "source netbox"]


def test_a_source_that_there_is_not_is_refused_by_name(doctor: Call) -> None:
    answer = doctor("--source", "nobody")

    assert answer.returncode == 2
    assert "expected one of jira, netbox, prometheus" in " ".join(answer.stderr.split())


def test_a_shell_completes_the_names_of_sources(doctor: Call, tmp_path: Path) -> None:
    doctor("--source", "nobody")  # writes the settings

    answer = subprocess.run(
        [str(Path(sys.executable).parent / "syncd")],
        env={
            **os.environ,
            "_SYNCD_COMPLETE": "complete_zsh",
            "_TYPER_COMPLETE_ARGS": f"syncd --config {tmp_path}/settings.yaml doctor --source n",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert "netbox" in answer.stdout
    assert "jira" not in answer.stdout


def test_a_timeout_that_is_none_is_refused(doctor: Call) -> None:
    answer = doctor("--timeout", "soon")

    assert answer.returncode == 2
    assert "--timeout" in answer.stderr


def test_a_source_that_hangs_does_not_hold_up_the_others(doctor: Call) -> None:
    with FaultServer(lambda _: Reply()) as server:
        server.fail(faults.never_answers)
        answer = doctor("--json", "--timeout", "3 s", url={"prometheus": server.url})

    told = levels(answer)
    assert told["source prometheus"] == {"reachable": "problem"}
    assert "problem" not in told["source jira"].values()
    assert answer.returncode == 1


def test_faults_of_mapping_files_are_told_in_short(doctor: Call, tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "organisation.yaml").write_text("organisation: 5\nperiod: soon\n")

    answer = doctor("--json", SYNCD_MAPPINGS=str(tmp_path / "bad"))

    assert levels(answer)["mapping"] == {"files": "problem"}
    assert answer.returncode == 1
