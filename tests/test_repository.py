"""The repository as a newcomer meets it: files that name one another, and nothing of one machine."""

import re
import subprocess

import pytest
import yaml

# Written in two parts, so that this file does not hold what it looks for.
REGISTRIES = ["py" + "pi.org", "python" + "hosted.org", "registry." + "npmjs", "deb." + "debian.org"]
MACHINE = ["/wo" + "rk/", "/ro" + "ot/", "/opt/" + "wheels", "/opt/" + "pypi", "/tmp/" + "dev", "/ho" + "me/"]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "book/how-to-use.md", "index.md"]


@pytest.fixture(scope="module")
def files(root):
    """Every file of the repository that git does not ignore."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout
    paths = [root / name for name in listing.split("\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.fixture(scope="module")
def targets(root):
    """The targets of the Makefile, with what `make help` says of each."""
    text = (root / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z-]+):[^#\n]*(?:## (.*))?$", text, re.MULTILINE))


@pytest.mark.parametrize("words", [REGISTRIES, MACHINE], ids=["registry", "machine"])
def test_no_file_depends_on_one_place(files, words):
    assert len(files) > 30
    for path in files:
        text = path.read_bytes().decode("utf-8", errors="replace")
        assert [word for word in words if word in text] == [], path


def test_every_make_command_in_the_text_exists(root, targets):
    for name in DOCUMENTS:
        text = (root / name).read_text(encoding="utf-8")
        code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
        unknown = set(re.findall(r"\bmake ([a-z][a-z-]*)", code)) - set(targets)
        assert not unknown, f"{name} names {unknown}"


def test_make_help_explains_every_command(root, targets):
    phony = re.search(r"^\.PHONY: (.*)$", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[1].split()
    assert sorted(phony) == sorted(targets)
    assert [name for name, words in targets.items() if not words] == []


def test_the_readme_names_every_command(root, targets):
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert [name for name in targets if f"make {name}" not in readme and name != "help"] == []


def test_the_lines_without_make_are_those_of_make(root):
    makefile, readme = ((root / name).read_text(encoding="utf-8") for name in ("Makefile", "README.md"))
    for line in ("jupyter-book build . -W -n --keep-going", "-m pytest"):
        assert line in makefile
        assert line in readme


def test_every_file_named_in_the_text_exists(root):
    for name in DOCUMENTS:
        text = (root / name).read_text(encoding="utf-8")
        links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
        # Sphinx checks those in a role, such as {doc}`…`.
        paths = re.findall(r"(?<!\})`((?:notebooks|book|tests|tools|\.binder|\.ci|\.github)/[\w./-]*)`", text)
        for target in links:
            assert ((root / name).parent / target).exists(), f"{name}: {target}"
        for target in paths:
            assert "NN" in target or (root / target).exists(), f"{name}: {target}"


def test_markup_files_can_be_read(files):
    documents = [path for path in files if path.suffix in (".yml", ".yaml", ".cff")]
    assert len(documents) >= 5
    for path in documents:
        assert yaml.safe_load(path.read_text(encoding="utf-8")), path


def test_the_book_can_be_cited(root):
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "version", "repository-code", "license"} <= set(citation)
    branch = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["repository"]["branch"]
    assert f"v{citation['version']}" == branch, "launch links and citation name different releases"


def test_both_licences_are_there(root):
    assert (root / "LICENSE").read_text(encoding="utf-8").startswith("MIT License\n")
    text = (root / "LICENSE-TEXT").read_text(encoding="utf-8")
    assert "Creative Commons Attribution 4.0 International Public License" in text
    assert "Section 8 -- Interpretation." in text


def test_workflows_run_the_commands_that_exist(root, targets):
    for path in sorted((root / ".github/workflows").glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"\bmake ([a-z][a-z-]*)", text)) <= set(targets), path
        for script in re.findall(r"\btools/\w+\.py\b", text):
            assert (root / script).exists(), f"{path}: {script}"


def test_the_text_that_a_chapter_learns_from_is_the_licence(root):
    """Chapter 09 trains on it and says so; another text gives other results."""
    copy = (root / "notebooks" / "relubook" / "legal_code.txt").read_bytes()
    assert copy == (root / "LICENSE-TEXT").read_bytes()
