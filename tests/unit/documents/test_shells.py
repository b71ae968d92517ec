"""What the pages show for a shell besides syncd's own commands: run where the program is one that a machine has.

curl, openssl and sed are run, on a `syncd run` of the README's key result. Of what needs a cluster, an engine of
containers or a registry (kubectl, helm, docker, pip), the words are held to: the options to those that these programs
document, and what is named to what is there (`tests/deploy/test_guide.py` has the rest of that).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from deploy.generate.outputs import CHART
from deploy.site import ROOT
from tests.peers.process import free_port
from tests.plain import NO_TLS
from tests.shell import SECONDS, Shell, commands
from tests.unit.documents.reader import README, Reader, shown, today
from tests.unit.documents.snippets import blocks, inline
from tests.waiting import until

HOOK_SECRET = "known to NetBox and syncd alone"
PROGRAMS = {
    "syncd": "test_guides.py, test_start.py and test_commands.py",
    "curl": "here, and tests/unit/surfaces/test_api_reference.py",
    "make": "test_commands.py",
    "kubectl": "here, and tests/deploy/test_guide.py",
    "helm": "here, and tests/deploy/test_guide.py",
    "docker": "here, and tests/deploy/test_container.py",
    "pip": "here, and tests/unit/test_new_connector.py",
    "sed": "here",
    "export": "test_start.py: the Reader's environment, and tests/unit/cli/test_traces.py",
}
"""What a line may begin with, and where it is held to."""
SCRIPTS = {
    "docs/guide/hooks.md#2": "here: variables, and a pipe",
    "docs/guide/plan.md#3": "here: `case` of an exit status",
}
OPTIONS = {
    "kubectl": {"-n"},
    "kubectl apply": {"-f", "-k"},
    "kubectl cp": set(),
    "kubectl create configmap": {"--from-file", "--dry-run", "-o"},
    "kubectl create namespace": set(),
    "kubectl create secret generic": {"--from-literal"},
    "kubectl delete pod": set(),
    "kubectl describe pod": {"-l"},
    "kubectl exec": {"-i"},
    "kubectl get pods": {"-l"},
    "kubectl logs": {"--previous"},
    "kubectl port-forward": set(),
    "kubectl rollout status": set(),
    "kubectl scale": {"--replicas"},
    "kubectl wait": {"--for"},
    "helm": {"-n"},
    "helm get values": {"-o"},
    "helm rollback": set(),
    "helm template": set(),
    "helm test": {"-n", "--logs"},
    "helm upgrade": {"--install", "-n", "-f"},
    "docker build": {"--file", "--build-arg", "--tag"},
    "docker push": set(),
    "pip install": set(),
}
"""Options that the pages may use, looked up in `--help` of kubectl 1.32 and docker 28.2, and for helm in the
commands' own pages of version 3.
"""
KINDS = ("deploy", "deployment", "service", "pod")
VALUED = {"-n", "-f", "-k", "-o", "-l", "--file", "--build-arg", "--tag"}
OTHERS = re.compile(r"^(kubectl|helm|docker|pip) ")


@dataclass(frozen=True)
class Running:
    """A `syncd run` of the README's key result, and who set it up."""

    url: str
    reader: Reader


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, urls: dict[str, str]) -> Iterator[Running]:
    reader = Reader(tmp_path_factory.mktemp("running"), urls, README)
    reader.edit("settings.yaml", "kind: netbox,", "kind: netbox, hook_secret: {env: HOOK_SECRET},")
    port = free_port()
    words = ["--config", "settings.yaml", "--mappings", "mappings/mine", "run"]
    process = subprocess.Popen(
        [sys.executable, "-m", "syncd", *words, "--listen", f"127.0.0.1:{port}"],
        cwd=reader.folder,
        env=reader.environment | {"PYTHONPATH": str(ROOT), "HOOK_SECRET": HOOK_SECRET},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _measured(url), passes=(httpx.TransportError,))
        yield Running(url, reader)
    finally:
        process.terminate()
        process.wait(SECONDS)


def _measured(url: str) -> bool:
    return any(one["value"] is not None for one in _key_results(url))


def _key_results(url: str) -> list[dict[str, Any]]:
    answer = httpx.get(f"{url}/api/v1/krs", verify=NO_TLS)
    found: list[dict[str, Any]] = answer.json().get("key_results", [])
    return found


def test_each_request_of_the_guides_is_answered(running: Running, tmp_path: Path) -> None:
    shell = Shell(tmp_path, running.url)
    asked = [
        one
        for page in ("docs/guide/feed.md", "docs/guide/periods.md")
        for one in commands(shown(page, "sh"))
        if "/feed/stream" not in one  # which does not end: below
    ]

    answers = {
        one: shell.does(re.sub(r"2026-\d\d-\d\dT\d\d:\d\d", str(today()), one)) for one in asked
    }

    assert {one: answer.status for one, answer in answers.items()} == dict.fromkeys(asked, 200)
    assert len(answers) == 2
    assert all(json.loads(answer.text) for answer in answers.values())


def test_the_stream_of_the_feed_tells_what_is_told_from_now_on(
    running: Running, tmp_path: Path
) -> None:
    (line,) = (one for one in commands(shown("docs/guide/feed.md", "sh")) if "stream" in one)
    shell = Shell(tmp_path, running.url)
    process = subprocess.Popen(
        ["sh", "-c", "exec " + shell.placed(line) + " --dump-header headers"],
        cwd=tmp_path,
        env=shell.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        headers = tmp_path / "headers"
        until(lambda: headers.exists() and "\n\n" in headers.read_text().replace("\r", ""))
        (before,) = _key_results(running.url)
        other = "at_risk" if before["status"] == "off_track" else "off_track"
        said = f"dcim-o1-kr1 {other} --until {today()} --reason 'it is tried'"
        told = running.reader.does(f"syncd --mappings mappings/mine override {said}")
        read = next((one for one in process.stdout if "dcim-o1-kr1" in one), "")
    finally:
        process.kill()
        process.communicate()

    assert told.returncode == 0, told.stderr
    assert "text/event-stream" in headers.read_text()
    assert json.loads(read.removeprefix("data: "))["after"]["status"] == other


def test_the_notice_that_is_signed_in_a_shell_is_taken(running: Running, tmp_path: Path) -> None:
    script = shown("docs/guide/hooks.md", "sh")[-1]
    expected = hmac.new(HOOK_SECRET.encode(), b'{"try": "it"}', hashlib.sha512).hexdigest()

    taken = Shell(tmp_path, running.url, SECRET=HOOK_SECRET).does(f"{script}\necho $signature >&2")
    (tmp_path / "again").mkdir()
    refused = Shell(tmp_path / "again", running.url, SECRET="another").does(script)

    assert taken.errors.strip() == expected
    assert taken.status == 202
    assert json.loads(taken.text.splitlines()[-1])["due"] >= 0
    assert refused.status == 401


def test_the_secret_that_the_guide_has_made_is_a_long_random_one(tmp_path: Path) -> None:
    (line,) = {text for page, text in inline() if page.endswith("hooks.md") and "rand" in text}

    made = {Shell(_folder(tmp_path, name)).does(line).text.strip() for name in "ab"}

    assert len(made) == 2
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in made)


def _folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def test_the_script_of_a_pull_request_tells_changes_from_none(
    tmp_path: Path, urls: dict[str, str]
) -> None:
    reader = Reader(tmp_path, urls, README)
    (script,) = (one for one in shown("docs/guide/plan.md", "sh") if "case $?" in one)
    script = script.replace("mappings/q1-2026", "mappings/mine")
    shell = Shell(tmp_path, **reader.environment)
    assert reader.does("syncd --config settings.yaml --mappings mappings/mine once").returncode == 0

    same = shell.does(script)
    reader.edit("mappings/mine/platform.yaml", "Model completeness", "Models that are complete")
    changed = shell.does(script)
    reader.edit("mappings/mine/platform.yaml", "endpoint:", "endpiont:")
    faulty = shell.does(script)

    assert (same.ended, same.text.splitlines()[-1]) == (0, "no changes")
    assert (changed.ended, changed.text.splitlines()[-1]) == (
        0,
        "changes: review what is above",
    )
    assert faulty.ended == 1


def test_the_address_in_the_dashboards_becomes_ones_own(tmp_path: Path) -> None:
    (line,) = shown("docs/guide/dashboards.md", "sh")
    shutil.copytree(ROOT / "deploy" / "grafana", tmp_path / "deploy" / "grafana")

    answer = Shell(tmp_path).does(line)

    assert answer.ended == 0, answer.errors
    texts = [one.read_text() for one in (tmp_path / "deploy" / "grafana").glob("*.json")]
    assert len(texts) == 3
    assert not any("syncd.example.org" in one for one in texts)
    assert any("https://okr.example.com" in one for one in texts)


def lines(text: str) -> list[str]:
    """The lines of a block that begin something: what goes on, and what is given to a program, is left out."""
    text = re.sub(r"<<'(\w+)'\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"'[^']*\n[^']*'", "''", text.replace("\\\n", " "))
    return [one.strip() for one in text.splitlines() if one.strip()]


def test_no_line_is_left_out() -> None:
    first = {
        (block.place, line.split()[0])
        for block in blocks("sh")
        if block.place not in SCRIPTS
        for line in lines(block.text)
    }

    assert {one for one in first if one[1] not in PROGRAMS} == set()
    assert {word for _, word in first} == {*PROGRAMS}
    assert {*SCRIPTS} <= {block.place for block in blocks("sh")}


def calls() -> Iterator[str]:
    """Each call of a program that is not run, within blocks and within sentences."""
    for block in blocks("sh"):
        for line in lines(block.text):
            yield from (part for part in re.split(r" \| ", line) if OTHERS.match(part))
    for page, text in inline():
        if not page.startswith("docs/decisions") and OTHERS.match(text):
            yield text


def parts(call: str) -> tuple[str, set[str], list[str]]:
    """Which command of which program it is, the options it is given, and what stands beside them."""
    words = shlex.split(
        call.partition(" -- ")[0].partition(" <")[0].partition(" > ")[0], comments=True
    )
    options, beside, rest = set(), [], iter(words[1:])
    for word in rest:
        if word.startswith("-") and word != "-":
            options.add(word.partition("=")[0])
            if word in VALUED:
                next(rest)
        else:
            beside.append(word)
    for length in (3, 2, 1):
        command = " ".join([words[0], *beside[:length]])
        if command in OPTIONS:
            return command, options, beside[length:]
    raise AssertionError(f"a command that is not looked up: {call}")


@pytest.mark.parametrize("call", sorted({*calls()}))
def test_what_is_not_run_has_only_options_that_there_are(call: str) -> None:
    command, options, _ = parts(call)

    assert options <= OPTIONS[command] | OPTIONS.get(command.split()[0], set())


def test_every_command_that_was_looked_up_is_shown() -> None:
    assert {parts(call)[0] for call in calls()} == {*OPTIONS} - {"kubectl", "helm"}


def test_what_is_named_of_the_cluster_is_what_the_chart_makes() -> None:
    made = {"deployment/syncd", "deploy/syncd", "service/syncd", "pod/syncd-restore"}
    named = {one for call in calls() for one in re.findall(r"\b[a-z]+/[a-z-]+(?= |$)", call)}
    labels = {one for call in calls() for one in re.findall(r" -l (\S+)", call)}

    assert {one for one in named if one.split("/")[0] in KINDS} - {"deploy/manifests"} == made
    assert labels == {"app.kubernetes.io/name=syncd"}
    helpers = (CHART / "templates" / "_helpers.tpl").read_text(encoding="utf-8")
    assert "app.kubernetes.io/name" in helpers


def test_an_extra_that_is_to_be_installed_is_one() -> None:
    project: Any = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    shown_there = "\n".join(
        path.read_text() for path in [ROOT / README, *ROOT.glob("docs/**/*.md")]
    )
    named = set(re.findall(r"pip install 'syncd\[(\w+)\]'", shown_there))

    assert named == {*project["optional-dependencies"]} - {"dev"}


def test_the_argument_that_the_image_is_built_with_is_one_of_its_own() -> None:
    (build,) = (one for one in calls() if one.startswith("docker build"))
    (argument,) = re.findall(r"--build-arg (\w+)=", build)

    assert re.search(
        rf"^ARG {argument}\b", (ROOT / "deploy" / "Containerfile").read_text(), re.MULTILINE
    )


def test_values_of_the_chart_that_sentences_name_are_values() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    named = {
        word
        for page, text in inline()
        if page == "docs/guide/kubernetes.md"
        for word in re.findall(r"^(?:--set )?([a-z][A-Za-z]+(?:\.[a-zA-Z]+)+)\b(?!/)", text)
        if word.split(".")[0] in values
    }

    assert len(named) > 10
    assert {one for one in named if not _holds(values, one.split("."))} == set()


def _holds(values: Any, keys: list[str]) -> bool:
    """Whether the values have these keys; below a map that is empty by default everything may be."""
    if not keys or values in ({}, None):
        return True
    return isinstance(values, dict) and keys[0] in values and _holds(values[keys[0]], keys[1:])
