"""Check the table that `frames.rs` has written.

Usage: check_frame.py FILE
"""

import sys

import binpickle
import pandas as pd
from pandas.testing import assert_frame_equal

frame = pd.DataFrame(binpickle.load(sys.argv[1]))
expected = pd.DataFrame({"x": [0.5, 1.5], "name": ["a", "b"], "label": ["u", None], "count": [1, 2]})
assert_frame_equal(frame, expected.astype({"count": "u1"}))
