"""Re-run the notebooks with the numeric libraries told to behave as on an older x86 processor.

Every switch is set at once, with one thread and with two. A switch that a library ignores changes
nothing and says nothing, so each is first seen to have taken effect, in the environment in which
the notebooks' kernels then run.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SWITCHES = {
    "ATEN_CPU_CAPABILITY": "default",  # PyTorch's own kernels
    "MKL_CBWR": "COMPATIBLE",  # matrix products in PyTorch
    "ONEDNN_MAX_CPU_ISA": "SSE41",  # convolutions in PyTorch
    "OPENBLAS_CORETYPE": "Nehalem",  # matrix products in NumPy
    # NPY_DISABLE_CPU_FEATURES, for NumPy's own loops, is added in main: it names what this processor has.
}

FEATURES = """
import json
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
print(json.dumps([name for name in __cpu_dispatch__ if __cpu_features__[name]]))
"""

# What each library says of itself. MKL and oneDNN tell only on the C level's standard output.
PROBE = """
import json
import numpy, torch
from threadpoolctl import threadpool_info
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
square = torch.ones(32, 32)
square @ square
torch.nn.functional.linear(square.to_mkldnn(), square, square[0])
print()
print("PROBE " + json.dumps({
    "NumPy": [name for name in __cpu_dispatch__ if __cpu_features__[name]],
    "OpenBLAS": [pool["architecture"] for pool in threadpool_info() if pool["internal_api"] == "openblas"],
    "PyTorch": torch.backends.cpu.get_cpu_capability(),
    "threads": torch.get_num_threads(),
}))
"""


def run_python(script, environment):
    """Run a script with this interpreter; return what it printed, on the C level too."""
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def effects(environment):
    """Return what each library says about the processor it believes it runs on."""
    printed = run_python(PROBE, {**environment, "MKL_VERBOSE": "1", "ONEDNN_VERBOSE": "1"})
    found = json.loads(re.search(r"^PROBE (.*)$", printed, re.MULTILINE)[1])
    found["MKL"] = sorted(set(re.findall(r" CNR:(\w+)", printed)))
    found["oneDNN"] = re.findall(r",cpu,isa:(.*)", printed)
    return found


def main():
    """Check that the switches work, then run the notebooks with one thread and with two."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    if platform.machine() not in ("x86_64", "AMD64"):
        sys.exit(f"These switches exist on x86 processors; this one is {platform.machine()}.")
    had = json.loads(run_python(FEATURES, os.environ))
    switches = {**SWITCHES, "NPY_DISABLE_CPU_FEATURES": " ".join(had)}
    failed = False
    for threads in (1, 2):
        count = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
        environment = {**os.environ, **switches, **count}
        expected = {
            "NumPy": [],
            "OpenBLAS": ["Nehalem"],
            "PyTorch": "DEFAULT",
            "MKL": ["COMPATIBLE"],
            "oneDNN": ["Intel SSE4.1"],
            "threads": threads,
        }
        found = effects(environment)
        for library, wanted in expected.items():
            if found[library] != wanted:
                sys.exit(f"A switch took no effect: {library} says {found[library]}, not {wanted}.")
        print(f"Older processor, {threads} thread(s): every switch took effect.", flush=True)
        done = subprocess.run([sys.executable, "-m", "pytest", "-q", "notebooks"], cwd=ROOT, env=environment)
        failed = failed or done.returncode != 0
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
