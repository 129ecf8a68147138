"""What the README says is so: its code runs, its table has every setting, its links lead somewhere."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from designer import catalog
from designer.drafts import with_contracts
from designer.graph import check, decode, read_document

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(python|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SETTING = re.compile(r"^\| `(CHOREO_\w+)` \|.*\| (.*?) \|$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#]+)\)")
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
READERS = {"text", "number", "flag", "choice", "names", "apps", "get"}
# Between processes of our own; nobody sets it.
INTERNAL = {"CHOREO_LIFELINE_FD"}


def settings_read() -> Iterator[tuple[str, str | None]]:
    """Each variable that the code reads, with its default where that is plain."""
    for file in (ROOT / "choreo_site").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        plain = {
            node.targets[0].id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (name := variable_of(node)):
                yield name, default_of(node, plain)


def variable_of(call: ast.Call) -> str | None:
    """The variable that a call reads, if it reads one."""
    reads = isinstance(call.func, ast.Attribute) and call.func.attr in READERS
    first = call.args[0] if call.args else None
    named = isinstance(first, ast.Constant) and str(first.value).startswith("CHOREO_")
    return first.value if reads and named else None


def default_of(call: ast.Call, plain: dict[str, object]) -> str | None:
    """The default as the table writes it; None where it is worked out."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "flag" and len(call.args) == 1:
        return "0"
    if len(call.args) < 2:
        return None
    match call.args[1]:
        case ast.Constant(bool(said)):
            return str(int(said))
        case ast.Name(name) if name in plain:
            return str(plain[name])
        case ast.Constant(value):
            return str(value)
        case ast.BinOp() as product:
            return str(worked_out(product))
    return None


def worked_out(node: ast.expr) -> int:
    """A product such as 256 * 1024, a power such as 1024**2."""
    match node:
        case ast.Constant(int(value)):
            return value
        case ast.BinOp(left, ast.Mult(), right):
            return worked_out(left) * worked_out(right)
        case ast.BinOp(left, ast.Pow(), right):
            return worked_out(left) ** worked_out(right)
    raise ValueError(f"{ast.unparse(node)} is not worked out here.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the app that the README writes."""
    app = tmp_path / "parcels"
    app.mkdir()
    (app / "__init__.py").touch()
    for language, code in BLOCK.findall(README):
        if language == "python":
            place = re.match(r"# (parcels/\w+\.py)\n", code)
            assert place, "a block of Python in the README does not say which file it is"
            (tmp_path / place[1]).write_text(code, encoding="utf-8")
    return tmp_path


def python(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(folder), str(ROOT)))
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, **environ},
        capture_output=True,
        text=True,
    )


def test_the_tests_in_the_readme_pass(folder: Path):
    done = python(folder, "-m", "pytest", "-q", "--rootdir", str(folder), "-p", "no:django", "parcels")
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_the_app_in_the_readme_can_be_installed(folder: Path):
    done = python(folder, str(ROOT / "manage.py"), "check", CHOREO_APPS="parcels")
    assert done.returncode == 0, done.stderr


def test_the_definition_in_the_readme_has_no_problems(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(folder)
    definition = next(code for language, code in BLOCK.findall(README) if language == "yaml")
    with catalog.register_temporarily():
        __import__("parcels.steps")
        graph = with_contracts(decode(read_document(definition)))
        assert check(graph) == ()
    for name in [name for name in sys.modules if name.partition(".")[0] == "parcels"]:
        monkeypatch.delitem(sys.modules, name)


def test_the_table_has_every_setting_and_no_other():
    assert set(dict(SETTING.findall(README))) == {name for name, _ in settings_read()} - INTERNAL


@pytest.mark.parametrize(
    ("name", "default"),
    sorted({(name, default) for name, default in settings_read() if default is not None}),
)
def test_the_table_says_the_default(name: str, default: str):
    assert dict(SETTING.findall(README))[name] == f"`{default}`"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path):
    links = [link for link in LINK.findall(document.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_readme_leads_to_every_page_of_the_docs():
    pages = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.*")}
    assert pages <= set(LINK.findall(README))
