"""Train scikit-learn's LogisticRegression on its digits, and save it for Rust.

Usage: train.py FOLDER; writes `model.bpk`, the estimator itself, and `answers.bpk`, what it says about every image
"""

import sys
from pathlib import Path

import binpickle
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression


def main(folder: Path) -> None:
    digits = load_digits()
    images = digits.data / 16
    model = LogisticRegression(C=0.5, max_iter=1_000).fit(images, digits.target)
    answers = {
        "images": images,
        "predictions": model.predict(images),
        "probabilities": model.predict_proba(images),
        "accuracy": model.score(images, digits.target),
    }
    binpickle.dump(model, folder / "model.bpk")
    binpickle.dump(answers, folder / "answers.bpk")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
