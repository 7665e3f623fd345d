//! The command lines of the README, and what they print.

use binpickle::Options;
use ndarray::{Array1, Array2};
use serde::Serialize;

use crate::run_in;

#[derive(Serialize)]
struct Model {
    name: &'static str,
    weights: Array2<f32>,
    bias: Array1<f32>,
}

/// A command line as a shell takes it apart, as far as the README needs it.
fn words(line: &str) -> Vec<String> {
    let mut quoted = false;
    let mut words = vec![String::new()];
    for letter in line.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            letter => words.last_mut().expect("a word").push(letter),
        }
    }
    words
}

#[test]
fn command_lines() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = Model { name: "net", weights: Array2::ones((1000, 300)), bias: Array1::zeros(300) };
    Options::mappable().to_path(&model, folder.path().join("readme.bpk")).expect("a file");
    let readme = include_str!("../../README.md");
    let (_, section) = readme.split_once("```console\n").expect("the command lines");
    let (section, _) = section.split_once("```").expect("their end");
    let mut commands = 0;
    for command in section.split("$ binpickle ").skip(1) {
        let (line, printed) = command.split_once('\n').expect("a line");
        let ran = run_in(folder.path(), &words(line));
        assert_eq!((ran.code, ran.err.as_str()), (if line.starts_with("diff") { 3 } else { 0 }, ""), "{line}");
        assert_eq!(ran.out.trim_end(), printed.trim_end(), "{line}");
        commands += 1;
    }
    assert_eq!(commands, 6);
}
