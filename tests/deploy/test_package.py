"""The wheel: all that stands beside the code is in it, and it runs where nothing else of syncd is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.generate.outputs import DEPLOY
from tests.deploy.containerfile import context

ROOT = DEPLOY.parent
IGNORE = (ROOT / ".containerignore").read_text(encoding="utf-8")
VERSION = "1.2.3"
UV = [sys.executable, "-m", "uv", "--no-config"]
RUNS = """
import asyncio, importlib.resources, pathlib, sys
import httpx, syncd
from prometheus_client import CollectorRegistry
from syncd.clock import SystemClock
from syncd.store.engine import Store
from syncd.surfaces.app import InstanceInfo, create_app

assert "site-packages" in syncd.__file__, syncd.__file__
store = Store(f"sqlite:///{sys.argv[1]}")
store.migrate()
instance = InstanceInfo(version="1")
app = create_app(store, SystemClock(), own_metrics=CollectorRegistry(), instance=instance)


async def ask():
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        for path in ("/", "/static/page.css", "/static/live.js", "/api/v1/openapi.json"):
            answer = await client.get(path)
            print(path, answer.status_code, len(answer.content) > 500)


asyncio.run(ask())
store.close()
"""


def built(source: Path, out: Path, *more: str, **environment: str) -> Path:
    """The one file that is built of a folder."""
    lock = ["--build-constraint", str(DEPLOY / "build.lock"), "--require-hashes"]
    subprocess.run(
        [*UV, "build", "--quiet", *lock, *more, "--out-dir", str(out), str(source)],
        env={**os.environ, **environment},
        check=True,
        timeout=240,
    )
    (found,) = (path for path in out.iterdir() if path.suffix in (".whl", ".gz"))
    return found


def tracked(*patterns: str, folder: Path = ROOT) -> set[str]:
    told = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=folder, capture_output=True, text=True, check=True
    )
    return set(told.stdout.split())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as the container's build does it: of a copy that is no clone, and is told its version."""
    folder = tmp_path_factory.mktemp("build")
    context(ROOT, folder / "source", IGNORE)
    return built(
        folder / "source",
        folder / "dist",
        "--wheel",
        SETUPTOOLS_SCM_PRETEND_VERSION_FOR_SYNCD=VERSION,
    )


def test_the_wheel_holds_all_that_the_repository_has_of_its_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    shared = f"syncd-{VERSION}.data/data/share/syncd/"
    assert {name for name in held if not name.startswith(shared)} == tracked("syncd", "connectors")
    assert {name.removeprefix(shared) for name in held if name.startswith(shared)} == tracked(
        "mappings/schema.json", "mappings/q1-2026/*.yaml"
    )


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Python that has the wheel, and of us nothing but the libraries."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    subprocess.run([*UV, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
    found = folder / "bin" / "python"
    install = ["pip", "install", "--quiet", "--no-deps", "--offline", "--python", str(found)]
    subprocess.run([*UV, *install, str(wheel)], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    # a folder that is named so is looked into, its own `.pth` files (ours is one) are not
    (site / "libraries.pth").write_text(f"{libraries}\n")
    yield found
    shutil.rmtree(folder)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_an_installed_wheel_migrates_a_store_and_serves_pages_from_anywhere(
    python: Path, tmp_path: Path
) -> None:
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    told = subprocess.run(
        [str(python), "-c", RUNS, str(tmp_path / "syncd.db")],
        cwd=tmp_path,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    version = subprocess.run(
        [str(python.with_name("syncd")), "--version"],
        cwd=tmp_path,
        env=clean,
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.returncode == 0, told.stderr
    assert [line for line in told.stdout.splitlines() if line.startswith("/")] == [
        "/ 200 True",
        "/static/page.css 200 True",
        "/static/live.js 200 True",
        "/api/v1/openapi.json 200 True",
    ]
    assert version.stdout.strip() == VERSION


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_version_is_the_tags_and_after_it_that_of_what_is_to_come(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *who, *words], cwd=clone, check=True, capture_output=True)

    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--no-tags", str(ROOT), str(clone)], check=True)
    without = built(clone, tmp_path / "0", "--sdist").name
    git("tag", "v1.2.3-rc1")
    candidate = built(clone, tmp_path / "1", "--sdist").name
    git("tag", "v1.2.3")
    released = built(clone, tmp_path / "2", "--sdist")
    git("commit", "--allow-empty", "--message", "more")
    after = built(clone, tmp_path / "3", "--sdist").name

    assert without.startswith("syncd-0.0.1.dev")
    assert candidate == "syncd-1.2.3rc1.tar.gz"
    assert released.name == "syncd-1.2.3.tar.gz"
    assert after.startswith("syncd-1.2.4.dev1+g")
    # an sdist knows its own
    shutil.unpack_archive(released, tmp_path / "unpacked")
    again = built(tmp_path / "unpacked" / "syncd-1.2.3", tmp_path / "4", "--wheel")
    assert again.name.startswith("syncd-1.2.3-py3")
