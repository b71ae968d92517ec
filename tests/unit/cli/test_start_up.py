"""What a command loads before it answers: nobody waits for libraries that it does not need.

No time is asserted; what takes long is named. `python -X importtime -m syncd ...` shows it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from syncd import mapping

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "mappings" / "q1-2026"
STORE = ("sqlalchemy", "alembic", "syncd.store")
CLIENTS = ("httpx", "requests", "urllib3", "jira", "pynetbox", "connectors.transport")
SERVING = ("uvicorn", "starlette", "fastapi", "jinja2", "prometheus_client", "feedgen", "apprise")
TRACING = ("opentelemetry.sdk", "opentelemetry.exporter", "google.protobuf")
LANGUAGE = ("syncd.mapping.loading", "syncd.mapping.shape", "ruamel", "lark", "holidays")
WORK = ("syncd.worker", "syncd.process", "syncd.demo")
HELPED_BY = {
    "annotated_doc",
    "attr",
    "markdown_it",
    "mdurl",
    "pygments",
    "rich",
    "shellingham",
    "typer",
}
"""All that is not Python's own and serves to print help: typer and rich, with what these load."""

PROGRAM = """
import sys
from syncd.cli import main
sys.argv[0] = "syncd"
try:
    main()
except SystemExit as end:
    assert end.code in (0, None), end.code
print(*sorted(sys.modules), file=sys.stderr)
"""

HELP_OF_ALL = """
import contextlib, io, sys
import typer
from syncd.cli.app import app
def help_of(command, *words):
    with contextlib.redirect_stdout(io.StringIO()) as told, contextlib.suppress(SystemExit):
        command.main([*words, "--help"], prog_name="syncd")
    assert "Usage: syncd " + " ".join(words) in told.getvalue(), told.getvalue()
    print("syncd", *words)
whole = typer.main.get_command(app)
for name, command in whole.commands.items():
    help_of(whole, name)
    for below in getattr(command, "commands", ()):
        help_of(whole, name, below)
print(*sorted(sys.modules), file=sys.stderr)
"""


def started(*words: str, program: str = PROGRAM, **variables: str) -> tuple[str, set[str]]:
    """What a new process with these words tells, and the modules that it has loaded by then."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SYNCD_")}
    answer = subprocess.run(
        [sys.executable, "-c", program, *words],
        env={**clean, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout, set(answer.stderr.split())


def packages_of_others(modules: set[str]) -> set[str]:
    """The packages among them that come neither with Python nor from here. What installers put
    into every process (names that begin with `_`) counts for nothing.
    """
    top = {name.partition(".")[0] for name in modules}
    return {name for name in top - sys.stdlib_module_names - {"syncd"} if name[0] != "_"}


@pytest.mark.parametrize(
    ("words", "unwanted"),
    [
        (
            ["--version"],
            (*STORE, *CLIENTS, *SERVING, *LANGUAGE, *WORK, "pydantic", "connectors"),
        ),
        (
            ["--help"],
            (*STORE, *CLIENTS, *SERVING, *LANGUAGE, *WORK, "pydantic", "connectors", "structlog"),
        ),
        (["schema"], (*STORE, *CLIENTS, *SERVING, *WORK, "ruamel", "holidays")),
        (["check"], (*STORE, *CLIENTS, *SERVING, *WORK)),
        (["status"], ("alembic", *CLIENTS, *SERVING, *LANGUAGE, *WORK, "connectors.jira")),
        (["period", "list"], ("alembic", *CLIENTS, *SERVING, *LANGUAGE, *WORK)),
        (["adjustments"], ("alembic", *CLIENTS, *SERVING, *LANGUAGE, *WORK)),
        (["events"], ("alembic", *CLIENTS, *SERVING, *LANGUAGE, *WORK)),
        (["events", "--json"], ("alembic", *CLIENTS, *SERVING, *LANGUAGE, *WORK)),
        (["outbox", "list"], ("alembic", *CLIENTS, *SERVING, *LANGUAGE, *WORK)),
        (["external", "list"], ("alembic", *CLIENTS, *SERVING, *LANGUAGE, *WORK)),
        (["token", "list"], ("alembic", *CLIENTS, *SERVING, *LANGUAGE, *WORK)),
        (["alerts"], (*STORE, *CLIENTS, *SERVING, *WORK, "lark", "holidays")),
        (["store", "compact"], ("alembic", *CLIENTS, *SERVING, *LANGUAGE, *WORK)),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_a_command_loads_only_what_it_needs(
    tmp_path: Path, words: list[str], unwanted: tuple[str, ...]
) -> None:
    loaded = started(
        *words,
        SYNCD_DATABASE_URL=f"sqlite:///{tmp_path / 'syncd.db'}",
        SYNCD_MAPPINGS=str(SHIPPED),
    )[1]

    assert not {*unwanted, *TRACING} & loaded


def test_help_loads_what_prints_help_and_no_room_but_the_command_line() -> None:
    told, loaded = started("--help")

    assert "Keeps an organisation's OKRs honest" in told
    assert packages_of_others(loaded) <= HELPED_BY
    assert {name for name in loaded if name.startswith("syncd.")} <= {
        "syncd.cores",
        *(name for name in loaded if name.startswith("syncd.cli")),
    }


def test_the_help_of_no_command_loads_what_only_its_work_needs() -> None:
    told, loaded = started(program=HELP_OF_ALL)

    assert {"syncd run", "syncd store backup"} <= set(told.splitlines())
    assert not {*STORE, *CLIENTS, *SERVING, *TRACING, *LANGUAGE, *WORK, "connectors"} & loaded


def test_a_shell_that_completes_a_command_waits_for_nothing_else() -> None:
    told, loaded = started(_SYNCD_COMPLETE="complete_bash", COMP_WORDS="syncd che", COMP_CWORD="1")

    assert told.split() == ["check"]
    assert not {*STORE, *CLIENTS, *SERVING, *TRACING, *LANGUAGE, *WORK, "connectors"} & loaded


def test_a_process_that_keeps_no_traces_loads_nothing_for_them() -> None:
    program = "import sys, syncd.cli.app, syncd.cli.serving; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    ).stdout.split()

    assert "syncd.tracing" in loaded
    assert not set(TRACING) & set(loaded)


def test_all_that_the_package_of_mappings_offers_is_loaded_when_it_is_asked_for() -> None:
    for name in mapping.__all__:
        assert getattr(mapping, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'effective'"):
        mapping.__getattr__("effective")
