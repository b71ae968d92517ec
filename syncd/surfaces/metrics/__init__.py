"""`/metrics`: what the store tells, in pieces that are rendered again when they change."""

from syncd.surfaces.metrics.endpoint import MetricsEndpoint as MetricsEndpoint
from syncd.surfaces.metrics.rendering import Rendering as Rendering
from syncd.surfaces.metrics.rendering import Told as Told
from syncd.surfaces.metrics.rendering import reader_of as reader_of
