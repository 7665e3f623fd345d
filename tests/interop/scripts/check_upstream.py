"""As check_values.py, with the reader of the main branch of binpickle."""

import sys
from pathlib import Path

import upstream  # noqa: F401
from check_values import main

if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
