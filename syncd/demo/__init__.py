"""A replayed quarter: sandbox upstreams over HTTP, and the real worker pointed at them."""
