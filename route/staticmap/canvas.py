"""Drawing on a matplotlib figure in pixels of the picture, and writing it as PNG, SVG or PDF.

In SVG and PDF a text stays a text, which a reader can find and an editor can change; in SVG it names the fonts it was
measured with, then `sans-serif`. What rims a text is a second, stroked copy of it that readers of screens skip.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, Literal
from xml.sax.saxutils import escape

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.path import Path
    from numpy.typing import NDArray

    from route.staticmap.lettering import Lettering, Style
    from route.staticmap.sizes import Size
    from route.staticmap.view import Rect

__all__ = ["DPI", "Canvas", "Format", "settings"]

Format = Literal["png", "svg", "pdf"]
DPI = 96  # pixels of CSS in an inch
_POINTS = 72 / DPI
_HALOED = re.compile(
    r'<g id="halo-([0-9.]+)-(#[0-9a-f]{6})-\d+">\s*(<text style="([^"]*)"([^>]*)>[^<]*</text>)\s*</g>'
)


def settings() -> dict[Any, Any]:
    """Settings of matplotlib under which a picture is drawn and written.

    Returns
    -------
    dict
        For `matplotlib.rc_context`: the defaults of matplotlib, whatever its user has set, less what would make two
        runs differ.
    """
    import matplotlib as mpl

    defaults = {
        name: value
        for name, value in mpl.rcParamsDefault.items()
        if name.startswith(
            ("text.", "font.", "svg.", "pdf.", "path.", "lines.", "patch.", "figure.", "savefig.")
        )
    }
    return defaults | {
        "text.parse_math": False,
        "svg.fonttype": "none",
        "svg.hashsalt": "railroute",
        "pdf.fonttype": 42,
    }


class Canvas:
    """A figure whose coordinates are pixels from its lower left corner.

    Parameters
    ----------
    size : Size
        Of the picture.
    letters : Lettering
        Its fonts.
    form : str
        ``png``, ``svg`` or ``pdf``.
    """

    def __init__(self, size: Size, letters: Lettering, form: Format) -> None:
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        self.size, self.letters, self.form = size, letters, form
        self._figure = Figure(figsize=(size.width / DPI, size.height / DPI), dpi=DPI)
        self._transform = Affine2D().scale(1 / DPI) + self._figure.dpi_scale_trans
        self._clip: Any = None
        self._order = 0

    def clip(self, rect: Rect | None) -> None:
        """Confine what is drawn from now on.

        Parameters
        ----------
        rect : Rect or None
            Where to; ``None`` for the whole picture.
        """
        from matplotlib.patches import Rectangle

        self._clip = None
        if rect is not None:
            self._clip = Rectangle(
                (rect.left, rect.bottom), rect.width, rect.height, transform=self._transform
            )

    def _add(self, artist: Any) -> None:
        self._order += 1
        artist.set_zorder(self._order)
        if self._clip is not None:
            artist.set_clip_path(self._clip)
        self._figure.add_artist(artist, clip=False)

    def shapes(
        self,
        geometries: Iterable[shapely.Geometry],
        *,
        fill: str | None = None,
        stroke: str | None = None,
        width: float = 0.0,
        dash: Sequence[float] | None = None,
        cap: Literal["butt", "round"] = "round",
        alpha: float = 1.0,
    ) -> None:
        """Draw areas or lines as one path.

        Parameters
        ----------
        geometries : iterable of Geometry
            Polygons or lines, in pixels.
        fill, stroke : str or None
            Colours; ``None`` for nothing.
        width : float
            Of the stroke, in pixels.
        dash : sequence of float, optional
            Lengths of dashes and gaps, in pixels.
        cap : str
            How lines and dashes end: ``butt`` or ``round``.
        alpha : float
            Opacity, 0 to 1.
        """
        from matplotlib.patches import PathPatch

        path = _path(geometries)
        if path is None:
            return
        patch = PathPatch(
            path,
            transform=self._transform,
            facecolor=fill or "none",
            edgecolor=stroke or "none",
            linewidth=width * _POINTS if stroke else 0.0,
            joinstyle="round",
            capstyle=cap,
            alpha=alpha,
        )
        if dash and width:
            # matplotlib counts dashes in widths of the line.
            patch.set_linestyle((0, tuple(length / width for length in dash)))
        self._add(patch)

    def box(
        self, rect: Rect, *, fill: str | None = None, stroke: str | None = None, width: float = 0.0
    ) -> None:
        """Draw a rectangle.

        Parameters
        ----------
        rect : Rect
            Where.
        fill, stroke : str or None
            Colours; ``None`` for nothing.
        width : float
            Of the stroke, in pixels.
        """
        self.shapes([shapely.box(*rect)], fill=fill, stroke=stroke, width=width)

    def disc(self, x: float, y: float, radius: float, *, fill: str, stroke: str, width: float) -> None:
        """Draw a disc.

        Parameters
        ----------
        x, y, radius : float
            Where and how large, in pixels.
        fill, stroke : str
            Colours.
        width : float
            Of the stroke, in pixels.
        """
        from matplotlib.patches import Circle

        self._add(
            Circle(
                (x, y),
                radius,
                transform=self._transform,
                facecolor=fill,
                edgecolor=stroke,
                linewidth=width * _POINTS,
            )
        )

    def text(
        self,
        x: float,
        y: float,
        text: str,
        style: Style,
        colour: str,
        *,
        align: Literal["left", "center", "right"] = "left",
        halo: tuple[str, float] | None = None,
    ) -> None:
        """Write a text.

        Parameters
        ----------
        x, y : float
            Where on its base line it is aligned, in pixels.
        text : str
            What `Lettering.writable` gives.
        style : Style
            How it looks.
        colour : str
            Of the letters.
        align : str
            ``left``, ``center`` or ``right``.
        halo : tuple of (str, float), optional
            Colour and width, in pixels, of a rim around the letters.
        """
        from matplotlib.font_manager import FontProperties
        from matplotlib.patheffects import Stroke
        from matplotlib.text import Text

        if not text:
            return
        families = list(self.letters.families(style))
        font = FontProperties(
            family=[*families, "sans-serif"] if self.form == "svg" else families,
            size=style.px * _POINTS,
            weight="bold" if style.bold else "normal",
            style="italic" if style.italic else "normal",
        )

        def made(shade: str) -> Text:
            return Text(
                x, y, text, color=shade, fontproperties=font, horizontalalignment=align, verticalalignment="baseline",
                transform=self._transform, parse_math=False,
            )  # fmt: skip

        if halo is not None and self.form != "svg":
            rim = made(halo[0])
            rim.set_path_effects(
                [Stroke(linewidth=halo[1] * 2 * _POINTS, foreground=halo[0], joinstyle="round")]
            )
            self._add(rim)
        letters = made(colour)
        if halo is not None and self.form == "svg":
            letters.set_gid(f"halo-{halo[1] * 2 * _POINTS:.2f}-{halo[0]}-{self._order}")
        self._add(letters)

    def to_bytes(self, title: str, description: str) -> bytes:
        """Write the picture.

        Parameters
        ----------
        title, description : str
            What it shows, for those who cannot see it; kept inside the file.

        Returns
        -------
        bytes
            The file; the same for the same picture.
        """
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.backends.backend_pdf import FigureCanvasPdf
        from matplotlib.backends.backend_svg import FigureCanvasSVG

        out = io.BytesIO()
        if self.form == "png":
            about = {"Software": None, "Title": title, "Description": description}
            FigureCanvasAgg(self._figure).print_figure(out, format="png", dpi=DPI, metadata=about)
            return out.getvalue()
        if self.form == "pdf":
            about = {
                "CreationDate": None,
                "Title": title,
                "Subject": description,
                "Creator": None,
                "Producer": None,
            }
            FigureCanvasPdf(self._figure).print_figure(out, format="pdf", metadata=about)
            return out.getvalue()
        about = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        FigureCanvasSVG(self._figure).print_figure(out, format="svg", metadata=about)
        return _finished(out.getvalue().decode(), title, description).encode()


def _finished(svg: str, title: str, description: str) -> str:
    """SVG with rims around its texts and words for screen readers, without the reference to a DTD."""
    svg = re.sub(r"<!DOCTYPE[^>]*>\s*", "", svg, count=1)
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, count=1, flags=re.DOTALL)
    svg = _HALOED.sub(_rimmed, svg)
    told = f'<title id="title">{escape(title)}</title>\n <desc id="description">{escape(description)}</desc>'
    return re.sub(
        r"(<svg [^>]*)>",
        lambda match: f'{match[1]} role="img" aria-labelledby="title description">\n {told}',
        svg,
        count=1,
    )


def _rimmed(match: re.Match[str]) -> str:
    width, colour, text, style, rest = match.groups()
    content = text[text.index(">") :]
    rim = f"{style}; fill: {colour}; stroke: {colour}; stroke-width: {width}; stroke-linejoin: round"
    return f'<text aria-hidden="true" style="{rim}"{rest}{content}\n  {text}'


def _path(geometries: Iterable[shapely.Geometry]) -> Path | None:
    from matplotlib.path import Path

    rings: list[NDArray[np.float64]] = []
    codes: list[NDArray[np.uint8]] = []
    for geometry in geometries:
        area = geometry.geom_type == "Polygon"
        # Holes run the other way, for the filling rule of all three formats.
        shape = shapely.geometry.polygon.orient(geometry) if area else geometry
        for line in (shape.exterior, *shape.interiors) if area else (shape,):
            points = shapely.get_coordinates(line)
            if len(points) < 2:
                continue
            code = np.full(len(points), Path.LINETO, dtype=np.uint8)
            code[0] = Path.MOVETO
            if area:
                code[-1] = Path.CLOSEPOLY
            rings.append(points)
            codes.append(code)
    return Path(np.concatenate(rings), np.concatenate(codes)) if rings else None
