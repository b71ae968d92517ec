"""What syncd is made of; the rooms are described in docs/architecture.md."""
