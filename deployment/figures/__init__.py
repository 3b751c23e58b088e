"""The figures of the territory; `published.py` lists them."""
