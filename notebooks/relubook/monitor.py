"""A health monitor for a network in training: what it measures, and the fault it names.

Chapter 06 builds it up and tries it on networks broken on purpose.
"""

import torch
from torch import nn

# A unit of one of these is saturated when its output is this close to an end of its range.
RANGES = {nn.Sigmoid: (0.0, 1.0), nn.Tanh: (-1.0, 1.0)}
MARGIN = 0.02
ACTIVATIONS = (nn.ReLU, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, *RANGES)


class Monitor:
    """Watches the layers of a model while it trains.

    Call it twice in each step, ``before_step`` between ``loss.backward()`` and ``optimizer.step()``,
    and ``after_step`` behind that. One step's readings take a copy of the weights.

    Parameters
    ----------
    model : torch.nn.Module
        With layers that have a weight (``Linear``, ``Conv2d``) and activation modules of their own.

    Attributes
    ----------
    layers, activations : list of str
        The names of the layers with a weight, and of the activation modules.
    loss : list of float, one for each step
    gradient_norm, update_ratio : lists of lists, one number for each layer and step
        Length of the gradient of the weight; length of the weight's change, divided by that of the weight.
    zero, dead, saturated : lists of lists, one number for each activation and step
        Shares from 0 to 1 in the step's mini-batch: of outputs that are 0, of units that put out 0 for
        every sample, of outputs within 1 % of the range of sigmoid or tanh from one of its ends.

    Raises
    ------
    ValueError
        The model has no layer with a weight, or no activation module.
    """

    def __init__(self, model):
        modules = dict(model.named_modules())
        self._weights = {name: m.weight for name, m in modules.items() if isinstance(m, (nn.Linear, nn.Conv2d))}
        self._watched = {name: m for name, m in modules.items() if isinstance(m, ACTIVATIONS)}
        if not self._weights or not self._watched:
            missing = "activation module, such as ReLU" if self._weights else "layer with a weight (Linear, Conv2d)"
            kinds = ", ".join(type(module).__name__ for module in modules.values())
            raise ValueError(f"Monitor: model has no {missing}; it is made of {kinds}")
        self.layers, self.activations = list(self._weights), list(self._watched)
        self.loss, self.gradient_norm, self.update_ratio = [], [], []
        self.zero, self.dead, self.saturated = [], [], []
        self._outputs = {}
        for name, module in self._watched.items():
            module.register_forward_hook(self._keep(name))

    def _keep(self, name):
        def hook(module, inputs, output):
            if module.training:
                self._outputs[name] = output.detach()

        return hook

    def before_step(self, loss):
        """Read the loss, the gradients and the activations of this step's forward and backward pass."""
        self.loss.append(float(loss.detach()))
        self.gradient_norm.append([_length(weight.grad) for weight in self._weights.values()])
        shares = [_shares(self._watched[name], self._outputs[name]) for name in self.activations]
        for series, values in zip((self.zero, self.dead, self.saturated), zip(*shares, strict=True), strict=True):
            series.append(list(values))
        self._before = [weight.detach().clone() for weight in self._weights.values()]

    def after_step(self):
        """Read how far the optimiser moved the weights."""
        self.update_ratio.append([
            _length(weight.detach() - before) / max(_length(before), 1e-300)
            for weight, before in zip(self._weights.values(), self._before, strict=True)
        ])

    def diagnose(self):
        """Name the first fault that the readings show.

        Causes come before consequences: what was wrong at the first step is named before what went
        wrong later.

        Returns
        -------
        (str, str)
            The fault (``"none"``, or one of ``FAULTS``), and the readings that show it.

        Raises
        ------
        ValueError
            Fewer than ten steps were watched.
        """
        if len(self.update_ratio) < 10:
            raise ValueError(f"Monitor.diagnose: {len(self.update_ratio)} steps were watched; allowed are 10 or more")
        for fault, look in FAULTS.items():
            shown = look(self)
            if shown:
                return fault, shown
        return "none", f"the loss went from {self.loss[0]:.2g} to {_recent(self.loss):.2g}"

    # Each of these returns the readings that show its fault, or None.

    def _exploding(self):
        largest = _largest(self.gradient_norm[0])
        if not largest < 100:
            return f"a gradient of length {largest:.2g} at the first step"

    def _dead(self):
        return self._at_the_start(self.dead, 0.9, "of the units put out 0 for every sample")

    def _saturated(self):
        return self._at_the_start(self.saturated, 0.5, "of the outputs are at an end of their range")

    def _at_the_start(self, series, limit, what):
        share, name = max(zip(series[0], self.activations, strict=True))
        if share >= limit:
            return f"at the first step, {share:.0%} {what} in {name}"

    def _vanishing(self):
        # Not measured against the last layer's: with biases of 0, signal and gradient shrink alike, and
        # the gradients of all weights are equally short.
        length = self.gradient_norm[0][0]
        if length < 0.005:
            return f"at the first step, the first layer's gradient has the length {length:.1g}"

    def _too_high(self):
        ratio = _largest([ratio for step in self.update_ratio[:10] for ratio in step])
        if not ratio < 0.1:
            return f"in one of the first steps, a layer changed by {ratio:.0%} of its own length"

    def _lost(self):
        # Means of ten steps, since single mini-batches differ.
        best = min(self.loss[0], *(_recent(self.loss[end - 10 : end]) for end in range(10, len(self.loss) + 1)))
        recent = _recent(self.loss)
        if not recent < max(2 * best, self.loss[0] / 2):
            return f"the loss, which had been {best:.2g}, was {recent:.2g} in the last ten steps"

    def _too_low(self):
        middle = sorted(ratio for step in self.update_ratio for ratio in step)
        middle = middle[len(middle) // 2]
        if middle < 3e-4 and not _recent(self.loss) < 0.9 * self.loss[0]:
            return f"a typical step changed a layer by {middle:.1g} of its length, and the loss has hardly moved"


FAULTS = {
    "exploding gradients": Monitor._exploding,
    "dead units": Monitor._dead,
    "saturated units": Monitor._saturated,
    "vanishing gradients": Monitor._vanishing,
    "learning rate too high": Monitor._too_high,
    "loss lost": Monitor._lost,
    "learning rate too low": Monitor._too_low,
}


def _length(tensor):
    return float(torch.linalg.vector_norm(tensor, dtype=torch.float64))


def _largest(values):
    """NaN if one is NaN: Python's max hides a NaN that is not the first."""
    return float(torch.tensor(values, dtype=torch.float64).max())


def _recent(series):
    return sum(series[-10:]) / len(series[-10:])


def _shares(module, output):
    zero = output == 0
    ends = next((ends for kind, ends in RANGES.items() if isinstance(module, kind)), None)
    saturated = 0.0
    if ends:
        low, high = ends
        margin = MARGIN * (high - low) / 2
        saturated = float(((output < low + margin) | (output > high - margin)).double().mean())
    return float(zero.double().mean()), float(zero.all(dim=0).double().mean()), saturated
