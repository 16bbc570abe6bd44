"""The command line as ``python -m route``."""

from __future__ import annotations

import sys

from route.cli import main

if __name__ == "__main__":
    sys.exit(main())
