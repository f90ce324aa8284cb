"""The gated members: a product of two inputs, one of them activated."""

from relubook.family.contract import Facts, Gated, Parameter
from relubook.family.piecewise import RELU
from relubook.family.smooth import GELU, SIGMOID, SILU

_UNBOUNDED = Facts(range=(-float("inf"), float("inf")), lipschitz=float("inf"), monotone=False, limits=())

GLU = Gated(
    name="glu",
    title="GLU",
    aliases=("gated linear unit",),
    year=2017,
    paper="dauphin2017language",
    formula="value/(1 + exp(-gate))",
    when="convolutional and recurrent language models, where a gate lets the value's gradient pass",
    facts=_UNBOUNDED,
    gate=SIGMOID,
    accuracy_ulp=(7, 7, 10),
)

BILINEAR = Gated(
    name="bilinear",
    title="Bilinear",
    aliases=("bilinear GLU",),
    year=2017,
    paper="dauphin2017language",
    formula="value*gate",
    when="to find out what the product alone does, without any activation",
    facts=_UNBOUNDED,
    gate=None,
    accuracy_ulp=(1, 1, 1),
)

REGLU = Gated(
    name="reglu",
    title="ReGLU",
    aliases=("ReLU-gated linear unit",),
    year=2020,
    paper="shazeer2020glu",
    formula="value*Piecewise((gate, gate > 0), (0, True))",
    when="transformers, where exact zeros are to be skipped",
    facts=_UNBOUNDED,
    gate=RELU,
    accuracy_ulp=(1, 1, 1),
)

GEGLU = Gated(
    name="geglu",
    title="GEGLU",
    aliases=("GELU-gated linear unit",),
    year=2020,
    paper="shazeer2020glu",
    formula="value*gate/2*(1 + erf(gate/sqrt(2)))",
    when="the feed-forward layers of transformers (T5 v1.1, Gemma)",
    facts=_UNBOUNDED,
    gate=GELU,
    accuracy_ulp=(10, 10, 10),
)

SWIGLU = Gated(
    name="swiglu",
    title="SwiGLU",
    aliases=("Swish-gated linear unit", "SiLU-gated linear unit"),
    year=2020,
    paper="shazeer2020glu",
    formula="value*gate/(1 + exp(-beta*gate))",
    parameters=(Parameter("beta", "β", 1.0, "a finite number", (-1.0, 5.0, 0.25)),),
    when="the feed-forward layers of large language models (PaLM, LLaMA)",
    facts=_UNBOUNDED,
    gate=SILU,
    accuracy_ulp=(8, 8, 12),
)
