"""Networks trained together against the same networks trained alone, and against PyTorch's own loop."""

import timeit

import numpy as np
import pytest
import torch
from relubook.ensemble import ACTIVATIONS, MODULES, NORMALISATIONS, Ensemble, split_rows

WIDTHS = (5, 8, 8, 3)


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def data():
    """60 points of five numbers in three classes that overlap."""
    random = np.random.default_rng(7)
    y = random.integers(0, 3, 60)
    return random.standard_normal((60, 5)) + y[:, None], y


def parameters(ensemble, r):
    return [p[r].numpy() for p in (*ensemble.weights, *ensemble.biases, *ensemble.slopes)]


def plain_loop(network, x, y, seed, epochs, batch_size, optimiser, clip_norm=None, clip_value=None, factors=None):
    """Train as a PyTorch tutorial would, over the batches that the ensemble's network sees."""
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    random = np.random.default_rng((seed, 2))
    losses = []
    for _ in range(epochs):
        order = random.permutation(len(x))
        for first in range(0, len(x) - batch_size + 1, batch_size):
            rows = order[first : first + batch_size]
            loss = torch.nn.functional.cross_entropy(network(x[rows]), y[rows])
            losses.append(float(loss.detach()))
            optimiser.zero_grad()
            loss.backward()
            if clip_value is not None:
                torch.nn.utils.clip_grad_value_(network.parameters(), clip_value)
            if clip_norm is not None:
                torch.nn.utils.clip_grad_norm_(network.parameters(), clip_norm)
            if factors is not None:
                optimiser.param_groups[0]["lr"] = factors[len(losses) - 1]
            optimiser.step()
    return losses


OPTIMISERS = {
    "sgd": ({"learning_rate": 0.3}, lambda p: torch.optim.SGD(p, lr=0.3)),
    "momentum and weight decay": (
        {"learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0.01},
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
    ),
    "adam": ({"learning_rate": 0.01, "optimiser": "adam"}, lambda p: torch.optim.Adam(p, lr=0.01)),
}


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("clip", [{}, {"clip_norm": 0.5}, {"clip_value": 0.02}], ids=["", "norm", "value"])
def test_a_network_of_an_ensemble_equals_pytorchs_own_loop(data, optimiser, clip):
    x, y = data
    ensemble = Ensemble(WIDTHS, seeds=[3, 4, 5], weights="he", dtype=torch.float64)
    alone = ensemble.network(1)
    options, make = OPTIMISERS[optimiser]
    losses = plain_loop(alone, x, y, seed=4, epochs=4, batch_size=16, optimiser=make(alone.parameters()), **clip)
    ensemble.train(x, y, epochs=4, batch_size=16, **options, **clip)
    trained = ensemble.network(1)
    assert losses[-1] < losses[0]
    for ours, reference in zip(trained.parameters(), alone.parameters(), strict=True):
        torch.testing.assert_close(ours, reference, rtol=0, atol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
def test_a_penalty_on_activations_equals_one_written_out_in_pytorch(data, activation):
    x, y = data
    penalties = [0.0, 0.3, 2.0]
    ensemble = Ensemble(WIDTHS, seeds=[3, 3, 4], activation=activation, weights="he", dtype=torch.float64)
    alone = [ensemble.network(r) for r in range(3)]
    ensemble.train(x, y, epochs=2, batch_size=20, learning_rate=0.2, activation_penalty=penalties)
    for r, (network, penalty) in enumerate(zip(alone, penalties, strict=True)):
        random, inputs = np.random.default_rng((ensemble.seeds[r], 2)), torch.from_numpy(x)
        optimiser = torch.optim.SGD(network.parameters(), lr=0.2)
        for _ in range(2):
            order = random.permutation(len(x))
            for first in range(0, len(x), 20):
                rows = order[first : first + 20]
                first_layer = network[:2](inputs[rows])
                second_layer = network[2:4](first_layer)
                logits = network[4:](second_layer)
                loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(y[rows]))
                loss = loss + penalty * (torch.mean(abs(first_layer)) + torch.mean(abs(second_layer)))
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
        for ours, reference in zip(ensemble.network(r).parameters(), network.parameters(), strict=True):
            torch.testing.assert_close(ours, reference, rtol=0, atol=1e-12)


def test_the_recorded_loss_is_without_the_penalty(data):
    x, y = data
    history = Ensemble(WIDTHS, [3]).train(x, y, epochs=1, learning_rate=0.1, batch_size=20, activation_penalty=50)
    plain = Ensemble(WIDTHS, [3]).train(x, y, epochs=1, learning_rate=0.1, batch_size=20)
    assert history.loss["train"][0] == plain.loss["train"][0]


def test_a_schedule_multiplies_the_learning_rate(data):
    x, y = data
    ensemble = Ensemble(WIDTHS, seeds=[4], dtype=torch.float64)
    alone = ensemble.network(0)
    factors = [0.3 * 0.8**step for step in range(12)]
    plain_loop(alone, x, y, 4, 4, 16, torch.optim.SGD(alone.parameters(), lr=0.3), factors=factors)
    asked = []

    def decay(step, steps):
        asked.append((step, steps))
        return 0.8**step

    ensemble.train(x, y, epochs=4, batch_size=16, learning_rate=0.3, schedule=decay)
    assert asked == [(step, 12) for step in range(12)]
    for ours, reference in zip(ensemble.network(0).parameters(), alone.parameters(), strict=True):
        torch.testing.assert_close(ours, reference, rtol=0, atol=1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_together_equals_alone_for_every_activation_and_start(data, activation):
    """Networks that differ in seed, start, slope and learning rate don't touch one another."""
    x, y = data
    seeds, rates, slopes = [0, 1, 2, 3], [0.01, 0.1, 0.5, 1.0], [0.0, 0.01, 0.3, -0.1]
    weights, biases = ["default", "he", "lecun", 1.7], ["default", "zero", -0.2, 0.5]
    rows, held_out = split_rows(len(x), seeds, 0.25)
    options = {"activation": activation, "dtype": torch.float64}

    def train(part):
        ensemble = Ensemble(
            WIDTHS, seeds[part], negative_slope=slopes[part], weights=weights[part], biases=biases[part], **options
        )
        history = ensemble.train(
            x, y, epochs=3, batch_size=15, learning_rate=rates[part], rows=rows[part], watch={"test": held_out[part]}
        )
        return ensemble, history

    ensemble, history = train(slice(0, 4))
    for r in range(4):
        alone, its_history = train(slice(r, r + 1))
        for ours, reference in zip(parameters(ensemble, r), parameters(alone, 0), strict=True):
            # A relative error too: at a rate of 1, SELU's weights grow to millions.
            np.testing.assert_allclose(ours, reference, rtol=1e-10, atol=1e-12)
        for name in ("train", "test"):
            np.testing.assert_allclose(history.loss[name][:, r], its_history.loss[name][:, 0], rtol=1e-12)
            np.testing.assert_array_equal(history.accuracy[name][:, r], its_history.accuracy[name][:, 0])
        np.testing.assert_allclose(history.gradient_norm[..., r], its_history.gradient_norm[..., 0], rtol=1e-9)
        np.testing.assert_array_equal(history.zero_fraction[..., r], its_history.zero_fraction[..., 0])
        np.testing.assert_array_equal(history.dead_fraction[..., r], its_history.dead_fraction[..., 0])
        for ours, reference in zip(history.dead_units, its_history.dead_units, strict=True):
            np.testing.assert_array_equal(ours[:, r], reference[:, 0])
        for ours, reference in zip(history.slopes, its_history.slopes, strict=True):
            np.testing.assert_allclose(ours[:, r], reference[:, 0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("activation", MODULES)
def test_the_network_it_hands_out_computes_the_same(data, activation):
    ensemble = Ensemble(WIDTHS, [8, 9], activation=activation, negative_slope=[0.2, 0.3], dtype=torch.float64)
    for r in range(2):
        with torch.no_grad():
            alone = ensemble.network(r)(torch.from_numpy(data[0])).numpy()
        np.testing.assert_allclose(ensemble.logits(data[0])[r], alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("slopes", [[0.1, 0.1, 0.1], [0.0, 0.1, 1.5]], ids=["one slope", "three slopes"])
def test_leaky_slopes_train_as_pytorchs_own(data, slopes):
    x, y = data
    ensemble = Ensemble(WIDTHS, [3, 4, 5], activation="leaky_relu", negative_slope=slopes, dtype=torch.float64)
    assert [network[1].negative_slope for network in map(ensemble.network, range(3))] == slopes
    weights, biases = ensemble.gradients(x, y)
    for r in range(3):
        alone = ensemble.network(r)
        torch.nn.functional.cross_entropy(alone(torch.from_numpy(x)), torch.from_numpy(y)).backward()
        reference = [p.grad.numpy() for p in alone.parameters()]
        for layer in range(3):
            np.testing.assert_allclose(weights[layer][r].T, reference[2 * layer], rtol=0, atol=1e-14)
            np.testing.assert_allclose(biases[layer][r, 0], reference[2 * layer + 1], rtol=0, atol=1e-14)


def groups(network, decayed):
    """The parameters of a network, with a weight decay that leaves its slopes alone or does not."""
    slopes = [p for module in network if isinstance(module, torch.nn.PReLU) for p in module.parameters()]
    others = [p for module in network if isinstance(module, torch.nn.Linear) for p in module.parameters()]
    return [{"params": others}, {"params": slopes, **({} if decayed else {"weight_decay": 0})}]


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("decayed", [True, False], ids=["decayed", "spared"])
@pytest.mark.parametrize("unit_slopes", [False, True], ids=["a layer", "a unit"])
def test_prelu_learns_the_slopes_that_pytorchs_own_loop_learns(data, optimiser, decayed, unit_slopes):
    x, y = data
    ensemble = Ensemble(WIDTHS, [3, 4], activation="prelu", unit_slopes=unit_slopes, weights="he", dtype=torch.float64)
    alone = ensemble.network(1)
    assert [len(alone[i].weight) for i in (1, 3)] == [8 if unit_slopes else 1] * 2
    options, make = OPTIMISERS[optimiser]
    plain_loop(alone, x, y, seed=4, epochs=4, batch_size=16, optimiser=make(groups(alone, decayed)), clip_norm=0.5)
    history = ensemble.train(x, y, epochs=4, batch_size=16, decay_slopes=decayed, clip_norm=0.5, **options)
    for ours, reference in zip(ensemble.network(1).parameters(), alone.parameters(), strict=True):
        torch.testing.assert_close(ours, reference, rtol=0, atol=1e-12)
    for layer, module in enumerate((alone[1], alone[3])):
        assert (history.slopes[layer][0] == 0.25).all()
        assert (history.slopes[layer][-1] != 0.25).all()
        np.testing.assert_allclose(history.slopes[layer][-1, 1], module.weight.detach(), rtol=0, atol=1e-12)


def test_slopes_start_where_they_are_told_and_are_nan_once_diverged(data):
    ensemble = Ensemble(WIDTHS, [3, 4], activation="prelu", negative_slope=[0.0, 0.5], weights="he")
    history = ensemble.train(*data, epochs=2, batch_size=20, learning_rate=[0.01, 1e30])
    assert history.slopes[0][0].tolist() == [[0.0], [0.5]]
    assert history.diverged.tolist() == [False, True]
    assert np.isnan([layer[-1, 1] for layer in history.slopes]).all()
    assert np.isfinite([layer[-1, 0] for layer in history.slopes]).all()
    assert Ensemble(WIDTHS, [3]).train(*data, epochs=1, batch_size=20, learning_rate=0.1).slopes == []


def test_rrelu_draws_in_training_and_uses_the_mean_otherwise(data):
    """Against a loop written out, with the slopes drawn as the network's seed has them."""
    x, y = data
    ensemble = Ensemble(WIDTHS, [3, 4], activation="rrelu", random_slopes=(0.1, 0.7), weights="he", dtype=torch.float64)
    alone = ensemble.network(1)
    assert not alone.training
    slopes, orders = np.random.default_rng((4, 4)), np.random.default_rng((4, 2))
    inputs, targets, drawn = torch.from_numpy(x), torch.from_numpy(y), []
    optimiser = torch.optim.SGD(alone.parameters(), lr=0.3)
    for _ in range(3):
        order = orders.permutation(len(x))
        for first in range(0, len(x), 20):
            a = inputs[order[first : first + 20]]
            for layer in (0, 2):
                z = alone[layer](a)
                drawn.append(torch.from_numpy(slopes.uniform(0.1, 0.7, (20, 8))))
                a = torch.where(z > 0, z, drawn[-1] * z)
            loss = torch.nn.functional.cross_entropy(alone[4](a), targets[order[first : first + 20]])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    history = ensemble.train(x, y, epochs=3, batch_size=20, learning_rate=0.3)
    assert len({float(s[0, 0]) for s in drawn}) == len(drawn)
    for ours, reference in zip(ensemble.network(1).parameters(), alone.parameters(), strict=True):
        torch.testing.assert_close(ours, reference, rtol=0, atol=1e-12)
    loss = torch.nn.functional.cross_entropy(alone(inputs), targets)
    assert history.loss["train"][-1, 1] == pytest.approx(float(loss.detach()), rel=1e-12)
    assert alone[1].lower == 0.1
    assert alone[1].upper == 0.7


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
@pytest.mark.parametrize("residual", [False, True])
def test_normalisation_and_residuals_equal_a_forward_pass_by_hand(data, normalisation, residual):
    ensemble = Ensemble(
        (5, 8, 8, 8, 3), [1, 2], normalisation=normalisation, residual=residual, dtype=torch.float64
    )
    for r in range(2):
        x = torch.from_numpy(data[0])
        for W, b in zip(ensemble.weights[:-1], ensemble.biases[:-1], strict=True):
            z = x @ W[r]
            if normalisation == "batch":
                z = torch.nn.functional.batch_norm(z, None, None, training=True)
            if normalisation == "layer":
                z = torch.nn.functional.layer_norm(z, z.shape[1:])
            a = torch.relu(z + b[r])
            x = a + x if residual and a.shape == x.shape else a
        expected = (x @ ensemble.weights[-1][r] + ensemble.biases[-1][r]).numpy()
        np.testing.assert_allclose(ensemble.logits(data[0])[r], expected, rtol=0, atol=1e-12)


def test_what_is_recorded_is_what_a_look_at_the_network_finds(data):
    x, y = data
    rows, held_out = split_rows(60, [1, 2], 0.5)
    ensemble = Ensemble(WIDTHS, [1, 2], biases=-0.8, dtype=torch.float64)
    history = ensemble.train(
        x, y, epochs=5, batch_size=30, learning_rate=0.2, rows=rows, watch={"test": held_out}, record_every=2
    )
    assert history.step.tolist() == [0, 2, 4, 5]
    assert history.epoch.tolist() == [0, 2, 4, 5]
    assert not history.diverged.any()
    for r in range(2):
        network = ensemble.network(r)
        for name, some in (("train", rows[r]), ("test", held_out[r])):
            with torch.no_grad():
                logits = network(torch.from_numpy(x[some]))
            loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(y[some]))
            assert history.loss[name][-1, r] == pytest.approx(float(loss), rel=1e-12)
            assert history.accuracy[name][-1, r] == np.mean(logits.argmax(1).numpy() == y[some])
        for layer, module in enumerate([network[:2], network[:4]]):
            with torch.no_grad():
                activation = module(torch.from_numpy(x[rows[r]])).numpy()
            assert history.zero_fraction[-1, layer, r] == pytest.approx(np.mean(activation == 0), rel=1e-12)
            assert history.dead_fraction[-1, layer, r] == np.mean((activation == 0).all(axis=0))
            np.testing.assert_array_equal(history.dead_units[layer][-1, r], (activation == 0).all(axis=0))
    assert history.dead_fraction.max() > 0, "the bias of -0.8 was meant to kill some"


def test_gradient_norms_are_those_of_the_mini_batches(data):
    x, y = data
    ensemble = Ensemble(WIDTHS, [5], dtype=torch.float64)
    weights, biases = ensemble.gradients(x, y)
    # With all rows in one batch, the first record and one step's mean are the whole gradient.
    history = ensemble.train(x, y, epochs=1, batch_size=60, learning_rate=1e-9)
    expected = [np.linalg.norm(gradient[0]) for gradient in weights]
    np.testing.assert_allclose(history.gradient_norm[0, :, 0], expected, rtol=1e-9)
    np.testing.assert_allclose(history.gradient_norm[1, :, 0], expected, rtol=1e-9)
    network = Ensemble(WIDTHS, [5], dtype=torch.float64).network(0)
    torch.nn.functional.cross_entropy(network(torch.from_numpy(x)), torch.from_numpy(y)).backward()
    for layer in range(3):
        np.testing.assert_allclose(weights[layer][0], network[2 * layer].weight.grad.numpy().T, rtol=0, atol=1e-12)
        np.testing.assert_allclose(biases[layer][0, 0], network[2 * layer].bias.grad.numpy(), rtol=0, atol=1e-12)


def test_a_gradient_too_small_for_float32_squares_is_not_0(data):
    x, y = data
    ensemble = Ensemble((5, *[16] * 60, 3), [1], weights=0.5, biases="zero")
    history = ensemble.train(x, y, epochs=1, batch_size=60, learning_rate=1e-9)
    assert 0 < history.gradient_norm[0, 0, 0] < 1e-23


def test_a_diverged_network_is_recorded_and_spoils_no_other(data):
    x, y = data
    rates = [0.1, 1e12, 0.2]
    ensemble = Ensemble(WIDTHS, [1, 2, 3], weights="he")
    history = ensemble.train(x, y, epochs=6, batch_size=20, learning_rate=rates)
    alone = Ensemble(WIDTHS, [3], weights="he").train(x, y, epochs=6, batch_size=20, learning_rate=0.2)
    assert history.diverged.tolist() == [False, True, False]
    assert 1 <= history.diverged_at[1] <= 18
    assert history.diverged_at[[0, 2]].tolist() == [-1, -1]
    # Recorded before it diverged, NaN after, and so is every mean that includes it.
    assert np.isfinite(history.loss["train"][0]).all()
    for part in (history.loss["train"], history.accuracy["train"]):
        assert np.isnan(part[-1, 1])
        assert np.isnan(part[-1].mean())
    for part in (history.gradient_norm, history.zero_fraction, history.dead_fraction):
        assert np.isnan(part[-1, :, 1]).all()
    assert not any(dead[-1, 1].any() for dead in history.dead_units)
    np.testing.assert_allclose(history.loss["train"][:, 2], alone.loss["train"][:, 0], rtol=1e-4)


def test_a_network_that_diverges_in_its_last_step_is_found(data):
    x, y = data
    history = Ensemble(WIDTHS, [1], weights="he").train(x, y, epochs=1, batch_size=60, learning_rate=1e30)
    assert history.diverged_at.tolist() == [1]
    assert np.isnan(history.loss["train"][-1, 0])


def test_starts_have_the_scale_they_name():
    for weights, expected in {
        "default": 1 / np.sqrt(3 * 200), "he": np.sqrt(2 / 200), "lecun": np.sqrt(1 / 200),
        "xavier": np.sqrt(2 / 500), 0.7: 0.7 / np.sqrt(200),
    }.items():
        drawn = Ensemble((200, 300, 2), [0], weights=weights, dtype=torch.float64).weights[0].numpy()
        assert drawn.std() == pytest.approx(expected, rel=0.01)
        assert abs(drawn.mean()) < expected / 50
        assert (abs(drawn).max() <= 1 / np.sqrt(200)) == (weights == "default")
    biases = Ensemble((200, 300, 2), [0, 0, 0], biases=["default", "zero", -2], dtype=torch.float64).biases
    assert biases[0][0].std() == pytest.approx(1 / np.sqrt(3 * 200), rel=0.1)
    assert biases[0][1:, 0, 0].tolist() == [0, -2]
    assert (biases[1][1:] == 0).all()


def test_biases_leave_the_weights_as_they_are():
    one, other = (Ensemble(WIDTHS, [1], biases=biases) for biases in ("zero", "default"))
    assert all(torch.equal(a, b) for a, b in zip(one.weights, other.weights, strict=True))


def test_split_rows_holds_out_the_share_it_is_asked_for():
    train, test = split_rows(100, range(5), 0.2)
    assert train.shape == (5, 80)
    assert test.shape == (5, 20)
    for one, other in zip(train, test, strict=True):
        assert sorted([*one, *other]) == list(range(100))
    assert not np.array_equal(test[0], test[1])
    assert np.array_equal(split_rows(100, [3], 0.2)[1][0], test[3])


NAN = np.zeros((60, 5))
NAN[2, 1] = np.nan
SOUND = {"epochs": 1, "learning_rate": 0.1, "batch_size": 10}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.zeros((60, 4))}, r"x has shape \(60, 4\).*allowed are numbers in the shape \(samples, 5\)"),
        ({"x": np.zeros(60)}, r"x has shape \(60,\)"),
        ({"x": np.full((60, 5), "a")}, r"dtype <U1"),
        ({"x": NAN}, r"x holds 1 values that are no finite numbers, the first, nan, in row 2, column 1"),
        ({"x": np.zeros((0, 5)), "y": np.zeros(0, int)}, r"x has no rows"),
        ({"y": np.zeros(59, int)}, r"y has shape \(59,\)"),
        ({"y": np.zeros(60)}, r"dtype float64; allowed are integers"),
        ({"y": np.full(60, 3)}, r"y holds the label 3; allowed are 0 to 2"),
        ({"y": np.full(60, -1)}, r"y holds the label -1"),
        ({"rows": [[0, 1]]}, r"rows has shape \(1, 2\).*allowed are integers in the shape \(n,\) or \(2, n\)"),
        ({"rows": [0, 60]}, r"rows goes from 0 to 60; allowed are 0 to 59"),
        ({"watch": {"train": [0]}}, r"'train', which is taken"),
        ({"watch": {"test": [-1]}}, r"watch\['test'\] goes from -1"),
        ({"batch_size": 61}, r"batch_size is 61; allowed are 1 to 60"),
        ({"batch_size": 0}, r"batch_size is \[0\]; allowed are integers of at least 1"),
        ({"epochs": 1.5}, r"epochs is \[1.5\]; allowed are integers"),
        ({"learning_rate": [0.1, 0.2, 0.3]}, r"learning_rate is .*allowed are a finite number or 2"),
        ({"learning_rate": np.nan}, r"learning_rate is nan"),
        ({"optimiser": "rmsprop"}, r"optimiser is 'rmsprop'; allowed are sgd, adam"),
        ({"momentum": 1.0}, r"momentum is 1.0"),
        ({"activation_penalty": -0.1}, r"activation_penalty is -0.1; allowed are numbers of at least 0"),
        ({"activation_penalty": [0.1, 0.2, 0.3]}, r"activation_penalty is .*allowed are a finite number or 2"),
        ({"clip_norm": 0}, r"clip_norm is 0; allowed is a number above 0"),
    ],
)
def test_bad_input_is_refused_before_the_first_step(data, change, message):
    ensemble = Ensemble(WIDTHS, [1, 2])
    before = [p.clone() for p in (*ensemble.weights, *ensemble.biases)]
    with pytest.raises((ValueError, TypeError), match=message):
        ensemble.train(**{"x": data[0], "y": data[1], **SOUND, **change})
    assert all(torch.equal(a, b) for a, b in zip(before, (*ensemble.weights, *ensemble.biases), strict=True))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"widths": (5,)}, r"widths is \(5,\); allowed are two numbers or more"),
        ({"widths": (5, 0)}, r"widths is \(5, 0\); allowed are integers of at least 1"),
        ({"seeds": []}, r"seeds is empty"),
        ({"seeds": [-1]}, r"seeds is \[-1\]"),
        ({"activation": "rulu"}, r"activation is 'rulu'; allowed are identity, relu"),
        ({"normalisation": "group"}, r"normalisation is 'group'; allowed are None, batch, layer"),
        ({"weights": "kaiming"}, r"weights is 'kaiming'; allowed are default, he, lecun, xavier or a finite number"),
        ({"weights": ["he"]}, r"weights has length 1; allowed are one, or 2"),
        ({"biases": "he"}, r"biases is 'he'; allowed are default, zero or a finite number"),
        ({"negative_slope": np.inf}, r"negative_slope is inf"),
        ({"random_slopes": (0.3, 0.1)}, r"random_slopes is \(0.3, 0.1\); allowed are two finite numbers, the lower"),
        ({"random_slopes": 0.2}, r"random_slopes is 0.2"),
    ],
)
def test_a_wrong_architecture_is_refused(arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        Ensemble(**{"widths": WIDTHS, "seeds": [1, 2], **arguments})


def test_a_share_that_leaves_nothing_is_refused():
    with pytest.raises(ValueError, match=r"held_out is 0.001 of 10 rows"):
        split_rows(10, [1], 0.001)


def test_progress_is_counted_step_by_step(data, capsys, monkeypatch):
    """tqdm shows it; the tools that store and compare outputs switch it off by TQDM_DISABLE."""
    bars = []

    class Bar:
        def __init__(self, **options):
            self.options, self.updates = options, 0
            bars.append(self)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return False

        def update(self):
            self.updates += 1

    monkeypatch.setattr("relubook.ensemble.tqdm", Bar)
    Ensemble(WIDTHS, [1, 2]).train(*data, epochs=2, batch_size=20, learning_rate=0.1)
    assert [(bar.updates, bar.options["total"]) for bar in bars] == [(6, 6)]
    assert "2 networks" in bars[0].options["desc"]
    assert capsys.readouterr() == ("", "")


def test_together_is_faster_than_one_after_another():
    """`make bench` prints how much; this is a bound that a busy machine keeps."""
    random = np.random.default_rng(0)
    x, y = random.standard_normal((640, 64)).astype(np.float32), random.integers(0, 10, 640)
    ensemble = Ensemble((64, 32, 32, 10), range(256), weights="he")
    alone = ensemble.network(0)
    optimiser = torch.optim.SGD(alone.parameters(), lr=0.1)
    options = {"epochs": 4, "learning_rate": 0.1, "record_every": 4}
    ratios = []
    for _ in range(3):
        one = timeit.timeit(lambda: plain_loop(alone, x, y, 0, 4, 64, optimiser), number=2) / 2
        ratios.append(256 * one / timeit.timeit(lambda: ensemble.train(x, y, **options), number=1))
    assert max(ratios) > 4, ratios
