"""What an installation may set for a source of kind ``prometheus``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from connectors.quantity import Duration


class PrometheusOptions(BaseModel):
    """Settings of a Prometheus source beyond those of every source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    browse_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/@\s]+(/\S*)?$",
        description="Where people open this Prometheus, if not at the source's url.",
        examples=["https://prometheus.example.org"],
    )
    retention: Duration | None = Field(
        default=None,
        description="How long the server keeps samples, where it does not say so itself (Mimir, "
        "Thanos, VictoriaMetrics).",
        examples=["390 d"],
    )
