"""The container file: what it says, and an image made of its steps that runs as another user."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.generate.outputs import DEPLOY
from tests.deploy.cases import container, environment, pod, the
from tests.deploy.containerfile import Build, Stage, context, listed, stages
from tests.peers.process import Process, boot

ROOT = DEPLOY.parent
TEXT = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
GUIDE = ROOT / "docs" / "guide" / "kubernetes.md"
IGNORE = (ROOT / ".containerignore").read_text(encoding="utf-8")
USER = 10001

BUILD, RESULT = stages(TEXT)


# ------------------------------------------------------------------------------------- its words


def test_the_last_stage_is_the_result_and_gets_from_the_first_only_what_runs() -> None:
    assert BUILD.name == "build"
    assert [words.split()[-2:] for words in RESULT.all("COPY")] == [
        ["/opt/syncd", "/opt/syncd"],
        ["/image/var/lib/syncd", "/var/lib/syncd"],
    ]


def test_everything_is_installed_with_hashes_or_without_looking_for_more() -> None:
    installs = [words for words in BUILD.all("RUN") if "install" in words]

    assert len(installs) == 3
    for words in installs:
        assert "--require-hashes" in words or "--no-deps" in words
        # what a package is built with is pinned as well
        assert "deploy/build.lock" in words


def test_the_lock_files_of_the_image_are_those_that_the_tests_run_with() -> None:
    def pins(path: Path) -> set[str]:
        return set(re.findall(r"^[\w.-]+==[\w.]+", path.read_text(), re.MULTILINE))

    tested = pins(ROOT / "requirements-dev.lock")

    assert pins(ROOT / "requirements.lock") < pins(DEPLOY / "requirements.lock") < tested
    for name in ("requirements.lock", "build.lock"):
        for block in re.split(r"\n(?=\S)", (DEPLOY / name).read_text()):
            assert "==" not in block.partition("\n")[0] or "--hash=sha256:" in block


def test_it_runs_as_the_user_of_the_chart_who_is_not_root() -> None:
    assert RESULT.all("USER") == [f"{USER}:0"]
    assert pod({})["securityContext"]["runAsUser"] == USER


def test_it_says_by_itself_what_the_chart_says() -> None:
    said = RESULT.variables()

    for name in ("SYNCD_CONFIG", "SYNCD_MAPPINGS", "SYNCD_LISTEN", "SYNCD_DATABASE_URL"):
        assert said[name] == environment({})[name]
    assert RESULT.all("EXPOSE") == [str(container({})["ports"][0]["containerPort"])]
    assert [*listed(RESULT.all("CMD")[-1])] == container({})["args"]


def test_docker_and_podman_leave_out_the_same() -> None:
    assert (DEPLOY / "Containerfile.dockerignore").read_text(encoding="utf-8") == IGNORE


def test_what_it_copies_is_let_through_and_nothing_else_is(tmp_path: Path) -> None:
    context(ROOT, tmp_path, IGNORE)
    copied = [word for words in BUILD.all("COPY") for word in words.split()[:-1]]

    assert all((tmp_path / name).exists() for name in copied)
    assert {path.name for path in tmp_path.iterdir()} == {name.split("/")[0] for name in copied}
    assert not list(tmp_path.rglob("*.pyc"))


def test_a_step_that_touches_the_machine_is_not_tried(tmp_path: Path) -> None:
    build = Build(tmp_path, tmp_path / "root", tmp_path / "base")

    assert build.led("rm -rf /opt/x") == f"rm -rf {tmp_path}/root/opt/x"
    with pytest.raises(AssertionError, match="a step touches /etc/passwd"):
        build.led("rm /etc/passwd")


# ------------------------------------------------------------------------------------- its steps


def interpreter() -> str:
    """A Python that another user may run: ours may stand in root's home."""
    real = Path(sys.executable).resolve()
    if os.geteuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in real.parents):
        return sys.executable
    return shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """The root of an image, made step by step; nobody may write in it."""
    # not pytest's folder: others may not even look into that
    with tempfile.TemporaryDirectory(prefix="syncd-image-") as name:
        work = Path(name)
        work.chmod(0o755)
        context(ROOT, work / "context", IGNORE)
        subprocess.run([interpreter(), "-m", "venv", work / "base"], check=True)
        build = Build(work / "context", work / "root", work / "base")
        build.do(BUILD)
        build.keep(BUILD)
        build.do(RESULT)
        shutil.rmtree(build.done["build"])
        for path in [work, *work.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & ~0o222 | 0o444)
        yield build.root
        for path in [work, *work.rglob("*")]:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)


def said(image: Path, state: Path) -> dict[str, str]:
    """The environment of the image, its places led into folders of the test."""
    return {
        **RESULT.variables(),
        "PATH": f"{image}/opt/syncd/bin:/usr/bin:/bin",
        "HOME": str(state),
        "TMPDIR": str(state),
        "SYNCD_DATABASE_URL": f"sqlite:///{state}/syncd.db",
        "SYNCD_MAPPINGS": str(state / "mappings"),
        "SYNCD_CONFIG": str(state / "settings.yaml"),
    }


@pytest.mark.long
@pytest.mark.timeout(900)
def test_nothing_that_builds_or_installs_is_in_the_result(image: Path) -> None:
    packages = {path.name.lower() for path in (image / "opt/syncd").rglob("site-packages/*")}
    programs = {path.name for path in (image / "opt/syncd/bin").iterdir()}

    assert {"syncd", "connectors", "apprise"} <= packages
    assert not packages & {"pip", "setuptools", "wheel", "uv", "pytest", "typst"}
    assert not programs & {"pip", "pip3", "uv", "gcc", "cc"}
    assert not list((image.parent / "base").rglob("site-packages/pip"))


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_image_serves_as_another_user_from_a_tree_that_cannot_be_written(
    image: Path, tmp_path: Path
) -> None:
    user = USER if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="syncd-state-") as name:
        state = Path(name)
        (state / "mappings").mkdir()
        (state / "mappings/organisation.yaml").write_text(
            "organisation: Test\nperiod: {id: now, from: 2020-01-01, to: 2099-12-31}\ntimezone: UTC\n"
        )
        (state / "settings.yaml").write_text(
            "sources: {prometheus: {kind: prometheus, url: 'http://127.0.0.1:9'}}\n"
        )
        state.chmod(0o755)
        if user is not None:
            os.chown(state, user, 0)
        before = sorted(image.rglob("*"))
        told = said(image, state)

        def start(port: int) -> Process:
            told["SYNCD_LISTEN"] = f"127.0.0.1:{port}"
            return Process(
                "the image",
                [*listed(RESULT.all("ENTRYPOINT")[0]), *listed(RESULT.all("CMD")[0])],
                log=tmp_path / "image.log",
                env=told,
                cwd=Path("/"),
                user=user,  # type: ignore[arg-type]
            )

        def healthy(port: int) -> bool:
            command = listed(RESULT.all("HEALTHCHECK")[0].partition(" CMD ")[2])
            ended = subprocess.run(command, env=told, capture_output=True, check=False, user=user)
            return ended.returncode == 0

        process, port = boot(start, healthy, seconds=60)
        try:
            # what the pod of `helm test` runs, which waits until it is ready
            (tester,) = the("Pod", {})["spec"]["containers"]
            script, _, seconds = tester["args"]
            asked = subprocess.run(
                [*tester["command"], script, f"http://127.0.0.1:{port}", seconds],
                env=told,
                capture_output=True,
                text=True,
                check=False,
                user=user,
            )
            assert asked.returncode == 0, asked.stdout + asked.stderr
            assert '/readyz: 200 {"ready":true,"reasons":[]}' in asked.stdout
            assert "/metrics: 200 syncd_mapping_accepted 1" in asked.stdout
            ready = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=30)
            assert ready.json() == {"ready": True, "reasons": []}

            # what the guide has run in a pod
            def run(*words: str) -> bytes:
                command = [word.replace("/tmp/", f"{state}/") for word in words]  # noqa: S108
                return subprocess.run(
                    command, env=told, capture_output=True, check=False, user=user
                ).stdout

            looked = json.loads(run("syncd", "doctor", "--json"))["groups"]
            levels = {
                (group["name"], one["about"]): one["level"]
                for group in looked
                for one in group["findings"]
            }
            assert levels["process", "running"] == levels["process", "metrics"] == "ok"
            assert levels["store", "writable"] == levels["store", "integrity"] == "ok"
            assert levels["source prometheus", "reachable"] == "problem"
            (script,) = re.findall(r"-- sh -c '(syncd store backup .*?)'", GUIDE.read_text())
            assert run("sh", "-c", script).startswith(b"SQLite format 3")
        finally:
            process.stop(signal.SIGTERM)

        assert sorted(image.rglob("*")) == before
        assert (state / "syncd.db").stat().st_uid == (user if user is not None else os.geteuid())


@pytest.mark.long
@pytest.mark.timeout(900)
def test_its_version_is_the_one_that_the_build_was_told(image: Path, tmp_path: Path) -> None:
    told = dict(words.split("=") for words in BUILD.all("ARG"))["VERSION"]
    asked = subprocess.run(
        ["syncd", "--version"],
        env=said(image, tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )

    assert asked.stdout.strip() == told


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_health_check_fails_where_nothing_answers(image: Path, tmp_path: Path) -> None:
    command = listed(RESULT.all("HEALTHCHECK")[0].partition(" CMD ")[2])
    ended = subprocess.run(
        command,
        env={**said(image, tmp_path), "SYNCD_LISTEN": "127.0.0.1:9"},
        capture_output=True,
        check=False,
    )

    assert ended.returncode != 0


def test_a_stage_knows_its_steps() -> None:
    (found,) = stages('ARG A=1\nFROM x AS one\n# words\nENV A=1 B="two words"\nRUN a && b\n')

    assert found == Stage("one", [("ENV", 'A=1 B="two words"'), ("RUN", "a && b")])
    assert found.variables() == {"A": "1", "B": "two words"}
