"""The basemap that maps share: outlines of land, lakes and borders, and the names to write on them."""

from __future__ import annotations

__all__ = ["credits_of"]

_CREDITS = ("Natural Earth (public domain)", "GeoNames (CC BY 4.0)")
_NAMES_CREDIT = "GeoLite2 (CC BY-SA 4.0)"


def credits_of(lang: str | None) -> tuple[str, ...]:
    """Sources that a map with this basemap must name.

    Parameters
    ----------
    lang : str or None
        Language of the names on it, as an IETF tag; ``None`` for their usual ones.

    Returns
    -------
    tuple of str
        Each with its licence.
    """
    return _CREDITS if lang is None else (*_CREDITS, _NAMES_CREDIT)
