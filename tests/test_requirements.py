"""The requirements files agree with one another and hold on every machine."""

import re

from environment import CUDA_PREFIXES, package_name, read_requirements

PIN = re.compile(r"[A-Za-z0-9][\w.-]*==[0-9][\w.!]*")


def lines(path):
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def test_every_direct_requirement_is_pinned(root):
    requirements = read_requirements(root / "requirements-dev.txt")
    assert len(requirements) > 20
    assert [line for line in requirements if not PIN.fullmatch(line)] == []


def test_a_package_is_named_once(root):
    """Not twice in the requirements, nor again in the constraints, where the versions could differ."""
    names = [package_name(line) for line in read_requirements(root / "requirements-dev.txt")]
    names += [package_name(line) for line in lines(root / "constraints.txt")]
    assert sorted(names) == sorted(set(names))


def test_plain_pip_uses_the_constraints(root):
    assert "-c constraints.txt" in lines(root / "requirements.txt")
    assert "-r requirements.txt" in lines(root / "requirements-dev.txt")


def test_constraints_hold_on_every_machine(root):
    constraints = lines(root / "constraints.txt")
    # No hashes, no "+cpu", no markers: each line is a package and a public version.
    assert [line for line in constraints if not PIN.fullmatch(line)] == []
    assert [line for line in constraints if line.startswith(CUDA_PREFIXES)] == []


def test_constraints_name_what_the_book_brings(root):
    """Every package that a direct requirement asks for is held, so `make lock` was not forgotten."""
    from importlib.metadata import requires

    from packaging.requirements import Requirement

    direct = {package_name(line) for line in read_requirements(root / "requirements-dev.txt")}
    held = direct | {package_name(line) for line in lines(root / "constraints.txt")}
    missing = set()
    for name in direct:
        for line in requires(name) or ():
            needed = Requirement(line)
            applies = needed.marker is None or needed.marker.evaluate({"extra": ""})
            if applies and not needed.name.startswith(CUDA_PREFIXES):
                missing |= {package_name(needed.name)} - held
    assert missing == set()
