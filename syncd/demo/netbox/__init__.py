"""A NetBox that is not one: a seed's history, served over HTTP on loopback."""

from syncd.demo.netbox.sandbox import NetBoxSandbox

__all__ = ["NetBoxSandbox"]
