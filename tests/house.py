"""The laws of the house, each a small function from the tree to sentences. tests/test_house.py holds them."""

import ast
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

APPS = ("designer", "runs", "choreo_site")
# The longest matching name decides. What is not named stands with the actions.
FLOORS = {
    "designer.dataflow": -1,
    "designer.graph": 0,
    "designer.catalog": 1,
    "designer.interop": 1,
    "runs.engine": 1,
    "runs.simulation": 2,
    "designer.ids": 2,
    "designer.models": 2,
    "designer.migrations": 2,
    "runs.models": 2,
    "runs.migrations": 2,
    "designer": 3,
    "runs": 3,
    **{
        f"{app}.{room}": 4
        for app in ("designer", "runs")
        for room in (
            "forms",
            "views",
            "api",
            "live",
            "queue",
            "urls",
            "apps",
            "templatetags",
            "steps",
            "admin",
        )
    },
    # A command is an entrance: it stands on the roof, whichever app it belongs to.
    "designer.management": 5,
    "runs.management": 5,
    "choreo_site": 5,
}
PURE = (
    "designer.dataflow", "designer.graph", "designer.catalog", "designer.interop.asl", "runs.engine", "runs.simulation",
)  # fmt: skip
IMPURE = {
    "channels", "django", "django_q", "glob", "httpx", "io", "logging", "multiprocessing", "os", "pathlib", "random",
    "requests", "secrets", "shutil", "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time",
}  # fmt: skip
EXCUSED = {"designer.dataflow.recursing": {"sys", "threading"}}  # takes back what a library does
IMPURE_CALLS = {"open", "print", "input", "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
                "uuid.uuid1", "uuid.uuid4", "uuid.uuid7", "uuid1", "uuid4", "uuid7"}  # fmt: skip
LANGUAGES = {  # libraries that evaluate what strangers write, each with the one file that bounds it
    "cel_expr_python": "designer.graph.expressions",
    "jsonata": "designer.dataflow.jsonata",
    "re2": "designer.dataflow.jsonata",
}
GUESTS = {"django_q": ("runs.queue",), "channels": ("runs.live", "choreo_site.asgi")}
# Who writes rows; and who writes those that tell of a run: `advance` by its record, `start_run` the first one, and
# in the end retention takes them away.
WRITERS = {"designer": ("designer.actions", "designer.drafts"), "runs": ("runs.actions", "runs.models")}
RUN_WRITERS = ("runs.actions.record", "runs.actions.start", "runs.actions.retention")
WRITE = r"\.(?:a?save|a?create|a?delete|bulk_create|bulk_update|get_or_create|update_or_create)$"
WRITES_ROWS = re.compile(
    rf"{WRITE}|(?:\.objects\b|\.filter\(|\.exclude\().*\.update$|\btrip\.(?:insert|update|delete)"
)
WRITES_RUNS = re.compile(
    r"^(?:Run|StepRun|JournalEntry)\.objects\b.*|\brun\.(?:save|delete)$|\.(?:step_runs|journal)\b.*",
    re.DOTALL,
)
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_VIEW = 350, 45, 15
FORBIDDEN = re.compile(r"^(utils?|helpers?|common|base|managers?|services?|handlers?)$")
WRONG_WORDS = {"task": "step", "tasks": "steps", "job": "run", "jobs": "runs"}
# Spelled apart, or this file would break its own law.
UNFINISHED = re.compile("|".join((r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b", r"\bXX" + r"X\b", "NotImplemented" + "Error",
                                  r"mark\.(sk" + "ip|xf" + r"ail)\b", r"pytest\.sk" + r"ip\(")))  # fmt: skip
ELSEWHERE = re.compile("|".join((
    r"(?:^|[^a-z.\w])/(?:wo" + "rk|fa" + "rm|ro" + "ot|tmp/bash_" + "jobs)/",
    "pypi" + r"\.org", "python" + r"hosted\.org", "registry\\." + "npmjs", "deb\\." + "debian", "--index" + "-url",
    r"https?://\S+\.(?:whl|tar\.gz|tgz)\b", '"resol' + 'ved":',
)))  # fmt: skip
TEMPLATE_LAWS = {
    re.compile(r"\sstyle\s*="): "has a style attribute; the policy forbids it: use a class",
    re.compile(r"<style\b"): "has a <style> element; the policy forbids it: use static/css",
    re.compile(r"<script(?![^>]*\bsrc=)"): "has an inline script; the policy forbids it: use static/js",
    re.compile(r"\shx-on\b"): "uses hx-on, which needs eval: use static/js",
    re.compile(r"""["'\s](?:java)?(?:js|script):"""): "runs script from an attribute: use static/js",
    re.compile(r"\son[a-z]+\s*="): "has an event attribute; the policy forbids it: use static/js",
    re.compile(
        r"""hx-trigger\s*=\s*["'][^"']*\["""
    ): "filters a trigger in [], which needs eval: use static/js",
}


@dataclass(frozen=True)
class Import:
    """One imported module, or a name imported from one."""

    module: str
    name: str
    line: int
    in_function: bool = False
    for_types: bool = False


@dataclass(frozen=True)
class Module:
    """One Python file of ours."""

    root: Path
    path: Path

    @property
    def place(self) -> str:
        return str(self.path.relative_to(self.root))

    @cached_property
    def name(self) -> str:
        return self.place.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=self.place)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def imports(self) -> list[Import]:
        return list(self.find_imports(self.tree, in_function=False, for_types=False))

    def find_imports(self, node: ast.AST, *, in_function: bool, for_types: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(alias.name, "", child.lineno, in_function, for_types)
            elif isinstance(child, ast.ImportFrom):
                for alias in child.names:
                    yield Import(self.absolute(child), alias.name, child.lineno, in_function, for_types)
            else:
                inside = in_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
                types = for_types or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test))
                yield from self.find_imports(child, in_function=inside, for_types=types)

    def absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name.split(".")
        if self.path.name == "__init__.py":
            package.append("")
        return ".".join([*package[: -node.level], *([node.module] if node.module else [])])

    def target(self, found: Import) -> str:
        """What is imported: `from a.b import c` is the module a.b.c, unless a.b offers a `c` at its door."""
        deeper = f"{found.module}.{found.name}"
        if not found.name or not is_module(self.root, deeper):
            return found.module
        offered = not self.within(found.module) and found.name in names_at_door(self.root, found.module)
        return found.module if offered else deeper

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        yield from (node for node in self.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def within(self, *rooms: str) -> bool:
        return is_within(self.name, *rooms)


def is_within(name: str, *rooms: str) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


@cache
def is_module(root: Path, name: str) -> bool:
    path = root / name.replace(".", "/")
    return path.with_suffix(".py").exists() or path.is_dir()


@cache
def names_at_door(root: Path, package: str) -> set[str]:
    """The names a package's __init__ imports: what it offers at its door."""
    door = root / package.replace(".", "/") / "__init__.py"
    if not door.exists():
        return set()
    offered = Module(root, door).imports
    return {found.name for found in offered if found.name}


def room_of(name: str) -> tuple[str, int]:
    """The room a module stands in, and its floor."""
    room = max((room for room in FLOORS if is_within(name, room)), key=len)
    return room, FLOORS[room]


def modules(root: Path) -> list[Module]:
    """Our product's Python; migrations are written by Django."""
    found = [path for app in APPS for path in sorted((root / app).rglob("*.py"))]
    return [Module(root, path) for path in found if "migrations" not in path.parts]


# --- the laws --------------------------------------------------------------------------------------------


def floors(tree: list[Module]) -> Iterator[str]:
    for module in tree:
        room, floor = room_of(module.name)
        for found in module.imports:
            target = module.target(found)
            if not is_within(target, *APPS):
                continue
            _, other_floor = room_of(target)
            if other_floor > floor:
                yield f"{module.place}:{found.line}: {room} (floor {floor}) imports {target} (floor {other_floor})."
            elif is_within(module.name, "designer") and is_within(target, "runs"):
                yield f"{module.place}:{found.line}: the designer imports {target}; only the reverse is allowed."


def circles(tree: list[Module]) -> Iterator[str]:
    known = {module.name for module in tree}
    uses = {
        module.name: {module.target(found) for found in module.imports if not found.for_types}
        & known - {module.name}
        for module in tree
    }
    # A package reaches out through its parts anyway; what goes round must go round without its own door.
    closed: set[str] = set()
    for start in uses:
        if start not in closed:
            yield from walk_round(start, uses, [], closed)


def walk_round(name: str, uses: dict[str, set[str]], path: list[str], closed: set[str]) -> Iterator[str]:
    if name in path:
        yield "Imports go in a circle: " + " -> ".join([*path[path.index(name) :], name]) + "."
        return
    if name in closed:
        return
    for used in sorted(uses[name]):
        yield from walk_round(used, uses, [*path, name], closed)
    closed.add(name)


def imports_at_the_top(tree: list[Module]) -> Iterator[str]:
    for module in tree:
        for found in module.imports:
            if found.in_function:
                yield f"{module.place}:{found.line}: imports {found.module} inside a function; put it at the top."


def purity(tree: list[Module]) -> Iterator[str]:
    for module in tree:
        for library in sorted({found.module.split(".")[0] for found in module.imports} & LANGUAGES.keys()):
            if not module.within(home := LANGUAGES[library]):
                yield f"{module.place}: imports {library}; only {home} does."
        if not module.within(*PURE):
            continue
        for found in module.imports:
            if found.module.split(".")[0] in IMPURE - EXCUSED.get(module.name, set()):
                yield f"{module.place}:{found.line}: a pure room imports {found.module}."
        for node in module.nodes:
            if isinstance(node, ast.Call) and (called := last_two(node.func)) in IMPURE_CALLS:
                yield f"{module.place}:{node.lineno}: a pure room calls {called}(); take the value as an argument."


def last_two(called: ast.expr) -> str:
    """`datetime.now`, however it was imported."""
    return ".".join(ast.unparse(called).split(".")[-2:])


def doors(tree: list[Module]) -> Iterator[str]:
    for module in tree:
        for found in module.imports:
            target = module.target(found)
            for room in PURE:
                if is_within(target, room) and target != room and not module.within(room):
                    yield f"{module.place}:{found.line}: enters {target} by the window; import it from {room}."


def guests(tree: list[Module]) -> Iterator[str]:
    for module in tree:
        for found in module.imports:
            allowed = GUESTS.get(found.module.split(".")[0])
            if allowed and not module.within(*allowed):
                yield f"{module.place}:{found.line}: imports {found.module}; only {' and '.join(allowed)} may."


def writing(tree: list[Module]) -> Iterator[str]:
    for module in tree:
        writers = WRITERS.get(module.name.split(".")[0], ())
        for call in calls(module) if writers else ():
            if not module.within(*writers) and WRITES_ROWS.search(ast.unparse(call.func)):
                yield f"{module.place}:{call.lineno}: writes rows; only {' and '.join(writers)} may."


def one_heart(tree: list[Module]) -> Iterator[str]:
    for module in tree:
        for call in calls(module) if module.within("runs.actions") else ():
            called = ast.unparse(call.func)
            if called == "Record" and not module.within("runs.actions.advance"):
                yield f"{module.place}:{call.lineno}: records a decision; only runs.actions.advance does."
            if not module.within(*RUN_WRITERS) and WRITES_ROWS.search(called) and about_a_run(call):
                yield f"{module.place}:{call.lineno}: changes a run; only runs.actions.advance does."


def calls(module: Module) -> Iterator[ast.Call]:
    yield from (node for node in module.nodes if isinstance(node, ast.Call))


def about_a_run(call: ast.Call) -> bool:
    table = ast.unparse(call.args[0]) if call.args else ""
    return table in ("Run", "StepRun", "JournalEntry") or bool(WRITES_RUNS.search(ast.unparse(call.func)))


def lengths(tree: list[Module]) -> Iterator[str]:
    for module in tree:
        lines = module.text.count("\n")
        if lines > LONGEST_FILE:
            yield f"{module.place}: {lines} lines; a file has at most {LONGEST_FILE}."
        for function in module.functions():
            if (size := body_length(function)) > LONGEST_FUNCTION:
                yield f"{module.place}:{function.lineno}: {function.name} has {size} lines, not {LONGEST_FUNCTION}."


def views(tree: list[Module]) -> Iterator[str]:
    for module in tree:
        if "views" not in module.name.split("."):
            continue
        for function in module.functions():
            first = function.args.args[:1]
            if first and first[0].arg == "request" and (size := body_length(function)) > LONGEST_VIEW:
                yield f"{module.place}:{function.lineno}: view {function.name} has {size} lines, not {LONGEST_VIEW}."


def body_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement to the last, without decorators, signature and docstring."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def words(name: str) -> list[str]:
    """The words of a name in snake_case or CamelCase."""
    return re.findall(r"[a-z0-9]+|[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", name)


def naming(tree: list[Module]) -> Iterator[str]:
    for module in tree:
        stem = module.path.parent.name if module.path.name == "__init__.py" else module.path.stem
        named = [(stem, 1)] + [
            (node.name, node.lineno) for node in module.nodes if isinstance(node, ast.ClassDef)
        ]
        for name, line in named:
            for word in words(name):
                if FORBIDDEN.match(word.lower()):
                    yield f"{module.place}:{line}: {name!r} says {word!r}, which says nothing: name what it is."
        named += [(function.name, function.lineno) for function in module.functions()]
        for name, line in named:
            for word in words(name):
                if word.lower() in WRONG_WORDS and not module.within("runs.queue"):
                    right = WRONG_WORDS[word.lower()]
                    yield f"{module.place}:{line}: {name!r} says {word!r}; our word is {right!r} (docs/glossary.md)."


def spelling(tree: list[Module]) -> Iterator[str]:
    wrong = re.compile(r"\bcancel(ed|ing|ation)\b|[_a-z]cancel(ed|ing)\b|\bCANCEL(ED|ING)\b")
    for module in tree:
        for number, line in enumerate(module.text.splitlines(), 1):
            if wrong.search(line):
                yield f"{module.place}:{number}: write cancelled, cancelling, cancellation."


def templates(root: Path) -> Iterator[str]:
    folders = [root / "templates", *(root / app for app in APPS)]
    for path in sorted(path for folder in folders for path in folder.rglob("*.html")):
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"))
        for number, line in enumerate(text.splitlines(), 1):
            for law, sentence in TEMPLATE_LAWS.items():
                if law.search(line):
                    yield f"{path.relative_to(root)}:{number}: {sentence}."


def texts(root: Path) -> Iterator[str]:
    """Nothing half done, and nothing that only this machine knows, in any file that is committed."""
    for place in tracked_files(root):
        try:
            text = (root / place).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        checks: list[tuple[re.Pattern[str], str]] = [
            (ELSEWHERE, "names a path of this machine or a registry")
        ]
        if place.endswith((".py", ".html", ".js", ".css")):
            checks.append((UNFINISHED, "is unfinished"))
        for law, sentence in checks:
            for match in law.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                yield f"{place}:{line}: {sentence}: {match.group().strip()!r}."


def tracked_files(root: Path) -> Iterable[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name and not name.startswith(VENDORED)]


VENDORED = ("static/vendor/", "tests/front/vendor/", "requirements")

LAWS: dict[str, Callable[[list[Module]], Iterator[str]]] = {
    "imports go down": floors,
    "no circles": circles,
    "imports stand at the top": imports_at_the_top,
    "pure rooms are pure": purity,
    "rooms are entered by their doors": doors,
    "guests stay in their rooms": guests,
    "actions write rows": writing,
    "one function changes a run": one_heart,
    "files and functions are short": lengths,
    "views are short": views,
    "names say what a thing is": naming,
    "cancelled is British": spelling,
}
TREE_LAWS: dict[str, Callable[[Path], Iterator[str]]] = {
    "templates keep the policy": templates,
    "committed texts are done and stand alone": texts,
}
