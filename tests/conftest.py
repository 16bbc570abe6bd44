"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# Hypothesis fails an example that takes a fifth of a second, which says how busy the machine is and nothing more.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
