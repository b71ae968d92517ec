"""The command line: `syncd --help` teaches it."""

from syncd.cli.app import main

__all__ = ["main"]
