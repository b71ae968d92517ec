"""Whatever is sent, written or answered: it is refused in words or taken, and nothing breaks."""
