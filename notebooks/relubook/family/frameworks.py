"""How the frameworks call the functions, with which default parameters, and where they disagree.

PyTorch's entries are compared with the installed package by the tests; the others were read in the documentation
and source of the versions named in ``VERSIONS`` (JAX names none on its pages).
"""

VERSIONS = {"PyTorch": "2.13", "TensorFlow": "2.21", "Keras": "3.15", "JAX": "latest"}

# From a function's name to a framework's lines. A framework that is missing there has no function for it.
CALLS = {
    "sigmoid": {
        "PyTorch": ("torch.nn.Sigmoid()", "torch.sigmoid(x)"),
        "TensorFlow": ("tf.math.sigmoid(x)",),
        "Keras": ('keras.layers.Dense(64, activation="sigmoid")', "keras.activations.sigmoid(x)"),
        "JAX": ("jax.nn.sigmoid(x)",),
    },
    "tanh": {
        "PyTorch": ("torch.nn.Tanh()", "torch.tanh(x)"),
        "TensorFlow": ("tf.math.tanh(x)",),
        "Keras": ('keras.layers.Dense(64, activation="tanh")', "keras.activations.tanh(x)"),
        "JAX": ("jax.nn.tanh(x)",),
    },
    "softsign": {
        "PyTorch": ("torch.nn.Softsign()", "torch.nn.functional.softsign(x)"),
        "TensorFlow": ("tf.nn.softsign(x)",),
        "Keras": ('keras.layers.Dense(64, activation="softsign")', "keras.activations.softsign(x)"),
        "JAX": ("jax.nn.soft_sign(x)",),
    },
    "relu": {
        "PyTorch": ("torch.nn.ReLU()", "torch.relu(x)"),
        "TensorFlow": ("tf.nn.relu(x)",),
        "Keras": ("keras.layers.ReLU()", "keras.activations.relu(x)"),
        "JAX": ("jax.nn.relu(x)",),
    },
    "relu6": {
        "PyTorch": ("torch.nn.ReLU6()", "torch.nn.functional.relu6(x)"),
        "TensorFlow": ("tf.nn.relu6(x)",),
        "Keras": ("keras.layers.ReLU(max_value=6.0)", "keras.activations.relu6(x)"),
        "JAX": ("jax.nn.relu6(x)",),
    },
    "hard_tanh": {
        "PyTorch": ("torch.nn.Hardtanh()", "torch.nn.functional.hardtanh(x)"),
        "TensorFlow": ("tf.clip_by_value(x, -1.0, 1.0)",),
        "Keras": ('keras.layers.Activation("hard_tanh")', "keras.activations.hard_tanh(x)"),
        "JAX": ("jax.nn.hard_tanh(x)",),
    },
    "leaky_relu": {
        "PyTorch": ("torch.nn.LeakyReLU()", "torch.nn.functional.leaky_relu(x)"),
        "TensorFlow": ("tf.nn.leaky_relu(x)",),
        "Keras": ("keras.layers.LeakyReLU()", "keras.activations.leaky_relu(x)"),
        "JAX": ("jax.nn.leaky_relu(x)",),
    },
    "prelu": {
        "PyTorch": ("torch.nn.PReLU()", "torch.nn.functional.prelu(x, weight)"),
        "Keras": ("keras.layers.PReLU()",),
        "JAX": ("jax.nn.leaky_relu(x, negative_slope=slope)",),
    },
    "rrelu": {
        "PyTorch": ("torch.nn.RReLU()", "torch.nn.functional.rrelu(x)"),
    },
    "thresholded_relu": {
        "PyTorch": ("torch.nn.Threshold(1.0, 0.0)", "torch.nn.functional.threshold(x, 1.0, 0.0)"),
        "Keras": ("keras.layers.ReLU(threshold=1.0)", "keras.activations.threshold(x, 1.0, 0.0)"),
    },
    "elu": {
        "PyTorch": ("torch.nn.ELU()", "torch.nn.functional.elu(x)"),
        "TensorFlow": ("tf.nn.elu(x)",),
        "Keras": ("keras.layers.ELU()", "keras.activations.elu(x)"),
        "JAX": ("jax.nn.elu(x)",),
    },
    "celu": {
        "PyTorch": ("torch.nn.CELU()", "torch.nn.functional.celu(x)"),
        "Keras": ('keras.layers.Activation("celu")', "keras.activations.celu(x)"),
        "JAX": ("jax.nn.celu(x)",),
    },
    "selu": {
        "PyTorch": ("torch.nn.SELU()", "torch.nn.functional.selu(x)"),
        "TensorFlow": ("tf.nn.selu(x)",),
        "Keras": (
            'keras.layers.Dense(64, activation="selu", kernel_initializer="lecun_normal")',
            "keras.activations.selu(x)",
        ),
        "JAX": ("jax.nn.selu(x)",),
    },
    "softplus": {
        "PyTorch": ("torch.nn.Softplus()", "torch.nn.functional.softplus(x)"),
        "TensorFlow": ("tf.math.softplus(x)",),
        "Keras": ('keras.layers.Dense(1, activation="softplus")', "keras.activations.softplus(x)"),
        "JAX": ("jax.nn.softplus(x)",),
    },
    "gelu": {
        "PyTorch": ("torch.nn.GELU()", "torch.nn.functional.gelu(x)"),
        "TensorFlow": ("tf.nn.gelu(x)",),
        "Keras": ('keras.layers.Dense(64, activation="gelu")', "keras.activations.gelu(x)"),
        "JAX": ("jax.nn.gelu(x, approximate=False)",),
    },
    "gelu_tanh": {
        "PyTorch": ('torch.nn.GELU(approximate="tanh")', 'torch.nn.functional.gelu(x, approximate="tanh")'),
        "TensorFlow": ("tf.nn.gelu(x, approximate=True)",),
        "Keras": ("keras.activations.gelu(x, approximate=True)", "keras.ops.gelu(x)"),
        "JAX": ("jax.nn.gelu(x)",),
    },
    "gelu_sigmoid": {
        "PyTorch": ("x * torch.sigmoid(1.702 * x)",),
        "TensorFlow": ("tf.nn.silu(x, beta=1.702)",),
        "Keras": ("x * keras.ops.sigmoid(1.702 * x)",),
        "JAX": ("x * jax.nn.sigmoid(1.702 * x)",),
    },
    "silu": {
        "PyTorch": ("torch.nn.SiLU()", "torch.nn.functional.silu(x)"),
        "TensorFlow": ("tf.nn.silu(x)",),
        "Keras": ('keras.layers.Dense(64, activation="silu")', "keras.activations.silu(x)"),
        "JAX": ("jax.nn.silu(x)",),
    },
    "mish": {
        "PyTorch": ("torch.nn.Mish()", "torch.nn.functional.mish(x)"),
        "Keras": ('keras.layers.Activation("mish")', "keras.activations.mish(x)"),
        "JAX": ("jax.nn.mish(x)",),
    },
    "hard_sigmoid": {
        "PyTorch": ("torch.nn.Hardsigmoid()", "torch.nn.functional.hardsigmoid(x)"),
        "TensorFlow": ("tf.nn.relu6(x + 3) / 6",),
        "Keras": ('keras.layers.Activation("hard_sigmoid")', "keras.activations.hard_sigmoid(x)"),
        "JAX": ("jax.nn.hard_sigmoid(x)",),
    },
    "hard_swish": {
        "PyTorch": ("torch.nn.Hardswish()", "torch.nn.functional.hardswish(x)"),
        "TensorFlow": ("x * tf.nn.relu6(x + 3) / 6",),
        "Keras": ('keras.layers.Activation("hard_swish")', "keras.activations.hard_swish(x)"),
        "JAX": ("jax.nn.hard_swish(x)",),
    },
    "squared_relu": {
        "PyTorch": ("torch.relu(x).square()",),
        "TensorFlow": ("tf.square(tf.nn.relu(x))",),
        "Keras": ("keras.ops.square(keras.ops.relu(x))",),
        "JAX": ("jax.numpy.square(jax.nn.relu(x))",),
    },
    "glu": {
        "PyTorch": ("torch.nn.GLU()", "torch.nn.functional.glu(torch.cat([value, gate], -1))"),
        "TensorFlow": ("value * tf.math.sigmoid(gate)",),
        "Keras": ("keras.activations.glu(keras.ops.concatenate([value, gate], -1))",),
        "JAX": ("jax.nn.glu(jax.numpy.concatenate([value, gate], -1))",),
    },
    "bilinear": {
        "PyTorch": ("value * gate",),
        "TensorFlow": ("value * gate",),
        "Keras": ("value * gate",),
        "JAX": ("value * gate",),
    },
    "reglu": {
        "PyTorch": ("value * torch.relu(gate)",),
        "TensorFlow": ("value * tf.nn.relu(gate)",),
        "Keras": ("value * keras.ops.relu(gate)",),
        "JAX": ("value * jax.nn.relu(gate)",),
    },
    "geglu": {
        "PyTorch": ("value * torch.nn.functional.gelu(gate)",),
        "TensorFlow": ("value * tf.nn.gelu(gate)",),
        "Keras": ("value * keras.ops.gelu(gate, approximate=False)",),
        "JAX": ("value * jax.nn.gelu(gate, approximate=False)",),
    },
    "swiglu": {
        "PyTorch": ("value * torch.nn.functional.silu(gate)",),
        "TensorFlow": ("value * tf.nn.silu(gate)",),
        "Keras": ("value * keras.ops.silu(gate)",),
        "JAX": ("value * jax.nn.silu(gate)",),
    },
}

# From a function's name to a framework's callables with their defaults, where a default changes the function.
DEFAULTS = {
    "relu": {"Keras": {"keras.layers.ReLU": {"negative_slope": 0.0, "max_value": None, "threshold": 0.0}}},
    "hard_tanh": {"PyTorch": {"torch.nn.Hardtanh": {"min_val": -1.0, "max_val": 1.0}}},
    "leaky_relu": {
        "PyTorch": {
            "torch.nn.LeakyReLU": {"negative_slope": 0.01},
            "torch.nn.functional.leaky_relu": {"negative_slope": 0.01},
        },
        "TensorFlow": {"tf.nn.leaky_relu": {"alpha": 0.2}},
        "Keras": {
            "keras.layers.LeakyReLU": {"negative_slope": 0.3},
            "keras.activations.leaky_relu": {"negative_slope": 0.2},
        },
        "JAX": {"jax.nn.leaky_relu": {"negative_slope": 0.01}},
    },
    "prelu": {
        "PyTorch": {"torch.nn.PReLU": {"num_parameters": 1, "init": 0.25}},
        "Keras": {"keras.layers.PReLU": {"alpha_initializer": "Zeros", "shared_axes": None}},
    },
    "rrelu": {"PyTorch": {"torch.nn.RReLU": {"lower": 1 / 8, "upper": 1 / 3}}},
    "elu": {
        "PyTorch": {"torch.nn.ELU": {"alpha": 1.0}},
        "Keras": {"keras.layers.ELU": {"alpha": 1.0}},
        "JAX": {"jax.nn.elu": {"alpha": 1.0}},
    },
    "celu": {
        "PyTorch": {"torch.nn.CELU": {"alpha": 1.0}},
        "Keras": {"keras.activations.celu": {"alpha": 1.0}},
        "JAX": {"jax.nn.celu": {"alpha": 1.0}},
    },
    "softplus": {"PyTorch": {"torch.nn.Softplus": {"beta": 1.0, "threshold": 20.0}}},
    "gelu": {
        "PyTorch": {"torch.nn.GELU": {"approximate": "none"}},
        "TensorFlow": {"tf.nn.gelu": {"approximate": False}},
        "Keras": {"keras.activations.gelu": {"approximate": False}, "keras.ops.gelu": {"approximate": True}},
        "JAX": {"jax.nn.gelu": {"approximate": True}},
    },
    "silu": {"TensorFlow": {"tf.nn.silu": {"beta": 1.0}}},
    "glu": {
        "PyTorch": {"torch.nn.GLU": {"dim": -1}},
        "Keras": {"keras.activations.glu": {"axis": -1}},
        "JAX": {"jax.nn.glu": {"axis": -1}},
    },
}
DEFAULTS["gelu_tanh"] = DEFAULTS["gelu"]
DEFAULTS = {name: DEFAULTS.get(name, {}) for name in CALLS}

DISAGREEMENTS = {
    "leaky_relu": "The slope below 0 is 0.01 in PyTorch and JAX, 0.2 in TensorFlow, and in Keras 0.3 for the layer but "
    "0.2 for the function. Write it down. At 0 PyTorch's slope is the small one, JAX's is 1.",
    "prelu": "The slope starts at 0.25 in PyTorch, as in the paper, and at 0 in Keras, where the layer is a ReLU at "
    "first. PyTorch shares one slope among all units unless told how many, Keras learns one for each element.",
    "thresholded_relu": "Keras 2 had a layer ThresholdedReLU with θ = 1; Keras 3 has not. The others have no default.",
    "elu": "TensorFlow's function has no α: it is 1.",
    "softplus": "PyTorch alone has β, and above β·x = 20 it returns x itself.",
    "gelu": "gelu(x) is the exact form in PyTorch, TensorFlow and keras.activations, and the tanh form in JAX and "
    "keras.ops. The two differ by up to 0.0005.",
    "gelu_tanh": "gelu(x) is the tanh form in JAX and keras.ops, and the exact form in PyTorch, TensorFlow and "
    "keras.activations.",
    "silu": "TensorFlow alone has β.",
    "hard_sigmoid": "In PyTorch, JAX and Keras 3 it rises from -3 to 3: x/6 + 1/2. In Keras 2 it rose from -2.5 to "
    "2.5: 0.2·x + 0.5. In the paper it rises from -1 to 1: (x + 1)/2.",
    "glu": "All three split one input into value and gate, in this order; in Shazeer's formula the gate comes first.",
}
