"""Protein language models: embed, fine-tune, predict."""

__version__ = "0.1.0"
