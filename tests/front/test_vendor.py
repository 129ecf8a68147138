"""The vendored files are the ones VENDOR.md names, byte for byte, and none is there without a line of its own."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "static" / "vendor"
ROWS = re.findall(
    r"^\| (\S+) \| ([^|]+) \| (\S+) \| (\S+) \| ([^|]+) \| (\S+) \|$",
    (VENDOR / "VENDOR.md").read_text(),
    re.M,
)[1:]


@pytest.mark.parametrize(("file", "digest"), [(row[0], row[5]) for row in ROWS])
def test_the_hash_is_the_one_written_down(file: str, digest: str) -> None:
    content = (ROOT / file).read_bytes()
    assert base64.b64encode(hashlib.sha384(content).digest()).decode() == digest


def test_every_vendored_file_is_written_down() -> None:
    present = {str(path.relative_to(ROOT)) for path in VENDOR.rglob("*") if path.suffix in {".js", ".woff2"}}
    assert present == {row[0] for row in ROWS if row[0].startswith("static/")}


@pytest.mark.parametrize("licence", sorted({row[4] for row in ROWS if row[4].startswith("licences/")}))
def test_the_licence_text_lies_beside_it(licence: str) -> None:
    assert (VENDOR / licence).read_text().strip()


def test_htmx_is_the_version_the_pages_were_written_for() -> None:
    assert 'version="4.0.1"' in (VENDOR / "htmx.min.js").read_text()
