"""A sandbox Jira over HTTP on the loopback address."""

from syncd.demo.jira.sandbox import JiraSandbox
from syncd.demo.jira.seed import Seed

__all__ = ["JiraSandbox", "Seed"]
