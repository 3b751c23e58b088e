"""Files that the surveys read."""
