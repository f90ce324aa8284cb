"""Run notebooks from a fresh kernel and store their outputs in the files.

Usage: python tools/store.py [--tidy] [NOTEBOOK ...]

A notebook is named by its file or by the beginning of its name (02). Without a name, all of
notebooks/ are run. A file is written only when every cell ran. What changes from one run or
machine to the next (time stamps, widget state, random cell ids, the version of Python) is left
out, so that storing twice gives the same bytes.

--tidy only takes that noise out, running nothing; pre-commit calls it so.
"""

import argparse
import hashlib
import os
import re
import sys
import time
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}
CELL_METADATA = {"tags", "mystnb", "jupyter", "relubook"}
# As Jupyter makes them up: anew for each cell, another one each time.
RANDOM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8}|")


def tidy(notebook):
    """Take out of `notebook`, in place, what differs between runs and machines."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    taken = {cell.get("id", "") for cell in notebook.cells}
    seen = set()
    for cell in notebook.cells:
        for key in set(cell.metadata) - CELL_METADATA:
            del cell.metadata[key]
        # A cell keeps its id for life; one without is named after what it says now.
        if RANDOM_ID.fullmatch(cell.get("id", "")) or cell.id in seen:
            digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
            count = 1
            while f"{digest}-{count}" in taken:
                count += 1
            cell.id = f"{digest}-{count}"
            taken.add(cell.id)
        seen.add(cell.id)
        for output in cell.get("outputs", ()):
            if "metadata" in output:
                # A bitmap's width and height on the page stay.
                output.metadata = {k: v for k, v in output.metadata.items() if k.startswith("image/")}
    return notebook


def text_of(notebook):
    """Return `notebook` as the text of its file, as Jupyter would write it."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def write(notebook, path):
    """Write `notebook` to `path`, on every system with the same bytes."""
    path.write_text(text_of(notebook), encoding="utf-8", newline="\n")


def run(path, on_cell_start=None):
    """Run the notebook at `path` in its folder from a fresh kernel; return it with its outputs."""
    # Imported here: pre-commit's environment, which only tidies, holds nbformat alone.
    from nbclient import NotebookClient

    # This environment's kernel, not one of the same name that the user has elsewhere.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    # A progress bar belongs to a person who waits, not to an output that is kept.
    os.environ["TQDM_DISABLE"] = "1"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata = nbformat.from_dict(METADATA)
    client = NotebookClient(
        notebook,
        timeout=600,
        coalesce_streams=True,
        # Its warning about unencrypted local ports means nothing to an author.
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=on_cell_start,
    )
    client.execute()
    return notebook


def find(names):
    """Return the notebooks that the command line names."""
    chapters = sorted(NOTEBOOKS.glob("*.ipynb"))
    if not names:
        return chapters
    found = []
    for name in names:
        matches = [Path(name)] if Path(name).is_file() else []
        matches = matches or [path for path in chapters if path.name.startswith(name)]
        if not matches:
            sys.exit(f"No notebook is called {name}. There are: " + ", ".join(p.name for p in chapters))
        found += matches
    return [path.resolve() for path in found]


def store(path):
    """Run one notebook and store it; return whether every cell ran."""
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    reached = 0

    def show(cell, cell_index):
        nonlocal reached
        reached = cell_index + 1
        if sys.stdout.isatty():
            print(f"\r{path.name}: cell {reached}", end="", flush=True)

    start = time.perf_counter()
    try:
        notebook = run(path, show)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        print(f"\r{path.name}: cell {reached} from the top failed; the file is left as it was.\n{error}")
        return False
    write(tidy(notebook), path)
    print(f"\r{path.name}: stored after {time.perf_counter() - start:.1f} s", flush=True)
    return True


def main():
    """Read the command line and store, or tidy, the notebooks it names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notebook", nargs="*", help="a file, or the beginning of its name")
    parser.add_argument("--tidy", action="store_true", help="take out noise, run nothing")
    options = parser.parse_args()
    paths = find(options.notebook)
    if options.tidy:
        for path in paths:
            write(tidy(nbformat.read(path, as_version=4)), path)
        return
    stored = [store(path) for path in paths]
    if not all(stored):
        sys.exit(1)


if __name__ == "__main__":
    main()
