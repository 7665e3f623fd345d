"""As write_values.py, in the form of the main branch of binpickle."""

import sys
from pathlib import Path

import upstream  # noqa: F401
from write_values import main

if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
