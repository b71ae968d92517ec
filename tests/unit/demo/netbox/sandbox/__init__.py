"""The sandbox NetBox over HTTP, as its clients see it."""
