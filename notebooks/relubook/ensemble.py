"""Many small networks trained together, so that a claim about training rests on many of them.

The weights of R networks of one architecture are kept in arrays with a leading axis of length R, and
one multiplication of batched matrices does for all of them what a loop would do one after another.
Every network has its own seed and its own order of the data, and none of them sees the others.
"""

import math
import operator
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional
from tqdm import tqdm

ACTIVATIONS = {
    "identity": lambda z: z,
    "relu": torch.relu,
    # Written out in Ensemble._activate: their slopes may differ between the networks.
    "leaky_relu": None,
    "prelu": None,
    "rrelu": None,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "silu": functional.silu,
    "gelu": functional.gelu,
    "elu": functional.elu,
    "selu": functional.selu,
    "softplus": functional.softplus,
    "mish": functional.mish,
    "hard_swish": functional.hardswish,
    "relu6": functional.relu6,
    "squared_relu": lambda z: torch.relu(z).square(),
    "softsign": functional.softsign,
    "hard_tanh": functional.hardtanh,
}


class SquaredReLU(torch.nn.Module):
    """ReLU(z)² as a module, which PyTorch does not have."""

    def forward(self, z):
        """Return an array of the shape of ``z``."""
        return ACTIVATIONS["squared_relu"](z)


MODULES = {
    "identity": torch.nn.Identity,
    "relu": torch.nn.ReLU,
    "leaky_relu": torch.nn.LeakyReLU,
    "prelu": torch.nn.PReLU,
    "rrelu": torch.nn.RReLU,
    "sigmoid": torch.nn.Sigmoid,
    "tanh": torch.nn.Tanh,
    "silu": torch.nn.SiLU,
    "gelu": torch.nn.GELU,
    "elu": torch.nn.ELU,
    "selu": torch.nn.SELU,
    "softplus": torch.nn.Softplus,
    "mish": torch.nn.Mish,
    "hard_swish": torch.nn.Hardswish,
    "relu6": torch.nn.ReLU6,
    "squared_relu": SquaredReLU,
    "softsign": torch.nn.Softsign,
    "hard_tanh": torch.nn.Hardtanh,
}
# Standard deviation of a normal weight, from the numbers of inputs and outputs of its layer.
WEIGHT_SCALES = {
    "he": lambda fan_in, fan_out: math.sqrt(2 / fan_in),
    "lecun": lambda fan_in, fan_out: math.sqrt(1 / fan_in),
    "xavier": lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
}
NORMALISATIONS = (None, "batch", "layer")
OPTIMISERS = ("sgd", "adam")
EPSILON = 1e-5  # added to a variance before it divides, as PyTorch's normalisations do
CHUNK = 4_000_000  # numbers that one layer may hold at once when networks are only looked at


@dataclass
class History:
    """What was recorded while an ensemble trained: K records of R networks with L layers.

    A network that diverged has NaN in every record from then on, so that no mean can hide it.

    Attributes
    ----------
    step, epoch : (K,) integers
        Steps and epochs done when the record was made; the first record is made before any.
    loss, accuracy : dict from name to (K, R) float64
        Mean cross-entropy and share of right answers: ``"train"``, and each name given as ``watch``.
    gradient_norm : (K, L, R) float64
        Length of the mini-batch gradient of each layer's weights, before clipping: root mean square
        over the steps since the last record (in the first record, of the first mini-batch).
    zero_fraction : (K, L - 1, R) float64
        Share of a hidden layer's activations on the training data that are exactly 0.
    dead_fraction : (K, L - 1, R) float64
        Share of a hidden layer's units whose activation is 0 for every row of the training data.
    dead_units : list of L - 1 arrays (K, R, units), bool
        For each hidden layer, which units these are; False for every unit of a network that diverged.
    slopes : list of L - 1 arrays (K, R, 1 or units) float64
        For each hidden layer, the slopes below 0 that ``"prelu"`` has learnt; for any other activation
        the list is empty.
    diverged_at : (R,) integers
        The step whose loss was the first not to be a finite number; -1 where there was none.
    """

    step: np.ndarray
    epoch: np.ndarray
    loss: dict
    accuracy: dict
    gradient_norm: np.ndarray
    zero_fraction: np.ndarray
    dead_fraction: np.ndarray
    dead_units: list
    slopes: list
    diverged_at: np.ndarray

    @property
    def diverged(self):
        """(R,) bool: which networks diverged."""
        return self.diverged_at >= 0


class Ensemble:
    """R fully connected networks of one architecture, each with a seed of its own.

    Parameters
    ----------
    widths : sequence of L + 1 integers
        Inputs, units of each hidden layer, outputs: ``(64, 32, 32, 10)``.
    seeds : sequence of R integers, not negative
        Network r draws its weights, its biases and its order of the data from ``seeds[r]`` alone: the
        same network whatever else is in the ensemble.
    activation : str
        One of ``ACTIVATIONS``, applied after every layer but the last.
    negative_slope : number, or R numbers, optional
        For ``"leaky_relu"``, 0.01 by default; for ``"prelu"``, where the slopes start, 0.25 by default.
    unit_slopes : bool
        For ``"prelu"``: a slope for each hidden unit in place of one for each hidden layer.
    random_slopes : (lowest, highest)
        For ``"rrelu"`` (Xu and others, 2015): while training, the slope below 0 is drawn for each element
        and each step anew, evenly between the two, from the network's own seed; otherwise it is their mean.
    weights : str or number, or R of them
        ``"default"``: PyTorch's, uniform within 1/√fan_in. ``"he"`` (He and others, 2015), ``"lecun"``
        (LeCun and others, 1998), ``"xavier"`` (Glorot and Bengio, 2010): normal. A number g: normal with
        standard deviation g/√fan_in.
    biases : str or number, or R of them
        ``"default"``: PyTorch's, uniform within 1/√fan_in. ``"zero"``. A number: the start of every
        hidden unit's bias; the output layer starts at 0.
    normalisation : None, "batch" or "layer"
        Pre-activations are shifted and scaled to mean 0 and variance 1, over the rows looked at or over
        the units of the layer, before the bias is added. There is no learnt scale. Looked at without
        training, "batch" uses the statistics of the rows it is given.
    residual : bool
        A hidden layer with as many outputs as inputs adds its input to its output.
    dtype : torch dtype
        ``torch.float64`` for gradients that would vanish in float32.

    Raises
    ------
    ValueError, TypeError
        An argument is not as described: the message names it, what was given and what is allowed.

    Examples
    --------
    >>> Ensemble((64, 32, 10), seeds=range(5), weights="he", biases="zero")
    Ensemble of 5 networks, 64–32–10, relu
    """

    def __init__(self, widths, seeds, *, activation="relu", negative_slope=None, unit_slopes=False,
                 random_slopes=(1 / 8, 1 / 3), weights="default", biases="default", normalisation=None,
                 residual=False, dtype=torch.float32):
        self.widths = _integers(widths, "widths", minimum=1)
        if len(self.widths) < 2:
            raise ValueError(f"Ensemble: widths is {tuple(self.widths)}; allowed are two numbers or more")
        self.seeds = _integers(seeds, "seeds", minimum=0)
        if not self.seeds:
            raise ValueError("Ensemble: seeds is empty; give one for each network")
        _one_of(activation, "activation", ACTIVATIONS)
        _one_of(normalisation, "normalisation", NORMALISATIONS)
        self.activation, self.normalisation, self.residual = activation, normalisation, bool(residual)
        self.dtype = dtype
        if negative_slope is None:
            negative_slope = 0.25 if activation == "prelu" else 0.01
        self.negative_slope = self._per_network(negative_slope, "negative_slope")
        self.random_slopes = tuple(random_slopes) if isinstance(random_slopes, (list, tuple)) else (random_slopes,)
        if not (len(self.random_slopes) == 2 and all(map(_is_finite, self.random_slopes))
                and self.random_slopes[0] <= self.random_slopes[1]):
            raise ValueError(
                f"Ensemble: random_slopes is {random_slopes!r}; allowed are two finite numbers, the lower one first"
            )
        # What "prelu" learns besides weights and biases: arrays (R, 1, 1 or units), one for each hidden layer.
        hidden = self.widths[1:-1] if activation == "prelu" else []
        self.slopes = [self.negative_slope.repeat(1, 1, units if unit_slopes else 1) for units in hidden]
        starts = list(zip(self._each(weights, "weights"), self._each(biases, "biases"), strict=True))
        drawn = [self._draw(seed, *start) for seed, start in zip(self.seeds, starts, strict=True)]
        self.weights, self.biases = (
            [torch.from_numpy(np.stack(layer)).to(dtype) for layer in zip(*(d[part] for d in drawn), strict=True)]
            for part in (0, 1)
        )

    def __len__(self):
        return len(self.seeds)

    def __repr__(self):
        networks = f"{len(self)} network{'s' if len(self) > 1 else ''}"
        return f"Ensemble of {networks}, {'–'.join(map(str, self.widths))}, {self.activation}"

    def _each(self, value, name):
        """One start for each network."""
        values = list(value) if isinstance(value, (list, tuple, np.ndarray)) else [value] * len(self)
        if len(values) != len(self):
            raise ValueError(
                f"Ensemble: {name} has length {len(values)}; allowed are one, or {len(self)}, one for each network"
            )
        words = {"weights": ("default", *WEIGHT_SCALES), "biases": ("default", "zero")}[name]
        for one in values:
            if one not in words if isinstance(one, str) else not _is_finite(one):
                raise ValueError(f"Ensemble: {name} is {one!r}; allowed are {', '.join(words)} or a finite number")
        return values

    def _per_network(self, value, name):
        """A number, or one for each network, as a tensor of shape (R, 1, 1)."""
        numbers = np.asarray(value, dtype=np.float64)
        if numbers.shape not in ((), (len(self),)) or not np.isfinite(numbers).all():
            raise ValueError(
                f"Ensemble: {name} is {value!r}; allowed are a finite number or {len(self)}, one for each network"
            )
        return torch.from_numpy(np.broadcast_to(numbers, len(self)).copy()).to(self.dtype)[:, None, None]

    def _draw(self, seed, weights, biases):
        """The parameters of one network, drawn in float64 by NumPy: the same on every processor."""
        # A generator for each purpose: other biases leave the weights as they are.
        weight_random, bias_random = np.random.default_rng((seed, 0)), np.random.default_rng((seed, 1))
        sizes = list(zip(self.widths, self.widths[1:], strict=False))
        drawn_weights, drawn_biases = [], []
        for number, (fan_in, fan_out) in enumerate(sizes, 1):
            bound = 1 / math.sqrt(fan_in)
            if weights == "default":
                drawn_weights.append(weight_random.uniform(-bound, bound, (fan_in, fan_out)))
            else:
                scale = WEIGHT_SCALES[weights](fan_in, fan_out) if weights in WEIGHT_SCALES else weights * bound
                drawn_weights.append(scale * weight_random.standard_normal((fan_in, fan_out)))
            if biases == "default":
                drawn_biases.append(bias_random.uniform(-bound, bound, (1, fan_out)))
            else:
                start = 0.0 if biases == "zero" or number == len(sizes) else float(biases)
                drawn_biases.append(np.full((1, fan_out), start))
        return drawn_weights, drawn_biases

    @property
    def _parameters(self):
        """All that training changes."""
        return [*self.weights, *self.biases, *self.slopes]

    def _activate(self, z, layer, slopes, chosen, generators):
        if self.activation == "prelu":
            networks, rows, units = z.shape
            # PyTorch's kernel wants the channels second: here, each network's units.
            flat = functional.prelu(
                z.transpose(0, 1).reshape(rows, -1), slopes[layer].expand(-1, -1, units).reshape(-1)
            )
            return flat.view(rows, networks, units).transpose(0, 1)
        if self.activation == "rrelu":
            if generators is None:
                return functional.rrelu(z, *self.random_slopes, training=False)
            drawn = np.stack([random.uniform(*self.random_slopes, z.shape[1:]) for random in generators])
            # Twice as fast as torch.where; the gradient differs at exactly 0 alone.
            return torch.relu(z) - torch.from_numpy(drawn).to(z.dtype) * torch.relu(-z)
        if self.activation == "leaky_relu":
            slope = self.negative_slope[chosen]
            if (slope == slope[0]).all():  # PyTorch's own kernel, ten times as fast, takes one slope for all
                return functional.leaky_relu(z, float(slope[0]))
            return z * torch.where(z.detach() > 0, 1, slope)
        return ACTIVATIONS[self.activation](z)

    def _normalise(self, z):
        axis = {"batch": 1, "layer": 2}[self.normalisation]
        variance, mean = torch.var_mean(z, dim=axis, keepdim=True, correction=0)
        return (z - mean) * torch.rsqrt(variance + EPSILON)

    def _forward(self, x, chosen=slice(None), generators=None):
        """Return the logits (R, N, outputs) of inputs (R, N, inputs), and the hidden activations.

        ``chosen`` are the networks that are asked, ``generators`` their sources of chance, while they train.
        """
        weights, biases, slopes = self.weights, self.biases, self.slopes
        if chosen != slice(None):
            weights, biases, slopes = ([p[chosen] for p in part] for part in (weights, biases, slopes))
        hidden, last = [], len(weights) - 1
        for layer, (W, b) in enumerate(zip(weights, biases, strict=True)):
            if layer == last:
                return torch.baddbmm(b, x, W), hidden
            z = self._normalise(torch.bmm(x, W)) + b if self.normalisation else torch.baddbmm(b, x, W)
            activation = self._activate(z, layer, slopes, chosen, generators)
            hidden.append(activation)
            x = activation + x if self.residual and activation.shape == x.shape else activation

    def hidden(self, x):
        """Return what each hidden layer puts out for the rows of ``x`` (N, inputs): arrays (R, N, units)."""
        return [part.numpy() for part in self._look(self._inputs(x))[1]]

    def logits(self, x):
        """Return the outputs for the rows of ``x`` (N, inputs), an array (R, N, outputs)."""
        return self._look(self._inputs(x))[0].numpy()

    def _look(self, x):
        with torch.no_grad():
            return self._forward(x.expand(len(self), -1, -1))

    def network(self, r):
        """Return network r as a ``torch.nn.Sequential`` of its own, a copy in evaluation mode."""
        if self.normalisation or self.residual:
            raise ValueError("Ensemble.network: with a normalisation or residuals a network is no plain sequence")
        layers = []
        for number, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            layer = torch.nn.Linear(W.shape[1], W.shape[2], dtype=self.dtype)
            with torch.no_grad():
                layer.weight.copy_(W[r].T)
                layer.bias.copy_(b[r, 0])
            arguments = {
                "leaky_relu": [float(self.negative_slope[r])], "rrelu": self.random_slopes
            }.get(self.activation, [])
            bend = MODULES[self.activation](*arguments)
            if number < len(self.slopes):
                bend.weight = torch.nn.Parameter(self.slopes[number][r, 0].clone())
                bend.num_parameters = len(bend.weight)
            layers += [layer, bend]
        return torch.nn.Sequential(*layers[:-1]).eval()

    def gradients(self, x, y):
        """Return the gradients of each network's mean cross-entropy on all rows: weights, then biases.

        Arrays (R, fan_in, fan_out) and (R, 1, fan_out), one for each layer.
        """
        x, y = self._inputs(x), self._labels(y, len(x))
        rows = torch.arange(len(x)).expand(len(self), -1)
        _, gradients = self._loss_and_gradients(x, y, rows)
        layers = len(self.weights)
        arrays = [gradient.numpy() for gradient in gradients]
        return arrays[:layers], arrays[layers : 2 * layers]

    def _loss_and_gradients(self, x, y, rows, penalty=None, generators=None):
        """Mean cross-entropy of each network on its own rows (R, B), and the gradients of it plus the penalty."""
        parameters = [p.requires_grad_() for p in self._parameters]
        logits, hidden = self._forward(_take(x, rows), generators=generators)
        loss = _cross_entropy(logits, y[rows]).mean(dim=1)
        total = loss
        if penalty is not None:
            total = loss + penalty * sum(activation.abs().mean(dim=(1, 2)) for activation in hidden)
        # Each network's loss depends on its own weights alone: the gradient of the sum is all gradients.
        gradients = torch.autograd.grad(total.sum(), parameters)
        for parameter in parameters:
            parameter.requires_grad_(False)
        return loss.detach(), gradients

    def train(self, x, y, *, epochs, learning_rate, batch_size=64, rows=None, watch=None, optimiser="sgd",
              momentum=0.0, weight_decay=0.0, decay_slopes=True, activation_penalty=0.0, schedule=None,
              clip_norm=None, clip_value=None, record_every=1):
        """Train all networks to classify, and return what was recorded.

        Parameters
        ----------
        x : (N, inputs) array of finite numbers
        y : (N,) integers from 0 to outputs - 1
        epochs : int
            How often each network sees its training rows. What does not fill a mini-batch is left out
            and may come in another epoch.
        learning_rate : number, or R numbers
        batch_size : int
        rows : (n,) or (R, n) integers, optional
            The rows to train on, the same for all or for each network its own (:func:`split_rows`).
            By default all of them.
        watch : dict from name to rows, optional
            Rows not to be trained on, whose loss and accuracy are recorded.
        optimiser : "sgd" or "adam"
            As PyTorch's, Adam with its usual constants (Kingma and Ba, 2015).
        momentum : number from 0 to below 1, for "sgd"
        weight_decay : number
            Added to the gradient, times the parameter; for "sgd".
        decay_slopes : bool
            Whether the weight decay acts on the slopes of "prelu" too, as it does in PyTorch where nobody
            exempts them; He and others (2015) do.
        activation_penalty : number of at least 0, or R numbers
            Added to what is minimised, times the mean size |a| of each hidden layer's activations (Glorot
            and others, 2011). The recorded loss is the cross-entropy without it.
        schedule : function of (step, steps), optional
            What the learning rate is multiplied by at a step, from 0 to steps - 1.
        clip_norm, clip_value : number, optional
            Each network's whole gradient is shortened to this length, or each of its elements is cut
            to this size.
        record_every : int
            Epochs from one record to the next; the last is always recorded.

        Returns
        -------
        History

        Raises
        ------
        ValueError, TypeError
            Before the first step, when an argument is not as described.
        """
        x = self._inputs(x)
        y = self._labels(y, len(x))
        rows = self._rows(np.arange(len(x)) if rows is None else rows, "rows", len(x))
        watched = {"train": rows}
        for name, some in (watch or {}).items():
            if name in watched:
                raise ValueError("Ensemble.train: watch has the name 'train', which is taken; allowed is any other")
            watched[name] = self._rows(some, f"watch[{name!r}]", len(x))
        [epochs] = _integers([epochs], "epochs", minimum=1)
        [record_every] = _integers([record_every], "record_every", minimum=1)
        [batch_size] = _integers([batch_size], "batch_size", minimum=1)
        if batch_size > rows.shape[1]:
            raise ValueError(f"Ensemble.train: batch_size is {batch_size}; allowed are 1 to {rows.shape[1]}, the rows")
        learning_rate = self._per_network(learning_rate, "learning_rate")
        penalty = self._per_network(activation_penalty, "activation_penalty")[:, 0, 0]
        if penalty.min() < 0:
            raise ValueError(
                f"Ensemble.train: activation_penalty is {activation_penalty!r}; allowed are numbers of at least 0"
            )
        penalty = penalty if penalty.any() else None
        _one_of(optimiser, "optimiser", OPTIMISERS)
        for name, value in (("clip_norm", clip_norm), ("clip_value", clip_value)):
            if value is not None and not (_is_finite(value) and value > 0):
                raise ValueError(f"Ensemble.train: {name} is {value!r}; allowed is a number above 0, or None")
        if not 0 <= momentum < 1:
            raise ValueError(f"Ensemble.train: momentum is {momentum!r}; allowed is 0 up to, but not, 1")
        decays = [weight_decay] * (2 * len(self.weights)) + [weight_decay if decay_slopes else 0.0] * len(self.slopes)
        update = _Sgd(momentum, decays) if optimiser == "sgd" else _Adam()

        batches = rows.shape[1] // batch_size
        generators = [np.random.default_rng((seed, 2)) for seed in self.seeds]
        slope_generators = [np.random.default_rng((seed, 4)) for seed in self.seeds]
        records = _Records(self, x, y, watched)
        with tqdm(
            total=epochs * batches, desc=f"training {len(self)} networks", unit="step", leave=False, delay=1
        ) as bar:
            for epoch in range(epochs):
                order = np.stack([random.permutation(rows.shape[1]) for random in generators])
                shuffled = torch.gather(rows, 1, torch.from_numpy(order))
                for batch in range(batches):
                    step = epoch * batches + batch
                    chosen = shuffled[:, batch * batch_size : (batch + 1) * batch_size]
                    loss, gradients = self._loss_and_gradients(x, y, chosen, penalty, slope_generators)
                    records.watch(step, loss, gradients)
                    if step == 0:
                        records.add(0, 0)
                    gradients = _clipped(gradients, clip_norm, clip_value)
                    factor = 1.0 if schedule is None else float(schedule(step, epochs * batches))
                    update(self._parameters, gradients, learning_rate * factor)
                    bar.update()
                if (epoch + 1) % record_every == 0 or epoch + 1 == epochs:
                    records.add((epoch + 1) * batches, epoch + 1)
        return records.history()

    def _examine(self, x, y, watched):
        """Loss and accuracy on each set of rows; zeros and dead units of each hidden layer on "train"."""
        loss, accuracy = ({name: np.empty(len(self)) for name in watched} for _ in range(2))
        zeros = np.empty((len(self.weights) - 1, len(self)))
        dead = [np.empty((len(self), units), dtype=bool) for units in self.widths[1:-1]]
        for name, rows in watched.items():
            together = max(1, CHUNK // (rows.shape[1] * max(self.widths)))
            for first in range(0, len(self), together):
                part = slice(first, first + together)
                with torch.no_grad():
                    logits, hidden = self._forward(_take(x, rows[part]), part)
                    labels = y[rows[part]]
                    loss[name][part] = _cross_entropy(logits, labels).double().mean(dim=1).numpy()
                    accuracy[name][part] = (logits.argmax(dim=2) == labels).double().mean(dim=1).numpy()
                    if name == "train":
                        for layer, activation in enumerate(hidden):
                            count = (activation == 0).sum(dim=1, dtype=torch.int32).double()  # for each unit
                            zeros[layer, part] = count.mean(dim=1).numpy() / rows.shape[1]
                            dead[layer][part] = (count == rows.shape[1]).numpy()
        return loss, accuracy, zeros, dead

    def _inputs(self, x):
        array = np.asarray(x)
        if array.ndim != 2 or array.shape[1] != self.widths[0] or array.dtype.kind not in "biuf":
            raise ValueError(
                f"Ensemble: x has shape {array.shape} and dtype {array.dtype}; allowed are numbers in the shape "
                f"(samples, {self.widths[0]})"
            )
        if not len(array):
            raise ValueError("Ensemble: x has no rows")
        bad = np.argwhere(~np.isfinite(array))
        if len(bad):
            row, column = bad[0]
            raise ValueError(
                f"Ensemble: x holds {len(bad)} values that are no finite numbers, the first, {array[row, column]}, in "
                f"row {row}, column {column}"
            )
        return torch.from_numpy(np.array(array, dtype=np.float64)).to(self.dtype)

    def _labels(self, y, length):
        labels = np.asarray(y)
        if labels.shape != (length,) or labels.dtype.kind not in "iu":
            raise ValueError(
                f"Ensemble: y has shape {labels.shape} and dtype {labels.dtype}; allowed are integers in the shape "
                f"({length},), one label for each row of x"
            )
        outside = labels[(labels < 0) | (labels >= self.widths[-1])]
        if len(outside):
            raise ValueError(f"Ensemble: y holds the label {outside[0]}; allowed are 0 to {self.widths[-1] - 1}")
        return torch.from_numpy(labels.astype(np.int64))

    def _rows(self, rows, name, length):
        array = np.asarray(rows)
        right = array.dtype.kind in "iu" and array.ndim in (1, 2) and array.size > 0
        if not right or (array.ndim == 2 and len(array) != len(self)):
            raise ValueError(
                f"Ensemble.train: {name} has shape {array.shape} and dtype {array.dtype}; allowed are integers in "
                f"the shape (n,) or ({len(self)}, n)"
            )
        if array.min() < 0 or array.max() >= length:
            raise ValueError(
                f"Ensemble.train: {name} goes from {array.min()} to {array.max()}; allowed are 0 to {length - 1}"
            )
        return torch.from_numpy(np.broadcast_to(array, (len(self), array.shape[-1])).astype(np.int64))


def split_rows(n, seeds, held_out):
    """Split n rows at random, for each seed in its own way.

    Parameters
    ----------
    n : int
    seeds : sequence of R integers
    held_out : number between 0 and 1
        The share of the rows to hold out.

    Returns
    -------
    Rows to train on (R, n - m) and rows held out (R, m), integers.

    Raises
    ------
    ValueError
        One of the two parts would be empty.
    """
    [n] = _integers([n], "n", minimum=2)
    out = round(n * held_out) if _is_finite(held_out) else 0
    if not 0 < out < n:
        raise ValueError(
            f"split_rows: held_out is {held_out!r} of {n} rows; allowed is a share from 0 to 1 that leaves rows on "
            "both sides"
        )
    order = np.stack([np.random.default_rng((seed, 3)).permutation(n) for seed in _integers(seeds, "seeds", minimum=0)])
    return order[:, out:], order[:, :out]


class _Records:
    """What :class:`History` holds, while it grows."""

    def __init__(self, ensemble, x, y, watched):
        self.ensemble, self.x, self.y, self.watched = ensemble, x, y, watched
        self.rows = []
        self.diverged_at = np.full(len(ensemble), -1)
        self.squares, self.steps = 0.0, 0

    def watch(self, step, loss, gradients):
        """Look at one step's losses and gradients, before the step is made."""
        self._lost(step, loss.numpy())
        layers = len(self.ensemble.weights)
        self.squares = self.squares + torch.stack([_squared_length(g) for g in gradients[:layers]])
        self.steps += 1

    def _lost(self, step, loss):
        self.diverged_at[~np.isfinite(loss) & (self.diverged_at < 0)] = step

    def add(self, step, epoch):
        """Make a record of the networks as they are now."""
        loss, accuracy, zeros, dead = self.ensemble._examine(self.x, self.y, self.watched)
        # The last step can be the one that went too far.
        self._lost(step, loss["train"])
        norms = torch.sqrt(self.squares / self.steps).numpy()
        share = np.array([units.mean(axis=1) for units in dead]).reshape(zeros.shape)
        slopes = [layer[:, 0].double().numpy().copy() for layer in self.ensemble.slopes]
        for part in (*loss.values(), *accuracy.values(), norms, zeros, share):
            part[..., self.diverged_at >= 0] = np.nan
        for units in dead:
            units[self.diverged_at >= 0] = False
        for layer in slopes:
            layer[self.diverged_at >= 0] = np.nan
        self.rows.append((step, epoch, loss, accuracy, norms, zeros, share, dead, slopes))
        if step:
            self.squares, self.steps = 0.0, 0

    def history(self):
        """Stack the records."""
        step, epoch, loss, accuracy, norms, zeros, share, dead, slopes = zip(*self.rows, strict=True)
        return History(
            np.array(step),
            np.array(epoch),
            {name: np.stack([one[name] for one in loss]) for name in self.watched},
            {name: np.stack([one[name] for one in accuracy]) for name in self.watched},
            np.stack(norms),
            np.stack(zeros),
            np.stack(share),
            [np.stack(layer) for layer in zip(*dead, strict=True)],
            [np.stack(layer) for layer in zip(*slopes, strict=True)],
            self.diverged_at,
        )


class _Sgd:
    """Stochastic gradient descent with momentum, as ``torch.optim.SGD``, a learning rate for each network."""

    def __init__(self, momentum, decays):
        self.momentum, self.decays, self.velocities = momentum, decays, None

    def __call__(self, parameters, gradients, learning_rate):
        if any(self.decays):
            gradients = [
                g.add(p, alpha=decay) for g, p, decay in zip(gradients, parameters, self.decays, strict=True)
            ]
        if self.momentum:
            if self.velocities is None:
                self.velocities = [g.clone() for g in gradients]
            else:
                for velocity, gradient in zip(self.velocities, gradients, strict=True):
                    velocity.mul_(self.momentum).add_(gradient)
            gradients = self.velocities
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.addcmul_(gradient, learning_rate, value=-1)


class _Adam:
    """Adam (Kingma and Ba, 2015), as ``torch.optim.Adam``, a learning rate for each network."""

    def __init__(self, first=0.9, second=0.999, epsilon=1e-8):
        self.first, self.second, self.epsilon, self.steps, self.moments = first, second, epsilon, 0, None

    def __call__(self, parameters, gradients, learning_rate):
        self.moments = self.moments or [(torch.zeros_like(p), torch.zeros_like(p)) for p in parameters]
        self.steps += 1
        shrink = math.sqrt(1 - self.second**self.steps)
        learning_rate = learning_rate / (1 - self.first**self.steps)
        for parameter, gradient, (mean, square) in zip(parameters, gradients, self.moments, strict=True):
            mean.lerp_(gradient, 1 - self.first)
            square.mul_(self.second).addcmul_(gradient, gradient, value=1 - self.second)
            parameter.addcdiv_(mean * learning_rate, square.sqrt().div_(shrink).add_(self.epsilon), value=-1)


def _take(x, rows):
    """``x[rows]`` for rows (R, B), which costs six times less this way."""
    return x.index_select(0, rows.flatten()).view(*rows.shape, -1)


def _cross_entropy(logits, labels):
    """(R, B) from logits (R, B, outputs). PyTorch's loop is seven times as fast with the outputs in the middle."""
    return functional.cross_entropy(logits.transpose(1, 2), labels, reduction="none")


def _clipped(gradients, norm, value):
    if value is not None:
        gradients = [g.clamp(-value, value) for g in gradients]
    if norm is not None:
        length = torch.sqrt(sum(_squared_length(g) for g in gradients))
        shorter = torch.clamp(norm / (length + 1e-6), max=1).to(gradients[0].dtype)[:, None, None]
        gradients = [g * shorter for g in gradients]
    return gradients


def _squared_length(gradient):
    """(R,) in float64: in float32 the squares of small numbers are 0."""
    return torch.linalg.vector_norm(gradient, dim=(1, 2), dtype=torch.float64).square()


def _is_finite(value):
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and math.isfinite(value)


def _one_of(value, name, allowed):
    if not isinstance(value, str | None) or value not in allowed:
        raise ValueError(f"Ensemble: {name} is {value!r}; allowed are {', '.join(map(str, allowed))}")


def _integers(values, name, minimum):
    try:
        numbers = [operator.index(value) for value in values]
    except TypeError as error:
        raise TypeError(f"Ensemble: {name} is {values!r}; allowed are integers of at least {minimum}") from error
    if any(number < minimum for number in numbers):
        raise ValueError(f"Ensemble: {name} is {values!r}; allowed are integers of at least {minimum}")
    return numbers
