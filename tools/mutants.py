"""Break the book in one place at a time; the tests must notice every time.

Usage: python tools/mutants.py [NAME ...]

tests/mutants/ lists the mutants, a file for each chapter and one for relubook. Each is one
replacement, in the source of one notebook cell or in one other file, where the old text stands
exactly once:

    [[mutant]]
    name = "02-07"                    # 02 and 02-07 select it on the command line
    what = "min in place of max"
    file = "notebooks/02_relu_in_pure_python.ipynb"
    old = "max(0.0, x)"
    new = "min(0.0, x)"
    tests = ["notebooks/02_relu_in_pure_python.ipynb"]   # optional, what is to notice it

Without `tests`, a notebook's mutant is for that notebook's re-run, and any other for the tests of
the functions and all notebooks. A mutant is caught when a test fails. When the run stops
for another reason, or fails only because a name or the syntax was broken, nothing was tested, and
that counts as survived. It all happens in a copy of the working tree.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
LISTS = ROOT / "tests" / "mutants"
DEFAULT_TESTS = ("tests/test_functions.py", "notebooks")
# A replacement that leaves no working program tests nothing.
# At the start of a line, behind pytest's "E" or the colours of a notebook's traceback.
ACCIDENT = re.compile(
    r"^(?:E +)?(?:(?:#x1B|\x1b)\[[\d;]*m)*(SyntaxError|IndentationError|NameError|ImportError|ModuleNotFoundError)\b",
    re.MULTILINE,
)


def read_lists():
    """Return the mutants of every list."""
    mutants = []
    for path in sorted(LISTS.glob("*.toml")):
        for mutant in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]:
            missing = {"name", "what", "file", "old", "new"} - set(mutant)
            if missing:
                sys.exit(f"{path.name}: {mutant.get('name', mutant)} lacks {', '.join(sorted(missing))}")
            mutants.append(mutant)
    names = [mutant["name"] for mutant in mutants]
    if len(names) != len(set(names)):
        sys.exit(f"Two mutants are called {next(n for n in names if names.count(n) > 1)}.")
    return mutants


def copy_tree(target):
    """Copy what git does not ignore, so that a mutant never stands in the working tree."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0"):
        source = ROOT / name
        if name and source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / name)


def mutated(mutant, path):
    """Return the text of the file with the mutant in it, or raise ValueError."""
    if path.suffix == ".ipynb":
        notebook = nbformat.read(path, as_version=4)
        places = [cell for cell in notebook.cells if mutant["old"] in cell.source]
        count = sum(cell.source.count(mutant["old"]) for cell in notebook.cells)
    else:
        text = path.read_text(encoding="utf-8")
        count = text.count(mutant["old"])
    if count != 1:
        raise ValueError(f"the old text stands {count} times in {mutant['file']}, not once")
    if path.suffix == ".ipynb":
        places[0].source = places[0].source.replace(mutant["old"], mutant["new"])
        return nbformat.writes(notebook) + "\n"
    return text.replace(mutant["old"], mutant["new"])


def run_tests(tests, folder):
    """Run pytest until the first failure; return (its exit code, the failing test, its message)."""
    report = folder / ".mutant-report.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", f"--junit-xml={report}", *tests]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if not report.exists():
        return done.returncode, "", done.stdout[-1000:] + done.stderr[-1000:]
    for case in ElementTree.parse(report).iter("testcase"):
        for outcome in (*case.iter("failure"), *case.iter("error")):
            name = f"{case.get('classname')}::{case.get('name')}".removeprefix("::")
            return done.returncode, name, f"{outcome.get('message', '')}\n{outcome.text or ''}"
    return done.returncode, "", done.stdout[-1000:]


def judge(code, name, message):
    """Say whether the outcome of a test run shows that a test noticed the mutant, and why not."""
    if code == 0:
        return False, "every test passed"
    if code != 1 or not name:
        return False, f"pytest stopped with code {code} before a test failed: {' '.join(message.split())[:200]}"
    accident = ACCIDENT.search(message)
    if accident:
        return False, f"{name} failed by accident: {accident[1]}"
    return True, name


def choose_tests(mutant):
    """Return what has to notice a mutant."""
    if "tests" in mutant:
        return tuple(mutant["tests"])
    return (mutant["file"],) if mutant["file"].endswith(".ipynb") else DEFAULT_TESTS


def main():
    """Read the command line, run the mutants it names and say which survived."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="*", help="a mutant (02-07) or the beginning of several (02)")
    options = parser.parse_args()
    mutants = read_lists()
    if options.name:
        mutants = [m for m in mutants if m["name"].startswith(tuple(options.name))]
        if not mutants:
            sys.exit(f"No mutant is called {' or '.join(options.name)}.")
    survivors, sound = [], set()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_tree(folder)
        for number, mutant in enumerate(mutants, 1):
            start, path, tests = time.perf_counter(), folder / mutant["file"], choose_tests(mutant)
            if tests not in sound:
                code, failing, message = run_tests(tests, folder)
                if code:
                    sys.exit(f"Without any mutant, {failing or 'pytest'} fails already:\n{message[-2000:]}")
                sound.add(tests)
            original = path.read_bytes()
            try:
                path.write_text(mutated(mutant, path), encoding="utf-8", newline="\n")
                caught, why = judge(*run_tests(tests, folder))
            except ValueError as error:
                caught, why = False, str(error)
            finally:
                path.write_bytes(original)
            if not caught:
                survivors.append(mutant["name"])
            verdict = "caught by" if caught else "SURVIVED:"
            seconds = time.perf_counter() - start
            print(f"{number:3}/{len(mutants)} {mutant['name']}  {mutant['what']}\n"
                  f"        {verdict} {why} ({seconds:.0f} s)", flush=True)
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} mutants caught.")
    if survivors:
        sys.exit(f"Survived: {', '.join(survivors)}")


if __name__ == "__main__":
    main()
