"""What every connector does when its upstream fails, over real sockets."""
