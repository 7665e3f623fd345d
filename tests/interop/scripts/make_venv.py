"""Make a virtual environment from a requirements file: once, however many processes ask for it at a time.

Usage: make_venv.py REQUIREMENTS FOLDER
"""

import fcntl
import subprocess
import sys
import venv
from pathlib import Path


def make(requirements: Path, folder: Path) -> None:
    python = folder / "bin" / "python"
    venv.create(folder, clear=True, with_pip=True)
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*install, "--requirement", requirements], check=True)
    subprocess.run([python, "-m", "pip", "check"], check=True)


def main(requirements: Path, folder: Path) -> None:
    made_from = f"Python {sys.version}\n{requirements.read_text()}"
    record = folder / "made-from.txt"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if record.is_file() and record.read_text() == made_from:
            return
        make(requirements, folder)
        record.write_text(made_from)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
