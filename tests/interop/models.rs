//! Models that scikit-learn trained, and one like those of `LensKit`, predict in Rust what they predict in Python:
//! `scripts/train_models.py` trains them. All that Rust has are their attributes, by plain derives.

#![allow(clippy::struct_field_names, reason = "scikit-learn ends the names of what was learnt with an underscore")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use ndarray::{Array1, Array2, Array3, ArrayRef1, ArrayRef2, Axis};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::from_python::{FORMS, map};
use crate::python::{self, Python};

/// The folders with the models, from each Python. They are trained once for all tests.
fn folders() -> &'static [PathBuf] {
    static FOLDERS: OnceLock<Vec<PathBuf>> = OnceLock::new();
    FOLDERS.get_or_init(|| {
        let train = |python: &Python| {
            let folder = python::target().join("models").join(python.name);
            std::fs::create_dir_all(&folder).expect("a folder");
            python.script("train_models.py", &[folder.as_os_str()]);
            folder
        };
        python::all().map(train).collect()
    })
}

/// Loads a model from the file in every form, as it is read and as it is mapped, with what it said in Python.
#[track_caller]
fn each<M: DeserializeOwned, A: DeserializeOwned>(name: &str, compare: impl Fn(M, &A)) {
    for folder in folders() {
        let answers = binpickle::from_path(folder.join(format!("{name}.answers"))).expect("the answers");
        for form in FORMS {
            let path = folder.join(name).with_extension(form);
            println!("{}", path.display()); // shown when the test fails
            compare(binpickle::from_path(&path).expect("a model, read"), &answers);
            compare(map(&path).load().expect("a model, mapped"), &answers);
        }
    }
}

#[track_caller]
fn assert_close(found: &ArrayRef2<f64>, expected: &ArrayRef2<f64>) {
    assert_eq!(found.shape(), expected.shape());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{found} is not {expected}");
    }
}

/// What a model of scikit-learn said of each sample, a row: a label, and values.
#[derive(Deserialize)]
struct Answers<S, L> {
    samples: S,
    labels: L,
    values: Array2<f64>,
}

/// The same without labels.
#[derive(Deserialize)]
struct Values<S> {
    samples: S,
    values: Array2<f64>,
}

fn highest(row: &ArrayRef1<f64>) -> usize {
    (1..row.len()).fold(0, |best, place| if row[place] > row[best] { place } else { best })
}

/// Scores become probabilities: each row is exponentiated, and divided by its sum.
fn softmax(mut scores: Array2<f64>) -> Array2<f64> {
    for mut row in scores.rows_mut() {
        let highest = row[highest(&row)];
        row.mapv_inplace(|score| (score - highest).exp());
        let sum = row.sum();
        row /= sum;
    }
    scores
}

#[derive(Deserialize, Serialize)]
struct LogisticRegression<L> {
    coef_: Array2<f64>,
    intercept_: Array1<f64>,
    classes_: L,
    n_features_in_: usize,
}

impl<L> LogisticRegression<L> {
    fn probabilities(&self, samples: &ArrayRef2<f64>) -> Array2<f64> {
        softmax(samples.dot(&self.coef_.t()) + &self.intercept_)
    }
}

#[test]
fn logistic_regression() {
    each(
        "logistic_regression",
        |model: LogisticRegression<Vec<String>>, answers: &Answers<Array2<f64>, Vec<String>>| {
            let probabilities = model.probabilities(&answers.samples);
            assert_close(&probabilities, &answers.values);
            assert!(probabilities.rows().into_iter().map(|row| &model.classes_[highest(&row)]).eq(&answers.labels));
            assert_eq!(model.n_features_in_, 64);
        },
    );
}

#[test]
fn standard_scaler() {
    #[derive(Deserialize)]
    struct StandardScaler {
        mean_: Array1<f64>,
        scale_: Array1<f64>,
        n_samples_seen_: f64,
    }
    each("standard_scaler", |model: StandardScaler, answers: &Values<Array2<f64>>| {
        assert_close(&((&answers.samples - &model.mean_) / &model.scale_), &answers.values);
        assert_eq!(model.n_samples_seen_ as u32, 1797);
    });
}

#[test]
fn pca() {
    #[derive(Deserialize)]
    #[serde(rename = "PCA")]
    struct Pca {
        mean_: Array1<f64>,
        components_: Array2<f64>,
        explained_variance_: Array1<f64>,
        whiten: bool,
    }
    each("pca", |model: Pca, answers: &Values<Array2<f64>>| {
        assert!(model.whiten);
        let transformed = (&answers.samples - &model.mean_).dot(&model.components_.t());
        assert_close(&(transformed / &model.explained_variance_.sqrt()), &answers.values);
    });
}

#[test]
fn k_means() {
    #[derive(Deserialize)]
    struct KMeans {
        cluster_centers_: Array2<f64>,
    }
    each("k_means", |model: KMeans, answers: &Answers<Array2<f64>, Vec<usize>>| {
        let shape = (answers.samples.nrows(), model.cluster_centers_.nrows());
        let distances = Array2::from_shape_fn(shape, |(sample, center)| {
            let difference = &answers.samples.row(sample) - &model.cluster_centers_.row(center);
            difference.dot(&difference).sqrt()
        });
        assert_close(&distances, &answers.values);
        assert!(
            distances
                .rows()
                .into_iter()
                .map(|row| highest(&row.mapv(|distance| -distance)))
                .eq(answers.labels.iter().copied())
        );
    });
}

#[derive(Deserialize)]
struct RandomForest {
    estimators_: Vec<DecisionTree>,
    classes_: Vec<i64>,
}

#[derive(Deserialize)]
struct DecisionTree {
    tree_: Tree,
}

/// `sklearn.tree._tree.Tree`: its nodes are a structured array.
#[derive(Deserialize)]
struct Tree {
    nodes: Vec<TreeNode>,
    /// For each node, each output and each class, which part of the samples there belongs to it.
    values: Array3<f64>,
}

#[derive(Deserialize)]
struct TreeNode {
    /// -1 in a leaf.
    left_child: i64,
    right_child: i64,
    feature: i64,
    threshold: f64,
}

impl Tree {
    /// The leaf where a sample ends. Trees compare 32-bit floats.
    fn leaf(&self, sample: &ArrayRef1<f64>) -> usize {
        let mut place = 0;
        while let TreeNode { left_child, right_child, feature, threshold } = self.nodes[place]
            && left_child >= 0
        {
            let goes_left = f64::from(sample[feature as usize] as f32) <= threshold;
            place = if goes_left { left_child } else { right_child } as usize;
        }
        place
    }
}

#[test]
fn random_forest() {
    each("random_forest", |model: RandomForest, answers: &Answers<Array2<f64>, Vec<i64>>| {
        let mut probabilities = Array2::zeros((answers.samples.nrows(), model.classes_.len()));
        for DecisionTree { tree_ } in &model.estimators_ {
            for (sample, mut probabilities) in answers.samples.rows().into_iter().zip(probabilities.rows_mut()) {
                let values = tree_.values.index_axis(Axis(0), tree_.leaf(&sample));
                probabilities += &(&values.row(0) / values.sum());
            }
        }
        probabilities /= model.estimators_.len() as f64;
        assert_close(&probabilities, &answers.values);
        let labels = probabilities.rows().into_iter().map(|row| model.classes_[highest(&row)]);
        assert!(labels.eq(answers.labels.iter().copied()));
    });
}

#[test]
fn multinomial_nb() {
    #[derive(Deserialize)]
    struct MultinomialNb {
        feature_log_prob_: Array2<f64>,
        class_log_prior_: Array1<f64>,
        classes_: Vec<String>,
    }
    each("multinomial_nb", |model: MultinomialNb, answers: &Answers<Array2<f64>, Vec<String>>| {
        let probabilities = softmax(answers.samples.dot(&model.feature_log_prob_.t()) + &model.class_log_prior_);
        assert_close(&probabilities, &answers.values);
        assert!(probabilities.rows().into_iter().map(|row| &model.classes_[highest(&row)]).eq(&answers.labels));
    });
}

/// A `scipy.sparse.csr_matrix` or `csr_array`.
#[derive(Deserialize)]
struct Csr<T> {
    #[serde(rename = "_shape")]
    shape: (usize, usize),
    indptr: Vec<usize>,
    indices: Vec<usize>,
    data: Vec<T>,
}

impl<T: Copy> Csr<T> {
    /// The columns and values of what is not zero in a row.
    fn row(&self, row: usize) -> impl Iterator<Item = (usize, T)> {
        let places = self.indptr[row]..self.indptr[row + 1];
        self.indices[places.clone()].iter().copied().zip(self.data[places].iter().copied())
    }
}

#[test]
fn truncated_svd() {
    #[derive(Deserialize)]
    struct TruncatedSvd {
        components_: Array2<f64>,
    }
    each("truncated_svd", |model: TruncatedSvd, answers: &Values<Csr<f64>>| {
        let (rows, columns) = answers.samples.shape;
        assert_eq!(columns, model.components_.ncols());
        let mut transformed = Array2::zeros((rows, model.components_.nrows()));
        for (row, mut transformed) in transformed.rows_mut().into_iter().enumerate() {
            for (column, value) in answers.samples.row(row) {
                transformed.scaled_add(value, &model.components_.column(column));
            }
        }
        assert_close(&transformed, &answers.values);
    });
}

/// Items and their means are an index and a series of pandas, the genres a categorical one.
#[derive(Deserialize)]
struct ItemKnn {
    neighbours: usize,
    #[serde(with = "binpickle::with::dataframe")]
    items: Vec<String>,
    #[serde(with = "binpickle::with::dataframe")]
    means: BTreeMap<String, f64>,
    #[serde(with = "binpickle::with::dataframe")]
    genres: Vec<String>,
    #[serde(with = "binpickle::with::dataframe")]
    users: Array1<i64>,
    matrices: Matrices,
}

#[derive(Deserialize)]
struct Matrices {
    similarities: Csr<f64>,
    counts: Csr<i32>,
}

impl ItemKnn {
    fn score(&self, place: usize, history: &BTreeMap<String, f64>) -> f64 {
        let rated = self.matrices.similarities.row(place).filter_map(|(other, weight)| {
            let item = &self.items[other];
            Some((weight, history.get(item)? - self.means[item]))
        });
        let mut rated: Vec<(f64, f64)> = rated.collect();
        rated.sort_by(|one, other| other.partial_cmp(one).expect("numbers"));
        rated.truncate(self.neighbours);
        let total: f64 = rated.iter().map(|(weight, _)| weight).sum();
        let offset =
            if rated.is_empty() { 0.0 } else { rated.iter().map(|(weight, r)| weight * r).sum::<f64>() / total };
        self.means[&self.items[place]] + offset
    }
}

#[test]
fn item_knn() {
    #[derive(Deserialize)]
    struct Scores {
        histories: Vec<BTreeMap<String, f64>>,
        scores: Array2<f64>,
        genres: Vec<String>,
        rated: Vec<i64>,
    }
    each("item_knn", |model: ItemKnn, answers: &Scores| {
        let scores =
            Array2::from_shape_fn(answers.scores.dim(), |(user, item)| model.score(item, &answers.histories[user]));
        assert_close(&scores, &answers.scores);
        assert_eq!(model.genres, answers.genres);
        assert_eq!(model.users.len(), answers.histories.len());
        let counts = &model.matrices.counts;
        let rated = (0..counts.shape.0).map(|item| counts.row(item).map(|(_, count)| i64::from(count)).sum());
        assert_eq!(rated.collect::<Vec<i64>>(), answers.rated);
    });
}

/// A model that was made in Rust predicts in scikit-learn.
#[test]
fn an_estimator_for_python() {
    #[derive(Serialize)]
    struct File<'a> {
        model: &'a LogisticRegression<Array1<i64>>,
        samples: &'a Array2<f64>,
        labels: Vec<i64>,
        values: Array2<f64>,
    }
    for (folder, python) in folders().iter().zip(python::all()) {
        let answers: Answers<Array2<f64>, Vec<i64>> =
            binpickle::from_path(folder.join("random_forest.answers")).expect("the answers");
        let samples = answers.samples / 16.0;
        // The nearest of the classes' centres, as a linear model.
        let mut centres = Array2::zeros((10, samples.ncols()));
        for (sample, &label) in samples.rows().into_iter().zip(&answers.labels) {
            let count = answers.labels.iter().filter(|&&other| other == label).count();
            centres.row_mut(label as usize).scaled_add(1.0 / count as f64, &sample);
        }
        let model = LogisticRegression {
            intercept_: centres.map_axis(Axis(1), |centre| -0.5 * centre.dot(&centre)),
            n_features_in_: centres.ncols(),
            coef_: centres,
            classes_: Array1::from_iter(0..10),
        };
        let values = model.probabilities(&samples);
        let labels: Vec<i64> = values.rows().into_iter().map(|row| model.classes_[highest(&row)]).collect();
        let right = labels.iter().zip(&answers.labels).filter(|(one, other)| one == other).count();
        assert!(right > 160, "{right} of {} are right", labels.len());

        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("model.bpk");
        binpickle::to_path(&File { model: &model, samples: &samples, labels, values }, &path).expect("written");
        python.script("check_estimator.py", &[path.as_os_str()]);
    }
}
