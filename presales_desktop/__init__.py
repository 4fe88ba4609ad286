"""Presales Desktop: the pre-sales of a lighting company on one laptop. Importing this package imports nothing else."""

__version__ = "0.1.0"
