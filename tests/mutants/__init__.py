"""Mutation testing: whether the tests notice when what judges is made wrong.

Why it is ours: `docs/decisions/0060-mutants-live-in-memory.md`.
"""
