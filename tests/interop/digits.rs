//! The example `scikit_learn`, asserted.

#[path = "../../examples/scikit_learn/estimator.rs"]
mod estimator;

use std::path::Path;

use crate::python;
use estimator::{Answers, LogisticRegression, largest_difference};

#[test]
fn rust_predicts_as_scikit_learn() {
    let train = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/scikit_learn/train.py");
    for python in python::all() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        python.run(&train, &[folder.path().as_os_str()]);
        let model: LogisticRegression = binpickle::from_path(folder.path().join("model.bpk")).expect("a model");
        let answers: Answers = binpickle::from_path(folder.path().join("answers.bpk")).expect("the answers");

        assert_eq!(model.coef_.dim(), (10, 64));
        assert_eq!(model.classes_.to_vec(), (0..10).collect::<Vec<_>>());
        assert_eq!(model.n_features_in_, 64);
        assert_eq!((model.inverse_regularisation, model.max_iter), (0.5, 1_000));
        assert_eq!((model.solver.as_str(), model.class_weight.as_deref()), ("lbfgs", None));
        assert_eq!(model.sklearn_version, "1.9.1");
        assert!(model.n_iter_[0] > 1 && model.n_iter_[0] < 1_000);

        assert_eq!(answers.images.dim(), (1_797, 64));
        assert_eq!(model.predict(&answers.images), answers.predictions);
        assert!(largest_difference(&model.probabilities(&answers.images), &answers.probabilities) < 1e-12);
        assert!(answers.accuracy > 0.95);
    }
}
