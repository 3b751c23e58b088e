"""The demonstration: académie de Grenoble on 8 October 2024, built through importers and services."""
