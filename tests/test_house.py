"""The laws of the house hold (tests/house.py has them), and each of them bites."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from textwrap import dedent

import pytest

from tests.house import APPS, LAWS, TREE_LAWS, Module, modules, words

ROOT = Path(__file__).resolve().parent.parent
TREE = modules(ROOT)


@pytest.mark.parametrize("law", LAWS)
def test_the_house_keeps(law: str):
    assert not (broken := list(LAWS[law](TREE))), "\n" + "\n".join(broken)


@pytest.mark.parametrize("law", TREE_LAWS)
def test_the_tree_keeps(law: str):
    assert not (broken := list(TREE_LAWS[law](ROOT))), "\n" + "\n".join(broken)


def test_what_the_product_imports_is_declared():
    """A package that happens to be here would be missing on a fresh machine."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["redis"]]
    declared = {distribution_name(re.split(r"[\[><=~!]", line)[0]) for line in lines}
    providers = packages_distributions()
    for module in TREE:
        for found in module.imports:
            top = found.module.split(".")[0]
            if top in sys.stdlib_module_names or top in APPS:
                continue
            names = {distribution_name(name) for name in providers.get(top, [])}
            assert names & declared, f"{module.place}:{found.line}: {top} is not in pyproject.toml."


def distribution_name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


# --- tests of the tests: one planted violation for each way to break a law ----------------------------------------


def planted(folder: Path, files: dict[str, str]) -> list[Module]:
    for place, text in files.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return modules(folder)


LONG = "def f():\n" + "    x = 1\n" * 46
LONG_VIEW = "def show(request):\n" + "    x = 1\n" * 16
# The law, the place, the text planted there; modules it names are made empty.
VIOLATIONS = [
    ("imports go down", "designer/models.py", "from designer import actions\n", "designer/actions.py"),
    ("imports go down", "runs/models/run.py", "import runs.views\n", "runs/views.py"),
    ("imports go down", "runs/actions/a.py", "from choreo_site.seeding import x\n", "choreo_site/seeding.py"),
    ("imports go down", "designer/actions.py", "from runs.queries import x\n", "runs/queries.py"),
    (
        "imports go down",
        "designer/graph/edits.py",
        "import designer.catalog\n",
        "designer/catalog/__init__.py",
    ),
    ("no circles", "runs/actions/a.py", "from . import a_too\n", "runs/actions/a_too.py"),
    ("imports stand at the top", "runs/queries.py", "def f():\n    import json\n", ""),
    ("pure rooms are pure", "designer/graph/model.py", "import random\n", ""),
    ("pure rooms are pure", "runs/engine/state.py", "from django.utils import timezone\n", ""),
    ("pure rooms are pure", "runs/engine/state.py", "import datetime\nnow = datetime.datetime.now()\n", ""),
    ("pure rooms are pure", "designer/catalog/registry.py", "def f():\n    print(1)\n", ""),
    ("pure rooms are pure", "designer/graph/checks.py", "import cel_expr_python\n", ""),
    ("pure rooms are pure", "designer/dataflow/working.py", "from jsonata import Jsonata\n", ""),
    ("imports go down", "designer/dataflow/a.py", "import designer.graph\n", "designer/graph/__init__.py"),
    ("rooms are entered by their doors", "designer/actions.py", "import designer.graph.model\n", ""),
    (
        "rooms are entered by their doors",
        "runs/queries.py",
        "from runs.engine import s\n",
        "runs/engine/s.py",
    ),
    ("guests stay in their rooms", "runs/actions/start.py", "from django_q.conf import Conf\n", ""),
    ("guests stay in their rooms", "runs/views/page.py", "import channels.layers\n", ""),
    ("actions write rows", "runs/views/page.py", "Review.objects.filter(pk=1).update(title='x')\n", ""),
    ("actions write rows", "designer/forms.py", "draft.save(update_fields=['header'])\n", ""),
    ("one function changes a run", "runs/actions/a.py", "StepRun.objects.filter(no=1).update(no=2)\n", ""),
    (
        "one function changes a run",
        "runs/actions/a.py",
        "trip.update(Run, {'id': 1}, {'seq': 2})\n",
        "",
    ),
    ("one function changes a run", "runs/actions/a.py", "review.run.save(update_fields=['status'])\n", ""),
    ("one function changes a run", "runs/actions/a.py", "Record(run).write(state)\n", ""),
    ("files and functions are short", "runs/queries.py", "x = 1\n" * 351, ""),
    ("files and functions are short", "runs/queries.py", LONG, ""),
    ("views are short", "runs/views/page.py", LONG_VIEW, ""),
    ("names say what a thing is", "runs/utils.py", "", ""),
    ("names say what a thing is", "runs/run_helpers.py", "", ""),
    ("names say what a thing is", "designer/models.py", "class DraftManager:\n    pass\n", ""),
    ("names say what a thing is", "designer/actions.py", "def start_task():\n    pass\n", ""),
    ("cancelled is British", "runs/models.py", "cance" + "led = 1\n", ""),
]


@pytest.mark.parametrize(("law", "place", "text", "beside"), VIOLATIONS)
def test_a_law_bites(law: str, place: str, text: str, beside: str, tmp_path: Path):
    back = "from runs.actions.a import x\n" if law == "no circles" else ""
    broken = list(LAWS[law](planted(tmp_path, {place: text} | ({beside: back} if beside else {}))))
    assert len(broken) == 1
    assert broken[0].endswith(".")


TEMPLATE_VIOLATIONS = [
    '<p style="color: red">',
    "<style>p {}</style>",
    "<script>alert(1)</script>",
    '<div hx-on:click="x()">',
    "<div hx-vals='js:{a: 1}'>",
    '<a href="javascript:x()">',
    '<button onclick="x()">',
    '<div hx-trigger="click[ctrlKey]">',
]


@pytest.mark.parametrize("line", TEMPLATE_VIOLATIONS)
def test_a_template_law_bites(line: str, tmp_path: Path):
    planted(tmp_path, {"templates/page.html": f"<p>fine</p>\n{line}\n"})
    broken = list(TREE_LAWS["templates keep the policy"](tmp_path))
    assert len(broken) == 1
    assert broken[0].startswith("templates/page.html:2: ")


def test_an_ordinary_template_is_left_alone(tmp_path: Path):
    planted(
        tmp_path,
        {
            "templates/page.html": '<script src="/static/a.js" defer></script>\n<p data-on="x" class="style">\n'
        },
    )
    assert list(TREE_LAWS["templates keep the policy"](tmp_path)) == []


@pytest.mark.parametrize(
    "text", ["# TO" + "DO later\n", "see /wo" + "rk/main\n", "pip install --index" + "-url x\n"]
)
def test_a_law_on_committed_texts_bites(text: str, tmp_path: Path):
    planted(tmp_path, {"runs/queries.py": text})
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    broken = list(TREE_LAWS["committed texts are done and stand alone"](tmp_path))
    assert len(broken) == 1
    assert broken[0].startswith("runs/queries.py:1: ")


def test_a_good_house_breaks_no_law(tmp_path: Path):
    tree = planted(
        tmp_path,
        {
            "designer/graph/__init__.py": "from .model import Graph\n",
            "designer/graph/model.py": "class Graph:\n    pass\n",
            "designer/actions.py": "from designer.graph import Graph\n",
            "runs/actions/start.py": "from designer.actions import Graph\n",
            "runs/management/commands/work.py": "from choreo_site.lifeline import watch\n",
            "choreo_site/lifeline.py": "watch = 1\n",
        },
    )
    assert [sentence for law in LAWS.values() for sentence in law(tree)] == []


def test_names_are_taken_apart():
    assert words("find_HTTPStepType2") == ["find", "HTTP", "Step", "Type2"]
