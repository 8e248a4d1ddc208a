"""Runs every check of the project and ends with a summary.

`--quick` leaves the tests out; `--soak` runs only those that take minutes. The quick ones run beside each other and
say something only when they fail; the tests show how far they are.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Check:
    """One tool, and what somebody does who has never met it when it says no."""

    name: str
    command: tuple[str, ...]
    when_failed: str


QUICK = (
    Check("format", ("ruff", "format", "--check"), "run: make format"),
    Check(
        "lint", ("ruff", "check"), "each message names file, line and rule; run: make format, mend the rest"
    ),
    Check("types", ("mypy",), "each message names file and line; the types there do not fit together"),
    Check(
        "imports", ("lint-imports",), "an import points up; the layers are in pyproject.toml, importlinter"
    ),
)
COLLECT = Check(
    # After this every process of the tests finds them compiled.
    "collect",
    ("pytest", "--collect-only", "-qq", "--no-summary"),
    "a test cannot be imported; the message names the file",
)
TESTS = Check(
    "tests",
    # Three for two cores, because many tests wait; files in the order that tests/conftest.py gives them.
    ("pytest", "-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"),
    "run one alone: .venv/bin/pytest tests/FILE.py -k NAME",
)
SOAK = (
    Check(
        "races",
        (
            "pytest",
            "-m",
            "soak",
            "--verbose",
            "--capture=no",
            "tests/browser",
            "tests/scenarios",
            "tests/services",
            "tests/web",
        ),
        "run one alone: .venv/bin/pytest -m soak -s tests/FILE.py -k NAME",
    ),
    Check(
        "sequences",
        ("pytest", "-m", "soak", "--verbose", "-n", "2", "--dist", "load", "tests/sequences"),
        "a failing sequence prints its steps; see tests/sequences",
    ),
)
BESIDE_EACH_OTHER = {"": (*QUICK, COLLECT), "--quick": QUICK, "--soak": ()}
ALONE = {"": (TESTS,), "--quick": (), "--soak": SOAK}

Done = tuple[Check, bool, float]
"""A check, whether it passed, and how many seconds it took."""


def run(check: Check, *, aside: bool = False) -> Done:
    """Run one check from the root of the project. `aside`: what it prints is shown at its end, if it failed."""
    program, *arguments = check.command
    title = f"\n=== {check.name}: {' '.join(check.command)}"
    if not aside:
        print(title, flush=True)
    started = time.monotonic()
    # What is compiled for one process is there for the next, whatever somebody set for themselves.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # noqa: TID251
    done = subprocess.run(
        [str(PROGRAMS / program), *arguments],
        cwd=ROOT,
        env=kept,
        check=False,
        text=True,
        stdout=subprocess.PIPE if aside else None,
        stderr=subprocess.STDOUT if aside else None,
    )
    if aside and done.returncode:
        print(f"{title}\n{done.stdout}", flush=True)
    return check, done.returncode == 0, time.monotonic() - started


def main(arguments: list[str]) -> int:
    """Run the checks, print the summary; 0 when all passed, 1 when any failed."""
    asked = " ".join(arguments)
    with ThreadPoolExecutor() as pool:
        beside = {check: pool.submit(run, check, aside=True) for check in BESIDE_EACH_OTHER[asked]}
        if COLLECT in beside:
            # Then all is compiled, and the tests need not wait for who still looks at the types.
            beside[COLLECT].result()
        alone = [run(check) for check in ALONE[asked]]
    results = [*(done.result() for done in beside.values()), *alone]
    print("\n=== Summary")
    for check, passed, seconds in results:
        print(f"  {check.name:<9} {'passed' if passed else 'FAILED'} {seconds:6.1f} s")
        if not passed:
            print(f"           what to do: {check.when_failed}")
    failed = [check.name for check, passed, _ in results if not passed]
    print(f"\n{'Failed: ' + ', '.join(failed) if failed else 'All checks passed.'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
