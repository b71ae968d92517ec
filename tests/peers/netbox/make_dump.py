"""Makes empty.sql.gz anew: a migrated NetBox database with the tests' superuser, as plain SQL.

Run as ``python -m tests.peers.netbox.make_dump`` (``make netbox-dump``) after a change of NetBox's
version, token or pepper. Migrating takes five to ten minutes.
"""

from __future__ import annotations

import gzip
import re
import sys
import tempfile
from pathlib import Path

from tests.peers.netbox.server import (
    ADMIN,
    EMPTY_DUMP,
    LIVE,
    TOKEN_KEY,
    TOKEN_VALUE,
    VENV,
    Loader,
    configure,
    environment,
)
from tests.peers.postgres import Postgres
from tests.peers.process import finish
from tests.peers.redis_server import Redis

MIGRATE_SECONDS = 3600.0
CHECK_SECONDS = 300.0
# Written by newer pg_dumps and refused by older servers or psqls.
TOO_NEW = re.compile(r"^(\\(un)?restrict |SET transaction_timeout)", re.MULTILINE)


def portable(dump: str) -> str:
    """A dump without the lines that PostgreSQL 15 does not know, nor comments and empty lines."""
    kept = []
    copying = False
    for line in dump.split("\n"):
        if copying:
            copying = line != "\\."
        elif TOO_NEW.match(line) or line.startswith("--") or not line:
            continue
        else:
            copying = line.startswith("COPY ") and line.endswith("FROM stdin;")
        kept.append(line)
    return "\n".join(kept) + "\n"


def main() -> None:
    """Migrate, dump, restore the dump and check that no migration is pending."""
    netbox = str(VENV / "bin" / "netbox")
    with (
        tempfile.TemporaryDirectory(prefix="syncd-netbox-") as folder,
        Postgres() as postgres,
        Redis() as redis,
    ):
        root = Path(folder)
        configure(root, database=LIVE, postgres=postgres, redis=redis)
        env = environment(root)
        postgres.create_database(LIVE)
        sys.stdout.write("migrating an empty NetBox database: this takes minutes\n")
        migrate = [netbox, "migrate", "--no-input"]
        finish(migrate, seconds=MIGRATE_SECONDS, env=env, cwd=root)
        loader = Loader(root)
        try:
            loader.ask(admin={"name": ADMIN, "key": TOKEN_KEY, "token": TOKEN_VALUE})
        finally:
            loader.stop()
        made = gzip.compress(portable(postgres.dump(LIVE)).encode(), compresslevel=9, mtime=0)
        EMPTY_DUMP.write_bytes(made)

        postgres.drop_database(LIVE)
        postgres.restore(EMPTY_DUMP, LIVE)
        finish([netbox, "migrate", "--check"], seconds=CHECK_SECONDS, env=env, cwd=root)
        sys.stdout.write(f"{EMPTY_DUMP.name}: {len(made) / 1024:.0f} KiB\n")


if __name__ == "__main__":
    main()
