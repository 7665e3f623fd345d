//! scikit-learn's `LogisticRegression`, as far as prediction needs it.

use ndarray::{Array1, Array2, ArrayRef2, Axis};
use serde::Deserialize;

/// The estimator: an instance of a Python class is read by its attributes. Those that are not named here are skipped.
#[derive(Debug, Deserialize)]
pub struct LogisticRegression {
    /// One row of coefficients for each class, one column for each feature.
    pub coef_: Array2<f64>,
    pub intercept_: Array1<f64>,
    pub classes_: Array1<i64>,
    pub n_iter_: Array1<i32>,
    pub n_features_in_: usize,
    #[serde(rename = "C")]
    pub inverse_regularisation: f64,
    pub solver: String,
    pub max_iter: u32,
    pub class_weight: Option<String>,
    #[serde(rename = "_sklearn_version")]
    pub sklearn_version: String,
}

/// What the estimator said in Python.
#[derive(Debug, Deserialize)]
pub struct Answers {
    /// One image a row: 64 pixels.
    pub images: Array2<f64>,
    pub predictions: Array1<i64>,
    /// One image a row, one column for each class.
    pub probabilities: Array2<f64>,
    pub accuracy: f64,
}

impl LogisticRegression {
    /// As `predict_proba`: one row for each image, one column for each class.
    pub fn probabilities(&self, images: &ArrayRef2<f64>) -> Array2<f64> {
        let mut scores = images.dot(&self.coef_.t()) + &self.intercept_;
        for mut row in scores.rows_mut() {
            let highest = row.fold(f64::NEG_INFINITY, |highest, &score| highest.max(score));
            row.mapv_inplace(|score| (score - highest).exp());
            let sum = row.sum();
            row /= sum;
        }
        scores
    }

    /// As `predict`: the class of each image.
    pub fn predict(&self, images: &ArrayRef2<f64>) -> Array1<i64> {
        self.probabilities(images).map_axis(Axis(1), |row| {
            let likeliest = (1..row.len()).fold(0, |best, class| if row[class] > row[best] { class } else { best });
            self.classes_[likeliest]
        })
    }
}

/// The largest difference between two arrays of one shape.
pub fn largest_difference(one: &ArrayRef2<f64>, other: &ArrayRef2<f64>) -> f64 {
    (one - other).iter().fold(0.0, |largest, difference| difference.abs().max(largest))
}
