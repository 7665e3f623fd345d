"""Keeps what fuzzing has found: `python3 fuzz/found.py pickle index` for these targets, or without any for all.

Of all inputs that meet an edge, one is kept in `fuzz/found`, the shortest. From there `seeds.py` takes them, so that the next run
begins where the last one ended.
"""

import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
FOUND = HERE / "found"


def keep(target: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        merge = ["cargo", "+nightly", "fuzz", "run", "-s", "none", target, folder, str(HERE / "corpus" / target)]
        merge += ["--", "-merge=1", "-use_counters=0", "-max_len=4096", "-timeout=20"]
        subprocess.run(merge, check=True, cwd=HERE.parent)
        pack(target, Path(folder))


def pack(target: str, folder: Path) -> None:
    """The same inputs make the same archive."""
    FOUND.mkdir(exist_ok=True)
    with tarfile.open(FOUND / f"{target}.tar.xz", "w:xz", preset=9) as archive:
        # What is alike is side by side.
        for path in sorted(folder.iterdir(), key=lambda path: (path.stat().st_size, path.name)):
            member = tarfile.TarInfo(path.name)
            member.size = path.stat().st_size
            archive.addfile(member, io.BytesIO(path.read_bytes()))


def targets() -> list[str]:
    return sorted(path.stem for path in (HERE / "fuzz_targets").iterdir())


def kept(target: str) -> list[bytes]:
    """What was kept for a target."""
    with tarfile.open(FOUND / f"{target}.tar.xz") as members:
        return [members.extractfile(member).read() for member in members]


if __name__ == "__main__":
    for target in sys.argv[1:] or targets():
        keep(target)
