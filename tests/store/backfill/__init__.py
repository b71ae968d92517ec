"""Rebuilding the past: what was so is written down, what was told stays."""
