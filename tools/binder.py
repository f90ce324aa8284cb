"""Run every notebook in the environment that Binder gets: .binder/ and nothing else.

An empty virtual environment receives the kernel that every Binder image has, then what
.binder/requirements.txt and .binder/postBuild install. pytest stays outside; it only talks to the
kernel in there.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from environment import ROOT, read_requirements


def ipykernel_pin():
    """Return the version of the kernel that the book is tested with."""
    return next(line for line in read_requirements(ROOT / "constraints.txt") if line.startswith("ipykernel=="))


def main():
    """Make the environment in a temporary folder and run the notebooks in it."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("Making an empty environment with what .binder/ installs", flush=True)
        venv.create(folder / "venv", with_pip=True)
        python = folder / "venv" / "bin" / "python"
        install = [python, "-m", "pip", "install", "-qq"]
        subprocess.run([*install, ipykernel_pin()], check=True)
        subprocess.run([*install, "-r", ROOT / ".binder/requirements.txt"], check=True)
        inside = {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
        subprocess.run([ROOT / ".binder/postBuild"], env=inside, stdout=subprocess.DEVNULL, check=True)

        kernel = folder / "share" / "kernels" / "binder"
        kernel.mkdir(parents=True)
        specification = {
            "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": "binder",
            "language": "python",
        }
        (kernel / "kernel.json").write_text(json.dumps(specification), encoding="utf-8")
        options = ["-o", "addopts=", "--nbval", "--nbval-kernel-name=binder", "--nbval-cell-timeout=600"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, "notebooks"],
            cwd=ROOT,
            env={**inside, "JUPYTER_PATH": str(folder / "share")},
        )
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
