"""Probabilistic league tables: what official figures can and cannot say about the order of trusts."""

__version__ = "0.1.0"
