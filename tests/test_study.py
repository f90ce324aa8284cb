"""The study of chapter 14: its file is whole, can be made again, and the command that makes it can be stopped."""

import csv
import gzip
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import study as command
import torch
from relubook import ensemble, study

BLOCKS = [("sgd", "cancer", 1, activation, "gain") for activation in ("relu", "squared_relu", "tanh")]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    threads = torch.get_num_threads()
    monkeypatch.setattr(ensemble, "tqdm", ensemble.tqdm)  # the command silences it
    monkeypatch.setattr(command, "tqdm", lambda *given, **options: Bar(*given))
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Bar(list):
    """A progress bar that shows nothing."""

    def __init__(self, values=()):
        super().__init__(values)

    def update(self, count=1):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


@pytest.fixture(scope="module")
def table():
    return study.read()


def call(monkeypatch, *arguments):
    """Run the command line in this process."""
    monkeypatch.setattr(sys, "argv", ["study.py", *arguments])
    return command.main()


# The file


@pytest.mark.parametrize("optimiser", study.RATES)
@pytest.mark.parametrize("column", study.NUMBERS)
def test_every_network_is_there_once(table, optimiser, column):
    values, axes = study.cube(table, column, optimiser)
    assert values.shape == tuple(map(len, axes.values()))
    diverged = study.cube(table, "diverged", optimiser)[0]
    if column not in ("diverged", "reached"):
        np.testing.assert_array_equal(np.isnan(values), np.isfinite(diverged))


def test_the_study_is_as_large_as_the_book_says(table, root):
    networks = f"{len(table['seed']):,}".replace(",", " ")
    assert f"the {networks} networks of chapter 14" in (root / "README.md").read_text(encoding="utf-8")
    assert len(study.ACTIVATIONS) >= 12
    assert all(len(rates) == 13 for rates in study.RATES.values())
    steps = [np.diff(np.log10(rates)) for rates in study.RATES.values()]
    np.testing.assert_allclose(steps, 0.25)
    assert len(study.DEPTHS["sgd"]) == 3
    assert len(study.STARTS) == len(study.DATA) == 2
    assert len(study.SEEDS) >= 16
    assert len(table["seed"]) == sum(
        len(study.ACTIVATIONS) * 13 * len(depths) * 2 * 2 * len(study.SEEDS) for depths in study.DEPTHS.values()
    )


def test_every_number_is_possible(table):
    for part, rows in (("validation", (359, 114)), ("test", (360, 114))):
        for data, count in zip(study.DATA, rows, strict=True):
            right = table[f"{part}_accuracy"][table["data"] == data] * count
            right = right[np.isfinite(right)]
            assert right.min() >= 0
            assert right.max() <= count
            assert np.abs(right - right.round()).max() < 0.03, "four decimals of a share of so many rows"
    steps = {"digits": 10 * (1078 // 32), "cancer": 15 * (341 // 32)}
    for data, most in steps.items():
        for column in ("reached", "diverged"):
            some = table[column][table["data"] == data]
            assert np.nanmin(some) >= 0
            assert np.nanmax(some) <= most
    losses = table["train_loss"][np.isfinite(table["train_loss"])]
    assert losses.min() >= 0


def test_who_ended_below_the_target_reached_it(table):
    guessing = np.where(table["data"] == "digits", math.log(10), math.log(2))
    below = table["train_loss"] < 0.1 * guessing
    assert below.sum() > 10_000
    assert np.isfinite(table["reached"][below]).all()


def test_the_file_is_small_and_the_same_bytes_when_written_again(tmp_path):
    assert study.FILE.stat().st_size < 3e6
    with gzip.open(study.FILE, "rt", encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    assert tuple(header) == study.COLUMNS
    grid = [(*map(str, b), str(r), str(s)) for b in study.blocks() for r in range(13) for s in study.SEEDS]
    assert [tuple(line[:7]) for line in lines] == grid
    for name in ("one", "two"):
        study.write(lines, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    # The compressed bytes may differ between versions of zlib, what they say may not.
    assert gzip.decompress((tmp_path / "one").read_bytes()) == gzip.decompress(study.FILE.read_bytes())
    assert study.FILE.read_bytes()[4:8] == bytes(4), "the file holds the time at which it was made"


@pytest.mark.parametrize("block", [("sgd", "cancer", 1, "tanh", "gain"), ("adam", "cancer", 4, "relu", "default")])
def test_a_few_networks_trained_again_are_those_of_the_file(table, block):
    """Trained in other company, and perhaps on another processor: no accuracy further off than two tumours."""
    rates, seeds = (3, 5), (0, 1, 2)
    again = study.train_block(*block, rates=rates, seeds=seeds)
    optimiser, *names = block
    for column in ("train_loss", "validation_loss", "test_loss", "test_accuracy", "reached"):
        values, axes = study.cube(table, column, optimiser)
        place = tuple(axes[axis].index(name) for axis, name in zip(list(axes)[:4], names, strict=True))
        stored = values[place][np.ix_(rates, seeds)]
        if column == "test_accuracy":
            np.testing.assert_allclose(again[column], stored, rtol=0, atol=2.5 / 114)
        else:
            np.testing.assert_allclose(again[column], stored, rtol=0.05, atol=2e-3)


def test_the_second_file_holds_its_networks_once():
    further = study.read(study.MORE_FILE)
    assert len(further["seed"]) == sum(len(rates) * len(study.SEEDS) for rates, _ in study.MORE.values())
    for block, (rates, _) in study.MORE.items():
        for column in study.NUMBERS:
            assert study.more(further, column, block).shape == (len(rates), len(study.SEEDS))
    short = {column: values[1:] for column, values in further.items()}
    with pytest.raises(ValueError, match=r"79 rows of .*; allowed is each of 80 networks once"):
        study.more(short, "test_loss", next(iter(study.MORE)))


@pytest.mark.parametrize("block", [("sgd", "digits", 10, "elu", "gain"), ("adam", "digits", 10, "selu", "gain")])
def test_the_second_file_can_be_made_again(block):
    """With its own number of epochs: after fewer the training loss is another one by far."""
    further = study.read(study.MORE_FILE)
    rates, epochs = study.MORE[block]
    again = study.train_block(*block, rates=rates[:1], seeds=(0, 1, 2), epochs=epochs)
    stored = {column: study.more(further, column, block)[:1, :3] for column in study.NUMBERS}
    np.testing.assert_allclose(again["train_loss"], stored["train_loss"], rtol=0.3)
    np.testing.assert_allclose(again["test_accuracy"], stored["test_accuracy"], rtol=0, atol=5 / 359)


def test_blocks_with_settings_of_their_own_go_into_the_second_file(tmp_path):
    settings = {("sgd", "cancer", 1, "relu", "gain"): ((2, 4), 3)}
    first, second = tmp_path / "first.csv.gz", tmp_path / "second.csv.gz"
    options = {"parts": tmp_path / "parts", "file": first, "seeds": (0, 1), "workers": 1}
    assert command.make(BLOCKS[:1], more=settings, more_file=second, **options) == 2
    assert len(study.read(first)["seed"]) == 26
    further = study.read(second)
    assert further["rate"].tolist() == [2, 2, 4, 4]
    again = study.train_block("sgd", "cancer", 1, "relu", "gain", rates=(2, 4), seeds=(0, 1), epochs=3)
    np.testing.assert_allclose(further["test_accuracy"], again["test_accuracy"].ravel(), atol=1e-4)


# What is computed


@pytest.mark.parametrize(
    ("activation", "expected"),
    [("relu", math.sqrt(2)), ("leaky_relu_0.2", math.sqrt(2 / 1.04)), ("selu", 1.0), ("tanh", 1.5925),
     ("squared_relu", math.sqrt(2 / 3))],
)  # fmt: skip
def test_gain(activation, expected):
    assert study.gain(activation) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("activation", study.ACTIVATIONS)
def test_the_start_named_gain_keeps_the_size_of_a_signal(monkeypatch, activation):
    """The pre-activations of a wide network have a mean square of 1 in every layer, also where that is unstable."""
    made = []

    def stop(network, *arguments, **options):
        made.append(network)
        raise KeyboardInterrupt

    monkeypatch.setattr(study, "WIDTH", 1000)
    monkeypatch.setattr(ensemble.Ensemble, "train", stop)
    with pytest.raises(KeyboardInterrupt):
        study.train_block("sgd", "digits", 3, activation, "gain", rates=(0,), seeds=(1,))
    [network] = made
    x = np.random.default_rng(0).standard_normal((100, 64))
    inputs = [x, *(h[0] for h in network.hidden(x))]
    sizes = [np.square(h @ W[0].numpy()).mean() for h, W in zip(inputs[:3], network.weights, strict=False)]
    assert sizes == pytest.approx([1, 1, 1], abs=0.15)
    assert not any(b.any() for b in network.biases)


def test_first_at_most():
    steps = [0, 10, 20, 30]
    losses = np.transpose([
        [1.0, 0.01, 0.001, 0.001],   # crosses 0.1 half way, on the logarithm's scale
        [0.05, 1.0, 1.0, 1.0],       # was there at the start
        [1.0, 1.0, 1.0, 1.0],        # never
        [1.0, 0.1, 1.0, 0.01],       # exactly, and again later
        [1.0, 1.0, np.nan, np.nan],  # diverged before
    ])  # fmt: skip
    found = study.first_at_most(steps, losses, 0.1)
    np.testing.assert_allclose(found, [5, 0, np.nan, 10, np.nan])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sdg", "digits", 1, "relu", "gain"), "optimiser is 'sdg'; allowed are sgd, adam"),
        (("sgd", "mnist", 1, "relu", "gain"), "data is 'mnist'; allowed are digits, cancer"),
        (("sgd", "digits", 1, "swish", "gain"), "activation is 'swish'; allowed are relu, leaky_relu"),
        (("sgd", "digits", 1, "relu", "he"), "start is 'he'; allowed are default, gain"),
    ],
)
def test_unknown_names_get_a_clear_message(arguments, said):
    with pytest.raises(ValueError, match=said):
        study.train_block(*arguments)


def test_a_table_that_is_not_whole_gets_a_clear_message(table, tmp_path):
    short = {column: values[:-1] for column, values in table.items()}
    with pytest.raises(ValueError, match="allowed is each of"):
        study.cube(short, "test_loss", "adam")
    twice = {column: np.append(values[:-1], values[-2:-1]) for column, values in table.items()}
    with pytest.raises(ValueError, match="allowed is each of"):
        study.cube(twice, "test_loss", "adam")
    with pytest.raises(ValueError, match="column is 'loss'; allowed are train_loss"):
        study.cube(table, "loss")
    with pytest.raises(ValueError, match="optimiser is 'rms'; allowed are sgd, adam"):
        study.cube(table, "test_loss", "rms")
    with pytest.raises(FileNotFoundError, match="make study"):
        study.read(tmp_path / "nothing.csv.gz")
    with gzip.open(tmp_path / "other.csv.gz", "wt") as file:
        file.write("one,two\n1,2\n")
    with pytest.raises(ValueError, match="has the columns one, two"):
        study.read(tmp_path / "other.csv.gz")


# The command


def test_it_goes_on_where_it_was_stopped(tmp_path, monkeypatch, capsys):
    whole, stopped = tmp_path / "whole.csv.gz", tmp_path / "stopped.csv.gz"
    assert command.make(BLOCKS, parts=tmp_path / "a", file=whole, seeds=(0, 1), workers=1) == 3
    assert not (tmp_path / "a").exists(), "what was kept is not needed any more"

    train = study.train_block

    def stop_at_the_second(*block, **options):
        if block[3] == "squared_relu":
            raise KeyboardInterrupt
        return train(*block, **options)

    monkeypatch.setattr(study, "train_block", stop_at_the_second)
    # What the fingerprint reads of the function must not change with the stand-in.
    monkeypatch.setattr(command, "fingerprint", lambda: "same")
    with pytest.raises(KeyboardInterrupt):
        command.make(BLOCKS, parts=tmp_path / "b", file=stopped, seeds=(0, 1), workers=1)
    assert not stopped.exists()
    assert len(list((tmp_path / "b").iterdir())) == 1
    (tmp_path / "b" / "half-a-block.123.unfinished").write_text("sgd,can")
    monkeypatch.setattr(study, "train_block", train)
    capsys.readouterr()
    assert command.make(BLOCKS, parts=tmp_path / "b", file=stopped, seeds=(0, 1), workers=1) == 2
    assert "1 of 3 blocks are there already" in capsys.readouterr().out
    assert stopped.read_bytes() == whole.read_bytes()


def test_other_settings_do_not_take_what_was_kept(monkeypatch):
    before = command.fingerprint()
    assert command.fingerprint() == before
    monkeypatch.setattr(study, "EPOCHS", {"digits": 11, "cancer": 15})
    assert command.fingerprint() != before


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes as Linux lists them")
def test_its_workers_end_with_it_when_it_is_killed(tmp_path, root):
    script = tmp_path / "run.py"
    script.write_text(
        "import sys\n"
        f"sys.path[:0] = [{str(root / 'tools')!r}, {str(root / 'notebooks')!r}]\n"
        "import study\n"
        "from pathlib import Path\n"
        "if __name__ == '__main__':\n"
        f"    folder = Path({str(tmp_path)!r})\n"
        "    study.make(study.study.blocks(), parts=folder / 'parts', file=folder / 'file', workers=2)\n"
    )
    process = subprocess.Popen([sys.executable, str(script)], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    try:
        deadline = time.monotonic() + 60
        while len(workers := spawned(listed)) < 2:
            assert time.monotonic() < deadline, "no workers started"
            assert process.poll() is None
            time.sleep(0.1)
        time.sleep(1)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    while alive := [worker for worker in workers if Path(f"/proc/{worker}").exists()]:
        if time.monotonic() > deadline:
            for worker in alive:
                os.kill(worker, signal.SIGKILL)
            pytest.fail("the workers went on")
        time.sleep(0.1)
    assert not (tmp_path / "file").exists()


def spawned(listed):
    """The workers among the children of a process."""
    found = []
    for child in map(int, listed.read_text().split()):
        try:
            text = Path(f"/proc/{child}/cmdline").read_text()
        except OSError:
            continue
        if "spawn_main" in text:
            found.append(child)
    return found


def as_found(table, block):
    """What the file holds of a block, in the shape in which it is trained."""
    optimiser, *names = block
    found = {}
    for column in study.NUMBERS:
        values, axes = study.cube(table, column, optimiser)
        place = tuple(axes[axis].index(name) for axis, name in zip(list(axes)[:4], names, strict=True))
        found[column] = values[place].copy()
    return found


def test_a_block_that_says_something_else_is_noticed(table):
    block = ("sgd", "digits", 1, "tanh", "default")
    found = as_found(table, block)
    assert command.differences(block, found, table) == []
    for column, change, said in [
        ("test_accuracy", lambda v: v - 0.02, "mean test accuracy"),
        ("reached", lambda v: v * 1.3, "target reached at step"),
        ("diverged", lambda v: np.where(np.arange(16) < 6, 100.0, v), "6 networks diverged, in the file 0"),
    ]:
        changed = {**found, column: found[column].copy()}
        changed[column][6] = change(found[column][6])
        lines = command.differences(block, changed, table)
        assert len(lines) == 1
        assert said in lines[0]
        assert lines[0].startswith("sgd/digits/1/tanh/default, learning rate 0.0316: ")


def test_check_compares_the_named_blocks(table, monkeypatch, capsys):
    monkeypatch.setattr(study, "read", lambda: table)
    monkeypatch.setattr(command, "quietly", lambda block, seeds: as_found(table, block))
    call(monkeypatch, "--check", "sgd/digits/10/elu/gain", "adam/cancer/4/relu/default")
    assert "2 blocks trained again: every statistic agrees" in capsys.readouterr().out
    call(monkeypatch, "--check")
    assert f"{len(command.CHECKED)} blocks trained again" in capsys.readouterr().out

    def worse(block, seeds):
        found = as_found(table, block)
        return {**found, "test_accuracy": found["test_accuracy"] - 0.02}

    monkeypatch.setattr(command, "quietly", worse)
    with pytest.raises(SystemExit, match=r"statistics differ from study\.csv\.gz"):
        call(monkeypatch, "--check", "sgd/digits/1/relu/gain")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--workers", "0"], "argument --workers: '0' is not allowed; give a whole number of at least 1"),
        (["--workers", "two"], "argument --workers: 'two' is not allowed; give a whole number of at least 1"),
        (["--sheck"], "unrecognized arguments: --sheck"),
        (["--check", "relu"], "There is no block 'relu'; an example is sgd/digits/1/relu/default, and --list prints"),
    ],
)
def test_bad_options_get_a_clear_message(monkeypatch, capsys, arguments, said):
    with pytest.raises(SystemExit) as stopped:
        call(monkeypatch, *arguments)
    assert stopped.value.code not in (None, 0)
    assert said in capsys.readouterr().err + str(stopped.value.code)


def test_check_without_a_file_says_how_it_is_made(monkeypatch, tmp_path):
    monkeypatch.setattr(study.read, "__defaults__", (tmp_path / "study.csv.gz",))
    with pytest.raises(SystemExit, match="'make study' makes it"):
        call(monkeypatch, "--check", command.CHECKED[0])


def test_stopping_says_that_nothing_is_lost(monkeypatch):
    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "make", stop)
    with pytest.raises(SystemExit, match="the same command goes on from there"):
        call(monkeypatch)


def test_list_names_every_block(monkeypatch, capsys):
    call(monkeypatch, "--list")
    names = capsys.readouterr().out.split()
    assert len(names) == len(set(names)) == len(study.blocks())
    assert set(command.CHECKED) <= set(names)
