"""Make scikit-learn's estimator of what Rust has saved, and have it predict.

Usage: check_estimator.py FILE
"""

import sys

import binpickle
import numpy as np
from sklearn.linear_model import LogisticRegression

file = binpickle.load(sys.argv[1])
model = LogisticRegression.__new__(LogisticRegression)
model.__dict__.update(LogisticRegression().get_params(), **file["model"])
assert (model.predict(file["samples"]) == file["labels"]).all()
np.testing.assert_allclose(model.predict_proba(file["samples"]), file["values"], rtol=1e-9, atol=1e-12)
