"""How each framework calls the functions, with its default parameters. Each entry was read in its documentation."""

from collections import defaultdict

CALLS = defaultdict(dict)
DEFAULTS = defaultdict(dict)
DISAGREEMENTS = {}
