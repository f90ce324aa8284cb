"""The small transformers of chapter 13, and the study that trains them."""

import numpy as np
import pytest
import study_text
import torch
from relubook.family import FAMILY
from relubook.transformer import VARIANTS, Transformers, encode, read_alice

TINY = {"alphabet": 7, "width": 12, "heads": 2, "context": 8}


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def texts(runs, number, length, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).integers(0, 7, (runs, number, length)))


def test_every_variant_has_the_same_number_of_parameters():
    sizes = {Transformers(v, [0], alphabet=67).parameters_of_a_run for v in VARIANTS}
    assert sizes == {65_040}
    assert len({Transformers(v, [0], **TINY).parameters_of_a_run for v in VARIANTS}) == 1


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_hidden_layer_is_the_family_s(variant):
    network = Transformers(variant, [3], **TINY)
    x = torch.from_numpy(np.random.default_rng(1).standard_normal((1, 5, 12))).float()
    weights = {name.rpartition(".")[2]: (x @ w).detach().numpy() for name, w in network.weights.items()
               if name.startswith("0.feed_forward.") and name[-2:] not in ("wn", "rm")}
    inputs = (weights["value"], weights["gate"]) if VARIANTS[variant].gated else (weights["up"],)
    assert np.allclose(network.hidden_layer(x, 0).detach(), FAMILY[variant](*inputs), atol=1e-5)


def test_each_seed_draws_weights_of_its_own():
    two = Transformers("relu", [3, 4], **TINY)
    for name, weight in two.weights.items():
        assert torch.equal(weight[0], weight[1]) == name.endswith("norm"), name


def test_variants_share_the_weights_whose_shapes_agree():
    plain, gated, other = (Transformers(v, [5], **TINY).weights for v in ("relu", "geglu", "swiglu"))
    for name in set(plain) & set(gated):
        same = name.endswith(".down") is False
        assert (plain[name].shape == gated[name].shape and torch.equal(plain[name], gated[name])) == same, name
    assert all(torch.equal(gated[name], other[name]) for name in gated if not name.endswith(".down"))


def test_a_place_sees_none_after_it():
    network = Transformers("swiglu", [0], **TINY)
    one = texts(1, 1, 8)
    other = one.clone()
    other[..., 5] = (other[..., 5] + 1) % 7
    before, after = network.logits(one), network.logits(other)
    assert torch.equal(before[0, :5], after[0, :5])
    assert not torch.isclose(before[0, 5:], after[0, 5:]).all(dim=1).any()


@pytest.mark.parametrize("variant", ["gelu", "reglu"])
def test_no_run_sees_another(variant):
    """A run ends where it ends alone, whatever its companions and their rates."""
    text = texts(1, 1, 400)[0, 0]
    together = Transformers(variant, [4, 5, 6], **TINY)
    alone = Transformers(variant, [5], **TINY)
    losses = together.train(text, steps=6, learning_rate=[0.1, 0.01, 0.001], batch=3)
    assert np.allclose(losses[:, 1], alone.train(text, steps=6, learning_rate=0.01, batch=3)[:, 0], atol=1e-5)
    for name, weight in alone.weights.items():
        assert torch.allclose(weight[0], together.weights[name][1], atol=1e-5), name


def test_training_lowers_the_loss_and_the_seed_decides():
    text = encode("abcabcabc" * 60, "abc")
    first, again = (Transformers("relu", [1], **{**TINY, "alphabet": 3}) for _ in range(2))
    losses = first.train(text, steps=60, learning_rate=0.02, batch=4)
    assert losses.shape == (60, 1)
    assert losses[-1, 0] < 0.2 < losses[0, 0]
    assert np.array_equal(losses, again.train(text, steps=60, learning_rate=0.02, batch=4))


def test_examine_counts_exact_zeros():
    text = texts(1, 1, 100)[0, 0]
    loss, zeros = Transformers("relu", [0, 1], **TINY).examine(text)
    assert loss.shape == (2,)
    assert zeros.shape == (2, 2)
    assert ((zeros > 0.2) & (zeros < 0.8)).all()
    assert Transformers("silu", [0], **TINY).examine(text)[1].max() == 0


@pytest.mark.parametrize(("change", "words"), [
    ({"variant": "Relu"}, "allowed are relu, gelu"),
    ({"seeds": []}, "at least one"),
    ({"width": 10}, "multiples of heads"),
])
def test_errors_say_what_is_allowed(change, words):
    with pytest.raises(ValueError, match=words):
        Transformers(**{"variant": "relu", "seeds": [0], **TINY, **change})


def test_the_text_is_whole_and_parted():
    parts = read_alice()
    assert parts["train"].startswith("CHAPTER I\n")
    assert [parts[p].count("CHAPTER") for p in ("train", "choose", "test")] == [10, 1, 1]
    alphabet = sorted(set("".join(parts.values())))
    assert "".join(alphabet[n] for n in encode(parts["test"][:99], alphabet)) == parts["test"][:99]


def test_the_study_can_be_interrupted(tmp_path):
    """What is finished is kept; the file holds every run of every block."""
    blocks = [("relu", 0.016, range(2)), ("swiglu", 0.032, range(2))]
    options = {"parts": tmp_path / "parts", "file": tmp_path / "study.csv", "steps": 2}
    mark = study_text.fingerprint()
    options["parts"].mkdir()
    kept = options["parts"] / f"relu-0.016-0-{mark}.csv"
    study_text.write(kept, [["relu", "0.016", str(seed), *["1.0000"] * 5] for seed in (0, 1)])
    assert study_text.make(blocks, **options) == 1
    header, *rows = study_text.read(options["file"])
    assert tuple(header) == study_text.COLUMNS
    assert [row[:3] for row in rows] == [[v, f"{r:g}", str(s)] for v, r, seeds in blocks for s in seeds]
    assert rows[0][3:] == ["1.0000"] * 5
    assert all(2 < float(row[5]) < 6 for row in rows[2:])
    assert not options["parts"].exists()


def test_the_stored_study_is_complete():
    header, *rows = study_text.read(study_text.FILE)
    assert tuple(header) == study_text.COLUMNS
    expected = {(v, f"{r:g}", str(s)) for v, r, seeds in study_text.BLOCKS for s in seeds}
    assert {tuple(row[:3]) for row in rows} == expected
    assert len(rows) == len(expected) == 270
