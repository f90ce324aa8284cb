"""Small transformers that learn to predict the next character of a text, several at once.

Each has its own seed. Its weights stand in arrays with a leading axis of length R, one entry for each
run, and no run sees another: one multiplication of batched matrices does for all what a loop would do
one after another. The parts are those of a large language model of today: attention, a feed-forward
part with one hidden layer, both behind a normalisation and added to what came in; no biases.
"""

import math
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import torch
from torch.nn import functional
from tqdm import tqdm

from relubook.family import FAMILY

EPSILON = 1e-5  # added to a mean square before its root is divided by
BETAS = (0.9, 0.99)  # Adam's: how slowly its two running averages forget
WARM_UP = 0.1  # share of the steps in which the learning rate rises


@dataclass(frozen=True)
class FeedForward:
    """What stands between the matrices of a feed-forward part.

    Attributes
    ----------
    function : callable
        Torch tensor to tensor of the same shape.
    gated : bool
        Whether the function's result is multiplied by a second linear map.
    """

    function: object
    gated: bool


VARIANTS = {
    "relu": FeedForward(torch.relu, gated=False),
    "gelu": FeedForward(functional.gelu, gated=False),
    "silu": FeedForward(functional.silu, gated=False),
    "squared_relu": FeedForward(lambda z: torch.relu(z).square(), gated=False),
    "glu": FeedForward(torch.sigmoid, gated=True),
    "bilinear": FeedForward(lambda z: z, gated=True),
    "reglu": FeedForward(torch.relu, gated=True),
    "geglu": FeedForward(functional.gelu, gated=True),
    "swiglu": FeedForward(functional.silu, gated=True),
}


def read_alice():
    """Return *Alice's Adventures in Wonderland* (Lewis Carroll, 1865) in three parts.

    Returns
    -------
    dict of str
        ``"train"``: chapters I to X; ``"choose"``: chapter XI; ``"test"``: chapter XII.
    """
    text = files("relubook").joinpath("alice.txt").read_text("utf-8")
    eleven, twelve = text.index("CHAPTER XI\n"), text.index("CHAPTER XII\n")
    return {"train": text[:eleven], "choose": text[eleven:twelve], "test": text[twelve:]}


def encode(text, alphabet):
    """Return a text as a tensor of numbers, each character's place in the alphabet."""
    place = {character: number for number, character in enumerate(alphabet)}
    return torch.tensor([place[character] for character in text])


class Transformers:
    """R transformers of one shape, each with a seed of its own.

    Parameters
    ----------
    variant : str
        What the feed-forward parts compute, a key of ``VARIANTS``.
    seeds : list of int, length R
        Runs with the same seed start from the same weights, whatever the variant, as far as the
        weights' shapes agree, and see the same texts in the same order.
    alphabet : int
        How many different characters there are.
    width : int
        Length of the vector that stands for a place in the text; a multiple of ``heads`` and of 3.
    blocks, heads, context : int
        Blocks behind each other, heads of the attention, and the longest text.

    Attributes
    ----------
    weights : dict from name to tensor (R, ...)
    hidden : int
        Units in a hidden layer: 4 × width, or two thirds of it where a gate needs a third matrix.
        All variants have exactly the same number of parameters.

    Raises
    ------
    ValueError
        An unknown variant, no seed, or a width that cannot be divided.

    Examples
    --------
    >>> Transformers("swiglu", seeds=[1, 2], alphabet=67).parameters_of_a_run
    65040
    """

    def __init__(self, variant, seeds, alphabet, *, width=48, blocks=2, heads=4, context=64):
        if variant not in VARIANTS:
            raise ValueError(f"Transformers: variant is {variant!r}; allowed are {', '.join(VARIANTS)}")
        if not list(seeds):
            raise ValueError("Transformers: seeds is empty; give at least one")
        if width % heads or width % 3:
            raise ValueError(f"Transformers: width is {width}; allowed are multiples of heads ({heads}) and of 3")
        self.variant, self.seeds, self.alphabet = variant, [*seeds], alphabet
        self.width, self.blocks, self.heads, self.context = width, blocks, heads, context
        part = VARIANTS[variant]
        self.hidden = 4 * width * 2 // 3 if part.gated else 4 * width
        into = 1 / math.sqrt(width)  # keeps the mean square of what a matrix is given
        onto = 1 / math.sqrt(2 * blocks)  # 2 * blocks parts are added up
        self.weights = {}
        self._normal("token", (alphabet, width), math.sqrt(1 / 2))
        self._normal("place", (context, width), math.sqrt(1 / 2))
        for b in range(blocks):
            self._ones(f"{b}.attention.norm")
            self._normal(f"{b}.attention.in", (width, 3 * width), into)
            self._normal(f"{b}.attention.out", (width, width), into * onto)
            self._ones(f"{b}.feed_forward.norm")
            for name in ("gate", "value") if part.gated else ("up",):
                self._normal(f"{b}.feed_forward.{name}", (width, self.hidden), into)
            down = FAMILY[variant].gain() * onto / math.sqrt(self.hidden)
            self._normal(f"{b}.feed_forward.down", (self.hidden, width), down)
        self._ones("norm")
        self._normal("read", (width, alphabet), into)

    def _normal(self, name, shape, deviation):
        drawn = [np.random.default_rng([seed, *name.encode()]).standard_normal(shape) for seed in self.seeds]
        self.weights[name] = torch.from_numpy(np.stack(drawn) * deviation).float().requires_grad_()

    def _ones(self, name):
        self.weights[name] = torch.ones(len(self.seeds), 1, self.width, requires_grad=True)

    @property
    def parameters_of_a_run(self):
        """How many numbers one run learns."""
        return sum(weight[0].numel() for weight in self.weights.values())

    def normalise(self, x, name):
        """Divide each place's vector by its root mean square, and scale what is left by weights."""
        return functional.rms_norm(x, x.shape[-1:], eps=EPSILON) * self.weights[name]

    def attention(self, x, block, texts):
        """Let every place take in what the places before it, and itself, have to offer."""
        runs, _, width = x.shape
        together = x @ self.weights[f"{block}.attention.in"]
        split = together.view(runs * texts, -1, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        return mixed.transpose(1, 2).reshape(x.shape) @ self.weights[f"{block}.attention.out"]

    def hidden_layer(self, x, block):
        """The hidden layer of a feed-forward part, (R, places, hidden)."""
        part, name = VARIANTS[self.variant], f"{block}.feed_forward."
        if part.gated:
            return part.function(x @ self.weights[name + "gate"]) * (x @ self.weights[name + "value"])
        return part.function(x @ self.weights[name + "up"])

    def logits(self, texts, hidden_layers=None):
        """Return a score for every character that may come next, at every place.

        Parameters
        ----------
        texts : (R, B, T) integers
            B texts of T characters for each run; T is at most ``context``.
        hidden_layers : list, optional
            The hidden layer of every block is appended to it, each (R, B * T, hidden).

        Returns
        -------
        (R, B * T, alphabet) float32
        """
        runs, number, length = texts.shape
        own_rows = texts + self.alphabet * torch.arange(runs)[:, None, None]
        x = functional.embedding(own_rows, self.weights["token"].flatten(0, 1))
        x = (x + self.weights["place"][:, None, :length]).flatten(1, 2)
        for b in range(self.blocks):
            x = x + self.attention(self.normalise(x, f"{b}.attention.norm"), b, number)
            hidden = self.hidden_layer(self.normalise(x, f"{b}.feed_forward.norm"), b)
            if hidden_layers is not None:
                hidden_layers.append(hidden)
            x = x + hidden @ self.weights[f"{b}.feed_forward.down"]
        return self.normalise(x, "norm") @ self.weights["read"]

    def losses(self, texts, hidden_layers=None):
        """Return the mean cross-entropy of each run, (R,), for texts (R, B, T + 1) whose last is only a target."""
        scores = self.logits(texts[..., :-1], hidden_layers).transpose(1, 2)
        return functional.cross_entropy(scores, texts[..., 1:].flatten(1), reduction="none").mean(dim=1)

    @torch.no_grad()
    def examine(self, text):
        """Return the mean loss on a text cut into pieces, and the share of zeros in the hidden layers.

        Returns
        -------
        loss, zeros : (R,) and (R, blocks) float64 arrays
        """
        number = (len(text) - 1) // self.context
        pieces = torch.arange(number)[:, None] * self.context + torch.arange(self.context + 1)
        layers = []
        loss = self.losses(text[pieces].expand(len(self.seeds), -1, -1), layers)
        zeros = torch.stack([(layer == 0).double().mean(dim=(1, 2)) for layer in layers], dim=1)
        return loss.double().numpy(), zeros.numpy()

    def train(self, text, *, steps, learning_rate, batch=16, progress=False):
        """Train with Adam: the rate rises in the first tenth of the steps, then falls to 0, both evenly.

        Parameters
        ----------
        text : 1-D tensor of integers
        steps, batch : int
            Steps, and texts of ``context`` characters in each. Their places are drawn by the seed.
        learning_rate : number, or R of them
        progress : bool
            Show a progress bar.

        Returns
        -------
        (steps, R) float64 array
            The loss of each step's texts, before the step.
        """
        starts = [np.random.default_rng([seed, 1]).integers(0, len(text) - self.context - 1, (steps, batch))
                  for seed in self.seeds]
        starts = torch.from_numpy(np.stack(starts, axis=1))[..., None]
        rate = torch.as_tensor(learning_rate, dtype=torch.float32).expand(len(self.seeds))[:, None, None]
        weights = list(self.weights.values())
        averages = [(torch.zeros_like(w), torch.zeros_like(w)) for w in weights]
        recorded = []
        for step in tqdm(range(steps), disable=not progress or None):
            losses = self.losses(text[starts[step] + torch.arange(self.context + 1)])
            gradients = torch.autograd.grad(losses.sum(), weights)
            share = min((step + 1) / (WARM_UP * steps), (steps - step) / ((1 - WARM_UP) * steps))
            with torch.no_grad():
                for weight, gradient, (mean, square) in zip(weights, gradients, averages, strict=True):
                    mean.lerp_(gradient, 1 - BETAS[0])
                    square.lerp_(gradient * gradient, 1 - BETAS[1])
                    scale = (square / (1 - BETAS[1] ** (step + 1))).sqrt_().add_(1e-8)
                    weight -= rate * share / (1 - BETAS[0] ** (step + 1)) * mean / scale
            recorded.append(losses.detach().double().numpy())
        return np.stack(recorded)
