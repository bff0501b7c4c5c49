"""What the paper says, with its sources."""
