"""What part of the globe a picture shows, in which projection, and where on the picture a point of it lies.

Projections follow Snyder, "Map Projections: A Working Manual" (USGS PP 1395, 1987): the conformal conic for middle
latitudes, Mercator along the equator, Robinson's for journeys a quarter round the globe, on which a conic would turn
the ends against each other, and the azimuthal equal-area where the pole is near.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyproj

from route.geodesy import distance_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Rect", "ScaleBar", "View", "around", "fit", "proportion", "scale_bar"]

EARTH_M = 6_371_007.0  # radius of the sphere with the area of the WGS 84 ellipsoid
_LEAST_M = 9_000.0  # a narrower view would show nothing but the route
_WIDEST_CONIC_DEG = 34.0  # beyond this radius a conic is torn open in the corners
_HIGHEST_CONIC_DEG = 76.0
_EQUATORIAL_DEG, _HIGHEST_MERCATOR_DEG = 13.0, 42.0
_LONG_DEG, _HIGHEST_LONG_DEG = (
    75.0,
    68.0,
)  # longitudes from which, and latitude up to which, Robinson's is taken
_EDGE_DEG = 86.0  # latitude that the map of the world ends at


class Rect(NamedTuple):
    """A rectangle of the picture, in pixels from its lower left corner.

    Parameters
    ----------
    left, bottom, right, top : float
        Its sides.
    """

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """Width, in pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height, in pixels."""
        return self.top - self.bottom

    def grown(self, pixels: float) -> Rect:
        """Rectangle with every side moved outwards.

        Parameters
        ----------
        pixels : float
            By how much; negative moves inwards.

        Returns
        -------
        Rect
            The other rectangle.
        """
        return Rect(self.left - pixels, self.bottom - pixels, self.right + pixels, self.top + pixels)


@dataclass(frozen=True, eq=False)
class View:
    """A projection and the rectangle of the picture that it fills.

    Parameters
    ----------
    projection : str
        Definition for PROJ, with `lon_0` and `lat_0` or `lat_ts` near the middle.
    rect : Rect
        Where on the picture.
    middle : tuple of (float, float)
        Projected coordinates, in metres, of the middle of the rectangle.
    metres : float
        Projected metres in a pixel.
    globe : bool
        Whether nothing beyond the hemisphere around the centre is shown.
    """

    projection: str
    rect: Rect
    middle: tuple[float, float]
    metres: float
    globe: bool = False

    @cached_property
    def _proj(self) -> pyproj.Proj:
        return pyproj.Proj(self.projection)

    def to_px(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points of the globe on the picture.

        Parameters
        ----------
        lonlat : ndarray of shape (n, 2)
            Degrees, WGS 84.

        Returns
        -------
        ndarray of shape (n, 2)
            Pixels; infinite where the projection has no place for a point.
        """
        x, y = self._proj(lonlat[:, 0], np.clip(lonlat[:, 1], -90.0, 90.0))
        centre = (self.rect.left + self.rect.right) / 2, (self.rect.bottom + self.rect.top) / 2
        points = np.column_stack([x, y])
        return np.asarray((points - self.middle) / self.metres + centre, dtype=np.float64)

    def to_lonlat(self, px: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points of the picture on the globe.

        Parameters
        ----------
        px : ndarray of shape (n, 2)
            Pixels.

        Returns
        -------
        ndarray of shape (n, 2)
            Degrees, WGS 84, longitudes -180 to 180; infinite outside the world.
        """
        centre = (self.rect.left + self.rect.right) / 2, (self.rect.bottom + self.rect.top) / 2
        x, y = ((px - centre) * self.metres + self.middle).T
        return np.column_stack(self._proj(x, y, inverse=True))

    @cached_property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of the middle of the rectangle, in degrees."""
        lon, lat = self._proj(*self.middle, inverse=True)
        return float(lon), float(lat)

    @property
    def origin_lon(self) -> float:
        """Longitude that the projection is centred on, in degrees."""
        word = next(word for word in self.projection.split() if word.startswith("+lon_0="))
        return float(word.removeprefix("+lon_0="))

    def samples(self, count: int = 25) -> NDArray[np.float64]:
        """Points of the globe spread evenly over the rectangle.

        Parameters
        ----------
        count : int
            How many along each side.

        Returns
        -------
        ndarray of shape (n, 2)
            Degrees, WGS 84; what lies outside the world is left out.
        """
        rect = self.rect
        x, y = np.meshgrid(
            np.linspace(rect.left, rect.right, count), np.linspace(rect.bottom, rect.top, count)
        )
        found = self.to_lonlat(np.column_stack([x.ravel(), y.ravel()]))
        return found[np.all(np.isfinite(found), axis=1)]

    def outline(self, count: int = 40) -> NDArray[np.float64]:
        """Border of the rectangle on the globe.

        Parameters
        ----------
        count : int
            Points to a side.

        Returns
        -------
        ndarray of shape (n, 2)
            Degrees, WGS 84, once round; what lies outside the world is left out.
        """
        left, bottom, right, top = self.rect
        corners = np.array([(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)])
        share = np.linspace(0, 1, count, endpoint=False)[:, None]
        sides = [a + share * (b - a) for a, b in pairwise(corners)]
        found = self.to_lonlat(np.concatenate(sides))
        return found[np.all(np.isfinite(found), axis=1)]

    @property
    def radius_deg(self) -> float:
        """Angle on the globe between the middle of the view and its corners, in degrees, for equal area."""
        half = math.hypot(self.rect.width, self.rect.height) / 2 * self.metres
        return 2 * math.degrees(math.asin(min(half / (2 * EARTH_M), 1.0)))

    def shows(self, lon: float, lat: float) -> bool:
        """Whether a point of the globe is in the view.

        Parameters
        ----------
        lon, lat : float
            Degrees, WGS 84.

        Returns
        -------
        bool
            True inside the rectangle.
        """
        ((x, y),) = self.to_px(np.array([[lon, lat]]))
        return bool(self.rect.left <= x <= self.rect.right and self.rect.bottom <= y <= self.rect.top)


def proportion(route: NDArray[np.float64]) -> float:
    """Width of a route over its height.

    Parameters
    ----------
    route : ndarray of shape (n, 2)
        (lon, lat) in degrees, without jumps at the antimeridian.

    Returns
    -------
    float
        1 for a route that is as wide as it is high, or a point.
    """
    west_east, south_north = np.ptp(route, axis=0)
    width = west_east * math.cos(math.radians(float(route[:, 1].mean())))
    least = max(width, south_north) * 0.01 or 1.0
    return float(max(width, least) / max(south_north, least))


def _equal_area(lon: float, lat: float) -> str:
    return f"+proj=laea +lat_0={lat:.4f} +lon_0={lon:.4f} +datum=WGS84 +units=m"


def _middle(route: NDArray[np.float64]) -> tuple[float, float]:
    """Middle of what the route spans, as longitude and latitude."""
    lon, lat = np.radians(route).T
    vector = np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]).mean(axis=1)
    centre = (
        math.degrees(math.atan2(vector[1], vector[0])),
        math.degrees(math.atan2(vector[2], math.hypot(*vector[:2]))),
    )
    for _ in range(3):
        proj = pyproj.Proj(_equal_area(*centre))
        points = np.column_stack(proj(route[:, 0], route[:, 1]))
        points = points[np.all(np.isfinite(points), axis=1)]
        x, y = (points.min(axis=0) + points.max(axis=0)) / 2
        lon0, lat0 = proj(x, y, inverse=True)
        if not (math.isfinite(lon0) and math.isfinite(lat0)):
            break
        centre = (float(lon0), float(lat0))
    return centre


def _framed(projection: str, route: NDArray[np.float64], rect: Rect, inner: Rect) -> View:
    """View in which the route fills the inner rectangle."""
    points = np.column_stack(pyproj.Proj(projection)(route[:, 0], route[:, 1]))
    points = points[np.all(np.isfinite(points), axis=1)]
    low, high = points.min(axis=0), points.max(axis=0)
    metres = max(*((high - low) / (inner.width, inner.height)), _LEAST_M / min(inner.width, inner.height))
    # The middle of the route comes to the middle of the inner rectangle, which need not be that of the outer.
    shift = np.array([(inner.left + inner.right - rect.left - rect.right) / 2,
                      (inner.bottom + inner.top - rect.bottom - rect.top) / 2])  # fmt: skip
    middle = (low + high) / 2 - shift * metres
    return View(projection, rect, (float(middle[0]), float(middle[1])), float(metres))


def _across(route: NDArray[np.float64], rect: Rect, inner: Rect) -> View | None:
    """View of a journey far round the globe; none if the frame would show more than the world."""
    middle = (route[:, 0].min() + route[:, 0].max()) / 2
    view = _framed(f"+proj=robin +lon_0={middle:.4f} +datum=WGS84 +units=m", route, rect, inner)
    proj = pyproj.Proj(view.projection)
    top = proj(middle, _EDGE_DEG)[1]
    spare = top - rect.height / 2 * view.metres
    half_deg = 180.0 * rect.width / 2 * view.metres / proj(middle + 179.999, 0.0)[0]
    # Robinson's map is narrower towards the poles: further out the frame would show what is not there.
    if spare < 0 or half_deg > 100.0:
        return None
    return View(view.projection, rect, (view.middle[0], min(max(view.middle[1], -spare), spare)), view.metres)


def fit(route: NDArray[np.float64], rect: Rect, inner: Rect) -> View:
    """View of a route.

    Parameters
    ----------
    route : ndarray of shape (n, 2)
        (lon, lat) in degrees, WGS 84, vertices close enough to each other to be drawn as they are.
    rect : Rect
        Where on the picture the map is.
    inner : Rect
        The part of it that the route is to fill.

    Returns
    -------
    View
        The projection that fits the place and the width of what is shown, and its scale.
    """
    lon, lat = _middle(route)
    view = _framed(_equal_area(lon, lat), route, rect, inner)
    if np.ptp(route[:, 0]) > _LONG_DEG and np.abs(route[:, 1]).max() < _HIGHEST_LONG_DEG:
        across = _across(route, rect, inner)
        if across is not None:
            return across
    seen = view.samples(9)
    south, north = float(seen[:, 1].min()), float(seen[:, 1].max())
    wide = view.radius_deg > _WIDEST_CONIC_DEG
    if not wide and abs(lat) < _EQUATORIAL_DEG and max(-south, north) < _HIGHEST_MERCATOR_DEG:
        mercator = f"+proj=merc +lon_0={lon:.4f} +lat_ts={lat:.4f} +datum=WGS84 +units=m"
        return _framed(mercator, route, rect, inner)
    if not wide and abs(lat) >= _EQUATORIAL_DEG and max(-south, north) < _HIGHEST_CONIC_DEG:
        sixth = (north - south) / 6
        conic = (
            f"+proj=lcc +lat_1={south + sixth:.4f} +lat_2={north - sixth:.4f} +lat_0={lat:.4f} +lon_0={lon:.4f} "
            "+datum=WGS84 +units=m"
        )
        if abs(south + north) > 10.0:
            return _framed(conic, route, rect, inner)
    return view


def around(lon: float, lat: float, rect: Rect, radius_m: float) -> View:
    """View of the surroundings of a point, or of its hemisphere.

    Parameters
    ----------
    lon, lat : float
        The point, in degrees, WGS 84.
    rect : Rect
        Where on the picture.
    radius_m : float
        From the point to the nearer sides, in metres; infinity for the hemisphere.

    Returns
    -------
    View
        Azimuthal equal-area around the point.
    """
    globe = math.isinf(radius_m)
    reach = math.sqrt(2) * EARTH_M if globe else radius_m
    return View(_equal_area(lon, lat), rect, (0.0, 0.0), reach / (min(rect.width, rect.height) / 2), globe)


class ScaleBar(NamedTuple):
    """A scale bar.

    Parameters
    ----------
    length_m : float
        Length on the ground: 1, 2 or 5 and zeros.
    pixels : float
        Length on the picture.
    """

    length_m: float
    pixels: float


def scale_bar(view: View, longest_px: float) -> ScaleBar:
    """Scale bar that is true across the middle of a view.

    Parameters
    ----------
    view : View
        The view.
    longest_px : float
        Its greatest length on the picture.

    Returns
    -------
    ScaleBar
        The longest round one, as the geodesic between its ends centred in the view.
    """
    x, y = (view.rect.left + view.rect.right) / 2, (view.rect.bottom + view.rect.top) / 2

    def ground_m(pixels: float) -> float:
        (a, b) = view.to_lonlat(np.array([[x - pixels / 2, y], [x + pixels / 2, y]]))
        return distance_m(float(a[0]), float(a[1]), float(b[0]), float(b[1]))

    most = ground_m(longest_px)
    power = 10.0 ** math.floor(math.log10(most))
    length = max(step * power for step in (1.0, 2.0, 5.0) if step * power <= most)
    pixels = longest_px * length / most
    for _ in range(5):
        pixels *= length / ground_m(pixels)
    return ScaleBar(length, pixels)
