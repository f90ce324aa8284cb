"""What Binder makes of .binder/, according to repo2docker, the program that Binder runs."""

import re

import pytest
from environment import package_name, read_requirements
from repo2docker.app import Repo2Docker
from repo2docker.buildpacks import PythonBuildPack

BOOK_TOOLS = ("jupyter-book", "sphinx", "myst-nb", "nbval", "pytest", "playwright", "mini-racer", "vl-convert-python")


@pytest.fixture
def image(root, monkeypatch):
    """The build pack that repo2docker chooses, looking at the repository."""
    monkeypatch.chdir(root)
    pack = PythonBuildPack(base_image=Repo2Docker.base_image.default_value)
    assert pack.detect()
    return pack


def steps(scripts):
    return "\n".join(script for _, script in scripts)


def test_the_folder_is_found_and_names_its_python(image):
    assert image.binder_dir == ".binder"
    assert image.python_version == "3.11"
    assert image._python_version_source == "runtime"


def test_packages_are_installed_before_the_repository_is_copied(image):
    """Only then is their layer kept from one commit to the next."""
    assert image._should_preassemble_pip
    install = '-r ".binder/requirements.txt"'
    assert install in steps(image.get_preassemble_scripts())
    assert install not in steps(image.get_assemble_scripts())
    assert "pip install" not in steps(image.get_assemble_scripts())


def test_post_build_is_run(image, root):
    assert image.get_post_build_scripts() == [".binder/postBuild"]
    script = root / ".binder" / "postBuild"
    assert script.read_bytes().startswith(b"#!/bin/bash\n")
    assert script.stat().st_mode & 0o111, "git must record .binder/postBuild as executable"


def test_torch_is_the_small_build_in_the_version_of_the_book(root):
    script = (root / ".binder" / "postBuild").read_text(encoding="utf-8")
    assert re.findall(r"\bhttps://\S+", script) == ["https://download.pytorch.org/whl/cpu"]
    [torch] = [line for line in read_requirements(root / "requirements.txt") if line.startswith("torch==")]
    assert re.findall(r"torch==\S+", script) == [f"{torch}+cpu"]


def test_requirements_are_the_books_own_pins(root):
    ours = read_requirements(root / "requirements.txt")
    binder = read_requirements(root / ".binder" / "requirements.txt")
    assert binder, "no packages are named"
    assert set(binder) <= set(ours)


def test_tools_that_only_build_or_test_the_book_stay_out(root):
    binder = {package_name(line) for line in read_requirements(root / ".binder" / "requirements.txt")}
    assert not binder & set(BOOK_TOOLS)
    assert "jupyterlab-myst" in binder, "without it JupyterLab shows the fences of exercises as text"
