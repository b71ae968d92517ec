"""What this process is at work on: one id through all lines of its log, and, where somebody asks
for them, traces. Free of libraries, so that whoever reads the store need not wait for any;
`syncd.tracing.exporting` has those of OpenTelemetry.
"""

from syncd.tracing.work import (
    Attribute,
    Reference,
    Work,
    continuing,
    current_id,
    doing,
    said,
    step,
)

__all__ = [
    "Attribute",
    "Reference",
    "Work",
    "continuing",
    "current_id",
    "doing",
    "said",
    "step",
]
