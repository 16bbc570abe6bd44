"""The basemap that maps share: outlines of land, lakes and borders, and the names to write on them."""
