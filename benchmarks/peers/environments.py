"""A virtual environment for each peer, with pinned versions.

    python benchmarks/peers/environments.py [darts] [neuralforecast] [tfts]

They lie in the folder that TSATTN_PEERS names, else in `.env` beside this file, about 2 GB each. Where pip would take
PyTorch with CUDA, PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu gives the small build for the CPU.
"""

import os
import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).parent
PEERS = ("darts", "neuralforecast", "tfts")


def python_of(peer):
    """The interpreter in the environment of a peer."""
    return pathlib.Path(os.environ.get("TSATTN_PEERS", HERE / ".env")).absolute() / peer / "bin" / "python"


def main(peers):
    for peer in peers:
        python = python_of(peer)
        print(f"{peer}: {python}", flush=True)
        venv.create(python.parent.parent, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", HERE / f"{peer}.txt"], check=True)


if __name__ == "__main__":
    main(sys.argv[1:] or PEERS)
