"""Railway networks."""
