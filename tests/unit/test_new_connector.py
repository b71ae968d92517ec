"""A new connector is one package: the guide's own, installed beside syncd, which does not know it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from syncd.clock import SystemClock
from tests.contract.face_depot import healthy
from tests.contract.faultserver import FaultServer
from tests.peers.process import free_port
from tests.plain import NO_TLS
from tests.waiting import until

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "tests" / "example_connector"
GUIDE = (ROOT / "docs" / "guide" / "new-connector.md").read_text(encoding="utf-8")
SECONDS = 60.0


def files() -> dict[str, str]:
    """The guide's files: a paragraph that begins with the path, and the block after it."""
    paragraph = r"^`([\w./-]+)`(?:[^\n]|\n(?!\n))*\n\n"
    block = r"```\w+\n(.*?)^```"
    return dict(re.findall(paragraph + block, GUIDE, re.MULTILINE | re.DOTALL))


def commands() -> list[str]:
    """The commands of the guide's last block."""
    last: str = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)[-1]
    return last.splitlines()


def this_quarter() -> str:
    """The period that the machine's clock is in."""
    today = SystemClock().now()
    return f"{today.year}-Q{(today.month + 2) // 3}"


class Place:
    """A folder with the guide's files, the package installed in it, and a Depot that answers."""

    def __init__(self, folder: Path, depot: str) -> None:
        self.folder = folder
        self._depot = depot
        for name, text in files().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                text.replace("https://depot.example.org", depot).replace("2026-Q1", this_quarter()),
                encoding="utf-8",
            )
        clean = {name: text for name, text in os.environ.items() if not name.startswith("SYNCD_")}
        self.environment = clean | {
            "PYTHONPATH": str(folder / "installed"),
            "SYNCD_DATABASE_URL": f"sqlite:///{folder / 'syncd.db'}",
            "DEPOT_TOKEN": "a-token-for-depot",
            "COLUMNS": "200",
        }

    def argv(self, line: str) -> list[str]:
        """A line of the guide as it is run here: what pip installs goes into a folder, by uv, which
        asks no network for it.
        """
        program, *words = shlex.split(line)
        if program == "pip":
            uv = [
                sys.executable,
                "-m",
                "uv",
                "--offline",
                "--no-config",
                "--no-cache",
                "--quiet",
                "pip",
            ]
            return [*uv, *words, "--no-deps", "--target", "installed", "--python", sys.executable]
        assert program == "syncd"
        return [sys.executable, "-m", "syncd", *words]

    def do(self, line: str) -> str:
        """What a line prints. Fails with what it says when it ends in anything but success."""
        answer = subprocess.run(
            self.argv(line),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert answer.returncode == 0, (line, answer.stdout, answer.stderr)
        return answer.stdout


@pytest.fixture(scope="module")
def depot() -> Iterator[FaultServer]:
    with FaultServer(healthy) as server:
        yield server


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, depot: FaultServer) -> Place:
    """As the guide's reader has it, with the package installed."""
    place = Place(tmp_path_factory.mktemp("guide"), depot.url)
    assert commands()[0].startswith("pip install")
    place.do(commands()[0])
    return place


def test_the_guide_shows_the_package_that_is_kept() -> None:
    shown = {
        name.removeprefix("syncd-depot/"): text
        for name, text in files().items()
        if name.startswith("syncd-depot/")
    }
    kept = {
        str(path.relative_to(KEPT)): path.read_text(encoding="utf-8")
        for path in KEPT.rglob("*")
        if path.suffix in (".py", ".toml")
    }

    assert shown == kept


def test_it_is_found_by_its_entry_point_and_only_where_it_is_installed(place: Place) -> None:
    program = "from syncd.registry import connectors; print(*connectors())"

    def kinds(**variables: str) -> list[str]:
        return subprocess.run(
            [sys.executable, "-c", program],
            env={**place.environment, **variables},
            cwd=place.folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        ).stdout.split()

    assert kinds() == ["depot", "jira", "netbox", "prometheus"]
    assert kinds(PYTHONPATH="") == ["jira", "netbox", "prometheus"]


def test_editors_complete_its_measures(place: Place) -> None:
    schema = place.do("syncd schema")

    assert '"depot.level"' in schema
    assert "How long a test may take." in schema


def test_a_mistake_in_its_measure_is_told_with_its_line_and_the_mend(place: Place) -> None:
    wrong = place.folder / "wrong"
    shutil.copytree(place.folder / "mappings", wrong)
    file = wrong / "spares.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("within:", "whithin:"), encoding="utf-8"
    )

    answer = subprocess.run(
        place.argv("syncd --config settings.yaml --mappings wrong check"),
        cwd=place.folder,
        env=place.environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert answer.returncode == 1
    assert "spares.yaml:14" in answer.stderr
    assert "whithin" in answer.stderr
    assert "fix: within: 48 h" in answer.stderr


def test_the_steps_of_the_guide_work_and_its_key_results_are_on_the_page_and_in_the_metrics(
    place: Place, depot: FaultServer
) -> None:
    *steps, run = commands()[1:]
    told = [place.do(line) for line in steps]

    assert "reader" in told[0]
    assert "42" in told[1]
    assert "Fan 1" in told[2]
    assert all(
        request.headers["authorization"] == "Bearer a-token-for-depot" for request in depot.requests
    )

    address = f"http://127.0.0.1:{free_port()}"
    argv = [*place.argv(run), "--listen", address.removeprefix("http://")]
    with (
        subprocess.Popen(
            argv, cwd=place.folder, env=place.environment, stderr=subprocess.DEVNULL
        ) as process,
        httpx.Client(base_url=address, verify=NO_TLS, trust_env=False, timeout=SECONDS) as reader,
    ):
        try:
            ready(process, reader)
            metrics = reader.get("/metrics").text
            page = reader.get("/").text
            level = reader.get("/kr/spares-o1-kr1").text
            tested = reader.get("/kr/spares-o1-kr2").text
            told_of = {
                one["id"]: one["value"] for one in reader.get("/api/v1/krs").json()["key_results"]
            }
            process.send_signal(signal.SIGTERM)
            assert process.wait(SECONDS) == 0
        finally:
            process.kill()

    values = dict(re.findall(r'^syncd_kr_value\{kr="([\w-]+)".*\} (\S+)$', metrics, re.MULTILINE))
    assert {key: float(value) for key, value in values.items()} == {
        "spares-o1-kr1": 42.0,
        "spares-o1-kr2": 0.5,
    }
    assert told_of == {"spares-o1-kr1": 42.0, "spares-o1-kr2": 0.5}
    assert "Power supplies in store" in page
    assert "Parts tested within two days" in page
    assert "42" in level
    assert "/parts?kind=psu" in level
    assert "Fan 1" in tested
    assert "tested in time" in tested


def ready(process: subprocess.Popen[bytes], reader: httpx.Client) -> None:
    """Waits until the process has measured and serves."""

    def measured() -> bool:
        assert process.poll() is None, "it ended by itself"
        return reader.get("/readyz").is_success

    until(measured, "it was never ready", passes=(httpx.TransportError,))


@pytest.mark.parametrize("room", ["syncd", "connectors", "deploy", "mappings"])
def test_nothing_that_is_shipped_knows_of_it(room: str) -> None:
    knowing = [
        str(path.relative_to(ROOT))
        for path in (ROOT / room).rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and b"depot" in path.read_bytes().lower()
    ]

    assert knowing == []


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", GUIDE))
def test_the_links_of_the_guide_lead_somewhere(link: str) -> None:
    assert (ROOT / "docs" / "guide" / link).exists()
