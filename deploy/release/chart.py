"""The chart as an archive, for one version of syncd."""

from __future__ import annotations

from pathlib import Path

from helm_python.chart import package

from deploy.generate.outputs import CHART


def package_chart(version: str, folder: str) -> Path:
    """The archive, whose chart has this version and runs this version of syncd."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(package(CHART, destination=folder, version=version, app_version=version))
