//! The page of promises names tests that there are.

use std::fs;
use std::path::Path;

#[test]
fn are_shown_by_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("src/promises.rs")).expect("the page");
    let mut count = 0;
    for row in page.lines().filter(|line| line.starts_with("//! |")).skip(2) {
        let cells: Vec<&str> = row.trim_start_matches("//! |").trim_end_matches('|').split(" | ").collect();
        let [promise, shown_by] = cells[..] else { panic!("two cells: {row}") };
        // Code between backticks.
        let names: Vec<&str> = shown_by.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "nothing shows that {promise}");
        for name in names {
            count += 1;
            if name.starts_with(".ci/") || !name.contains('/') {
                // What is not part of the package.
                let path = if name.contains('/') { name.to_owned() } else { format!("fuzz/fuzz_targets/{name}.rs") };
                assert!(!root.join("fuzz").exists() || root.join(&path).exists(), "{path}");
                continue;
            }
            let path = root.join(name);
            let files = if path.is_dir() { walk(&path) } else { vec![path] };
            let tests = |path: &Path| {
                let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                text.contains("#[test]")
            };
            assert!(files.iter().any(|file| tests(file)), "there is no test in {name}");
        }
    }
    assert!(count > 50, "{count}");
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let paths = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}
