"""What a reader, and the re-run of every cell, rely on in each stored notebook."""

import ast
import base64
import json
import re
from pathlib import Path

import nbformat
import pytest
import store

ROOT = Path(__file__).resolve().parent.parent
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NOTEBOOKS = {path.stem: nbformat.read(path, as_version=4) for path in PATHS}

VERDICT = "application/vnd.relubook.verdict+json"
SLIDERS = "application/vnd.vegalite.v5+json"
MAX_NOTEBOOK, MAX_BITMAP, MAX_LINES, MIN_ALT, MIN_EXERCISES = 1_000_000, 60_000, 30, 40, 3
MACHINE_PATH = re.compile(r"(?<![\w.])(?:/(?:home|root|Users|tmp|work|opt|var|mnt)/|[A-Z]:\\\\?\w)")
NETWORK = {"requests", "urllib", "http", "socket", "ftplib", "httpx", "aiohttp", "urllib3", "subprocess"}
SKIPS = ("nbval-skip", "nbval_skip", "skip-execution")

pytestmark = pytest.mark.parametrize("name", NOTEBOOKS)


def code_cells(name):
    return [cell for cell in NOTEBOOKS[name].cells if cell.cell_type == "code"]


def tagged(name, tag):
    return [cell for cell in code_cells(name) if tag in cell.metadata.get("tags", ())]


def bundles(cell):
    """Return the MIME bundles that a cell shows."""
    return [output.data for output in cell.outputs if "data" in output]


def figures(cell):
    """Return the outputs of a cell that are pictures to a reader."""
    return [data for data in bundles(cell) if any(kind == SLIDERS or kind.startswith("image/") for kind in data)]


def printed(cell):
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def where(cell):
    """Name a cell by its id and first line."""
    return f"{cell.id}: {cell.source.splitlines()[0] if cell.source else '(empty)'}"


def calls(cell, *functions):
    """Return the calls of the named functions in a cell."""
    return [
        node
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) in functions
    ]


def bound_names(cell):
    """Return the names that a cell gives a meaning to, at its outer level and in its loops."""
    names = set()

    def visit(node):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
            return
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            names.add(node.id)
        # What a comprehension or a lambda binds stays inside it.
        if not isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)):
            for child in ast.iter_child_nodes(node):
                visit(child)

    visit(ast.parse(cell.source))
    return names


def used_names(cell):
    return {node.id for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)} | bound_names(cell)


def test_the_book_lists_it(name):
    assert f"notebooks/{name}\n" in (ROOT / "_toc.yml").read_text(encoding="utf-8") + "\n"
    assert re.fullmatch(r"\d\d_[a-z0-9_]+", name)


def test_it_was_stored_from_a_fresh_kernel_in_order(name):
    cells = code_cells(name)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1)), "run: make store"


def test_it_holds_nothing_that_differs_between_runs(name):
    """Time stamps, widget state, random ids, versions: `make store` leaves them out."""
    path = ROOT / "notebooks" / f"{name}.ipynb"
    stored = path.read_text(encoding="utf-8")
    assert stored == store.text_of(store.tidy(nbformat.read(path, as_version=4))), "run: make store"
    assert "widget" not in NOTEBOOKS[name].metadata
    assert "<dc:date>" not in stored, "a figure holds the time at which it was drawn"


def test_its_cells_have_ids_of_their_own(name):
    ids = [cell.id for cell in NOTEBOOKS[name].cells]
    assert len(ids) == len(set(ids))


def test_no_cell_is_empty(name):
    assert [cell.id for cell in NOTEBOOKS[name].cells if not cell.source.strip()] == []


def test_nothing_went_to_stderr_or_failed(name):
    for cell in code_cells(name):
        for output in cell.outputs:
            assert output.get("name") != "stderr", where(cell)
            assert output.output_type != "error" or "raises-exception" in cell.metadata.get("tags", ()), where(cell)


def test_no_cell_is_left_out_of_the_re_run(name):
    for cell in code_cells(name):
        words = cell.source.lower() + " ".join(cell.metadata.get("tags", ())).lower()
        assert not any(skip in words for skip in SKIPS), where(cell)
        assert "nbval_ignore_output" not in words, f"{where(cell)}: use the tag nbval-ignore-output"


def test_an_output_that_is_not_compared_is_asserted(name):
    for cell in tagged(name, "nbval-ignore-output"):
        assert any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(cell.source))), where(cell)


def test_it_names_no_path_of_a_machine(name):
    for cell in NOTEBOOKS[name].cells:
        shown = cell.source + "".join(json.dumps(o) for o in cell.get("outputs", ()) if "image/png" not in str(o))
        assert not MACHINE_PATH.search(shown), where(cell)


def test_it_asks_no_network_and_no_shell(name):
    for cell in code_cells(name):
        for node in ast.walk(ast.parse(cell.source)):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            assert not {module.split(".")[0] for module in modules} & NETWORK, where(cell)


def test_every_figure_is_described(name):
    descriptions = []
    for cell in code_cells(name):
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt")
        if figures(cell):
            assert alt is not None, f"{where(cell)} shows a figure without mystnb.image.alt"
            assert len(alt) >= MIN_ALT, f"{where(cell)}: {alt!r} says too little"
            descriptions.append(alt)
        else:
            assert alt is None, f"{where(cell)} describes a figure that it doesn't show"
    assert descriptions, "a chapter has figures"
    assert len(descriptions) == len(set(descriptions)), "two figures have the same description"


def test_a_cell_shows_one_figure(name):
    """Its description belongs to the whole cell."""
    assert [where(cell) for cell in code_cells(name) if len(figures(cell)) > 1] == []


def test_sizes(name):
    assert (ROOT / "notebooks" / f"{name}.ipynb").stat().st_size <= MAX_NOTEBOOK
    for cell in code_cells(name):
        assert len(cell.source.splitlines()) <= MAX_LINES, f"{where(cell)} is longer than {MAX_LINES} lines"
        for data in bundles(cell):
            for kind in ("image/png", "image/jpeg"):
                assert len(base64.b64decode(data.get(kind, ""))) <= MAX_BITMAP, where(cell)


def test_exercises_start_unsolved_and_have_solutions_that_pass(name):
    chapter = name[:2]

    def checked(tag):
        found = {}
        for cell in tagged(name, tag):
            for call in calls(cell, "check"):
                found.setdefault(ast.literal_eval(call.args[0]), []).append(printed(cell))
        return found

    starts, solutions = checked("exercise"), checked("solution")
    assert len(starts) >= MIN_EXERCISES
    assert list(starts) == list(solutions) == [f"{chapter}.{n + 1}" for n in range(len(starts))]
    for number in starts:
        # The last check of an exercise is the one the reader looks at.
        assert f"Exercise {number}: not yet" in starts[number][-1]
        assert "correct" not in starts[number][-1]
        assert f"Exercise {number}: correct" in solutions[number][-1]
        assert "not yet" not in solutions[number][-1]


def test_exercises_stand_between_their_gates(name):
    text = "\n".join(cell.source for cell in NOTEBOOKS[name].cells if cell.cell_type == "markdown")
    numbers = sorted({ast.literal_eval(c.args[0]) for cell in tagged(name, "exercise") for c in calls(cell, "check")})
    labels = [f"ex-{number.replace('.', '-')}" for number in numbers]
    assert re.findall(r"^`{3,}\{exercise-start\}.*\n:label: (\S+)", text, re.MULTILINE) == labels
    assert re.findall(r"^`{3,}\{solution-start\} (\S+)\n:class: dropdown", text, re.MULTILINE) == labels
    for gate in ("exercise-end", "solution-end"):
        assert len(re.findall(rf"^`{{3,}}\{{{gate}\}}", text, re.MULTILINE)) == len(labels)


def test_text_uses_roles_that_jupyterlab_knows(name):
    text = "\n".join(cell.source for cell in NOTEBOOKS[name].cells if cell.cell_type == "markdown")
    assert set(re.findall(r"\{([a-z:]+)\}`", text)) <= {"cite:t", "cite:p"}


def test_a_chapter_is_called_planned_until_it_is_there(name):
    there = {stem[:2] for stem in NOTEBOOKS}
    text = "\n".join(cell.source for cell in NOTEBOOKS[name].cells if cell.cell_type == "markdown")
    named = re.findall(r"\b[Cc]hapters? (\d\d(?:(?:, | and | to )\d\d)*)\b(\]\([^)]*\))?( \(planned\))?", text)
    assert named
    wrong = [(n, planned) for numbers, _, planned in named for n in re.findall(r"\d\d", numbers)
             if (n in there) == bool(planned)]  # fmt: skip
    assert wrong == []


def test_solutions_are_folded_in_jupyterlab_too(name):
    for cell in tagged(name, "solution"):
        assert cell.metadata.get("jupyter", {}).get("source_hidden") is True, where(cell)


def test_exercises_touch_no_name_of_another_cell(name):
    apart = tagged(name, "exercise") + tagged(name, "solution")
    for cell in apart:
        mine = bound_names(cell)
        for other in code_cells(name):
            shared = mine & used_names(other) if other is not cell else set()
            assert not shared, f"{where(cell)} and {where(other)} both use {', '.join(sorted(shared))}"


def test_every_verdict_is_stored_for_the_ledger(name):
    claims = json.loads((ROOT / "notebooks/relubook/claims.json").read_text(encoding="utf-8"))["groups"]
    decided_in = {claim["id"]: claim["decided_in"] for group in claims for claim in group["claims"]}
    for cell in code_cells(name):
        made = [(call.func.id, ast.literal_eval(call.args[0])) for call in calls(cell, "decide", "add_evidence")]
        shown = [data[VERDICT] for data in bundles(cell) if VERDICT in data]
        kinds = {"decide": "decision", "add_evidence": "evidence"}
        assert [(kinds[function], claim) for function, claim in made] == [(v["kind"], v["id"]) for v in shown], where(
            cell
        )
        for verdict in shown:
            if verdict["kind"] == "decision":
                assert decided_in[verdict["id"]] == name[:2], f"{verdict['id']} is decided in another chapter"
            assert verdict["checks"] or verdict["literature"], where(cell)


def test_a_claim_of_this_chapter_is_decided_once(name):
    claims = json.loads((ROOT / "notebooks/relubook/claims.json").read_text(encoding="utf-8"))["groups"]
    mine = sorted(c["id"] for group in claims for c in group["claims"] if c["decided_in"] == name[:2])
    shown = [data[VERDICT] for cell in code_cells(name) for data in bundles(cell) if VERDICT in data]
    assert sorted(verdict["id"] for verdict in shown if verdict["kind"] == "decision") == mine
