"""NetBox as its users run it: PostgreSQL, Redis and gunicorn, booted from a kept empty database."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.peers.postgres import OWNER, Postgres
from tests.peers.process import LOOPBACK, Peer, PeerFailed, Process, boot, tail
from tests.peers.redis_server import Redis

if TYPE_CHECKING:
    import httpx

HERE = Path(__file__).parent
VENV = HERE.parents[2] / ".peers" / "netbox-venv"
PLUGINS = HERE / "plugin"
EMPTY_DUMP = HERE / "empty.sql.gz"

ADMIN = "admin"
# Not secrets: they open a server on loopback that lives as long as a test run. The kept database
# holds the token's digest, made with this pepper, so a change needs `make netbox-dump`.
TOKEN_KEY = "syncdtests01"
TOKEN_VALUE = "0123456789abcdefghij0123456789ABCDEFGHIJ"
PEPPER = "a pepper for tests only, not a secret, over fifty characters long"
SECRET_KEY = "a signing key for tests only, not a secret, over fifty characters long"

BOOT_SECONDS = 240.0
ASK_SECONDS = 60.0
EMPTY = "netbox_empty"
LIVE = "netbox"


def environment(root: Path) -> dict[str, str]:
    """The environment of a program of NetBox's whose NETBOX_ROOT is ``root``."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "DJANGO", "NETBOX"))}
    return {
        **env,
        "NETBOX_ROOT": str(root),
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(PLUGINS),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def configure(root: Path, *, database: str, postgres: Postgres, redis: Redis) -> None:
    """Write ``conf/configuration.py`` below ``root``."""
    stores = {"HOST": LOOPBACK, "PORT": redis.port}
    settings: dict[str, Any] = {
        "ALLOWED_HOSTS": ["*"],
        "API_TOKEN_PEPPERS": {1: PEPPER},
        "DATABASE": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": database,
            "USER": OWNER,
            "PASSWORD": "",
            "HOST": LOOPBACK,
            "PORT": postgres.port,
            "CONN_MAX_AGE": 300,
            # reset() replaces the database under a running server.
            "CONN_HEALTH_CHECKS": True,
        },
        "REDIS": {"tasks": {**stores, "DATABASE": 0}, "caching": {**stores, "DATABASE": 1}},
        "PLUGINS": ["syncd_inventory"],
        "SECRET_KEY": SECRET_KEY,
        "TIME_ZONE": "UTC",
    }
    lines = "".join(f"{name} = {value!r}\n" for name, value in settings.items())
    (root / "conf").mkdir(parents=True, exist_ok=True)
    (root / "conf" / "configuration.py").write_text(lines)


class Loader:
    """A running ``load_seed.py``: NetBox's models take seconds to import, so one serves a session."""

    def __init__(self, root: Path) -> None:
        """Start it for the NetBox that is configured in ``root``; it gets ready by itself."""
        self._log = root / "loader.log"
        with self._log.open("wb") as sink:
            self._child = subprocess.Popen(
                # -P keeps this folder off the module path.
                [VENV / "bin" / "python", "-P", HERE / "load_seed.py"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                env=environment(root),
                cwd=root,
                text=True,
                start_new_session=True,
            )

    def ask(self, **request: Any) -> dict[str, int]:
        """How many rows of what one request wrote. Raises PeerFailed with NetBox's traceback."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        try:
            self._child.stdin.write(json.dumps(request) + "\n")
            self._child.stdin.flush()
            line = self._child.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise PeerFailed(f"NetBox's loader ended:\n{tail(self._log)}")
        answer = json.loads(line)
        if "error" in answer:
            raise PeerFailed(f"NetBox's loader refused the seed:\n{answer['error']}")
        done: dict[str, int] = answer["ok"]
        return done

    def stop(self) -> None:
        """End it."""
        self._child.kill()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()
        self._child.wait()


class NetBox(Peer):
    """A NetBox server on a free loopback port with a superuser and its token. A context manager.

    ``postgres`` is a running cluster, in which it makes databases of its own. ``url`` is the
    server's root without a slash at the end; ``token`` is what stands after ``Bearer``.
    """

    token = f"nbt_{TOKEN_KEY}.{TOKEN_VALUE}"
    user = ADMIN

    def __init__(self, postgres: Postgres) -> None:
        self.url = ""
        self._postgres = postgres
        self._redis = Redis()
        self._folder: Path | None = None
        self._process: Process | None = None
        self._loader: Loader | None = None
        self._http: httpx.Client | None = None

    def start(self) -> Self:
        """Restore the empty database, boot and return this. Raises PeerFailed with the log's tail."""
        import httpx

        if not (VENV / "bin" / "gunicorn").exists():
            raise PeerFailed("NetBox is not installed for the tests: run `make peers`")
        root = self._folder = Path(tempfile.mkdtemp(prefix="syncd-netbox-"))
        self._redis.start()
        configure(root, database=LIVE, postgres=self._postgres, redis=self._redis)
        self._postgres.drop_database(EMPTY)
        self._postgres.drop_database(LIVE)
        self._postgres.restore(EMPTY_DUMP, EMPTY)
        self._postgres.create_database(LIVE, template=EMPTY)

        def launch(port: int) -> Process:
            argv: list[str | os.PathLike[str]] = [VENV / "bin" / "gunicorn"]
            argv += ["--bind", f"{LOOPBACK}:{port}", "--workers", "2", "--threads", "4"]
            argv += ["--timeout", "120", "--no-control-socket", "--preload"]
            # A connection that rests longer than this is closed under a request on its way (one in
            # fifty, asked at that very moment), and tests do rest: the default is 2 s. Longer than
            # a whole run, for a test's own client must not repeat what makes things.
            argv += ["--keep-alive", "3600"]
            argv += ["--config", HERE / "gunicorn_conf.py", "netbox.wsgi"]
            return Process("NetBox", argv, log=root / "log", env=environment(root), cwd=root)

        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {self.token}", "Accept": "application/json"},
            timeout=ASK_SECONDS,
            trust_env=False,
        )
        # Both import NetBox, each on a core of its own.
        self._loader = Loader(root)
        self._process, port = boot(launch, self._answers, seconds=BOOT_SECONDS)
        self.url = f"http://{LOOPBACK}:{port}"
        return self

    def _answers(self, port: int) -> bool:
        import httpx

        assert self._http is not None
        try:
            answer = self._http.get(f"http://{LOOPBACK}:{port}/api/status/")
        except httpx.TransportError:
            return False
        if answer.status_code in (401, 403):
            raise PeerFailed(f"the kept database has another token: {answer.text[:300]}")
        return answer.status_code == 200

    def load(self, seed: Mapping[str, Any]) -> dict[str, int]:
        """Write a seed; the numbers of ``devices``, ``new_devices`` and ``cables``.

        May be called again: a known id is overwritten, a new one is added with its change-log row.
        Raises PeerFailed with NetBox's traceback.
        """
        assert self._loader is not None, "NetBox is not started"
        return self._loader.ask(seed=seed)

    def configure(self, **parameters: Any) -> None:
        """Set NetBox's dynamic parameters (MAX_PAGE_SIZE=3) while it runs; none: the defaults."""
        assert self._loader is not None, "NetBox is not started"
        self._loader.ask(parameters=parameters)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Within it NetBox's background worker runs, which sends the webhooks."""
        assert self._folder is not None, "NetBox is not started"
        log = self._folder / "worker.log"
        with log.open("wb") as sink:
            worker = subprocess.Popen(
                [VENV / "bin" / "netbox", "rqworker"],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env=environment(self._folder),
                cwd=self._folder,
                start_new_session=True,
            )
        try:
            yield
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()

    def keep(self, name: str) -> None:
        """Keep a copy of the whole database, which ``reset(name)`` returns to."""
        self._postgres.drop_database(f"netbox_{name}")
        self._postgres.create_database(f"netbox_{name}", template=LIVE)
        # Copying ended the server's sessions; see reset() for the rest.

    def reset(self, to: str = "empty") -> None:
        """Return to the empty database, or to one kept with ``keep``. The server runs on."""
        self._postgres.drop_database(LIVE)
        self._postgres.create_database(LIVE, template=f"netbox_{to}")
        self._redis.flush()

    def get(self, path: str, **params: Any) -> Any:
        """The JSON answer to a GET below ``/api/``, e.g. ``get("dcim/devices/", site="s1")``."""
        return self._ask("GET", path, params=params)

    def post(self, path: str, body: Any) -> Any:
        """The created object, or the objects of a bulk POST."""
        return self._ask("POST", path, json=body)

    def patch(self, path: str, body: Any) -> Any:
        """The changed object, e.g. ``patch("dcim/devices/1/", {"serial": "S2"})``."""
        return self._ask("PATCH", path, json=body)

    def delete(self, path: str) -> None:
        """Delete one object. Raises PeerFailed when NetBox refuses, as all four do."""
        self._ask("DELETE", path)

    def _ask(self, method: str, path: str, **words: Any) -> Any:
        assert self._http is not None, "NetBox is not started"
        answer = self._http.request(method, f"{self.url}/api/{path.lstrip('/')}", **words)
        if not answer.is_success:
            raise PeerFailed(f"{method} {path}: {answer.status_code} {answer.text[:2000]}")
        return answer.json() if answer.content else None

    def stop(self) -> None:
        """End the servers; ``postgres`` runs on, and so do the databases in it until it stops."""
        if self._loader is not None:
            self._loader.stop()
        if self._process is not None:
            # Asked politely, gunicorn waits for connections that a test's client still holds.
            self._process.stop(signal.SIGKILL)
        if self._http is not None:
            self._http.close()
        self._redis.stop()
        self._loader, self._process, self._http = None, None, None
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
