"""Find the Chromium that the browser tests use, or get one.

Usage: python tools/browser.py ensure

CHROMIUM=/path/to/chromium names one. Otherwise the system's is taken. Where there is none,
`ensure` says so and installs Debian's package (as root) or Playwright's own download.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)
NONE_FOUND = (
    "The tests need Chromium, and none could be found or installed: install Chromium or Chrome, "
    "or name one with CHROMIUM=/path/to/chromium."
)


def playwright_chromium():
    """Return where Playwright keeps its own Chromium, whether or not it is there."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def find_chromium():
    """Return the path of a Chromium to run; raise LookupError where there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        found = shutil.which(named)
        if not found:
            raise LookupError(f"CHROMIUM={named} is not a program that can be run.")
        return found
    candidates = [*map(shutil.which, NAMES), *filter(os.path.exists, APPLICATIONS)]
    found = next(filter(None, candidates), None) or playwright_chromium()
    if not Path(found).exists():
        raise LookupError(NONE_FOUND)
    return found


def get_chromium():
    """Install a Chromium by the first way that works here."""
    ways = [[sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"]
        ways = [["apt-get", "update", "-q"], install, *ways]
    else:
        # Without root, the system libraries are the user's to install.
        ways[0].remove("--with-deps")
    for way in ways:
        print("  " + " ".join(way), flush=True)
        subprocess.run(way, stdout=subprocess.DEVNULL)
        try:
            return find_chromium()
        except LookupError:
            continue
    raise LookupError(NONE_FOUND)


def ensure():
    """Say which Chromium the tests will use, getting one first where there is none."""
    try:
        try:
            found = find_chromium()
        except LookupError:
            if os.environ.get("CHROMIUM"):
                raise
            print("No Chromium on this machine; installing one for the browser tests:", flush=True)
            found = get_chromium()
    except LookupError as error:
        sys.exit(str(error))
    print(f"Browser tests use {found}")


def main():
    """Read the command line and run the command it names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["ensure"], help="find or install a Chromium")
    parser.parse_args()
    ensure()


if __name__ == "__main__":
    main()
