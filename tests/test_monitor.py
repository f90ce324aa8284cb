"""The health monitor: its readings against a calculation by hand, its words on networks broken on purpose."""

import math

import numpy as np
import pytest
import torch
from relubook.monitor import FAULTS, Monitor
from torch import nn


def watched(model, learning_rate=0.1, steps=12, x=None):
    random = np.random.default_rng(0)
    x = torch.from_numpy(random.standard_normal((32, 6))).float() if x is None else x
    y = torch.from_numpy(random.integers(0, 3, 32))
    monitor = Monitor(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    for _ in range(steps):
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        monitor.before_step(loss)
        optimizer.step()
        monitor.after_step()
    return monitor


HE = math.sqrt(2)


def network(gain=HE, activation=nn.ReLU, hidden=1, bias=0.0):
    torch.manual_seed(1)
    layers = []
    for inputs, outputs in [(6, 16), *[(16, 16)] * (hidden - 1), (16, 3)]:
        layer = nn.Linear(inputs, outputs)
        nn.init.normal_(layer.weight, std=gain / math.sqrt(inputs))
        nn.init.constant_(layer.bias, bias if outputs == 16 else 0)
        layers += [layer, activation()]
    return nn.Sequential(*layers[:-1])


def test_readings_are_those_of_a_calculation_by_hand():
    model = network()
    x = torch.from_numpy(np.random.default_rng(3).standard_normal((32, 6))).float()
    before = [model[0].weight.detach().clone(), model[2].weight.detach().clone()]
    with torch.no_grad():
        hidden = model[:2](x).numpy()
    monitor = watched(model, learning_rate=0.25, steps=1, x=x)
    assert monitor.layers == ["0", "2"]
    assert monitor.activations == ["1"]
    assert monitor.zero[0] == [pytest.approx(np.mean(hidden == 0))]
    assert monitor.dead[0] == [pytest.approx(np.mean((hidden == 0).all(axis=0)))]
    assert monitor.saturated[0] == [0.0]
    for k, layer in enumerate((model[0], model[2])):
        gradient = np.linalg.norm(layer.weight.grad.double().numpy())
        assert monitor.gradient_norm[0][k] == pytest.approx(gradient, rel=1e-6)
        assert monitor.update_ratio[0][k] == pytest.approx(0.25 * gradient / float(before[k].norm()), rel=1e-4)


@pytest.mark.parametrize(("activation", "ends"), [(nn.Tanh, (-0.98, 0.98)), (nn.Sigmoid, (0.01, 0.99))])
def test_saturated_is_a_hundredth_of_the_range_from_an_end(activation, ends):
    model = network(gain=3.0, activation=activation)
    x = torch.from_numpy(np.random.default_rng(3).standard_normal((32, 6))).float()
    with torch.no_grad():
        hidden = model[:2](x).numpy()
    expected = np.mean((hidden < ends[0]) | (hidden > ends[1]))
    assert 0 < expected < 1
    assert watched(model, steps=1, x=x).saturated[0] == [pytest.approx(expected)]


@pytest.mark.parametrize(
    ("fault", "model", "learning_rate"),
    [
        ("none", {}, 0.1),
        ("exploding gradients", {"gain": 6.0, "hidden": 8}, 0.1),
        ("dead units", {"bias": -9.0}, 0.1),
        ("saturated units", {"gain": 20.0, "activation": nn.Tanh}, 1e-3),
        ("vanishing gradients", {"gain": 0.5, "hidden": 10, "activation": nn.Tanh}, 0.1),
        ("vanishing gradients", {"gain": 0.5, "hidden": 8}, 0.1),
        ("learning rate too high", {}, 5.0),
        ("learning rate too low", {}, 1e-5),
    ],
)
def test_each_fault_is_named_with_what_shows_it(fault, model, learning_rate):
    said, because = watched(network(**model), learning_rate).diagnose()
    assert said == fault
    assert any(character.isdigit() for character in because)
    assert said == "none" or said in FAULTS


def test_a_loss_that_is_nan_from_the_start_is_a_fault():
    x = torch.full((32, 6), torch.nan)
    assert watched(network(), x=x).diagnose()[0] == "exploding gradients"


def test_a_nan_that_is_not_the_first_is_seen():
    monitor = watched(network())
    monitor.update_ratio[4][1] = math.nan
    assert monitor.diagnose()[0] == "learning rate too high"
    monitor.gradient_norm[0][1] = math.nan
    assert monitor.diagnose()[0] == "exploding gradients"


@pytest.mark.parametrize(
    ("tail", "fault"),
    [
        ([0.5] * 20, "none"),
        ([0.5] * 10 + [0.9] * 10, "none"),  # worse, but not yet half of what it was at the start
        ([0.5] * 10 + [0.95] * 9 + [5.0], "loss lost"),  # 1.36 on the mean
        ([0.5] * 10 + [2.3] * 10, "loss lost"),
        ([0.5] * 19 + [math.nan], "loss lost"),
        ([0.5] * 10 + [math.nan] * 10, "loss lost"),
        ([0.5] * 19 + [math.inf], "loss lost"),
        ([2.0] * 10 + [3.9] * 10, "none"),  # noise, where nothing was learnt
        ([2.0] * 10 + [4.1] * 10, "loss lost"),
        ([1e-9] * 10 + [1e-3] * 10, "none"),  # learnt by heart: twice next to nothing is no loss
    ],
)
def test_a_loss_that_was_low_and_is_lost_later_is_a_fault(tail, fault):
    monitor = watched(network())
    monitor.loss = [2.0] * 10 + tail
    said, because = monitor.diagnose()
    assert said == fault
    assert said == "none" or f"was {np.mean(tail[-10:]):.2g} in the last ten steps" in because


def test_a_lost_loss_is_named_behind_what_was_wrong_at_the_start():
    monitor = watched(network(), learning_rate=5.0)
    monitor.loss += [math.nan] * 10
    assert monitor.diagnose()[0] == "learning rate too high"


def test_what_is_only_looked_at_leaves_no_reading():
    model = network()
    monitor = watched(model, steps=10)
    before = [list(step) for step in monitor.zero]
    model.eval()
    with torch.no_grad():
        model(torch.zeros(5, 6))
    assert monitor.zero == before


def test_wrong_calls_say_what_is_allowed():
    with pytest.raises(ValueError, match=r"no layer with a weight .* made of ReLU"):
        Monitor(nn.ReLU())
    with pytest.raises(ValueError, match=r"no activation module, such as ReLU; it is made of Linear"):
        Monitor(nn.Linear(2, 2))
    with pytest.raises(ValueError, match=r"9 steps were watched; allowed are 10 or more"):
        watched(network(), steps=9).diagnose()
