"""The repository's address stands in _config.yml; whatever repeats it says the same."""

import re
import shutil
import subprocess
import sys

import address
import pytest

MUST_REPEAT = ("README.md", "CITATION.cff", "CONTRIBUTING.md", "myst.yml", "book/how-to-use.md")


@pytest.fixture
def copy(root, tmp_path):
    """A copy of the files that may repeat the address."""
    for path in address.text_files(root):
        target = tmp_path / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return tmp_path


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run(*arguments, root):
    command = [sys.executable, "tools/address.py", *arguments]
    return subprocess.run([*command, "--root", str(root)], capture_output=True, text=True)


@pytest.mark.parametrize("name", MUST_REPEAT)
def test_files_repeat_the_address_in_force(root, name):
    assert address.current(root).url in (root / name).read_text(encoding="utf-8")


def test_every_notebook_says_where_relubook_is(root):
    repository = address.current(root).url
    for notebook in sorted((root / "notebooks").glob("*.ipynb")):
        assert repository in notebook.read_text(encoding="utf-8"), notebook.name


def test_no_file_says_another_address(root):
    """A link with the book's own name, its Binder or its site, belongs to the address in force."""
    here = address.current(root)
    own = re.compile(
        rf"github\.com/[\w-]+/{re.escape(here.name)}(?![\w-])"
        rf"|mybinder\.org/v2/gh/[\w-]+/[\w-]+(?:\.[\w-]+)*|[\w-]+\.github\.io/{re.escape(here.name)}(?![\w-])"
    )
    for path in address.text_files(root):
        found = set(own.findall(path.read_text(encoding="utf-8"))) - {f"github.com/YOUR-NAME/{here.name}"}
        assert found <= set(here.forms), path


def test_setting_an_address_changes_every_mention_and_can_be_undone(copy):
    before, old = contents(copy), address.current(copy)
    new = address.parse("https://github.com/someone-else/another.name")
    address.set_address(copy, new.url)
    assert address.current(copy) == new
    for path in address.text_files(copy):
        text = path.read_text(encoding="utf-8")
        assert not any(re.search(address.whole(form), text) for form in old.forms), path
    assert address.set_address(copy, new.url) == [], "setting it twice changes nothing"
    address.set_address(copy, old.url)
    assert contents(copy) == before


def test_setting_a_release_moves_the_launch_links(copy):
    before, old = contents(copy), address.setting(copy, "branch")
    changed = address.set_release(copy, "v12.3")
    assert "_config.yml" in changed
    assert "README.md" in changed, "its Binder badge names the release"
    assert address.setting(copy, "branch") == "v12.3"
    assert "/v12.3?" in (copy / "README.md").read_text(encoding="utf-8")
    address.set_release(copy, old)
    assert contents(copy) == before


@pytest.mark.parametrize(
    "url", ["", "relu-book", "http://github.com/me/relu-book", "https://github.com/me", "https://example.org/me/book"]
)
def test_a_wrong_address_is_explained_and_changes_nothing(copy, url):
    before = contents(copy)
    done = run(url, root=copy)
    assert done.returncode == 1
    assert "allowed is https://github.com/OWNER/NAME" in done.stderr
    assert contents(copy) == before


def test_an_address_already_linked_is_refused(copy):
    """Its links could not be told from the book's own afterwards."""
    with (copy / "README.md").open("a", encoding="utf-8") as readme:
        readme.write("\nSee https://github.com/someone/else.\n")
    before = contents(copy)
    done = run("https://github.com/someone/else", root=copy)
    assert done.returncode == 1
    assert "README.md already links to" in done.stderr
    assert contents(copy) == before


def test_forms_of_the_same_address_are_understood():
    plain = address.parse("https://github.com/me/relu-book")
    assert address.parse("https://github.com/me/relu-book.git") == plain
    assert address.parse(" https://github.com/me/relu-book/ ") == plain
