"""What a figure is, and how it is drawn. Knows nothing of the domain and owns no table."""
