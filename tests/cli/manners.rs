//! How the program behaves: help, mistakes, colours, closed pipes.

use std::process::{Command, Stdio};

use crate::{folder, run_in};

#[test]
fn help_and_version() {
    let folder = folder();
    let help = run_in(folder.path(), &["--help"]).fine();
    for text in ["Usage: binpickle [OPTIONS] <COMMAND>", "Exit codes:", "  3  `verify` found that something is wrong"] {
        assert!(help.contains(text), "{text}");
    }
    let version = format!("binpickle {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run_in(folder.path(), &["--version"]).fine(), version);
    for command in
        ["info", "list", "tree", "show", "extract", "diff", "verify", "dis", "map", "convert", "completions", "man"]
    {
        assert!(run_in(folder.path(), &[command, "--help"]).fine().contains("Usage: binpickle"));
    }
}

#[test]
fn mistakes() {
    let folder = folder();
    assert_eq!(
        run_in(folder.path(), &["tre"]).failed(2),
        "error: unrecognized subcommand 'tre' (hint: a similar subcommand exists: 'tree')"
    );
    assert_eq!(
        run_in(folder.path(), &["list"]).failed(2),
        "error: the following required arguments were not provided: <FILE> (hint: `binpickle --help` shows what there is)"
    );
    let said = run_in(folder.path(), &["convert", "model.bpk", "x.bpk", "-m", "-c", "zstd"]).failed(2);
    assert!(said.contains("cannot be used with"), "{said}");
    let said = run_in(folder.path(), &["convert", "model.bpk", "x.bpk", "-c", "zstd(3)"]).failed(2);
    assert!(said.contains("`3` is not of the form key=value"), "{said}");
    assert_eq!(run_in::<&str>(folder.path(), &[]).code, 2);
}

#[test]
fn colours() {
    let folder = folder();
    assert!(!run_in(folder.path(), &["info", "model.bpk"]).fine().contains('\x1b'));
    let colored = run_in(folder.path(), &["info", "--color", "always", "model.bpk"]).fine();
    assert!(colored.starts_with("\x1b[1mmodel.bpk\x1b[0m\n"), "{colored:?}");
    assert!(!run_in(folder.path(), &["info", "--color", "never", "model.bpk"]).fine().contains('\x1b'));
}

#[test]
fn a_name_is_no_command_to_the_terminal() {
    let folder = folder();
    let name = "\x1b[2J.bpk";
    std::fs::rename(folder.path().join("model.bpk"), folder.path().join(name)).expect("a file");
    assert!(run_in(folder.path(), &["info", name]).fine().starts_with("\\u{1b}[2J.bpk\n"));
    assert!(run_in(folder.path(), &["info", "\x1b.bpk"]).failed(1).starts_with("error: cannot open \\u{1b}.bpk"));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let folder = folder();
    for arguments in [&["list", "model.bpk"][..], &["dis", "model.bpk"], &["--help"], &["convert", "model.bpk", "-"]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let mut child = Command::new(env!("CARGO_BIN_EXE_binpickle"))
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout({
                drop(reader);
                writer
            })
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let mut said = String::new();
        std::io::Read::read_to_string(&mut child.stderr.take().expect("its output"), &mut said).expect("text");
        assert_eq!((child.wait().expect("an end").code(), said.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn completions_and_the_manual() {
    let folder = folder();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run_in(folder.path(), &["completions", shell]).fine();
        assert!(script.contains("only-arrays"), "{shell}");
    }
    let page = run_in(folder.path(), &["man"]).fine();
    for text in [".TH binpickle 1", ".SH \"CONVERT\"", "\\-\\-only\\-arrays", "Exit codes"] {
        assert!(page.contains(text), "{text}");
    }
}
