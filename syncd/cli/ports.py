"""Where a process takes notices of changes."""

from __future__ import annotations

from syncd.intake.hooks import HookPort
from syncd.registry import connectors
from syncd.settings import Installation


def hook_ports(found: Installation) -> dict[str, HookPort]:
    """Where notices come in, by what stands in the address: each source's name, and each kind
    that has a default source. Raises SettingsRefused when a secret is missing.
    """
    ports: dict[str, HookPort] = {}
    for name, source in found.sources.items():
        hook = connectors()[source.kind].hook
        if hook is not None:
            ports[name] = HookPort(name, hook, source.hook_key(name))
    for kind, name in found.defaults.items():
        if name in ports:
            ports.setdefault(kind, ports[name])
    return ports
