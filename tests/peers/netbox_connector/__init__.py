"""The NetBox connector against a real NetBox: exact numbers, and cycles that read what changed."""
