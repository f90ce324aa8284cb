"""Set the repository's public address, or the release that launch links point at.

Usage: python tools/address.py https://github.com/YOUR-NAME/relu-book
       python tools/address.py --release v1.2.0

The address in _config.yml (repository.url) is the one in force. Every text file that repeats it,
or the addresses on Binder and GitHub Pages that follow from it, is rewritten with it. Setting the
old address again gives back the same bytes.
"""

import argparse
import re
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
# Other projects' files, and the examples in these commands and their tests.
SKIPPED = {".git", ".venv", "_build", "vendor", "tools", "tests"}
TEXT = {".md", ".yml", ".yaml", ".ipynb", ".cff", ".toml", ".py", ".txt", ".html", ".bib", ".json"}
ADDRESS = re.compile(r"https://github\.com/(?P<owner>[A-Za-z0-9][A-Za-z0-9-]*)/(?P<name>[\w.-]+)")
# As a git branch or tag may be called, without the characters that mean something in an address.
RELEASE = re.compile(r"[A-Za-z0-9][\w.-]*")


class Repository(NamedTuple):
    """A repository on GitHub and what follows from where it is."""

    owner: str
    name: str

    @property
    def url(self):
        """Where the sources are."""
        return f"https://github.com/{self.owner}/{self.name}"

    @property
    def forms(self):
        """Every way in which a file can repeat the address."""
        slug = f"{self.owner}/{self.name}"
        return (f"github.com/{slug}", f"mybinder.org/v2/gh/{slug}", f"{self.owner}.github.io/{self.name}")


def parse(url):
    """Return the repository that `url` names, or stop and say what is wrong with it."""
    cleaned = url.strip().removesuffix("/").removesuffix(".git")
    match = ADDRESS.fullmatch(cleaned)
    if not match:
        sys.exit(
            f"The address is {url!r}; allowed is https://github.com/OWNER/NAME, "
            "for example: make address URL=https://github.com/YOUR-NAME/relu-book"
        )
    if match["name"].lower() == f"{match['owner'].lower()}.github.io":
        sys.exit(f"{cleaned} is the repository of a personal site; give the book one of its own.")
    return Repository(**match.groupdict())


def setting(root, key):
    """Return the value of repository.`key` as it stands in _config.yml."""
    config = (root / "_config.yml").read_text(encoding="utf-8")
    return re.search(rf"^repository:\n(?:[ #].*\n)*?  {key}: *(\S+)", config, re.MULTILINE)[1]


def current(root=ROOT):
    """Return the repository whose address is in force."""
    return parse(setting(root, "url"))


def text_files(root):
    """Return the files of the book that may repeat the address."""
    return sorted(
        path
        for path in root.rglob("*")
        if path.suffix in TEXT and path.is_file() and not SKIPPED & set(path.relative_to(root).parts)
    )


def replace(root, patterns):
    """Apply (pattern, replacement) pairs to every text file; return the files that changed."""
    changed = []
    for path in text_files(root):
        before = path.read_bytes()
        text = before.decode("utf-8")
        for pattern, replacement in patterns:
            text = re.sub(pattern, lambda _, new=replacement: new, text)
        if text.encode("utf-8") != before:
            path.write_bytes(text.encode("utf-8"))
            changed.append(path.relative_to(root).as_posix())
    return changed


def whole(form):
    """Return a pattern for an address that is not the beginning of a longer one."""
    return rf"(?<![\w-]){re.escape(form)}(?![\w-])"


def set_address(root, url):
    """Replace the address in force by `url`; return the files that changed."""
    old, new = current(root), parse(url)
    if new == old:
        return []
    for path in text_files(root):
        text = path.read_text(encoding="utf-8")
        if any(re.search(whole(form), text) for form in new.forms):
            sys.exit(f"{path.relative_to(root)} already links to {new.url}: setting it could not be undone.")
    return replace(root, [(whole(a), b) for a, b in zip(old.forms, new.forms, strict=True)])


def set_release(root, release):
    """Point launch and source links at a branch or tag; return the files that changed."""
    if not RELEASE.fullmatch(release):
        sys.exit(f"The release is {release!r}; allowed is the name of a tag, such as v1.2.0.")
    old, repository = setting(root, "branch"), current(root)
    patterns = [(rf"(?m)(?<=^  branch: ){re.escape(old)}$", release)]
    for before in (f"{repository.forms[1]}/", f"{repository.forms[0]}/blob/", f"{repository.forms[0]}/tree/"):
        patterns.append((rf"(?<={re.escape(before)}){re.escape(old)}(?![\w.-])", release))
    return replace(root, patterns)


def main():
    """Read the command line and set what it names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?", help="where the repository is, https://github.com/OWNER/NAME")
    parser.add_argument("--release", help="the tag that launch links point at")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout to change (default: this one)")
    options = parser.parse_args()
    if (options.url is None) == (options.release is None):
        parser.error("give an address or a release")
    if options.release is None:
        changed = set_address(options.root, options.url)
    else:
        changed = set_release(options.root, options.release)
    print("\n".join(f"changed {name}" for name in changed) or "Nothing to change.")


if __name__ == "__main__":
    main()
