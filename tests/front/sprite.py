"""The names of the symbols in static/icons.svg."""

import re
from pathlib import Path

SPRITE = Path(__file__).parents[2] / "static" / "icons.svg"
ICONS = frozenset(re.findall(r'<symbol id="([\w-]+)"', SPRITE.read_text()))
