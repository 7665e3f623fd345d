//! A model that scikit-learn trained, opened in Rust with a derive.
//!
//! ```sh
//! cargo run --example scikit_learn                          # makes a Python environment and trains there
//! cargo run --example scikit_learn model.bpk answers.bpk    # what train.py has written before
//! ```

mod estimator;
#[allow(dead_code)] // the tests, whose file it is, need more of it
#[path = "../../tests/interop/python.rs"]
mod python;

use std::env;
use std::path::{Path, PathBuf};

use estimator::{Answers, LogisticRegression, largest_difference};

fn main() -> binpickle::Result<()> {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    match arguments.as_slice() {
        [] => {
            let folder = tempfile::tempdir()?;
            let train = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/scikit_learn/train.py");
            let Some(python) = python::newest() else { return Ok(()) };
            python.run(&train, &[folder.path().as_os_str()]);
            compare(&folder.path().join("model.bpk"), &folder.path().join("answers.bpk"))
        }
        [model, answers] => compare(model, answers),
        _ => {
            eprintln!("usage: scikit_learn [MODEL ANSWERS]");
            std::process::exit(2)
        }
    }
}

/// Has the model predict in Rust what it predicted in Python.
fn compare(model: &Path, answers: &Path) -> binpickle::Result<()> {
    let size = model.metadata()?.len();
    let model: LogisticRegression = binpickle::from_path(model)?;
    let answers: Answers = binpickle::from_path(answers)?;
    let predictions = model.predict(&answers.images);
    let same = predictions.iter().zip(&answers.predictions).filter(|(one, other)| one == other).count();
    let difference = largest_difference(&model.probabilities(&answers.images), &answers.probabilities);

    println!("LogisticRegression of scikit-learn {} from a file of {size} bytes", model.sklearn_version);
    println!("  C = {}, class_weight = {:?}", model.inverse_regularisation, model.class_weight);
    println!("  {} of at most {} iterations of {}", model.n_iter_[0], model.max_iter, model.solver);
    println!("  {} features, {} classes: coef_ {:?}", model.n_features_in_, model.classes_.len(), model.coef_.shape());
    println!("Rust and Python on {} images (accuracy {:.1} %)", answers.images.nrows(), 100.0 * answers.accuracy);
    println!("  same prediction for {same}");
    println!("  probabilities differ by at most {difference:.1e}");
    Ok(())
}
