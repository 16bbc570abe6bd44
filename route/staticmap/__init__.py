"""A picture of journeys: PNG, SVG or PDF, drawn by matplotlib, which is imported only then."""

from route.staticmap.output import FORMATS, Picture, format_of, picture
from route.staticmap.sizes import NAMED, Size, parse_size

__all__ = ["FORMATS", "NAMED", "Picture", "Size", "format_of", "parse_size", "picture"]
