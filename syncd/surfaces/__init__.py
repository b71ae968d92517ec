"""What people and programs read: each a reader of the store, and none knows an upstream."""
