"""Pictures as values: rendered when they are asked for, in the format that is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from route.errors import InputError
from route.files import write_atomic
from route.itinerary import Itinerary
from route.staticmap.canvas import Format
from route.staticmap.sizes import Size, parse_size

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FORMATS", "Picture", "format_of", "picture"]

FORMATS: tuple[Format, ...] = get_args(Format)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """A picture of one or several journeys, which a notebook shows.

    Parameters
    ----------
    itineraries : tuple of Itinerary
        The journeys.
    size : Size or None
        In pixels; in SVG and PDF those of CSS, 96 to an inch; ``None`` for what suits the route.
    title : str or None
        Heading; ``None`` for the places of the journey.
    lang : str or None
        Language of names and texts, as an IETF tag.
    dark : bool
        Whether it is light on dark.
    names : tuple of str
        What each of several journeys is called in the legend; by default its places.
    """

    itineraries: tuple[Itinerary, ...]
    size: Size | None = None
    title: str | None = None
    lang: str | None = None
    dark: bool = False
    names: tuple[str, ...] = ()

    def to_bytes(self, form: Format = "png") -> bytes:
        """Render the picture.

        Parameters
        ----------
        form : str
            ``png``, ``svg`` or ``pdf``.

        Returns
        -------
        bytes
            The file; the same for the same picture, fonts and version of matplotlib.
        """
        from route.staticmap.drawing import draw

        return draw(
            self.itineraries,
            form=form,
            size=self.size,
            title=self.title,
            lang=self.lang,
            dark=self.dark,
            names=self.names,
        )

    def save(self, path: str | Path) -> None:
        """Write the picture to a file.

        Parameters
        ----------
        path : str or Path
            Where to; its ending is the format: ``.png``, ``.svg`` or ``.pdf``.

        Raises
        ------
        InputError
            If the ending is another one, or the file cannot be written.
        """
        form = format_of(path)
        if form is None:
            raise InputError(
                f"Cannot draw a picture as {path}. Give a name that ends with .png, .svg or .pdf."
            )
        write_atomic(Path(path), self.to_bytes(form))

    def _repr_png_(self) -> bytes:
        """Picture for a notebook."""
        return self.to_bytes("png")


def format_of(path: str | Path) -> Format | None:
    """Format of a picture by the ending of its file.

    Parameters
    ----------
    path : str or Path
        Name of the file.

    Returns
    -------
    str or None
        ``png``, ``svg`` or ``pdf``; ``None`` for any other ending.
    """
    ending = Path(path).suffix.casefold().removeprefix(".")
    return next((form for form in FORMATS if form == ending), None)


def picture(
    itineraries: Itinerary | Sequence[Itinerary],
    *,
    size: str | tuple[int, int] | None = None,
    title: str | None = None,
    lang: str | None = None,
    dark: bool = False,
    names: Sequence[str] = (),
) -> Picture:
    """Picture of one or several journeys.

    Parameters
    ----------
    itineraries : Itinerary or sequence of Itinerary
        The journeys; alternatives of a single one are drawn, too.
    size : str or tuple of (int, int), optional
        Width and height in pixels, such as ``1200x800``, or the name of a size; by default what suits
        the route.
    title : str, optional
        Heading; by default the places of the journey.
    lang : str, optional
        Language of names and texts, as an IETF tag.
    dark : bool
        Whether it is light on dark.
    names : sequence of str
        What each of several journeys is called in the legend; by default its places.

    Returns
    -------
    Picture
        The picture, not drawn yet.

    Raises
    ------
    InputError
        If the size cannot be read or drawn, or there is no journey.
    """
    several = (itineraries,) if isinstance(itineraries, Itinerary) else tuple(itineraries)
    if not several:
        raise InputError("There is no journey to draw. Give at least one itinerary.")
    wanted: Size | None
    if size is None:
        wanted = None
    elif isinstance(size, str):
        wanted = parse_size(size)
    else:
        wanted = parse_size(f"{size[0]}x{size[1]}")
    return Picture(itineraries=several, size=wanted, title=title, lang=lang, dark=dark, names=tuple(names))
