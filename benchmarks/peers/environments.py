"""A virtual environment for each peer, with pinned versions.

    python benchmarks/peers/environments.py [darts] [neuralforecast] [tfts]

They lie in the folder that TSATTN_PEERS names, else in `.env` beside this file, about 2 GB each. Where pip would take
PyTorch with CUDA, PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu gives the small build for the CPU.
"""

import argparse
import os
import pathlib
import subprocess
import venv

HERE = pathlib.Path(__file__).parent
PEERS = ("darts", "neuralforecast", "tfts")


def python_of(peer):
    """The interpreter in the environment of a peer."""
    return pathlib.Path(os.environ.get("TSATTN_PEERS", HERE / ".env")).absolute() / peer / "bin" / "python"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"{', '.join(PEERS)}; all if none is named")
    asked = parser.parse_args().peers
    if unknown := set(asked) - set(PEERS):
        parser.error(f"{', '.join(sorted(unknown))}: there are {', '.join(PEERS)}.")
    for peer in asked or PEERS:
        python = python_of(peer)
        print(f"{peer}: {python}", flush=True)
        venv.create(python.parent.parent, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", HERE / f"{peer}.txt"], check=True)


if __name__ == "__main__":
    main()
