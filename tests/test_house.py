"""The rules of the house that no other tool checks."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PURE = ("domain", "conversations")
LONGEST_FILE = 400

# The pure half may not wait, ask the time, draw lots or look around.
IMPURE_STANDARD_MODULES = {
    "asyncio",
    "os",
    "random",
    "secrets",
    "socket",
    "sqlite3",
    "subprocess",
    "threading",
    "time",
}

# The brackets keep this file from containing what it forbids.
REGISTRIES = r"pypi[.]org|pythonhosted[.]org|npmjs[.]|yarnpkg[.]com|anaconda[.]org|crates[.]io|rubygems[.]org"
FOLDERS = r"(?<![\w.])/([w]ork/|[r]oot/|[t]mp/\w|[h]ome/\w|[U]sers/\w|[o]pt/(pypi|wheels))"
FORBIDDEN_TEXT = re.compile(f"{REGISTRIES}|{FOLDERS}")
LATER = re.compile(r"\b(TO[D]O|FIX[M]E|NotImplemented[E]rror)\b")
NOT_OURS = {".git", ".venv", "data", "build", "dist", "node_modules"}


# Where a secret is opened, and why nobody sees it there without a trace.
OPENS_SECRETS = {
    "people.py": "the phone of a colleague, for the coordinator who keeps it",
    "passkeys.py": "what somebody called their own passkey, for themselves",
    "service_accounts.py": "what somebody called a program, for who gives access",
    "unit_doors.py": "address, key and contacts of a unit, for who keeps it; every look is audited",
    "offer.py": "what a region file says of a door, as keyed digests: what it said before is not taken over again",
    "page_contents.py": "what pages show; every look at a page is audited",
    "chat.py": "how far the talk is that somebody has",
    "situation.py": "the phone of the coordinator on call, for the desk",
    "night_list_making.py": "addresses and numbers for the paper of the desk, sealed again at once; never a key",
    "night_lists.py": "that paper, for who is on duty; every look is audited",
    "incoming.py": "from which message of the chat something came",
    "reception.py": "what was tapped or typed, and of that only choices, numbers and known words go on",
    "replies.py": "what was kept of it",
    "sql_rows.py": "sealing",
    "views.py": "what the chat of an account must show, for the account itself",
    "sending.py": "the number of the chat that is written to",
}


def modules(*folders: str) -> list[Path]:
    found = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    assert found
    return found


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def texts() -> Iterator[tuple[Path, str]]:
    """Every file of the project that is text: as git knows them, or else by walking the tree."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        listed = ""
    paths = [ROOT / name for name in listed.split("\0") if name] or list(walk(ROOT))
    for path in paths:
        if path.is_file():
            try:
                yield path, path.read_text("utf-8")
            except UnicodeDecodeError:
                continue


def walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name not in NOT_OURS and not path.name.endswith(("cache", "cache__", ".egg-info")):
                yield from walk(path)
        else:
            yield path


def imported(path: Path) -> set[str]:
    """The first names of everything a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_every_module_says_first_what_belongs_in_it() -> None:
    silent = [
        path
        for path in modules("src", "bot", "tests")
        if not (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split("\n")[0].strip()
    ]
    assert names(silent) == []


def test_every_package_is_importable_by_name() -> None:
    folders = {path.parent for path in modules("src/crisispool", "bot") if "migrations" not in path.parts}
    assert names(sorted(folder for folder in folders if not (folder / "__init__.py").exists())) == []


def test_no_module_grew_too_long_to_read() -> None:
    long = [
        path for path in modules("src", "bot") if len(path.read_text("utf-8").splitlines()) > LONGEST_FILE
    ]
    assert names(long) == []


def test_nothing_is_left_for_later() -> None:
    assert names([path for path in modules("src", "bot") if LATER.search(path.read_text("utf-8"))]) == []


def test_the_pure_half_imports_only_harmless_parts_of_the_standard_library() -> None:
    harmless = (sys.stdlib_module_names - IMPURE_STANDARD_MODULES) | {"crisispool"}
    pure = [path for path in modules("src/crisispool") if path.relative_to(ROOT).parts[2] in PURE]
    strange = {str(path.relative_to(ROOT)): sorted(imported(path) - harmless) for path in pure}
    assert {path: found for path, found in strange.items() if found} == {}


def test_every_part_of_the_package_has_its_place_among_the_layers() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (arrow,) = (contract for contract in contracts if contract["id"] == "arrow")
    placed = set(re.findall(r"crisispool\.(\w+)", " ".join(arrow["layers"])))
    parts = {path.relative_to(ROOT).parts[2].removesuffix(".py") for path in modules("src/crisispool")}
    assert parts - placed == {"__init__", "__main__"}


def test_no_file_names_a_package_registry_or_a_folder_of_somebodys_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path, text in texts()
        for match in FORBIDDEN_TEXT.finditer(text)
    ]
    assert found == []


def test_secrets_are_opened_in_few_places_and_what_pages_show_is_read_in_one() -> None:
    opening, showing = set(), set()
    for path in modules("src", "bot"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "reveal":
                opening.add(path.name)
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "content_of"
            ):
                showing.add(path.name)
    assert opening == set(OPENS_SECRETS), (
        "a secret is opened somewhere else: say in OPENS_SECRETS who is told of it"
    )
    assert showing == {"pages.py"}
