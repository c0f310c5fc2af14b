"""Measure models of modification sites on published data."""
