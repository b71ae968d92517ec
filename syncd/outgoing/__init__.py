"""What leaves syncd by itself: letters from the outbox, as webhooks and as notifications."""
