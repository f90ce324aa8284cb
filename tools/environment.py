"""Install the book's requirements into the environment that runs this file.

Usage: python tools/environment.py install [--dev] [--newest]
       python tools/environment.py lock

PyTorch gets a step of its own. On Linux the package index's torch depends on several gigabytes
of CUDA libraries that no chapter uses, so the build without them is taken from PyTorch's own
index for processors. That index is asked for torch alone, and briefly: as an extra index for
every package it would make an installation without it slow.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
OLDEST_PYTHON = "3.11.0"
CUDA_PREFIXES = ("nvidia", "cuda", "triton")

# Jupyter Book 1 reads _config.yml and _toc.yml; the newest release is another program.
# These stay pinned when everything else is tried at its newest.
BOOK_STACK = {"jupyter-book", "sphinx", "myst-nb", "sphinx-book-theme"}

TORCH_UNREACHABLE = (
    f"PyTorch's build for processors could not be fetched from {CPU_INDEX}, and the one that pip "
    "would take instead brings several gigabytes of CUDA libraries. Try again when that address "
    "can be reached, or accept the large download: set RELUBOOK_TORCH=any and repeat the command "
    "(make book RELUBOOK_TORCH=any)."
)


def read_requirements(path):
    """Return the requirement lines of `path`, with the files it includes, without options."""
    requirements = []
    for raw in path.read_text(encoding="utf-8").splitlines():
        line = raw.split("#")[0].strip()
        if line.startswith("-r"):
            requirements += read_requirements(path.parent / line[2:].strip())
        elif line and not line.startswith("-"):
            requirements.append(line)
    return requirements


def package_name(requirement):
    """Return the normalised package name at the start of a requirement line."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def pip(python, *arguments, **options):
    """Run pip for the interpreter `python`; return the completed process."""
    return subprocess.run([python, "-m", "pip", *arguments], **options)


def brings_cuda(python, requirement):
    """Say whether the torch that plain pip would take depends on CUDA packages."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        pip(python, "install", "-qq", "--dry-run", "--ignore-installed", "--no-deps",
            "--report", report, requirement, check=True)
        found = json.loads(report.read_text(encoding="utf-8"))["install"][0]["metadata"]
    return any(name.startswith(CUDA_PREFIXES) for name in found.get("requires_dist", ()))


def install_torch(python, requirement):
    """Install torch without its CUDA libraries, or stop and say how to go on."""
    if os.environ.get("RELUBOOK_TORCH") == "any" or not sys.platform.startswith("linux"):
        return
    cpu_build = requirement + "+cpu" if "==" in requirement else requirement
    print(f"  {requirement}, the build for processors", flush=True)
    fetched = pip(
        python, "install", "-qq", "--no-deps", "--index-url", CPU_INDEX,
        "--timeout", "10", "--retries", "0", cpu_build,
        stderr=subprocess.DEVNULL,
    )
    if fetched.returncode and brings_cuda(python, requirement):
        sys.exit(TORCH_UNREACHABLE)


def install(python, requirements, constraints=None):
    """Install requirement lines into the environment of the interpreter `python`."""
    torch = next(line for line in requirements if package_name(line) == "torch")
    script = "import importlib.metadata as m; print(m.version('torch'))"
    present = subprocess.run([python, "-c", script], capture_output=True, text=True)
    if f"torch=={present.stdout.strip().split('+')[0]}" != torch:
        install_torch(python, torch)
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.txt"
        wanted.write_text("\n".join(requirements) + "\n", encoding="utf-8")
        options = ["-c", constraints] if constraints else []
        done = pip(python, "install", "-qq", "-r", wanted, *options)
    if done.returncode:
        sys.exit("The installation failed; pip says above what it could not install.")


def command_install(options):
    """Install what `make book`, or with --dev `make test`, needs."""
    name = "requirements-dev.txt" if options.dev else "requirements.txt"
    requirements, constraints = read_requirements(ROOT / name), ROOT / "constraints.txt"
    if options.newest:
        constraints = None
        requirements = [
            line if package_name(line) in BOOK_STACK else line.split("==")[0]
            for line in requirements
        ]
    print(f"Installing {name} into {sys.prefix} (some minutes the first time)", flush=True)
    install(sys.executable, requirements, constraints)


def command_lock(_options):
    """Write constraints.txt anew: what the direct requirements bring, at its newest."""
    requirements = read_requirements(ROOT / "requirements-dev.txt")
    direct = {package_name(line) for line in requirements}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        # For the oldest Python the book promises, 3.11.0, whichever runs this. Nothing is installed.
        pip(sys.executable, "install", "-qq", "--dry-run", "--ignore-installed", "--only-binary=:all:",
            "--python-version", OLDEST_PYTHON, "--target", folder, "--report", report, *requirements, check=True)
        found = [item["metadata"] for item in json.loads(report.read_text(encoding="utf-8"))["install"]]
    lines = []
    for package in found:
        name = package_name(package["name"])
        # CUDA and local build tags belong to one machine.
        if name not in direct and not name.startswith(CUDA_PREFIXES):
            lines.append(f"{name}=={package['version'].split('+')[0]}")
    header = (
        "# What the packages in requirements.txt and requirements-dev.txt bring with them.\n"
        "# Written by `make lock`. Packages that Windows or macOS alone need are not held.\n"
    )
    text = header + "\n".join(sorted(lines)) + "\n"
    (ROOT / "constraints.txt").write_text(text, encoding="utf-8", newline="\n")
    print(f"constraints.txt holds {len(lines)} packages.")


def main():
    """Read the command line and run the command it names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    for function in (command_install, command_lock):
        name = function.__name__.removeprefix("command_")
        command = commands.add_parser(name, help=function.__doc__, description=function.__doc__)
        command.set_defaults(run=function)
        if function is command_install:
            command.add_argument("--dev", action="store_true", help="what the tests need, too")
            command.add_argument(
                "--newest", action="store_true", help="drop the pins, all but the book builder's"
            )
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
