"""Whom events are sent to, as the settings file says it: read whole, or refused in words."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from syncd.outgoing.notifications import Route
from syncd.outgoing.severity import Severity
from syncd.outgoing.timing import Quiet, Rhythm
from syncd.outgoing.webhooks import WebhookTarget
from syncd.settings import Installation, SettingsRefused, load_settings
from tests.unit.outgoing.receiver import SECRET

SOURCES = 'sources:\n  prom: {kind: prometheus, url: "http://localhost:9090"}\n'
HOOK = "webhooks:\n  ops: {url: https://hooks.example.org/x, secret: {env: OPS}"
ROUTE = "notifications:\n  lead:\n    url: {env: LEAD}\n"


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS", SECRET)
    monkeypatch.setenv("LEAD", "json://127.0.0.1/secret-path")


def load(folder: Path, text: str) -> Installation:
    path = folder / "settings.yaml"
    path.write_text(SOURCES + text, encoding="utf-8")
    return load_settings(None, {"config": path})


def refused(folder: Path, text: str) -> str:
    with pytest.raises(SettingsRefused) as caught:
        load(folder, text).destinations()
    return "\n".join(str(fault) for fault in caught.value.faults)


def test_a_webhook_is_read_with_its_secret(tmp_path: Path) -> None:
    found = load(tmp_path, f"{HOOK}, kinds: [missed], teams: [dcim], timeout: 3 s}}\n")

    (target,) = found.destinations()
    assert isinstance(target, WebhookTarget)
    assert (target.name, target.secret, target.seconds) == ("webhook:ops", SECRET, 3.0)
    assert (target.chosen.kinds, target.chosen.teams) == (("missed",), ("dcim",))
    assert found.targets == ["webhook:ops"]
    assert SECRET in found.secret_values()
    assert SECRET not in repr(target)


def test_a_route_is_read_with_its_times(tmp_path: Path) -> None:
    more = 'send: weekly\n    at: "07:30"\n    on_day: fri\n    at_least: critical\n'
    quiet = '    quiet: {from: "20:00", to: "07:00"}\n    timezone: Europe/Berlin\n'

    (route,) = load(tmp_path, f"{ROUTE}    {more}{quiet}").destinations()

    assert isinstance(route, Route)
    assert (route.name, route.least) == ("notify:lead", Severity.CRITICAL)
    assert (route.timing.rhythm, route.timing.at, route.timing.weekday) == (
        Rhythm.WEEKLY,
        time(7, 30),
        4,
    )
    assert route.timing.quiet == Quiet(time(20), time(7))
    assert "secret-path" not in repr(route)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{HOOK}, kind: [missed]}}\n", "kinds?"),
        (f"{HOOK}, kinds: [mised]}}\n", "'missed'"),
        (HOOK.replace("{env: OPS}", "plain-secret") + "}\n", "no secret may stand here"),
        (HOOK.replace("https://", "https://a:b@") + "}\n", "a URL without credentials"),
        (HOOK.replace("OPS}", "NOT_SET}") + "}\n", "no NOT_SET in the environment"),
        (f"{ROUTE}    at: 8\n", "lead"),
        (f"{ROUTE}    timezone: Berlin\n", "an IANA name"),
        (f"{ROUTE}    template: /nowhere/x.txt\n", "/nowhere/x.txt cannot be read"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(tmp_path: Path, text: str, says: str) -> None:
    told = refused(tmp_path, text)

    assert says in told
    assert "plain-secret" not in told


@pytest.mark.parametrize("secret", ["whsec_c2hvcnQ=", "whsec_", "?"])
def test_a_weak_secret_is_refused_and_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("OPS", secret)

    told = refused(tmp_path, f"{HOOK}}}\n")

    assert "at least 24 random bytes in base64" in told
    assert "c2hvcnQ" not in told


def test_an_address_that_apprise_does_not_know_is_refused_and_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAD", "carrier-pigeon://secret")

    told = refused(tmp_path, ROUTE)

    assert "does not know" in told
    assert "pigeon" not in told
