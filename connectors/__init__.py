"""Upstreams that syncd can measure. A library of its own: it imports nothing of syncd."""
