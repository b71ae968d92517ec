"""The Prometheus connector's measures on real servers, against truth worked out by hand."""
