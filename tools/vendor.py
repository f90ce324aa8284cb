"""Fetch the scripts, style sheet and font that the site carries, and verify them.

Usage: python tools/vendor.py            fetch what the manifest names; stop where a hash differs
       python tools/vendor.py --accept   take new hashes, after a version in the manifest was changed

The manifest book/assets/vendor/manifest.json names each package, its version and licence, and the
hash of each file. Packages come through the npm client, which is needed for this command alone.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from fontTools import subset

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "book" / "assets" / "vendor" / "manifest.json"

# What the book's formulas need, and their like: digits and Latin, Greek, the alphabets (italic, bold, script,
# double-struck), operators, arrows, delimiters. The whole font is ten times as large, and every reader loads it.
FONT_RANGES = (
    (0x20, 0x7E), (0x391, 0x3A9), (0x3B1, 0x3C9), (0x1D400, 0x1D467), (0x1D49C, 0x1D4CF), (0x1D6E2, 0x1D71B),
)  # fmt: skip
FONT_SIGNS = (
    "\u00a0ıȷ\u0302\u0303\u0304\u0307\u20d7ˆ˜¯‾°·±×÷−∓∖∗∘√∝∞…⋮⋯⋱⋅′″‴ℏℎℓ℘ϑϕϖϱϵ∂∆∇∀∃∅∈∉∋∏∑∫∣∥‖∧∨∩∪∼≃≅≈≠≡≤≥≪≫⊂⊃⊆⊇"
    "⊕⊗⊙⊤⊥⟨⟩⌈⌉⌊⌋←↑→↓↔⇐⇒⇔↦⟵⟶⟷⟸⟹⟺⟼⏞⏟□∎ℂℕℙℚℝℤ𝔼𝕀𝟙𝖳ℬℰℱℋℐℒℳℛ"
)
FONT_FEATURES = ["ccmp", "dtls", "kern", "mark", "mkmk", "ss01", "ss04", "ssty"]


def sha256(content):
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def read_manifest():
    """Return the manifest."""
    return json.loads(MANIFEST.read_text(encoding="utf-8"))


def differences():
    """Return one sentence for each committed file that is not what the manifest says."""
    found = []
    for package in read_manifest()["packages"]:
        for entry in package["files"]:
            path = ROOT / entry["path"]
            if not path.exists():
                found.append(f"{entry['path']} is missing")
            elif sha256(path.read_bytes()) != entry["sha256"]:
                found.append(f"{entry['path']} is not the file of {package['name']} {package['version']}")
    return found


def fetch(package, folder):
    """Download a package with the npm client; return the opened archive."""
    npm = shutil.which("npm")
    if not npm:
        sys.exit("Refreshing the vendored files needs the npm client, and there is none on this machine.")
    wanted = f"{package['name']}@{package['version']}"
    packed = subprocess.run(
        [npm, "pack", wanted, "--silent", "--pack-destination", folder],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return tarfile.open(Path(folder) / packed.stdout.strip().splitlines()[-1])


def cut_font(content, folder):
    """Return a WOFF2 font reduced to FONT_RANGES and FONT_SIGNS, with what its MATH table needs to grow them."""
    options = subset.Options(flavor="woff2", hinting=False, layout_features=FONT_FEATURES)
    whole, cut = Path(folder) / "whole.woff2", Path(folder) / "cut.woff2"
    whole.write_bytes(content)
    font = subset.load_font(whole, options)
    subsetter = subset.Subsetter(options)
    letters = [code for first, last in FONT_RANGES for code in range(first, last + 1)]
    subsetter.populate(unicodes=[*letters, *map(ord, FONT_SIGNS)])
    subsetter.subset(font)
    subset.save_font(font, cut, options)
    return cut.read_bytes()


def check_hash(entry, key, content, accept):
    """Stop if `content` hasn't the hash recorded under `key`; with `accept`, record it."""
    found = sha256(content)
    if accept:
        entry[key] = found
    elif entry[key] != found:
        sys.exit(f"{entry['path']}: {key} is {found}, the manifest says {entry[key]}; nothing was written.")


def refresh(accept):
    """Fetch every file of the manifest, verify all, then write."""
    manifest, contents = read_manifest(), {}
    with tempfile.TemporaryDirectory() as folder:
        for package in manifest["packages"]:
            with fetch(package, folder) as archive:
                for entry in package["files"]:
                    content = archive.extractfile(entry["from"]).read()
                    if "source_sha256" in entry:
                        check_hash(entry, "source_sha256", content, accept)
                        content = cut_font(content, folder)
                    check_hash(entry, "sha256", content, accept)
                    contents[ROOT / entry["path"]] = content
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8", newline="\n")
    print(f"{len(contents)} files are what the manifest says.")


def main():
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accept", action="store_true", help="record the hashes of what was fetched")
    refresh(parser.parse_args().accept)


if __name__ == "__main__":
    main()
