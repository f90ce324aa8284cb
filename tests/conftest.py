"""Fixtures of the tests: the built site, served on this machine, and a browser that can reach nothing else."""

import functools
import re
import shutil
import subprocess
import sys
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import run_assets
import yaml
from browser import find_chromium
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book" / "extension"))

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but the test's own server can be reached: a request to another host fails, and is seen.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]


def build_site(source, output):
    """Build the book as `make book` does; return the completed process."""
    jupyter_book = shutil.which("jupyter-book", path=Path(sys.executable).parent)
    return subprocess.run(
        [jupyter_book, "build", ".", "-W", "-n", "--keep-going", "--path-output", str(output)],
        cwd=source, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip


@pytest.fixture(scope="session")
def site(root, tmp_path_factory):
    """The site, built from nothing: `folder` on disk and `url` where it is served, at its published path."""
    output = tmp_path_factory.mktemp("site")
    # With Python for the page, as it is published.
    run_assets.fetch(run_assets.run_lock.cache_folder())
    built = build_site(root, output)
    assert built.returncode == 0, built.stdout + built.stderr
    folder = output / "_build" / "html"
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    path = urlsplit(config["html"]["baseurl"]).path

    class Handler(SimpleHTTPRequestHandler):
        def translate_path(self, requested):
            inside = requested.startswith(path)
            return super().translate_path(requested.removeprefix(path) if inside else "/outside-the-site")

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield SimpleNamespace(folder=folder, url=f"http://127.0.0.1:{server.server_port}{path}")
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium."""
    executable = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


# Parts of a page that are far from the window are laid out one by one, when there is nothing else to do.
LAID_OUT = """[...document.querySelectorAll("article > section > section > :not(h2)")].every(
  (part) => getComputedStyle(part).contentVisibility === "visible")"""


def wait_for_layout(page):
    """Wait until every part of a page has its place."""
    end = time.monotonic() + 60
    while not page.evaluate(LAID_OUT):
        assert time.monotonic() < end, "some part of the page was never laid out"
        page.wait_for_timeout(20)


@pytest.fixture
def open_page(chromium, request):
    """A function that opens a page and notes what the page asks for and complains about."""
    contexts = []

    def open_page(url, *, scheme="light", width=1280, javascript=True):
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=javascript
        )
        contexts.append(context)
        # What was done, asked for and said; without a copy of the page at each step, which would take long.
        context.tracing.start()
        page = context.new_page()
        page.complaints, page.requests = [], []
        page.on("console", lambda m: m.type in ("error", "warning") and page.complaints.append(m.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("requestfailed", lambda r: page.complaints.append(f"{r.url}: {r.failure}"))
        page.on("response", lambda r: r.status >= 400 and page.complaints.append(f"{r.url}: {r.status}"))
        page.on("request", lambda r: page.requests.append(r.url))
        request.node.page = page
        page.goto(url)
        page.wait_for_load_state("networkidle")
        if javascript:
            wait_for_layout(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep a picture of the page that a failed test looked at, and the trace of what was done there."""
    report = yield
    page = getattr(item, "page", None)
    if report.when == "call" and report.failed and page:
        folder = ROOT / "_build" / "failed-pages"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / re.sub(r"\W+", "-", item.name)
        page.screenshot(path=f"{path}.png", full_page=True)
        page.context.tracing.stop(path=f"{path}.zip")
        report.sections.append(("Picture and trace of the page (playwright show-trace)", f"{path}.png, {path}.zip"))
    return report
