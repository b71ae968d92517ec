"""Who makes what for a process that serves."""

from __future__ import annotations

from dataclasses import dataclass

from syncd.surfaces.renderers.following import Following
from syncd.surfaces.renderers.pool import Renderers
from syncd.surfaces.sender import Sender


@dataclass(frozen=True)
class Pools:
    """Who makes what is read, who makes metrics, and who sends them."""

    answers: Renderers
    metrics: Following
    sender: Sender

    def close(self) -> None:
        """Lets go of all."""
        self.answers.close()
        self.metrics.close()
        self.sender.close()
