"""Building of networks: healing, countries, links, the register of lines."""
