"""Whether a syncd runs here, and what its probes and its metrics say."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from connectors.checkup import Finding

# compared with, not listened at
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]", "::": "[::1]"}  # noqa: S104  # nosec B104


def look_at_worker(listen: str, seconds: float, *, tls: bool = False) -> Iterator[Finding]:
    """What answers at the address that `syncd run` serves probes and metrics on, with `tls` or
    without.
    """
    host, _, port = listen.rpartition(":")
    base = f"http{'s' if tls else ''}://{_ANYWHERE.get(host, host)}:{port}"
    try:
        # its certificate is for the name that people use, and nothing secret is sent
        with httpx.Client(timeout=seconds, trust_env=False, verify=False) as client:  # noqa: S501  # nosec B501
            ready = client.get(f"{base}/readyz")
            metrics = client.get(f"{base}/metrics")
    except httpx.ConnectError:
        yield Finding.unknown("running", f"nothing answers at {listen}: no syncd runs here")
        return
    except httpx.HTTPError as error:
        yield Finding.problem(
            "running",
            f"what runs at {listen} does not answer ({type(error).__name__})",
            "look at its log; docs/runbooks/not-progressing.md",
        )
        return
    if ready.status_code == 200:
        yield Finding.ok("running", f"a syncd is ready at {listen}")
    else:
        why = " ".join(ready.text.split())[:300]
        yield Finding.problem("running", f"not ready at {listen}: {why}", "mend what it names")
    if metrics.status_code == 200 and "syncd_" in metrics.text:
        lines = sum(1 for line in metrics.text.splitlines() if line and not line.startswith("#"))
        yield Finding.ok("metrics", f"/metrics can be scraped: {lines} series")
    elif metrics.status_code == 401:
        yield Finding.unknown(
            "metrics",
            "/metrics asks for a token, as all that is read does",
            "give Prometheus one (`syncd token create prometheus`), or metrics a port of their own "
            "(metrics_listen)",
        )
    else:
        yield Finding.problem(
            "metrics",
            f"/metrics answers {metrics.status_code}",
            "see what stands above; another program may have the port",
        )
