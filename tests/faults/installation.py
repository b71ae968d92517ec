"""An installation that has a secret wherever there can be one, and a source for each fault."""

from __future__ import annotations

import json
import os
import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import trustme

from tests.contract.faultserver import Fault, FaultServer, Reply, Request, Wire
from tests.faults.planted import USER, planted

KINDS = ("cloud", "pat", "netbox", "basic", "bearer")

_SOURCES: Mapping[str, dict[str, Any]] = {
    "cloud": {"kind": "jira", "flavour": "cloud"},
    "pat": {"kind": "jira", "flavour": "datacenter"},
    "netbox": {"kind": "netbox"},
    "basic": {"kind": "prometheus"},
    "bearer": {"kind": "prometheus"},
}
_MEASURES: Mapping[str, dict[str, Any]] = {
    "cloud": {"measure": "jira.count", "jql": "project = CE"},
    "pat": {"measure": "jira.count", "jql": "project = CE"},
    "netbox": {
        "measure": "netbox.count",
        "endpoint": "dcim.devices",
        "filter": {"status": "active"},
    },
    "basic": {"measure": "prometheus.query", "query": "sum(up)"},
    "bearer": {"measure": "prometheus.query", "query": "sum(up)"},
}


@dataclass(frozen=True)
class Meeting:
    """A source of a kind that meets a fault; `url` where it is not our server's."""

    name: str
    kind: str
    fault: Fault | None = None
    url: str = ""

    @property
    def is_odd(self) -> bool:
        """Whether it is more than one of many."""
        return bool(self.url) or self.name.startswith("noted")


@dataclass
class Planting:
    """The files and the environment of the installation, and every secret in them."""

    folder: Path
    secrets: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def secret(self, name: str, value: str | None = None) -> dict[str, str]:
        """The place of a new secret, in turn in the environment and in a file."""
        self.secrets[name] = value or planted(name)
        if len(self.secrets) % 2:
            variable = f"PLANTED_{len(self.secrets)}"
            self.environment[variable] = self.secrets[name]
            return {"env": variable}
        path = self.folder / f"secret-{len(self.secrets)}"
        path.write_text(self.secrets[name])
        return {"file": str(path)}

    def source(self, one: Meeting, url: str) -> dict[str, Any]:
        """What stands in the settings of a source."""
        key = self.secret(one.name)
        signs: dict[str, Any] = {"token": key}
        if one.kind == "cloud":
            signs["user"] = self.secret_user()
        elif one.kind == "basic":
            signs = {"auth": {"basic": {"user": self.secret_user(), "password": key}}}
        elif one.kind == "bearer":
            signs = {"auth": {"bearer": key}}
            signs["headers"] = {"X-Api-Key": self.secret(f"{one.name}-header")}
        signs["hook_secret"] = self.secret(f"{one.name}-hook")
        limits = {"attempts": 1, "read": "1 s", "connect": "1 s"}
        return {
            **_SOURCES[one.kind],
            "url": one.url or f"{url}/{one.name}",
            **signs,
            "limits": limits,
        }

    def secret_user(self) -> dict[str, str]:
        self.environment["PLANTED_USER"] = USER
        return {"env": "PLANTED_USER"}

    def certificate(self) -> Path:
        """HTTPS at our own port; the authority to believe."""
        authority, ours = trustme.CA(), self.folder / "authority.pem"
        authority.cert_pem.write_to_path(str(ours))
        issued = authority.issue_cert("127.0.0.1")
        chain, key = self.folder / "chain.pem", self.folder / "key.pem"
        issued.cert_chain_pems[0].write_to_path(str(chain))
        issued.private_key_pem.write_to_path(str(key))
        self.secrets["key-of-the-certificate"] = key.read_text().splitlines()[1]
        self.environment |= {"SYNCD_TLS_CERT_FILE": str(chain), "SYNCD_TLS_KEY_FILE": str(key)}
        return ours

    def others(self, collector: str, target: str, proxy: str) -> dict[str, Any]:
        """What is not a source: whom events are sent to, the collector, the proxy, our tokens."""
        self.environment |= {
            "SYNCD_API_TOKEN": self.value("api-token"),
            "SYNCD_TRACES": "all",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector,
            "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer {quote(self.value('collector'), safe='')}",
            "HTTP_PROXY": proxy.replace(
                "//", f"//{quote(USER)}:{quote(self.value('proxy'), safe='')}@"
            ),
            "NO_PROXY": "127.0.0.1",
        }
        key = f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"
        chat = quote(self.value("chat-password"), safe="")
        address = f"json://{quote(USER)}:{chat}@{target.removeprefix('http://')}/chat"
        return {
            "webhooks": {"erp": {"url": f"{target}/erp", "secret": self.secret("webhook", key)}},
            "notifications": {
                "chat": {
                    "url": self.secret("chat", address),
                    "at_least": "info",
                    "gather": "1 s",
                }
            },
        }

    def value(self, name: str) -> str:
        """A new secret that is in the environment as it is."""
        self.secrets[name] = planted(name)
        return self.secrets[name]

    def write(self, meetings: Sequence[Meeting], url: str, others: Mapping[str, Any]) -> None:
        """The settings and the mapping files, of all sources and, beside them, of a few."""
        sources = {one.name: self.source(one, url) for one in meetings}
        self._write(self.folder / "all", meetings, sources, others)
        some = [one for number, one in enumerate(meetings) if number % 6 == 1 or one.is_odd]
        few = {one.name: sources[one.name] for one in some}
        self._write(self.folder / "few", some, few, others)

    @staticmethod
    def _write(
        folder: Path, meetings: Sequence[Meeting], sources: Any, others: Mapping[str, Any]
    ) -> None:
        settings = {"sources": sources, "every": {"default": "1 h"}, **others}
        mappings = folder / "mappings"
        mappings.mkdir(parents=True)
        (folder / "settings.yaml").write_text(json.dumps(settings, indent=1))
        (mappings / "organisation.yaml").write_text(
            "organisation: Infra\nperiod: 2026-Q4\ntimezone: UTC\n"
        )
        results = [
            {
                "id": f"ce-o1-{one.name}",
                "title": one.name,
                "owner": "Lead",
                "indicator": {**_MEASURES[one.kind], "source": one.name},
                "target": {"at_least": 1},
            }
            for one in meetings
        ]
        team = {
            "team": "ce",
            "objectives": [{"id": "ce-o1", "title": "Up", "key_results": results}],
        }
        (mappings / "ce.yaml").write_text(json.dumps(team, indent=1))

    def of_the_process(self, sources: str, database: str, **more: str) -> dict[str, str]:
        """The environment of a process that has `all` or a `few` sources, on this store."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "SYNCD_CONFIG": str(self.folder / sources / "settings.yaml"),
            "SYNCD_MAPPINGS": str(self.folder / sources / "mappings"),
            "SYNCD_DATABASE_URL": database,
            "SYNCD_LOG_FORMAT": "json",
            "SYNCD_LOG_LEVEL": "debug",
            "SYNCD_RUN": "2 s",
            **self.environment,
            **more,
        }


def upstreams(meetings: Sequence[Meeting]) -> FaultServer:
    """One server for all sources: the first part of the path says whose fault is met."""
    faults = {one.name: one.fault for one in meetings}
    server = FaultServer(lambda _: Reply(200, b'{"data": "' + b"x" * 400 + b'"}'))

    def meet(wire: Wire, request: Request, reply: Reply) -> None:
        fault = faults.get(request.path.split("/")[1])
        if fault is None:
            wire.send(reply)
        else:
            fault(wire, request, reply)

    server.fail(meet)
    return server
