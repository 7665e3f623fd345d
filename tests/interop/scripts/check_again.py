"""Load what Rust has read from Python and written again, and compare it with what Python wrote.

Usage: check_again.py FOLDER TOPIC, where FOLDER holds a file `CASE.again.bpk` for each case of the topic
"""

import pickle
import sys
from pathlib import Path

import binpickle
from comparing import differences
from write_values import TOPICS


#: Topics of subclasses, which numpy unpickles in the native byte order, whatever it was.
SUBCLASSES = ["masked", "subclasses"]


def main(folder: Path, topic: str) -> None:
    failures = []
    for case, value in TOPICS[topic]().items():
        if topic in SUBCLASSES:
            value = pickle.loads(pickle.dumps(value))
        again = binpickle.load(folder / f"{case}.again.bpk")
        failures += [f"{case}: {difference}" for difference in differences(again, value)]
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
