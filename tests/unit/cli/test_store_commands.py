"""`syncd store`: what scripts get of a back-up and its restoring."""

from __future__ import annotations

import json
from pathlib import Path

from syncd.store.engine import Store
from tests import command
from tests.store.made import made


def test_a_back_up_is_made_once_and_restored_when_nobody_works_with_the_store(
    tmp_path: Path,
) -> None:
    made(tmp_path / "syncd.db").close()
    url = f"sqlite:///{tmp_path / 'syncd.db'}"
    environment = {"SYNCD_DATABASE_URL": url, "COLUMNS": "200"}
    file = str(tmp_path / "b.db")

    written = json.loads(
        command.syncd("store", "backup", file, "--json", environment=environment).stdout
    )
    again = command.syncd("store", "backup", file, environment=environment)
    worker = Store(url)
    worker.migrate()
    refused = command.syncd("store", "restore", file, environment=environment)
    worker.close()
    done = json.loads(
        command.syncd("store", "restore", file, "--json", environment=environment).stdout
    )

    assert written["tables"]["counters"] > 0
    assert written["size_bytes"] == (tmp_path / "b.db").stat().st_size
    assert (again.returncode, "--force" in again.stderr) == (2, True)
    assert (refused.returncode, "stop every syncd" in refused.stderr) == (2, True)
    assert done["tables"] == written["tables"]
    assert Path(done["kept"]).name.startswith("syncd.db.before-")
    assert Path(done["kept"]).is_file()


def test_what_is_no_store_is_named(tmp_path: Path) -> None:
    environment = {"SYNCD_DATABASE_URL": f"sqlite:///{tmp_path / 'syncd.db'}"}

    refused = command.syncd("store", "backup", str(tmp_path / "b.db"), environment=environment)

    assert refused.returncode == 2
    assert "there is no store at" in refused.stderr
    assert not (tmp_path / "syncd.db").exists()


def test_what_is_kept_no_longer_is_counted_and_removed(tmp_path: Path) -> None:
    made(tmp_path / "syncd.db").close()
    environment = {"SYNCD_DATABASE_URL": f"sqlite:///{tmp_path / 'syncd.db'}"}

    foreseen = command.syncd("store", "compact", "--dry-run", environment=environment)
    done = json.loads(command.syncd("store", "compact", "--json", environment=environment).stdout)

    assert "readings: 0 would be removed" in foreseen.stdout
    assert done["kinds"]["readings"] == {"removed": 0, "kept": 0, "by_another": False}
