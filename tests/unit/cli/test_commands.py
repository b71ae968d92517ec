from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest

from syncd.clock import ManualClock
from syncd.demo.jira import JiraSandbox
from syncd.demo.jira.quarter import quarter_seed as jira_quarter
from syncd.demo.netbox import NetBoxSandbox
from syncd.demo.netbox.quarter import quarter_seed as netbox_quarter
from syncd.demo.prometheus import PrometheusSandbox
from syncd.demo.prometheus.quarter import quarter_seed as prometheus_quarter
from tests import command
from tests.plain import NO_TLS
from tests.unit.outgoing.receiver import SECRET, receiver
from tests.waiting import until

ROOT = Path(__file__).parents[3]
MAPPINGS = ROOT / "tests" / "mappings" / "small"
SHIPPED = ROOT / "mappings" / "q1-2026"
SECONDS = 45.0
TOKEN = "jira-sandbox-token"
NETBOX_TOKEN = "nbt_abcdef.0123456789"
HOOK_SECRET = "netbox-signs-with-this"


@pytest.fixture(scope="module")
def settings_text() -> Iterator[str]:
    clock = ManualClock(datetime(2026, 2, 15, 12, tzinfo=UTC))
    with ExitStack() as stack:
        jira = stack.enter_context(
            JiraSandbox(jira_quarter(), clock.now, token=TOKEN, user="reader@example.org")
        )
        netbox = stack.enter_context(NetBoxSandbox(netbox_quarter(), clock.now, token=NETBOX_TOKEN))
        prometheus = stack.enter_context(PrometheusSandbox(prometheus_quarter(), clock.now))
        yield f"""\
sources:
  jira: {{kind: jira, url: "{jira.url}", user: {{env: T_USER}}, token: {{env: T_JIRA}}}}
  netbox: {{kind: netbox, url: "{netbox.url}", token: {{env: T_NETBOX}}, hook_secret: {{env: T_HOOK}}}}
  prometheus: {{kind: prometheus, url: "{prometheus.url}"}}
settings: {{reload_every: 1 s, grace: 5 s}}
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("SYNCD_")}
    return clean | {
        "SYNCD_DATABASE_URL": f"sqlite:///{tmp_path / 'syncd.db'}",
        "SYNCD_MAPPINGS": str(MAPPINGS),
        "T_USER": "reader@example.org",
        "T_JIRA": TOKEN,
        "T_NETBOX": NETBOX_TOKEN,
        "T_HOOK": HOOK_SECRET,
        "COLUMNS": "200",
    }


@pytest.fixture
def syncd(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    def call(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return command.syncd(*words, environment=environment | more, seconds=SECONDS)

    return call


@pytest.fixture
def executable(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command as it is installed, in a process of its own."""

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(Path(sys.executable).parent / "syncd"), *words],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    return call


Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def config(tmp_path: Path, settings_text: str) -> str:
    path = tmp_path / "settings.yaml"
    path.write_text(settings_text, encoding="utf-8")
    return str(path)


def test_help_lists_the_commands_and_teaches_the_first_steps(executable: Call) -> None:
    told = executable("--help").stdout

    for word in (
        "run",
        "check",
        "once",
        "status",
        "explain",
        "set",
        "backfill",
        "demo",
        "schema",
        "syncd demo",
    ):
        assert word in told


def test_version_is_the_packages(executable: Call) -> None:
    assert executable("--version").stdout.strip() == version("syncd")


def test_schema_is_the_one_that_is_shipped(syncd: Call) -> None:
    shipped = (ROOT / "mappings" / "schema.json").read_text(encoding="utf-8")

    assert json.loads(syncd("schema").stdout) == json.loads(shipped)


def test_check_accepts_the_shipped_mappings(syncd: Call) -> None:
    answer = syncd("--mappings", str(SHIPPED), "check", "--json")

    assert answer.returncode == 0
    document = json.loads(answer.stdout)
    assert (document["accepted"], document["faults"], document["live"]) == (True, [], [])
    assert len(document["findings"]) > 30


def test_check_names_every_fault_of_a_broken_copy(syncd: Call, tmp_path: Path) -> None:
    folder = shutil.copytree(MAPPINGS, tmp_path / "broken")
    for name, good, bad in (("ce", "jira.ratio", "jira.ratoi"), ("proc", "100 %", "lots")):
        path = folder / f"{name}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace(good, bad), encoding="utf-8")

    answer = syncd("--mappings", str(folder), "check")

    assert answer.returncode == 1
    assert answer.stderr.count("ce.yaml:") == 3
    assert "jira.ratio" in answer.stderr
    assert "proc.yaml:" in answer.stderr


def test_an_empty_store_has_no_key_results(syncd: Call) -> None:
    assert json.loads(syncd("status", "--json").stdout) == []
    unknown = syncd("explain", "dcim-o1-kr1")
    assert unknown.returncode == 2
    assert "no key result or indicator" in unknown.stderr


def test_a_missing_settings_file_is_refused_by_name(executable: Call) -> None:
    answer = executable("--config", "nowhere.yaml", "once")

    assert answer.returncode == 2
    assert "nowhere.yaml" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_check_live_asks_every_source_and_query(syncd: Call, config: str) -> None:
    answer = syncd("--config", config, "check", "--live", "--json")

    live = json.loads(answer.stdout)["live"]
    assert answer.returncode == 0, answer.stdout
    assert [one["source"] for one in live if one["what"] == "identity"] == [
        "jira",
        "netbox",
        "prometheus",
    ]
    assert len(live) == 3 + 9
    assert all(one["good"] for one in live)


def test_once_measures_and_status_and_explain_tell_it(syncd: Call, config: str) -> None:
    answer = syncd("--config", config, "once", "--json")

    told = json.loads(answer.stdout)
    assert answer.returncode == 0, answer.stderr
    assert len(told) == 8
    # the sandboxes' quarter is past for the machine's clock: Prometheus has nothing to say of now
    assert {one["id"] for one in told if one["value"] is None} == {"dcim-o2-kr3", "dcim-o3-kr2"}
    assert [one["id"] for one in json.loads(syncd("status", "--json").stdout)] == [
        one["id"] for one in told
    ]
    explained = json.loads(syncd("explain", "dcim-o1-kr1", "--format", "json").stdout)
    assert explained["key_result"]["id"] == "dcim-o1-kr1"
    assert explained["objects"]["objects"]
    misspelt = syncd("explain", "dcim-o1-kr11")
    assert misspelt.returncode == 2
    assert "did you mean dcim-o1-kr1?" in misspelt.stderr


def test_once_sends_what_is_to_be_told_before_it_ends(
    syncd: Call, settings_text: str, tmp_path: Path
) -> None:
    path = tmp_path / "settings.yaml"
    with receiver() as ops:
        path.write_text(
            f"{settings_text}webhooks: {{ops: {{url: {ops.url}, secret: {{env: T_OPS}}}}}}\n"
        )
        answer = syncd("--config", str(path), "once", T_OPS=SECRET)

    waiting = json.loads(syncd("outbox", "list", "--json").stdout)["targets"]
    assert answer.returncode == 0, answer.stderr
    assert {one["type"].rpartition(".")[2] for one in ops.got} >= {"status_changed"}
    assert waiting == [{"target": "webhook:ops", "waiting": 0, "dead": 0}]


class TestBackfill:
    NAMED = ("tracked_in_time", "dcim-o2-kr3")

    def test_writes_the_past_of_what_is_named_says_from_when_on_and_does_nothing_twice(
        self, syncd: Call, config: str
    ) -> None:
        words = ("--config", config, "backfill", "--since", "2026-01-05", "--until", "2026-02-14")
        first = syncd(*words, *self.NAMED, "--format", "json")
        again = syncd(*words, *self.NAMED)

        assert first.returncode == 0, first.stderr
        found = {one["indicator"]: one for one in json.loads(first.stdout)}
        assert set(found) == {"tracked_in_time", "prometheus.query"}
        assert found["prometheus.query"]["key_results"] == ["dcim-o2-kr3"]
        for one in found.values():
            assert one["written"] == 41
            assert one["begins_at"] == "2026-01-06T07:59:59Z"
            assert one["error"] is None
        assert "tracked_in_time: 0 readings written" in again.stdout
        assert "prometheus.query of dcim-o2-kr3: 0 readings written" in again.stdout

    def test_lets_explain_tell_of_a_day_nobody_looked(self, syncd: Call, config: str) -> None:
        syncd("--config", config, "backfill", "--since", "2026-01-05", "tracked_in_time")

        words = ("explain", "tracked_in_time", "--at", "2026-02-01", "--format", "json")
        asked = syncd(*words, "--reconstructed")
        reading = json.loads(asked.stdout)["indicator"]["reading"]
        assert reading["origin"] == "backfill"
        assert reading["value"] is not None

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("--since", "2999-01-01"), "--since: got 2999-01-01, which has not come yet"),
            (("--since", "soon"), "--since: got 'soon'; expected a day"),
            (("--since", "2026-01-05", "--until", "2999-01-01"), "--until: got 2999-01-01"),
            (("--since", "2026-02-05", "--until", "2026-02-01"), "which is after 2026-02-01"),
            (("--since", "2026-01-05", "--step", "often"), '--step: got "often"'),
            (("--since", "2026-01-05", "tracked_on_time"), "did you mean tracked_in_time?"),
        ],
    )
    def test_refuses_what_cannot_be(
        self, syncd: Call, config: str, words: tuple[str, ...], told: str
    ) -> None:
        answer = syncd("--config", config, "backfill", *words)

        assert answer.returncode == 2
        assert told in " ".join(answer.stderr.split())
        assert "Traceback" not in answer.stderr


def test_a_wrong_token_leaves_its_key_results_unknown_and_the_others_measured(
    syncd: Call, config: str
) -> None:
    answer = syncd("--config", config, "once", "--json", T_NETBOX="nbt_wrong.token")

    told = {one["id"]: one for one in json.loads(answer.stdout)}
    assert answer.returncode == 1
    assert told["dcim-o1-kr1"]["status"] == "no_data"
    assert told["dcim-o1-kr1"]["value"] is None
    assert told["dcim-o1-kr1"]["error_type"] in ("unauthorised", "unauthorized", "forbidden")
    assert told["ce-o1-kr1"]["value"] is not None
    assert "nbt_wrong.token" not in answer.stdout + answer.stderr


def _until(process: subprocess.Popen[str], url: str, status: int) -> httpx.Response:
    def answered() -> httpx.Response | None:
        assert process.poll() is None, "the process ended by itself"
        answer = httpx.get(url, verify=NO_TLS)
        return answer if answer.status_code == status else None

    found = until(answered, f"{url} never answered {status}", passes=(httpx.TransportError,))
    assert found is not None
    return found


def test_run_outlives_a_broken_mapping_becomes_ready_when_mended_and_ends_at_sigterm(
    environment: dict[str, str], config: str, tmp_path: Path, unused_port: int
) -> None:
    folder = shutil.copytree(MAPPINGS, tmp_path / "mappings")
    broken = folder / "ce.yaml"
    good = broken.read_text(encoding="utf-8")
    broken.write_text(good.replace("jira.ratio", "jira.ratoi"), encoding="utf-8")
    address = f"127.0.0.1:{unused_port}"
    words = ["--config", config, "--mappings", str(folder), "run", "--listen", address]
    with subprocess.Popen(
        [sys.executable, "-m", "syncd", *words],
        env=environment,
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            _until(process, f"http://{address}/livez", 200)
            refused = _until(process, f"http://{address}/readyz", 503)
            while "ce.yaml:" not in refused.text:
                refused = _until(process, f"http://{address}/readyz", 503)
            broken.write_text(good, encoding="utf-8")
            ready = _until(process, f"http://{address}/readyz", 200)
            process.send_signal(signal.SIGTERM)
            ended = process.wait(SECONDS)
        finally:
            process.kill()

    assert ready.json() == {"ready": True, "reasons": []}
    assert ended == 0


def test_run_takes_signed_notices_and_numbers_of_who_has_the_token(
    environment: dict[str, str], config: str, unused_port: int
) -> None:
    address = f"http://127.0.0.1:{unused_port}"
    body = json.dumps({"event": "updated", "model": "device", "data": {"id": 1}}).encode()
    signature = hmac.new(HOOK_SECRET.encode(), body, hashlib.sha512).hexdigest()
    readings = f"{address}/api/v1/indicators/tracked_in_time/readings"
    told = {"value": "62 %", "by": "Ada"}
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "syncd", "--config", config),
            *("run", "--listen", f"127.0.0.1:{unused_port}"),
        ],
        env=environment | {"SYNCD_API_TOKEN": "a token of this installation"},
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            _until(process, f"{address}/readyz", 200)
            signed = httpx.post(
                f"{address}/hooks/netbox",
                content=body,
                headers={"X-Hook-Signature": signature},
                verify=NO_TLS,
            )
            unsigned = httpx.post(f"{address}/hooks/netbox", content=body, verify=NO_TLS)
            silent = httpx.post(f"{address}/hooks/prometheus", content=body, verify=NO_TLS)
            metrics = httpx.get(f"{address}/metrics", verify=NO_TLS).text
            allowed = httpx.post(
                readings,
                json=told,
                headers={"Authorization": "Bearer a token of this installation"},
                verify=NO_TLS,
            )
            stranger = httpx.post(readings, json=told, verify=NO_TLS)
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=SECONDS)
        finally:
            process.kill()

    assert signed.status_code == 202
    assert signed.json()["due"] >= 1
    assert (unsigned.status_code, silent.status_code) == (401, 404)
    assert 'syncd_hooks_total{outcome="due",source="netbox"} 1.0' in metrics
    assert (allowed.status_code, stranger.status_code) == (409, 401)
    assert "is measured" in allowed.json()["detail"]
    assert log.count("hook.not_authentic") == 1
    assert HOOK_SECRET not in log


def test_run_names_every_secret_that_is_missing(
    environment: dict[str, str], config: str, syncd: Call
) -> None:
    answer = syncd("--config", config, "run", T_JIRA="", T_NETBOX="", T_HOOK="")

    assert answer.returncode == 2
    for place in ("sources.jira.token", "sources.netbox.token", "sources.netbox.hook_secret"):
        assert place in answer.stderr


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port
