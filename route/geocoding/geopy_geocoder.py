"""The offline gazetteer in the clothes of a geopy geocoder, for programs that speak geopy already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geopy.exc import GeocoderQueryError
from geopy.geocoders.base import DEFAULT_SENTINEL, Geocoder
from geopy.location import Location

from route.errors import AmbiguousPlaceError, InputError, PlaceNotFoundError
from route.gazetteer import Gazetteer, open_gazetteer
from route.geocoding.resolving import resolve

if TYPE_CHECKING:
    from route.places import Place

__all__ = ["GazetteerGeocoder"]


class GazetteerGeocoder(Geocoder):  # type: ignore[misc]  # geopy has no types
    """Geocoder of geopy that needs no network: curated places and the towns of GeoNames.

    Parameters
    ----------
    gazetteer : Gazetteer or None
        The towns; ``None`` for those that come with the package.
    pick : str
        ``best`` takes the likeliest place of a name, as geocoders do; ``clear`` takes one only if it is
        clearly meant, and finds nothing otherwise.

    Examples
    --------
    >>> from route.geocoding.geopy_geocoder import GazetteerGeocoder
    >>> GazetteerGeocoder().geocode("København").raw["country"]
    'DK'
    """

    def __init__(self, gazetteer: Gazetteer | None = None, *, pick: str = "best") -> None:
        super().__init__()
        self.gazetteer = gazetteer or open_gazetteer()
        self.pick = pick

    def geocode(
        self,
        query: str,
        *,
        exactly_one: bool = True,
        timeout: Any = DEFAULT_SENTINEL,  # noqa: ARG002 - geopy passes it to all
    ) -> Location | list[Location] | None:
        """Return a location by its name.

        Parameters
        ----------
        query : str
            A name in any language, with its country or state behind it if that is needed.
        exactly_one : bool
            Whether to return the likeliest location only.
        timeout : object
            Without effect: nothing is waited for.

        Returns
        -------
        geopy.location.Location, list of them, or None
            The location; all that bear the name, likeliest first; ``None`` if there is none.

        Raises
        ------
        GeocoderQueryError
            If the name cannot be read.
        """
        try:
            found = resolve([query], pick=self.pick, gazetteer=self.gazetteer)[0]
        except (PlaceNotFoundError, AmbiguousPlaceError):
            return None
        except InputError as error:
            raise GeocoderQueryError(str(error)) from error
        locations = [self._location(candidate.place) for candidate in found.candidates]
        return locations[0] if exactly_one else locations

    def reverse(
        self,
        query: Any,
        *,
        exactly_one: bool = True,
        timeout: Any = DEFAULT_SENTINEL,  # noqa: ARG002 - geopy passes it to all
    ) -> Location | list[Location]:
        """Return the town nearest to a position.

        Parameters
        ----------
        query : geopy.point.Point, (latitude, longitude) or str
            The position, WGS 84.
        exactly_one : bool
            Whether to return the location itself, not in a list.
        timeout : object
            Without effect: nothing is waited for.

        Returns
        -------
        geopy.location.Location or list of it
            The town.

        Raises
        ------
        GeocoderQueryError
            If the position cannot be read.
        """
        try:
            lat, lon = (float(part) for part in self._coerce_point_to_string(query).split(","))
        except (ValueError, TypeError) as error:
            raise GeocoderQueryError(f"No position: {error}") from error
        town, _ = self.gazetteer.nearest(lat, lon)
        place = resolve([f"geonames:{town.geonameid}"], gazetteer=self.gazetteer)[0].place
        location = self._location(place)
        return location if exactly_one else [location]

    def _location(self, place: Place) -> Location:
        address = ", ".join(filter(None, (place.name, self.gazetteer.country_name(place.country))))
        raw = {
            "id": place.id,
            "name": place.name,
            "lat": place.lat,
            "lon": place.lon,
            "country": place.country,
            "timezone": place.timezone,
            "kind": place.kind,
            "source": place.source,
        }
        return Location(address, (place.lat, place.lon), raw)
