"""Real servers for the tests: PostgreSQL, Redis, NetBox and Prometheus, booted on loopback."""
