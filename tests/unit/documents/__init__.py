"""What README and docs show: commands, files, addresses."""
