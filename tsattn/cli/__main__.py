"""Run the command line with `python -m tsattn.cli`."""

from tsattn.cli import main

if __name__ == "__main__":
    main()
