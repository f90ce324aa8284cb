"""Print what the book costs: its notebooks, its build, its pages, and its functions.

Usage: python tools/bench.py [notebooks] [pages] [relu] [family] [ensemble]     (all when none is named)

notebooks   seconds from a fresh kernel to the last output, and the kernel's peak memory
pages       seconds to build the book; for each page, worst first, on a throttled phone: requests and kB, gzipped,
            before a reader scrolls, kB in all, seconds to the largest paint, and how far the layout shifts
relu        relubook's ReLU in units of a plain copy of the same bytes, by size and dtype
family      each function of the family, a million float32 on one thread, in units of a plain copy and of
            PyTorch's own call; --store keeps the numbers for the reference page
ensemble    256 networks trained together, against one after another over as many batches
"""

import argparse
import gzip
import io
import json
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import browser
import store
import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPRESSED = (".png", ".jpg", ".woff2", ".ico", ".gz")  # gzip gains nothing on these


def table(title, head, rows):
    """Print rows under a title, columns aligned."""
    cells = [head, *rows]
    widths = [max(len(str(row[column])) for row in cells) for column in range(len(head))]
    print(f"\n{title}")
    for row in cells:
        first, *rest = (str(cell) for cell in row)
        print("  " + "  ".join([first.ljust(widths[0]), *(c.rjust(w) for c, w in zip(rest, widths[1:], strict=True))]))


def run_one(path):
    """Run one notebook and print its seconds and its kernel's peak memory, in MB, as JSON."""
    start = time.perf_counter()
    store.run(path)
    seconds = time.perf_counter() - start
    try:
        import resource
    except ImportError:  # Windows
        memory = None
    else:
        # The kernel is this process's only child, and has ended. macOS counts bytes, Linux kB.
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        memory = peak / (1e6 if sys.platform == "darwin" else 1e3)
    print(json.dumps([seconds, memory]))


def bench_notebooks():
    """Print run time and peak memory of each notebook."""
    rows, total = [], 0
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        command = [sys.executable, __file__, "--one", str(path)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{path.name} failed:\n{done.stderr[-3000:]}")
        seconds, memory = json.loads(done.stdout)
        rows.append((path.stem, f"{seconds:.1f}", "unknown" if memory is None else f"{memory:.0f}"))
        total += seconds
    table("Notebooks", ("", "seconds", "peak MB"), [*rows, ("together", f"{total:.1f}", "")])


def published_path():
    """Return the path that the published site has on its host, /relu-book/."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    return urlsplit(config["html"]["baseurl"]).path


class GzipHandler(SimpleHTTPRequestHandler):
    """Serves files as a static host does, text gzipped, without a line on stderr for each."""

    base = published_path()

    def translate_path(self, path):
        """Return the file for an address below the published path."""
        return super().translate_path("/" + path.removeprefix(self.base))

    def send_head(self):
        """Return the file to send, after its headers."""
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return super().send_head()
        body = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        if path.suffix not in COMPRESSED:
            body = gzip.compress(body, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return io.BytesIO(body)

    def log_message(self, *_arguments):
        """Say nothing."""


class PageMeasure(NamedTuple):
    """What opening one page costs."""

    requests: int
    first_kb: float  # gzipped, before the reader scrolls
    whole_kb: float  # gzipped, after a scroll to the end
    largest_paint: float  # seconds
    shift: float


# As Lighthouse's phone: a slow processor on a slow network.
PHONE = {"latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8, "offline": False}
SLOWER = 4
WATCH = """(() => {
  window.seen = { paint: 0, shift: 0 };
  const watch = (type, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  watch("largest-contentful-paint", (entry) => { seen.paint = entry.startTime / 1000; });
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.shift += entry.value; });
})()"""
SCROLL = """async () => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) {
    scrollTo({ top: y, behavior: "instant" });
    await new Promise(requestAnimationFrame);
  }
}"""


def measure_page(chromium, url, throttled):
    """Open `url` as if for the first time; return its PageMeasure."""
    context = chromium.new_context(viewport={"width": 412, "height": 823}, device_scale_factor=1.75, is_mobile=True)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    if throttled:
        session.send("Network.emulateNetworkConditions", PHONE)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    sent = []
    session.on("Network.loadingFinished", lambda event: sent.append(event["encodedDataLength"]))
    page.add_init_script(WATCH)
    page.goto(url)
    page.wait_for_load_state("networkidle")
    requests, first = len(sent), sum(sent)
    paint = page.evaluate("seen.paint")
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.evaluate(SCROLL)
    page.wait_for_load_state("networkidle")
    measure = PageMeasure(requests, first / 1e3, sum(sent) / 1e3, paint, page.evaluate("seen.shift"))
    context.close()
    return measure


def measure_pages(html, chromium, throttled=True):
    """Return the PageMeasure of each page under `html`, by its name."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(GzipHandler, directory=html))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}{GzipHandler.base}"
    names = [path.relative_to(html).as_posix() for path in sorted(html.rglob("*.html"))]
    measured = {name: measure_page(chromium, address + name, throttled) for name in names}
    server.shutdown()
    server.server_close()
    return measured


def bench_pages():
    """Print the time of a build and what each page costs."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        build = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-W", "-n", "--path-output", folder]
        done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
        print(f"\nThe book builds in {time.perf_counter() - start:.1f} s.")
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=browser.find_chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
            )
            measured = measure_pages(Path(folder) / "_build" / "html", chromium)
            chromium.close()
    rows = [
        (name, m.requests, f"{m.first_kb:.0f}", f"{m.whole_kb:.0f}", f"{m.largest_paint:.1f}", f"{m.shift:.3f}")
        for name, m in sorted(measured.items(), key=lambda item: -item[1].largest_paint)
    ]
    head = ("", "requests", "kB at first", "kB in all", "largest paint, s", "shift")
    table("Pages on a throttled phone, gzipped, worst first", head, rows)


def ratios(function, reference, rounds=25):
    """Return low, middle and high ratio of two timings taken in turn (10th, 50th, 90th percentile)."""
    import numpy as np

    def seconds(call, repeats):
        start = time.perf_counter()
        for _ in range(repeats):
            call()
        return time.perf_counter() - start

    repeats = max(1, int(2e-3 / max(seconds(reference, 3) / 3, 1e-9)))
    seconds(function, repeats)
    measured = [seconds(function, repeats) / seconds(reference, repeats) for _ in range(rounds)]
    return np.percentile(measured, [10, 50, 90])


def bench_relu():
    """Print what relubook's ReLU takes, where a plain copy of the same bytes takes 1."""
    import numpy as np

    sys.path.insert(0, str(ROOT / "notebooks"))
    from relubook.functions import relu

    rows = []
    for dtype in (np.float16, np.float32, np.float64, np.int32):
        for size in (10**3, 10**4, 10**5, 10**6, 10**7):
            x = (100 * np.random.default_rng(0).standard_normal(size)).astype(dtype)
            out = np.empty_like(x)
            ways = {
                "new array": ratios(lambda x=x: relu(x), lambda x=x: x.copy()),
                "out": ratios(lambda x=x, o=out: relu(x, out=o), lambda x=x, o=out: np.copyto(o, x)),
            }
            cells = [f"{middle:.2f} ({low:.2f}–{high:.2f})" for low, middle, high in ways.values()]
            rows.append((np.dtype(dtype).name, f"{size:,}", *cells))
    head = ("dtype", "elements", "relu(x) / x.copy()", "relu(x, out=y) / copyto(y, x)")
    table("ReLU in units of a plain copy: median (10th–90th percentile)", head, rows)


def bench_family(store_numbers=False, elements=1_000_000):
    """Print what each function takes, where a copy of its (first) input, and PyTorch's own call, take 1.

    All three are timed in turn, in processor time, and the quickest of 25 rounds counts: others may use the machine.
    """
    import numpy as np
    import torch

    sys.path.insert(0, str(ROOT / "notebooks"))
    from relubook import family

    torch.set_num_threads(1)
    x = (2 * np.random.default_rng(0).standard_normal(elements)).astype(np.float32)
    gate = x[::-1].copy()
    known = {"torch": torch, "x": torch.from_numpy(x), "weight": torch.tensor(0.25)}
    known |= {"value": known["x"], "gate": torch.from_numpy(gate)}

    def seconds(call):
        start = time.process_time()
        call()
        return time.process_time() - start

    rows, measured = [], {}
    for name, function in family.FAMILY.items():
        theirs = compile(function.calls["PyTorch"][-1], name, "eval")
        inputs = (x, gate) if name in family.GATED else (x,)
        calls = [partial(function, *inputs), x.copy, partial(eval, theirs, known)]
        rounds = np.array([[seconds(call) for call in calls] for _ in range(26)])[1:]
        ours, copy, pytorch = rounds.min(axis=0)
        rows.append((name, f"{ours / copy:.1f}", f"{ours / pytorch:.1f}"))
        measured[name] = {"copies": round(float(ours / copy), 1), "pytorch": round(float(ours / pytorch), 1)}
    table("A million float32, one thread", ("", "/ x.copy()", "/ PyTorch"), rows)
    if store_numbers:
        kept = {
            "command": "python tools/bench.py family --store",
            "elements": elements,
            "dtype": "float32",
            "threads": 1,
            "versions": {"numpy": np.__version__, "torch": torch.__version__.split("+")[0]},
            "functions": measured,
        }
        path = Path(family.__file__).with_name("speed.json")
        path.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8", newline="\n")


def bench_ensemble(networks=256, epochs=5, rounds=5):
    """Print how many times faster networks train together than in a bare loop, one after another."""
    import numpy as np
    import torch

    sys.path.insert(0, str(ROOT / "notebooks"))
    from relubook.ensemble import Ensemble

    random = np.random.default_rng(0)
    x, y = random.standard_normal((1280, 64)).astype(np.float32), random.integers(0, 10, 1280)
    inputs, labels = torch.from_numpy(x), torch.from_numpy(y)

    def together():
        ensemble.train(x, y, epochs=epochs, batch_size=64, learning_rate=0.1, record_every=epochs)

    def alone():
        """Nothing but the steps: no record, no progress. One network, for what it would take all of them."""
        network = ensemble.network(0)
        optimiser = torch.optim.SGD(network.parameters(), lr=0.1)
        for _ in range(epochs):
            order = torch.randperm(len(inputs))
            for first in range(0, len(inputs), 64):
                rows = order[first : first + 64]
                loss = torch.nn.functional.cross_entropy(network(inputs[rows]), labels[rows])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()

    rows = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        ensemble = Ensemble((64, 32, 32, 10), range(networks), weights="he", biases="zero")
        measured = []
        for _ in range(rounds):
            start = time.perf_counter()
            together()
            middle = time.perf_counter()
            for _ in range(4):
                alone()
            measured.append(networks * (time.perf_counter() - middle) / 4 / (middle - start))
        rows.append((threads, f"{np.median(measured):.1f} ({min(measured):.1f}–{max(measured):.1f})"))
    table(f"{networks} networks, 64–32–32–10, batches of 64: one after another / together", ("threads", "ratio"), rows)


PARTS = {
    "notebooks": bench_notebooks,
    "pages": bench_pages,
    "relu": bench_relu,
    "family": bench_family,
    "ensemble": bench_ensemble,
}


def main():
    """Read the command line and print the tables it names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="*", metavar="part", help=f"what to measure: {', '.join(PARTS)}")
    parser.add_argument("--store", action="store_true", help="keep the family's numbers for the reference page")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    unknown = set(options.part) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if options.one:
        run_one(options.one)
        return
    for name in options.part or PARTS:
        if name == "family":
            bench_family(options.store)
        else:
            PARTS[name]()


if __name__ == "__main__":
    main()
