"""Template tags that write figures."""
