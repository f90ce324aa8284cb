"""Checks for chapter 05, ReLU in PyTorch."""

import torch
from torch import nn

from relubook.exercises import NotYet, require_function, show

_UNFINISHED = "returned nothing; write your own line in place of the three dots."


def _attempt(function, written, *arguments):
    """Call the reader's function on these very tensors: a copy would have no gradient."""
    try:
        result = function(*arguments)
    except Exception as error:  # whatever a reader's code can raise
        message = str(error).split(": [")[0].split(". ")[0]
        raise NotYet(f"{written} raised {type(error).__name__}: {message}") from error
    if result is None or result is Ellipsis:
        raise NotYet(f"{written} {_UNFINISHED}")
    return result


def _require_values(written, got, expected, equal_nan=False):
    if not isinstance(got, torch.Tensor):
        raise NotYet(f"{written}: expected a tensor, got {show(got)} of type {type(got).__name__}.")
    if got.dtype != expected.dtype or got.shape != expected.shape:
        raise NotYet(
            f"{written}: expected dtype {expected.dtype} and shape {tuple(expected.shape)}, got {got.dtype} and "
            f"{tuple(got.shape)}."
        )
    if not torch.allclose(got.detach(), expected, rtol=0, atol=1e-6, equal_nan=equal_nan):
        raise NotYet(f"{written}: expected {show(expected.tolist())}, got {show(got.tolist())}.")


def _gradient(written, result, x, arriving):
    if not result.requires_grad:
        raise NotYet(f"{written} has lost the graph: its result has no grad_fn, so no gradient can come back.")
    given = arriving.clone()
    try:
        (gradient,) = torch.autograd.grad(result, x, given)
    except Exception as error:  # the reader's own backward runs here
        message = str(error).split(": [")[0].split(". ")[0]
        raise NotYet(f"Going back through {written} raised {type(error).__name__}: {message}") from error
    if not torch.equal(given, arriving):
        raise NotYet(f"{written}: your backward wrote into grad_output; make a new tensor.")
    return gradient


def block(function):
    """05.1: z + ReLU(z - 1), with nothing overwritten."""
    require_function(function)
    name = getattr(function, "__name__", "your function")
    inputs = [[-2.0, 0.5, 3.0], [1.5], [[4.0, -1.0], [2.0, 0.25]], [1e3, -1e3], [float("inf"), -float("inf")]]
    for numbers, dtype in [(numbers, dtype) for dtype in (torch.float64, torch.float32) for numbers in inputs]:
        for leaf in (False, True):
            x = torch.tensor(numbers, dtype=dtype, requires_grad=True)
            z = x if leaf else x * 1.0
            before = z.detach().clone()
            written = f"{name}({show(before.tolist())})" + (" on a leaf" if leaf else "")
            result = _attempt(function, written, z)
            if not torch.equal(z.detach(), before):
                raise NotYet(f"{written} changed z to {show(z.tolist())}.")
            _require_values(written, result, before + torch.clamp(before - 1, min=0))
            arriving = torch.arange(1.0, 1 + result.numel(), dtype=dtype).reshape(result.shape)
            got = _gradient(written, result, x, arriving)
            expected = arriving * (1 + (before > 1).to(dtype))
            if not torch.allclose(got, expected, rtol=0, atol=1e-9):
                raise NotYet(
                    f"{written}: with {show(arriving.tolist())} arriving, the gradient should be "
                    f"{show(expected.tolist())} and is {show(got.tolist())}."
                )
    return "Value and gradient are right, on leaves and elsewhere, and z stays as it was."


def chosen_slope(function):
    """05.2: ReLU with a slope at 0 of one's own choice."""
    require_function(function)
    points = [-2.0, -1e-6, 0.0, 1e-6, 3.0, -0.0]
    for dtype in (torch.float64, torch.float32):
        for at_zero in (0.0, 1.0, 0.5, 0.25):
            x = torch.tensor(points, dtype=dtype, requires_grad=True)
            before = x.detach().clone()
            written = f"my_relu({show(points)}, at_zero={at_zero:g})"
            result = _attempt(function, written, x, at_zero)
            if not torch.equal(x.detach(), before):
                raise NotYet(f"{written} changed its input to {show(x.tolist())}.")
            _require_values(written, result, torch.clamp(before, min=0))
            for arriving in (torch.ones_like(before), torch.tensor([7.0, -1, 2, -3, 5, -4], dtype=dtype)):
                got = _gradient(written, _attempt(function, written, x, at_zero), x, arriving)
                slope = (before > 0).to(dtype) + at_zero * (before == 0).to(dtype)
                if not torch.allclose(got, arriving * slope, rtol=0, atol=1e-6):
                    raise NotYet(
                        f"{written}: with {show(arriving.tolist())} arriving, the gradient should be "
                        f"{show((arriving * slope).tolist())} and is {show(got.tolist())}."
                    )
    special = torch.tensor([float("nan"), float("inf"), -float("inf")], dtype=torch.float64)
    written = "my_relu([nan, inf, -inf], at_zero=0.25)"
    got = _attempt(function, written, special.clone().requires_grad_(), 0.25)
    _require_values(written, got, torch.clamp(special, min=0), equal_nan=True)
    x = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    written = "my_relu(x, 0.25) + 3 * my_relu(x, 0.75)"
    first, second = (_attempt(function, written, x, at_zero) for at_zero in (0.25, 0.75))
    got = _gradient(written, first + 3 * second, x, torch.ones_like(x))
    if not torch.allclose(got, torch.full_like(x, 2.5), rtol=0, atol=1e-9):
        raise NotYet(f"{written}: each call has a slope of its own; the gradient at 0 should be 2.5, not {got[0]:g}.")
    x = torch.tensor([-1.5, -0.25, 0.75, 2.0], dtype=torch.float64, requires_grad=True)
    if not torch.autograd.gradcheck(lambda z: function(z, 0.5), x, raise_exception=False):
        raise NotYet("gradcheck away from 0, at -1.5, -0.25, 0.75 and 2, does not agree with your gradient.")
    return "Values and gradients are right for four slopes at 0, and gradcheck agrees away from it."


def _frozen(module):
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    return module


def _tied():
    first, second = nn.Linear(4, 4), nn.Linear(4, 4, bias=False)
    second.weight = first.weight
    return nn.Sequential(first, nn.ReLU(), second)


_COUNTED = [
    ("nn.ReLU()", nn.ReLU, 0),
    ("nn.Linear(10, 5)", lambda: nn.Linear(10, 5), 55),
    ("nn.Linear(7, 3, bias=False)", lambda: nn.Linear(7, 3, bias=False), 21),
    ("nn.Conv2d(1, 8, 3)", lambda: nn.Conv2d(1, 8, 3), 80),
    (
        "nn.Sequential(nn.Sequential(nn.Linear(64, 32), nn.ReLU()), nn.Linear(32, 10))",
        lambda: nn.Sequential(nn.Sequential(nn.Linear(64, 32), nn.ReLU()), nn.Linear(32, 10)),
        64 * 32 + 32 + 32 * 10 + 10,
    ),
    ("nn.PReLU(6), which learns its slopes", lambda: nn.PReLU(6), 6),
    ("nn.BatchNorm1d(8), whose running averages are not learnt", lambda: nn.BatchNorm1d(8), 16),
    (
        "a frozen nn.Linear(4, 3) and then nn.Linear(3, 2)",
        lambda: nn.Sequential(_frozen(nn.Linear(4, 3)), nn.Linear(3, 2)),
        8,
    ),
    ("nn.Linear(4, 4) and a second layer with the same weight tensor", _tied, 20),
]


def count(function):
    """05.3: how many numbers does a module learn?"""
    require_function(function)
    for described, make, expected in _COUNTED:
        got = _attempt(function, f"your function on {described}", make())
        if isinstance(got, bool) or not isinstance(got, int):
            raise NotYet(f"{described}: expected a whole number, got {show(got)} of type {type(got).__name__}.")
        if got != expected:
            raise NotYet(f"{described}: expected {expected}, got {got}.")
    return f"{len(_COUNTED)} modules are counted right, also nested, frozen and shared ones."


class _Twice(nn.Module):
    """One ReLU module, called twice."""

    def __init__(self):
        super().__init__()
        self.inside = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
        self.last = nn.Linear(4, 4)

    def forward(self, x):
        return self.inside[1](self.last(self.inside(x)))


def _filled(network, shift=0):
    """The same weights every time: small whole numbers, so that the zeros are no accident."""
    for place, parameter in enumerate(network.parameters()):
        numbers = torch.arange(parameter.numel()).reshape(parameter.shape)
        parameter.data = ((numbers * 7 + 3 * place + shift) % 11 - 5).float()
    return network


_WATCHED = [
    ("nn.ReLU() alone", lambda: nn.ReLU()),
    ("two layers with ReLU", lambda: nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 4), nn.ReLU())),
    ("ReLU inside a module inside a module", lambda: nn.Sequential(
        nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.ReLU())), nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2))),
    ("other activations, too", lambda: nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 4), nn.ReLU())),
    ("in place, with a step behind that writes again", lambda: nn.Sequential(
        nn.Linear(3, 5), nn.ReLU(inplace=True), nn.Hardtanh(1.0, 2.0, inplace=True))),
    ("one ReLU module that is called twice", _Twice),
    ("a NaN among its inputs", lambda: nn.Sequential(nn.ReLU(), nn.ReLU())),
]
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def _hooks(network):
    """The keys of all hooks, by module and kind."""
    return [set(getattr(module, kind)) for module in network.modules() for kind in _HOOKS]


def _true_shares(network, x):
    """By wrapping the calls, without hooks."""
    shares, relus = [], [m for m in network.modules() if isinstance(m, nn.ReLU)]
    for relu in relus:
        forward = type(relu).forward

        def noted(value, relu=relu, forward=forward):
            result = forward(relu, value)
            shares.append(float((result == 0).double().mean()))
            return result

        relu.forward = noted
    network(x)
    for relu in relus:
        del relu.forward
    return shares


def zero_shares(function):
    """05.4: a hook that notes the share of zeros after each ReLU."""
    require_function(function)
    for shift, (described, make) in enumerate(_WATCHED):
        x = torch.tensor([[1.0, -2.0, 3.0], [0.0, 1.0, -1.0], [-2.0, 2.0, 1.0], [1.0, 1.0, 1.0]])
        if "NaN" in described:
            x[0, 0] = float("nan")
        network = _filled(make(), shift)
        list(network.modules())[-1].train(shift % 2 == 0)
        expected = _true_shares(network, x.clone())
        for module in network.modules():
            module.register_forward_hook(lambda *seen: None)
        before, training = _hooks(network), [module.training for module in network.modules()]
        got = _attempt(function, f"your function on a network with {described}", network, x)
        after = _hooks(network)
        if any(now - old for now, old in zip(after, before, strict=True)):
            raise NotYet(f"{described}: your hooks are still there; keep their handles and call remove() on each.")
        if after != before:
            raise NotYet(f"{described}: a hook that was there before is gone; remove only your own.")
        if any("forward" in vars(module) for module in network.modules()):
            raise NotYet(f"{described}: you have replaced a module's forward; use a hook and remove it.")
        if [module.training for module in network.modules()] != training:
            raise NotYet(f"{described}: a module that was in training mode is not any more, or the other way round.")
        if not isinstance(got, (list, tuple)) or len(got) != len(expected):
            raise NotYet(f"{described}: expected a list of {len(expected)} shares, got {show(got)}.")
        for number, (share, wanted) in enumerate(zip(got, expected, strict=True), 1):
            if not isinstance(share, float):
                raise NotYet(f"{described}: share {number} is a {type(share).__name__}; .item() makes it a float.")
            if not abs(share - wanted) <= 1e-6:
                raise NotYet(f"{described}: share {number} should be {wanted:.4g} and is {share:.4g}.")
    return f"{len(_WATCHED)} networks are watched right, and no hook of yours is left behind."


EXERCISES = {
    "05.1": block,
    "05.2": chosen_slope,
    "05.3": count,
    "05.4": zero_shares,
}
