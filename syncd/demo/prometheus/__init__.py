"""A Prometheus that is not one: a seed's series, queried over HTTP on loopback."""

from syncd.demo.prometheus.sandbox import PrometheusSandbox

__all__ = ["PrometheusSandbox"]
