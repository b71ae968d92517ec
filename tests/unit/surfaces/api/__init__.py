"""What holds at every address of the API: pages, tags, the past, refusals. Through a real server."""
