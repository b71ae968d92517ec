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
PROGRAM = """
import sys
from syncd.cli import main
try:
    main()
except SystemExit as end:
    assert end.code in (0, None), end.code
print(*sorted(sys.modules), file=sys.stderr)
"""


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
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_a_command_loads_only_what_it_needs(
    tmp_path: Path, words: list[str], unwanted: tuple[str, ...]
) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SYNCD_")}
    settings = {
        "SYNCD_DATABASE_URL": f"sqlite:///{tmp_path / 'syncd.db'}",
        "SYNCD_MAPPINGS": str(SHIPPED),
    }

    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        env={**clean, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert answer.returncode == 0, answer.stderr
    assert not {*unwanted, *TRACING} & set(answer.stderr.split())


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
