"""Create a virtual environment with pinned versions for each peer (another forecasting library).

    python benchmarks/peers/environments.py [darts] [neuralforecast] [tfts]

The environments are created in the folder TSATTN_PEERS, or in `benchmarks/peers/.env`. Each environment requires about
2 GB. Set PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu to install PyTorch without CUDA, which is smaller.
"""

import argparse
import os
import pathlib
import subprocess
import venv

FOLDER = pathlib.Path(__file__).parent
PEERS = ("darts", "neuralforecast", "tfts")


def python_of(peer):
    """Return the path of the Python interpreter of a peer."""
    return pathlib.Path(os.environ.get("TSATTN_PEERS", FOLDER / ".env")).absolute() / peer / "bin" / "python"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"{', '.join(PEERS)}. Defaults to all")
    names = parser.parse_args().peers
    if unknown := set(names) - set(PEERS):
        parser.error(f"received {', '.join(sorted(unknown))}, expected some of {', '.join(PEERS)}.")
    for peer in names or PEERS:
        python = python_of(peer)
        print(f"{peer}: {python}", flush=True)
        venv.create(python.parent.parent, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", FOLDER / f"{peer}.txt"], check=True)


if __name__ == "__main__":
    main()
