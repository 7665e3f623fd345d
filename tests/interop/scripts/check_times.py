"""Check the dates, times and durations that Rust wrote with chrono and jiff.

Usage: check_times.py FILE…
"""

import datetime as dt
import sys
from pathlib import Path

import binpickle
from comparing import differences

EXPECTED = {
    "date": dt.date(2020, 2, 29),
    "first": dt.date.min,
    "time": dt.time(12, 30, 1, 5),
    "naive": dt.datetime(2020, 2, 29, 1, 2, 3, 4),
    "last": dt.datetime.max,
    "utc": dt.datetime(2020, 2, 29, 1, 2, 3, tzinfo=dt.timezone.utc),
    "est": dt.datetime(2020, 2, 29, 1, 2, 3, 4, tzinfo=dt.timezone(dt.timedelta(hours=-5))),
    "span": dt.timedelta(days=-1, seconds=5, microseconds=7),
    "long": dt.timedelta(days=3, hours=1),
    "some": dt.timedelta(),
    "none": None,
}


def main(path: Path) -> None:
    # Only chrono has a type for an offset.
    expected = {name: value for name, value in EXPECTED.items() if name != "est" or path.stem == "chrono"}
    failures = list(differences(binpickle.load(path), expected))
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        main(Path(argument))
