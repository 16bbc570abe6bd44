"""From the names of places to the railway route between them."""

__version__ = "0.1.0"
