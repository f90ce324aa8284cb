"""Answers to the exercises of chapter 05, ReLU in PyTorch: right ones and plausible wrong ones."""

import torch
import torch.nn.functional as F
from torch import nn


class WithSlope(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, at_zero):
        ctx.save_for_backward(x)
        ctx.at_zero = at_zero
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        slope = torch.where(x > 0, 1.0, torch.where(x == 0, ctx.at_zero, 0.0))
        return grad_output * slope.to(x.dtype), None


class NoGradOutput(WithSlope):
    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return (x > 0).to(x.dtype) + ctx.at_zero * (x == 0).to(x.dtype), None


class SlopeOnTheLeft(WithSlope):
    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * torch.where(x > 0, 1.0, ctx.at_zero).to(x.dtype), None


class SignOfTheGradient(WithSlope):
    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        slope = (x > 0).to(x.dtype) + ctx.at_zero * (x == 0).to(x.dtype)
        return grad_output.clamp(min=0) * slope, None


class OneGradientTooFew(WithSlope):
    @staticmethod
    def backward(ctx, grad_output):
        return grad_output


class NotANumber(WithSlope):
    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * float("nan"), None


class NoUnpacking(WithSlope):
    @staticmethod
    def backward(ctx, grad_output):
        x = ctx.saved_tensors
        return grad_output * (x > 0), None


class NoSuchAttribute(WithSlope):
    @staticmethod
    def backward(ctx, grad_output):
        return grad_output * ctx.slope, None


class WritesIntoTheGradient(WithSlope):
    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output.mul_((x > 0) + ctx.at_zero * (x == 0)), None


class LosesNaN(WithSlope):
    @staticmethod
    def forward(ctx, x, at_zero):
        ctx.save_for_backward(x)
        ctx.at_zero = at_zero
        return torch.where(x > 0, x, 0.0)


class MakesNaN(LosesNaN):
    @staticmethod
    def forward(ctx, x, at_zero):
        ctx.save_for_backward(x)
        ctx.at_zero = at_zero
        return x * (x > 0)


class OnABand(WithSlope):
    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * torch.where(x.abs() < 0.2, ctx.at_zero, (x > 0).to(x.dtype)), None


class SlopeOfTheClass(WithSlope):
    slope = 0.0

    @staticmethod
    def forward(ctx, x, at_zero):
        ctx.save_for_backward(x)
        SlopeOfTheClass.slope = at_zero
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * ((x > 0) + SlopeOfTheClass.slope * (x == 0)).to(x.dtype), None


def write_into_the_result(z):
    return z.sub(1).relu_().add_(z)


def the_broken_one(z):
    return z.sub_(1).relu_().add_(z)


def with_data(z):
    return z + torch.relu(z.data - 1)


def without_a_graph(z):
    with torch.no_grad():
        return z + torch.relu(z - 1)


def a_clone_too_late(z):
    torch.relu_(z.data.sub_(1))
    return z.clone() + z


def count_by_shapes(module):
    seen = {id(p): p for p in module.parameters() if p.requires_grad}
    return sum(torch.Size(p.shape).numel() for p in seen.values())


def every_state(module):
    return sum(t.numel() for t in module.state_dict().values())


def children_only(module):
    return sum(p.numel() for part in module.children() for p in part._parameters.values() if p is not None)


def watch(network, x, measure=lambda result: (result == 0).double().mean().item(), kind=nn.ReLU, remove=True):
    shares, handles = [], []
    for module in network.modules():
        if isinstance(module, kind):
            handles.append(module.register_forward_hook(lambda m, i, o: shares.append(measure(o))))
    network(x)
    if remove:
        for handle in handles:
            handle.remove()
    return shares


def by_counting(network, x):
    def share(result):
        return 1 - torch.count_nonzero(result).item() / result.numel()

    return watch(network, x, share)


def keep_outputs(network, x):
    return [(o == 0).double().mean().item() for o in watch(network, x, lambda result: result)]


def leave_pre_hooks(network, x):
    for module in network.modules():
        module.register_forward_pre_hook(lambda m, i: None)
    return watch(network, x)


def replace_forward(network, x):
    shares = []
    for module in network.modules():
        if isinstance(module, nn.ReLU):

            def noted(value, forward=module.forward):
                result = forward(value)
                shares.append((result == 0).double().mean().item())
                return result

            module.forward = noted
    network(x)
    return shares


def leave_in_eval(network, x):
    network.eval()
    return watch(network, x)


def clear_all_hooks(network, x):
    shares = watch(network, x, remove=False)
    for module in network.modules():
        module._forward_hooks.clear()
    return shares


def top_level_only(network, x):
    shares, handles = [], []
    for module in network.children():
        if isinstance(module, nn.ReLU):
            handles.append(
                module.register_forward_hook(lambda m, i, o: shares.append((o == 0).double().mean().item()))
            )
    network(x)
    for handle in handles:
        handle.remove()
    return shares


RIGHT = {
    "05.1": [
        lambda z: z + torch.relu(z - 1),
        lambda z: z.sub(1).relu_() + z,
        lambda z: torch.where(z > 1, 2 * z - 1, z),
        lambda z: z + (z - 1).clamp(min=0),
    ],
    "05.2": [
        WithSlope.apply,
        lambda x, at_zero: torch.relu(x) + at_zero * torch.where(x == 0, x, 0.0),
        lambda x, at_zero: at_zero * torch.where(x >= 0, x, 0.0) + (1 - at_zero) * torch.relu(x),
    ],
    "05.3": [
        lambda module: sum(p.numel() for p in module.parameters() if p.requires_grad),
        count_by_shapes,
    ],
    "05.4": [watch, by_counting, lambda network, x: tuple(watch(network, x))],
}

WRONG = {
    "05.1": [
        the_broken_one,
        write_into_the_result,  # ReLU needs its output to go back
        with_data,  # the gradient of the second term is lost
        without_a_graph,
        a_clone_too_late,
        lambda z: z + torch.relu(z) - 1,
        lambda z: torch.relu(z - 1),
        lambda z: z + torch.relu(z - 1).detach(),
        lambda z: z + (z - 1).clamp(0, 3),
        lambda z: (z + torch.relu(z - 1)).double(),
        lambda z: z + (z - 1) * (z > 1),  # NaN at minus infinity
        lambda z: F.relu(z - 1, inplace=True) + z - 1,
        lambda z: z * float("nan"),
        lambda z: None,
        "z + relu(z - 1)",
    ],
    "05.2": [
        lambda x, at_zero: torch.relu(x),
        lambda x, at_zero: torch.where(x >= 0, x, 0.0),
        lambda x, at_zero: F.leaky_relu(x, at_zero),
        lambda x, at_zero: torch.relu(x) + at_zero * (x == 0),
        NoGradOutput.apply,
        SlopeOnTheLeft.apply,
        SignOfTheGradient.apply,
        OneGradientTooFew.apply,
        NotANumber.apply,
        NoUnpacking.apply,
        NoSuchAttribute.apply,
        WritesIntoTheGradient.apply,
        LosesNaN.apply,
        MakesNaN.apply,
        OnABand.apply,
        SlopeOfTheClass.apply,
        lambda x, at_zero: torch.relu_(x),
        lambda x, at_zero: torch.relu(x.detach()),
        lambda x, at_zero: ...,
    ],
    "05.3": [
        lambda module: len(list(module.parameters())),
        lambda module: sum(p.numel() for p in module.parameters()),  # the frozen ones, too
        lambda module: sum(  # two axes at most
            p.shape[0] * (p.shape[1] if p.ndim > 1 else 1) for p in module.parameters() if p.requires_grad
        ),
        every_state,
        children_only,
        lambda module: sum(p.numel() for n, p in module.named_parameters() if "bias" not in n),
        lambda module: float(sum(p.numel() for p in module.parameters() if p.requires_grad)),
        lambda module: None,
        55,
    ],
    "05.4": [
        lambda network, x: watch(network, x, remove=False),
        lambda network, x: watch(network, x, kind=nn.Module),
        lambda network, x: watch(network, x, lambda result: (result > 0).double().mean().item()),
        lambda network, x: watch(network, x, lambda result: (result == 0).double().mean()),
        lambda network, x: watch(network, x, lambda result: (result == 0).sum().item()),
        lambda network, x: watch(network, x, lambda result: float("nan")),
        lambda network, x: watch(network, x, lambda result: 1 - (result > 0).double().mean().item()),
        leave_pre_hooks,
        replace_forward,
        leave_in_eval,
        clear_all_hooks,
        top_level_only,
        keep_outputs,  # written over by the in-place step behind
        lambda network, x: [(network(x) == 0).double().mean().item()],
        lambda network, x: ...,
    ],
}

# A wrong answer, and words that the message must hold.
MESSAGES = [
    ("05.1", the_broken_one, "changed z to [0.0, 0.0, 4.0]"),
    ("05.1", with_data, "the gradient should be [1.0, 2.0, 6.0] and is [1.0, 2.0, 3.0]"),
    ("05.2", lambda x, at_zero: torch.relu(x), "at_zero=1): with [1.0, 1.0, 1.0, 1.0, 1.0, 1.0] arriving"),
    ("05.2", NoUnpacking.apply, "raised TypeError"),
    ("05.2", NoSuchAttribute.apply, "raised AttributeError"),
    ("05.2", WritesIntoTheGradient.apply, "your backward wrote into grad_output"),
    ("05.2", LosesNaN.apply, "my_relu([nan, inf, -inf]"),
    ("05.2", SlopeOfTheClass.apply, "each call has a slope of its own"),
    ("05.4", leave_pre_hooks, "your hooks are still there"),
    ("05.4", clear_all_hooks, "remove only your own"),
    ("05.4", leave_in_eval, "training mode"),
    ("05.3", lambda module: len(list(module.parameters())), "nn.Linear(10, 5): expected 55, got 2"),
    ("05.4", lambda network, x: watch(network, x, remove=False), "your hooks are still there"),
]
