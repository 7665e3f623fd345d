"""Train models, and save them for Rust with what they predict.

Usage: train_models.py FOLDER; writes for each model `MODEL.FORM.bpk` in each form, and `MODEL.answers`: `samples`, and what the model
says about them
"""

import sys
from pathlib import Path

import binpickle
import numpy as np
import pandas as pd
import scipy.sparse as sp
from forms import FORMS
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.preprocessing import StandardScaler

WORDS = np.array(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])


class ItemKNN:
    """Scores an item by the ratings that a user gave to its neighbours, as LensKit does."""

    def __init__(self, ratings: pd.DataFrame, neighbours: int, least: float) -> None:
        self.neighbours = neighbours
        items = ratings.groupby("item")["rating"]
        self.means = items.mean().rename("mean")
        self.items = pd.Index(self.means.index, name="item")
        self.users = pd.Index(np.unique(ratings["user"]))
        self.genres = pd.Series(pd.Categorical(np.where(np.arange(len(self.items)) % 3, "drama", "comedy")), self.items)
        places = self.items.get_indexer(ratings["item"]), self.users.get_indexer(ratings["user"])
        centred = sp.csr_matrix((ratings["rating"] - self.means[ratings["item"]].to_numpy(), places))
        lengths = np.sqrt(np.asarray(centred.multiply(centred).sum(axis=1))).ravel()
        unit = sp.diags(1 / np.maximum(lengths, 1e-12)) @ centred
        similar = (unit @ unit.T).tolil()
        similar.setdiag(0)
        similar = similar.tocsr()
        similar.data[similar.data < least] = 0
        similar.eliminate_zeros()
        similar.sort_indices()
        self.matrices = {"similarities": similar, "counts": sp.csr_array((centred != 0).astype("i4"))}

    def score(self, item: str, history: dict[str, float]) -> float:
        place, matrix = self.items.get_loc(item), self.matrices["similarities"]
        mine = slice(matrix.indptr[place], matrix.indptr[place + 1])
        found = [
            (weight, history[self.items[other]] - self.means.iloc[other])
            for other, weight in zip(matrix.indices[mine], matrix.data[mine])
            if self.items[other] in history
        ]
        found = sorted(found, reverse=True)[: self.neighbours]
        total = sum(weight for weight, _ in found)
        offset = sum(weight * rating for weight, rating in found) / total if found else 0.0
        return float(self.means.iloc[place] + offset)


def neighbours() -> tuple[object, dict[str, object]]:
    random = np.random.default_rng(7)
    users, items = np.nonzero(random.random((60, 40)) < 0.3)
    taste = random.normal(size=(60, 2)) @ random.normal(size=(2, 40))
    ratings = np.clip(np.round(3 + taste[users, items]), 1, 5)
    names = np.array([f"film {item:02}" for item in range(40)])
    table = pd.DataFrame({"user": users + 1000, "item": names[items], "rating": ratings})
    model = ItemKNN(table, neighbours=5, least=0.05)
    histories = [dict(zip(rows["item"], rows["rating"])) for _, rows in table.groupby("user")]
    scores = np.array([[model.score(item, history) for item in model.items] for history in histories])
    rated = np.asarray(model.matrices["counts"].sum(axis=1)).ravel()
    return model, {"histories": histories, "scores": scores, "genres": list(model.genres), "rated": rated}


def sparse() -> sp.csr_matrix:
    random = np.random.default_rng(5)
    matrix = sp.random(200, 60, density=0.1, format="csr", random_state=random)
    matrix.sort_indices()
    return matrix


def models() -> dict[str, tuple[object, dict[str, object]]]:
    digits = load_digits()
    images, words = digits.data, WORDS[digits.target]
    samples, documents = images[::9], sparse()
    regression = LogisticRegression(max_iter=1_000).fit(images / 16, words)
    scaler = StandardScaler().fit(images)
    components = PCA(10, whiten=True, random_state=0).fit(images)
    clusters = KMeans(10, n_init=2, random_state=0).fit(images)
    forest = RandomForestClassifier(25, random_state=0).fit(images, digits.target)
    counts = MultinomialNB().fit(images, words)
    reduction = TruncatedSVD(5, random_state=0).fit(documents)
    return {
        "logistic_regression": (
            regression,
            {
                "samples": samples / 16,
                "labels": list(regression.predict(samples / 16)),
                "values": regression.predict_proba(samples / 16),
            },
        ),
        "standard_scaler": (scaler, {"samples": samples, "values": scaler.transform(samples)}),
        "pca": (components, {"samples": samples, "values": components.transform(samples)}),
        "k_means": (
            clusters,
            {"samples": samples, "labels": clusters.predict(samples), "values": clusters.transform(samples)},
        ),
        "random_forest": (
            forest,
            {"samples": samples, "labels": forest.predict(samples), "values": forest.predict_proba(samples)},
        ),
        "multinomial_nb": (
            counts,
            {"samples": samples, "labels": list(counts.predict(samples)), "values": counts.predict_proba(samples)},
        ),
        "truncated_svd": (reduction, {"samples": documents, "values": reduction.transform(documents)}),
        "item_knn": neighbours(),
    }


def main(folder: Path) -> None:
    for name, (model, answers) in models().items():
        for form, options in FORMS.items():
            with binpickle.BinPickler(folder / f"{name}.{form}.bpk", **options) as pickler:
                pickler.dump(model)
        binpickle.dump(answers, folder / f"{name}.answers")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
