"""What Python in the page consists of, and where it is kept: shared by tools/run_assets.py and site_run.py.

run_lock.json holds the version of Pyodide, the SHA-256 of its interpreter's files, and Pyodide's own lock
cut to the packages that chapters may use: what is not in it is an import error and not a request. Of what
matplotlib names, fontTools and pytz are left out: it needs them for PDF and for old dates alone.
"""

import hashlib
import json
import os
from pathlib import Path

import platformdirs

LOCK = json.loads(Path(__file__).with_name("run_lock.json").read_text(encoding="utf-8"))
VERSION = LOCK["pyodide"]
VARIABLE = "RELUBOOK_RUN_ASSETS"


def cache_folder():
    """Where the files are kept: $RELUBOOK_RUN_ASSETS, or a folder among the user's caches."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path(platformdirs.user_cache_dir("relubook", False)) / f"pyodide-{VERSION}"


def wanted():
    """Every file and its SHA-256."""
    packages = LOCK["lock"]["packages"].values()
    return LOCK["interpreter"] | {package["file_name"]: package["sha256"] for package in packages}


def is_right(name, content):
    """Are these bytes the file that the lock names?"""
    return hashlib.sha256(content).hexdigest() == wanted()[name]


def missing(folder):
    """The files that are not in a folder, or differ from the lock."""
    return [n for n in wanted() if not (folder / n).is_file() or not is_right(n, (folder / n).read_bytes())]
