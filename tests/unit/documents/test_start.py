"""The way to a first number, and the README's, walked: files and commands as they stand, sandboxes standing in.

What goes wrong on the way is met with the sentence that the page tells.
"""

from __future__ import annotations

import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import trustme

from deploy.site import ROOT
from tests.contract import faults
from tests.contract.faultserver import FaultServer, Reply
from tests.peers.process import free_port
from tests.plain import NO_TLS
from tests.unit.documents.reader import README, SECONDS, START, Reader, shown, today
from tests.waiting import until

COMMANDS = shown(START, "sh")[-1].splitlines()
GUIDE = (ROOT / START).read_text(encoding="utf-8")
MET = re.findall(r"^\| (.*?) \|", GUIDE.split("| what one meets |")[1], re.MULTILINE)


@pytest.fixture
def reader(tmp_path: Path, urls: dict[str, str]) -> Reader:
    return Reader(tmp_path, urls)


def test_its_commands_bring_the_first_numbers(reader: Reader) -> None:
    *before, run = COMMANDS
    assert run.endswith(" run")

    answers = [reader.does(line) for line in before]
    explained = reader.does("syncd --mappings mappings/mine explain platform-o1-kr1")

    assert [one.returncode for one in answers] == [0] * 3, [one.stderr for one in answers]
    assert "warning" not in answers[0].stdout
    # of nine active devices two lack a serial number and one an address; of four bugs one was late
    assert "66.7 %" in answers[-1].stdout
    assert "75 %" in answers[-1].stdout
    assert explained.returncode == 0
    assert "c-0004" in explained.stdout


def test_the_readmes_commands_do_what_it_says(tmp_path: Path, urls: dict[str, str]) -> None:
    reader = Reader(tmp_path, urls, README)
    reader.edit(
        "mappings/mine/platform.yaml",
        "objectives:",
        "indicators: {support_coverage: {measure: manual, unit: ratio, stale_after: 30 d}}\nobjectives:",
    )
    shutil.copytree(tmp_path / "mappings" / "mine", tmp_path / "edited")
    reader.edit("edited/platform.yaml", "Model completeness", "Models that are complete")
    check, once, _run = shown(README, "sh")[1].splitlines()
    # what had been known on a day is asked of one that syncd has seen
    asked = re.sub(r"2026-\d\d-\d\d", str(today()), shown(README, "sh")[2])
    reader.environment["SYNCD_MAPPINGS"] = "mappings/mine"

    answers = {
        line: reader.does(line.partition("  #")[0]) for line in [check, once, *asked.splitlines()]
    }

    told = {line: (one.stdout, one.stderr) for line, one in answers.items() if one.returncode}
    assert told == {}
    assert len(answers) == 8
    said = " ".join(one.stdout for one in answers.values())
    assert "serial" in said
    assert "Models that are complete" in said
    assert "Model completeness" in (tmp_path / "q1.html").read_text(encoding="utf-8")


def test_what_it_runs_in_the_end_serves_the_page(reader: Reader) -> None:
    port = free_port()
    words = shlex.split(COMMANDS[-1])[1:]
    process = subprocess.Popen(
        [sys.executable, "-m", "syncd", *words, "--listen", f"127.0.0.1:{port}"],
        cwd=reader.folder,
        env=reader.environment | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        page = _page(f"http://127.0.0.1:{port}/", "Bugs resolved within a week")
    finally:
        process.terminate()
        ended = process.wait(SECONDS)

    assert "Devices with an address and a serial number" in page
    assert ended == 0


def _page(url: str, awaited: str) -> str:
    """The page as soon as it has these words."""
    with httpx.Client(verify=NO_TLS) as client:

        def page() -> str:
            text = client.get(url).text
            return text if awaited in text else ""

        return until(page, f"{awaited} is not on the page", passes=(httpx.TransportError,))


def a_mistake_in_a_file(reader: Reader) -> str:
    reader.edit("mappings/mine/platform.yaml", "endpoint:", "endpiont:")
    return reader.does(COMMANDS[0]).stderr


def a_settings_file_that_is_not_named(reader: Reader) -> str:
    return reader.does("syncd --mappings mappings/mine once").stderr


def a_secret_that_is_not_there(reader: Reader) -> str:
    del reader.environment["JIRA_TOKEN"]
    return reader.does(COMMANDS[1]).stdout


def a_port_where_nobody_is(reader: Reader) -> str:
    reader.edit("settings.yaml", reader.urls["https://netbox.example.org"], "http://127.0.0.1:9")
    return reader.does(COMMANDS[1]).stdout


def a_key_that_is_missing(reader: Reader) -> str:
    netbox = reader.urls["https://netbox.example.org"]
    reader.edit("settings.yaml", f"url: {netbox}\n", "\n")
    return reader.does(COMMANDS[0]).stderr


def a_name_that_nobody_knows(reader: Reader) -> str:
    netbox = reader.urls["https://netbox.example.org"]
    reader.edit("settings.yaml", netbox, "http://netbox.invalid")
    return reader.does(COMMANDS[1]).stdout


def an_authority_of_ones_own(reader: Reader) -> str:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with FaultServer(lambda _: Reply(200, b"{}", "application/json"), context) as server:
        reader.edit("settings.yaml", reader.urls["https://netbox.example.org"], server.url)
        return reader.does(COMMANDS[1]).stdout


def tls_where_there_is_none(reader: Reader) -> str:
    netbox = reader.urls["https://netbox.example.org"]
    reader.edit("settings.yaml", netbox, netbox.replace("http://", "https://"))
    return reader.does(COMMANDS[1]).stdout


def a_path_too_much(reader: Reader) -> str:
    netbox = reader.urls["https://netbox.example.org"]
    reader.edit("settings.yaml", netbox, f"{netbox}/api")
    return reader.does(COMMANDS[1]).stdout


def a_wrong_token(reader: Reader) -> str:
    reader.environment["JIRA_TOKEN"] = "another"
    return reader.does(COMMANDS[1]).stdout


def a_sign_in_before_it(reader: Reader) -> str:
    return _answered_by(reader, faults.login_page)


def a_right_that_is_missing(reader: Reader) -> str:
    return _answered_by(reader, faults.status(403))


def _answered_by(reader: Reader, fault: Callable[..., None]) -> str:
    with FaultServer(lambda _: Reply(200, b"{}", "application/json")) as server:
        server.fail(fault)
        text = re.sub(r"(kind: netbox\n +url: )\S+", rf"\g<1>{server.url}",
                      (reader.folder / "settings.yaml").read_text(encoding="utf-8"))  # fmt: skip
        reader.write("settings.yaml", text)
        return reader.does(COMMANDS[1]).stdout


def a_field_of_another_name(reader: Reader) -> str:
    reader.edit("mappings/mine/platform.yaml", "from: created", "from: {field: Opened}")
    return reader.does(COMMANDS[1]).stdout


def a_port_that_is_taken(reader: Reader) -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        reader.environment["SYNCD_LISTEN"] = f"127.0.0.1:{taken.getsockname()[1]}"
        told = reader.does(COMMANDS[-1]).stderr
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:9464", told)


def a_folder_that_cannot_be_made(reader: Reader) -> str:
    reader.environment["SYNCD_DATABASE_URL"] = "sqlite:////proc/here/syncd.db"
    return reader.does(COMMANDS[2]).stderr


def a_package_that_is_not_there(reader: Reader) -> str:
    reader.does(COMMANDS[2])
    reader.write("typst.py", "raise ImportError")
    words = shlex.split("--mappings mappings/mine report --output q1.pdf")
    return subprocess.run(
        [sys.executable, "-m", "syncd", *words],
        cwd=reader.folder,
        env=reader.environment | {"PYTHONPATH": f"{reader.folder}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    ).stderr


def nothing_that_fits(reader: Reader) -> str:
    reader.edit("mappings/mine/platform.yaml", "status: active", "status: staged")
    return reader.does(COMMANDS[2]).stdout


ON_THE_WAY = [
    a_mistake_in_a_file,
    a_settings_file_that_is_not_named,
    a_secret_that_is_not_there,
    a_key_that_is_missing,
    a_port_where_nobody_is,
    a_name_that_nobody_knows,
    an_authority_of_ones_own,
    tls_where_there_is_none,
    a_path_too_much,
    a_wrong_token,
    a_sign_in_before_it,
    a_right_that_is_missing,
    a_field_of_another_name,
    a_port_that_is_taken,
    a_folder_that_cannot_be_made,
    a_package_that_is_not_there,
    nothing_that_fits,
]
"""In the order of the page's table."""
SAYS_WHAT_TO_DO = re.compile(
    "fix: [a-z]|write a settings file|take another one|make it, or name another|pip install"
)


@pytest.mark.parametrize(
    ("words", "does"),
    list(zip(MET, ON_THE_WAY, strict=True)),
    ids=[one.__name__ for one in ON_THE_WAY],
)
def test_what_one_meets_is_what_the_page_tells(
    reader: Reader, words: str, does: Callable[[Reader], str]
) -> None:
    told = " ".join(does(reader).split())

    # on the page these words stand for a place, and dots for what differs
    pattern = re.escape(words.strip("`")).replace(
        r"FILE:LINE\ PATH", r"\S+\.yaml:\d+ objectives\S+"
    )
    assert re.search(pattern.replace(r"\.\.\.", ".+"), told), told
    assert does is nothing_that_fits or SAYS_WHAT_TO_DO.search(told), told
