"""Cells that run in the reader's browser: on the built site, with the chapters as they are."""

import ast
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
import run_lock
import site_run
from test_site import CHAPTERS, soup, violations, wait_until

ROOT = Path(__file__).resolve().parent.parent
SITE = site_run.Site(SimpleNamespace(srcdir=ROOT))
RUNNING = [chapter for chapter in CHAPTERS if SITE.plans[chapter].cells]
PICTURES = ("image/svg+xml", "image/png")

# Reasons of cells that are run here as well, though their numbers are other ones.
OTHER_HERE = {cell.reason for plan in SITE.plans.values() for cell in plan.cells.values()
              if cell.reason and "takes a minute" not in cell.reason}  # fmt: skip
ENDS = {"Done", "Done. This cell prints nothing.", "Correct", "Not yet"}
STATUS = """(numbers) => numbers.map((number) =>
  document.querySelector(`.run-bar[data-number="${number}"] .run-status`).textContent)"""
FINISHED = f"""(numbers) => ({STATUS})(numbers).every((text) =>
  /^(Done|Correct|Not yet|Stopped|Cell|Python|This|There|This page)/.test(text))"""
PRESS = """(numbers) => numbers.forEach((number) =>
  document.querySelector(`.run-bar[data-number="${number}"] button`).click())"""
HEAR = """() => {
  window.seen = []; window.heard = [];
  const listen = (target, to) =>
    new MutationObserver(() => to.push(target.textContent)).observe(target, { childList: true, subtree: true });
  document.querySelectorAll(".run-status").forEach((status) => listen(status, window.seen));
  listen(document.querySelector(".run-voice"), window.heard);
}"""
OUTPUTS = """(numbers) => numbers.map((number) => {
  const shown = document.querySelector(`.run-bar[data-number="${number}"]`).parentElement.querySelector(".run-output");
  return [...shown.children].filter((element) => element.output).map((element) => element.output);
})"""


def notebook_cells(chapter):
    return dict(enumerate(json.loads((ROOT / f"{chapter}.ipynb").read_text(encoding="utf-8"))["cells"]))


def textual(data):
    """What of an output is text: pictures differ between versions of matplotlib."""
    return {kind: "".join(d) if isinstance(d, list) else d for kind, d in data.items() if kind not in PICTURES}


def stored(cell):
    return [
        {"kind": "stream", "name": o["name"], "text": "".join(o["text"])}
        if o["output_type"] == "stream"
        else {"kind": "data", "data": textual(o["data"])}
        for o in cell["outputs"]
    ]


def shown(output):
    return {"kind": "data", "data": textual(output["data"])} if output["kind"] == "data" else output


def kind_of(output):
    """What an output says, numbers aside."""
    text = output["text"] if output["kind"] == "stream" else output["data"].get("text/plain", "")
    return output["kind"], sorted(output.get("data", ())), sorted(set(re.findall(r"[A-Za-z]{4,}", text)))


def bar(page, number):
    return page.locator(f'.run-bar[data-number="{number}"]')


def button(page, number, name):
    return bar(page, number).get_by_role("button", name=name)


def area(page, number):
    return page.get_by_role("textbox", name=re.compile(rf"Code of cell {number}\."))


def finish(page, *numbers):
    """Wait until cells have run; return what their status says."""
    wait_until(page, FINISHED, numbers)
    return page.evaluate(STATUS, numbers)


def write(page, number, code):
    """Put code into a cell, in place."""
    edit = button(page, number, "Edit")
    if edit.is_visible():
        edit.click()
    area(page, number).fill(code)


def run(page, number, code=None):
    """Run a cell by its button; return the text of what came."""
    if code is not None:
        write(page, number, code)
    button(page, number, "Run cell").click()
    finish(page, number)
    output = bar(page, number).locator("xpath=..").locator(".run-output")
    return output.inner_text() if output.count() else ""


def number_of(chapter, identifier):
    return next(c.number for c in SITE.plans[chapter].cells.values() if c.id == identifier)


def fetched(page):
    return [url for url in page.requests if "/_static/run/" in url]


@pytest.mark.parametrize("chapter", RUNNING)
def test_every_cell_gives_its_stored_output(site, open_page, chapter):
    plan, cells = SITE.plans[chapter], notebook_cells(chapter)
    compared = {cell.number: cells[position] for position, cell in plan.cells.items() if not cell.optional}
    page = open_page(f"{site.url}{chapter}.html")
    assert fetched(page) == [], "fetched before the first press"
    # All at once: they wait for each other.
    page.evaluate(PRESS, list(compared))
    said = finish(page, *compared)
    assert {number: text for number, text in zip(compared, said, strict=True) if text not in ENDS} == {}
    outputs = page.evaluate(OUTPUTS, list(compared))
    for (number, cell), came in zip(compared.items(), outputs, strict=True):
        assert [shown(output) for output in came] == stored(cell), f"cell {number}"
        pictures = [o for o in came if o["kind"] == "data" and not set(PICTURES).isdisjoint(o["data"])]
        drawn = [o for o in cell["outputs"] if not set(PICTURES).isdisjoint(o.get("data", {}))]
        assert len(pictures) == len(drawn), f"cell {number}"
    assert fetched(page)
    # What rests on times may find other ones here, and may stop at what it says of them; its words are the same.
    timed = {cell.number: cells[position] for position, cell in plan.cells.items() if cell.reason in OTHER_HERE}
    page.evaluate(PRESS, list(timed))
    said = finish(page, *timed)
    outputs = page.evaluate(OUTPUTS, list(timed))
    for (number, cell), text, came in zip(timed.items(), said, outputs, strict=True):
        if text in ENDS:
            assert [kind_of(o) for o in map(shown, came)] == [kind_of(o) for o in stored(cell)], f"cell {number}"
        else:
            assert text in ("Stopped with an error", *(
                f"Cell {n}, which runs first, stopped with an error, shown there" for n in timed)), number
            assert [o["text"] for o in came if o["kind"] == "error" and "AssertionError" not in o["text"]] == [], number
    assert [url for url in page.requests if not url.startswith((site.url, "data:", f"blob:{site.url[:16]}"))] == []
    assert page.complaints == []


def test_the_first_three_chapters_run_whole():
    for chapter in CHAPTERS[:3]:
        plan, cells = SITE.plans[chapter], notebook_cells(chapter)
        assert plan.stop is None
        for position, cell in plan.cells.items():
            if cell.optional:
                timed = "nbval-ignore-output" in cells[position]["metadata"].get("tags", ())
                assert timed or cells[position]["metadata"]["relubook"]["browser"], cell.id


def test_a_reader_edits_runs_stops_and_goes_back(site, open_page):
    chapter = "notebooks/02_relu_in_pure_python"
    first, plain, exercise = (number_of(chapter, cell) for cell in ("cell-06", "cell-10", "cell-24"))
    other, solution = number_of(chapter, "cell-34"), number_of(chapter, "cell-26")
    cells = {c.number: notebook_cells(chapter)[position] for position, c in SITE.plans[chapter].cells.items()}
    page = open_page(f"{site.url}{chapter}.html")
    size = f"first run loads {SITE.megabytes} MB"
    assert size in bar(page, first).inner_text()

    # Without a connection: one sentence, the stored output stays, and a second press tries again.
    page.context.route("**/_static/run/**", lambda route: route.abort())
    button(page, exercise, "Run cell").click()
    assert finish(page, exercise) == [
        "Python could not be loaded: the connection failed. The stored outputs stay; press Run to try again."
    ]
    assert bar(page, exercise).locator("xpath=..").locator(".cell_output").is_visible()
    page.context.unroute("**/_static/run/**")
    page.complaints.clear()

    # On the way there are stages; what is said aloud is a handful of them, and another cell can wait and be taken back.
    page.evaluate(HEAR)
    button(page, exercise, "Run cell").click()
    button(page, other, "Run cell").click()
    assert bar(page, other).inner_text().split("\n")[0] == "Cancel"
    assert f"Waits for cell {exercise}" in bar(page, other).inner_text()
    button(page, other, "Cancel").click()
    assert finish(page, exercise) == ["Not yet"]
    assert bar(page, other).locator(".run-status").inner_text() == ""
    assert button(page, other, "Run cell").is_visible()
    seen, heard = page.evaluate("[window.seen, window.heard]")
    assert any(re.fullmatch(rf"Loading Python: \d+ of {SITE.megabytes} MB", text) for text in seen), seen
    assert any(text.startswith("Starting Python") for text in seen), seen
    assert any(re.fullmatch(r"Running the \d+ cells above first: cell \d+", text) for text in seen), seen
    assert len(heard) < 10
    assert size not in page.locator("article").inner_text()

    # An exercise: as it stands, wrong, right. Nobody's solution runs for the reader.
    assert "not yet" in run(page, exercise)
    assert button(page, exercise, "Back").count() == 0
    assert button(page, exercise, "Close").is_visible()
    right = "".join(cells[solution]["source"])
    name = re.search(r"check\(\S+, (\w+)", "".join(cells[exercise]["source"]))[1]
    answer = re.search(r"check\(\S+, (\w+)", right)[1]
    wrong = re.sub(r"^check.*", "", right, flags=re.M) + f"\n{answer} = lambda x: 17\n" + f'check("02.1", {answer})'
    for answered, word, sign in ((wrong, "not yet", "✗"), (right, "correct", "✓")):
        text = run(page, exercise, answered)
        verdict = bar(page, exercise).locator("xpath=..").locator(".run-verdict")
        assert word in text
        assert "\n" not in verdict.text_content()
        for place in (verdict, bar(page, exercise).locator(".run-status")):
            assert sign in place.evaluate("element => getComputedStyle(element, '::before').content")
    assert "NameError" in run(page, other, f"print({answer}_of_the_solution, {name})")

    # The page's policy holds for Python as well: its worker would otherwise run and ask what it likes.
    assert "unsafe-eval" in run(page, other, 'import js\njs.eval("1 + 1")')

    # Editing: highlighted as it is typed, Tab indents, undo takes it back, Escape then Tab leaves.
    code = bar(page, first).locator("xpath=..").locator(".cell_input pre")
    height = code.bounding_box()["height"]
    button(page, first, "Edit").click()
    box = area(page, first)
    assert abs(box.bounding_box()["height"] - height) < 3, "the editor is as high as the code"
    box.fill("def relu(x):")
    box.press("Control+End")
    box.press("Enter")
    assert box.input_value() == "def relu(x):\n    "
    box.press("Tab")
    assert box.input_value() == "def relu(x):\n        "
    box.press("Control+z")
    assert box.input_value() in ("def relu(x):\n    ", "def relu(x):")  # how much is one step is the browser's
    box.press("Control+Shift+z")
    assert box.input_value() == "def relu(x):\n        "
    box.press("Shift+Tab")
    assert box.input_value() == "def relu(x):\n    "
    box.press("Control+End")
    box.press_sequentially("return 1 / x")
    editor = bar(page, first).locator("xpath=..").locator(".run-editor")
    assert editor.locator(".k").all_inner_texts() == ["def", "return"]
    assert editor.locator(".nf").all_inner_texts() == ["relu"]
    box.press("Escape")
    box.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"

    # An error shows the reader's lines and no other; Shift+Enter runs.
    write(page, first, "def relu(x):\n    return 1 / x\nprint('before')\nrelu(0)")
    area(page, first).press("Shift+Enter")
    finish(page, first)
    output = bar(page, first).locator("xpath=..").locator(".run-output")
    text = output.inner_text()
    assert "Your run" in text
    assert "before" in text
    assert "return 1 / x" in text
    assert "ZeroDivisionError" in text
    assert "page_kernel" not in text
    assert page.locator(".run-voice[role=status]").text_content() == f"Cell {first}: Stopped with an error"

    # A cell above that fails keeps the next one from running on.
    assert run(page, plain) == ""
    assert finish(page, plain) == [f"Cell {first}, which runs first, stopped with an error, shown there"]
    write(page, first, "".join(cells[first]["source"]))

    # Restart forgets every name.
    assert "5" in run(page, exercise, "kept = 5\nprint(kept)")
    assert "5" in run(page, other, "print(kept)")
    button(page, other, "Restart").click()
    assert "NameError: name 'kept' is not defined" in run(page, other)

    # An endless loop prints while it runs, and Stop ends it.
    write(page, other, "print('one')\nprint('two')\nwhile True:\n    pass")
    button(page, other, "Run cell").click()
    wait_until(page, "document.body.innerText.includes('one\\ntwo')")
    button(page, other, "Stop").click()
    assert finish(page, other) == ["Stopped. The variables are gone; the next run starts afresh."]
    write(page, other, "print('on it')\nwhile True:\n    print('x', end='')")
    button(page, other, "Run cell").click()
    wait_until(page, "document.body.innerText.includes('on it\\nxxx')")
    button(page, other, "Stop").click()
    assert finish(page, other) == ["Stopped. The variables are gone; the next run starts afresh."]
    assert "3" in run(page, other, "print(1 + 2)")
    assert violations(page) == []

    # However much is printed, the chapter stays in reach.
    assert "and more, which is not shown" in run(page, other, "for _ in range(60_000):\n    print('x')")
    cell = bar(page, other).locator("xpath=..")
    paper = cell.locator(".run-output pre")
    assert paper.bounding_box()["height"] < 500
    assert paper.get_attribute("tabindex") == "0"
    assert "This cell prints nothing" not in bar(page, other).inner_text()
    run(page, other, "nothing = 1")
    assert "Done. This cell prints nothing." in bar(page, other).inner_text()
    assert "3" in run(page, other, "print(1 + 2)")

    # "Back to the original" can be undone, with the output. What was written survives a reload, where Python has been
    # loaded already; going back for good brings back code and output, and forgets.
    button(page, other, "Back").click()
    assert page.evaluate("document.activeElement.textContent") == "Undo"
    page.keyboard.press("Enter")
    assert area(page, other).input_value() == "print(1 + 2)"
    assert cell.locator(".run-output").is_visible()
    page.reload()
    assert size not in page.locator("article").inner_text()
    assert area(page, other).input_value() == "print(1 + 2)"
    button(page, other, "Back").click()
    assert cell.locator(".cell_input").is_visible()
    assert cell.locator(".cell_output").inner_text().split() == "".join(cells[other]["outputs"][0]["text"]).split()
    page.reload()
    assert area(page, other).count() == 0
    assert area(page, exercise).count() == 1
    assert page.complaints == []


def test_a_changed_chapter_drops_what_was_written_for_the_old_one(site, open_page):
    page = open_page(f"{site.url}{RUNNING[0]}.html")
    write(page, 1, "print(1)")
    page.evaluate("""() => { for (const key of Object.keys(localStorage).filter((k) => k.startsWith("relubook-run")))
        localStorage[key] = localStorage[key].replace(/"of":-?\\d+/, '"of":1'); }""")
    page.reload()
    assert area(page, 1).count() == 0
    assert page.complaints == []


def test_a_file_with_one_other_byte_is_refused(site, open_page):
    page = open_page(f"{site.url}{RUNNING[0]}.html")

    def alter(route):
        body = bytearray(route.fetch().body())
        body[len(body) // 2] ^= 1
        route.fulfill(body=bytes(body))

    page.context.route("**/numpy-*.whl", alter)
    button(page, 3, "Run cell").click()
    (said,) = finish(page, 3)
    name = next(n for n in run_lock.wanted() if n.startswith("numpy-"))
    assert said == (
        f"Python was not started: {name} is not the file that this site was built with. The stored outputs stay."
    )


NO_MEMORY = """
for (const name of ["instantiate", "instantiateStreaming"]) {
  WebAssembly[name] = async () => { throw new RangeError("WebAssembly.Memory(): could not allocate memory"); };
}
"""


def test_without_memory_for_python_there_is_one_sentence(site, open_page):
    page = open_page(f"{site.url}{RUNNING[0]}.html")
    # As a browser says it that has none left.
    page.context.route("**/run-worker.js", lambda route: route.fulfill(
        content_type="text/javascript", body=NO_MEMORY + route.fetch().text()))  # fmt: skip
    button(page, 3, "Run cell").click()
    (said,) = finish(page, 3)
    assert said.startswith("There is not enough memory for Python on this page")
    assert bar(page, 3).locator("xpath=..").locator(".cell_output").is_visible()
    # Where there is some again, the next press starts Python; a cell that asks for too much ends alone.
    page.context.unroute_all()
    assert "MemoryError" in run(page, 3, "kept = 1\nbytearray(2**31 - 1)")
    assert "1" in run(page, 3, "print(kept)")


def test_stop_ends_the_loading_too(site, open_page):
    page = open_page(f"{site.url}{RUNNING[0]}.html")
    held = []
    page.context.route("**/numpy-*.whl", lambda route: held.append(route))
    button(page, 3, "Run cell").click()
    wait_until(page, "document.querySelector('.run-busy').textContent.startsWith('Loading Python')")
    button(page, 3, "Stop").click()
    assert finish(page, 3) == ["Stopped. The variables are gone; the next run starts afresh."]
    page.context.unroute_all()
    assert "7" in run(page, 3, "print(3 + 4)")


def test_from_disk_there_is_one_sentence(site, open_page):
    page = open_page((site.folder / f"{RUNNING[0]}.html").as_uri())
    button(page, 3, "Run cell").click()
    (said,) = finish(page, 3)
    assert said.startswith("This page was opened from disk")
    assert bar(page, 3).locator("xpath=..").locator(".cell_output").is_visible()


def test_a_browser_without_workers_or_storage_gets_one_sentence(site, open_page):
    page = open_page(f"{site.url}{RUNNING[0]}.html")
    page.add_init_script("delete window.Worker; Object.defineProperty(window, 'localStorage', { get() { throw 1; } });")
    page.reload()
    write(page, 3, "print(1)")
    button(page, 3, "Run cell").click()
    # The theme complains of missing storage; the cells do without.
    assert finish(page, 3)[0].startswith("This browser lacks what Python on a page needs")


@pytest.mark.parametrize("width", [1280, 320])
def test_nothing_runs_out_of_the_page(site, open_page, width):
    page = open_page(f"{site.url}{RUNNING[0]}.html", width=width)
    write(page, 3, "x = 1  # " + "long " * 60)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_javascript_there_are_no_buttons(site, open_page):
    page = open_page(f"{site.url}{RUNNING[0]}.html", javascript=False)
    assert page.locator(".run-bar:visible").count() == 0


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_cannot_run_says_why_and_leads_to_binder(site, chapter):
    plan, page = SITE.plans[chapter], soup(site, f"{chapter}.html")
    assert [int(element["data-number"]) for element in page.select(".run-bar")] == [
        cell.number for cell in plan.cells.values()
    ]
    notes = page.select(".run-not-here")
    assert len(notes) == (plan.stop is not None)
    if notes:
        assert "PyTorch, which does not run in a browser" in notes[0].get_text()
        # Twice on the page: here, and on the launch button.
        assert len(page.find_all("a", href=notes[0].find("a")["href"])) == 2
    reasons = [cell.reason for cell in plan.cells.values() if cell.reason]
    assert [note.get_text() for note in page.select(".run-note")] == reasons
    assert bool(page.select('script[src*="run.js"]')) == bool(plan.cells)


def test_the_imports_decide():
    package = site_run.Package(ROOT / "notebooks")
    assert package.missing("import math, numpy.linalg\nfrom relubook.tables import table") == set()
    assert package.missing("def f():\n    import torch.nn") == {"torch"}
    assert package.missing("from relubook import ensemble") == {"torch", "tqdm"}
    assert package.missing("import threading") == {"threading"}
    # SciPy is imported in a function there, and only some callers need it.
    assert package.missing("from relubook.intervals import wilson_interval") == set()


def test_cells_that_time_something_run_for_those_that_need_them():
    binders, timed = {}, {"tags": ["nbval-ignore-output"]}
    sources = [("a = 1", {}), ("b = a", timed), ("c = a", {}), ("for d in [b]:\n    b = 2", {}), ("print(d)", {})]
    cells = [site_run.Cell(n, {"source": s, "metadata": m, "id": ""}, binders) for n, (s, m) in enumerate(sources)]
    assert [(cell.optional, cell.first) for cell in cells] == [
        (False, set()), (True, set()), (False, set()), (True, {1}), (True, {1, 3}),
    ]  # fmt: skip


def test_the_site_holds_what_the_lock_names(site):
    folder = site.folder / "_static" / "run"
    listed = json.loads((folder / SITE.list).read_text(encoding="utf-8"))
    assert {entry["name"] for entry in listed["files"]} == {*run_lock.wanted(), SITE.book}
    assert {path.name for path in folder.iterdir()} == {SITE.list, *(entry["file"] for entry in listed["files"])}
    hashes = {entry["name"]: entry["sha256"] for entry in listed["files"]}
    for package in listed["lock"]["packages"].values():
        assert hashes[package["file_name"]] == package["sha256"]
        assert set(package["depends"]) <= set(listed["lock"]["packages"])
    with zipfile.ZipFile(folder / SITE.book) as book:
        names = set(book.namelist())
    assert {"page_kernel.py", "relubook/functions.py", "relubook/claims.json"} <= names
    assert not [name for name in names if "torch" in name or "ensemble" in name or "study" in name]


MAX_SHOWN = 200
KERNEL = """
import json
from page_kernel import Kernel, MAX_PRINTED
outputs = []
kernel = Kernel(outputs.append)
for cell in json.loads(input()):
    outputs.clear()
    ended = kernel.run(*cell)
    text = "".join(o["text"] for o in outputs if o["kind"] == "stream")
    print(json.dumps([ended, len(text) < MAX_PRINTED + 100, outputs if len(text) < 1000 else text[-40:]]))
"""


def kernel(*cells):
    done = subprocess.run(
        [sys.executable, "-c", KERNEL], input=json.dumps(cells), capture_output=True, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT / "book" / "kernel"), "PYTHONUTF8": "1"}, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_kernel_runs_cells_as_jupyter_does():
    value, quiet, nothing, printed, endless, asked, broken, quiet_error, lines, silent, flood, absent = kernel(
        (1, "x = [1, 2]\nx"), (2, "print(x)", True), (3, "from page_kernel import Kernel; None"),
        (4, "print('a'); print('b')\nx"),
        (5, "print('y' * 10**6)"), (6, "input('?')"), (7, "1 +"), (8, "raise SystemExit", True),
        (9, "for _ in range(60_000): print('z')"),
        (10, "x;"), (11, "for i in range(999): Kernel.current.show({'text/plain': 'w'})"), (12, "import not_there"),
    )  # fmt: skip
    assert value == [True, True, [{"kind": "data", "data": {"text/plain": "[1, 2]"}}]]
    assert quiet == [True, True, []]
    assert nothing == [True, True, []]
    assert [output["kind"] for output in printed[2]] == ["stream", "stream", "data"]
    assert [output["text"] for output in printed[2][:2]] == ["a\n", "b\n"]
    assert endless[:2] == [True, True]
    assert endless[2].endswith("… and more, which is not shown.\n")
    # Lines that fill the room to the last character.
    assert lines[2].endswith("… and more, which is not shown.\n")
    assert "input() does not work on this page" in asked[2][0]["text"]
    assert 'In "cell 7", line 1' in broken[2][0]["text"]
    assert quiet_error[2][0]["text"].endswith("SystemExit\n")
    assert silent == [True, True, []]
    assert len(flood[2]) == MAX_SHOWN + 1
    assert "On Binder it may be" in absent[2][0]["text"]


def test_the_kernel_files_are_python_that_a_browser_has():
    for path in (ROOT / "book" / "kernel").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        ast.parse(source)
        assert {n.split(".")[0] for n in site_run.imported(source, inside_functions=True)} <= site_run.BROWSER_HAS
