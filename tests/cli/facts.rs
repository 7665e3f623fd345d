//! What `info`, `list`, `verify`, `dis` and `map` print of a file of which everything is known.

use binpickle::{BinPickleFile, Options};
use serde_json::{Value, json};

use crate::{folder, model, run_in, run_with};

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn info() {
    let folder = folder();
    let said = run_in(folder.path(), &["info", "model.bpk"]).fine();
    assert_eq!(
        said,
        "\
model.bpk
  format      BinPickle 2 (V2)
  size        20.5 KiB (20,948 bytes)
  mappable    yes
  buffers     2, and a pickle stream of 112 bytes
  alignment   4.0 KiB (4,096 bytes), with 10.6 KiB (10,864 bytes) of padding
  data        9.5 KiB (9,712 bytes)
  codecs      none: 3 buffers, 9.5 KiB
"
    );
    let said = run_in(folder.path(), &["info", "--json", "model.bpk"]).fine();
    let chain = json!({"codecs": [], "buffers": 3, "encoded_len": 9712, "decoded_len": 9712});
    let facts = json!({
        "file": "model.bpk", "revision": "V2", "version": 2, "size": 20948, "mappable": true, "buffers": 2,
        "encoded_len": 9712, "decoded_len": 9712, "stream_len": 112, "padding": 10864, "alignment": 4096,
        "chains": [chain],
    });
    assert_eq!(parsed(&said), facts);
}

#[test]
fn list() {
    let folder = folder();
    let said = run_in(folder.path(), &["list", "model.bpk"]).fine();
    assert_eq!(
        said,
        "\
#  offset   length   stored  dtype    shape     codecs  used at
0    4096  4.7 KiB  4.7 KiB  float32  (30, 40)          /weights
1   12288  4.7 KiB  4.7 KiB  float64  (600,)            /bias
2   20480    112 B    112 B  pickle
"
    );
    let said = parsed(&run_in(folder.path(), &["list", "--json", "model.bpk"]).fine());
    let file = BinPickleFile::open(folder.path().join("model.bpk")).expect("a file");
    let digest = format!("{:?}", file.entries()[0].digest());
    let first = json!({
        "buffer": 0, "offset": 4096, "encoded_len": 4800, "decoded_len": 4800, "dtype": "float32", "shape": [30, 40],
        "codecs": [], "digest": digest["Sha256(".len()..digest.len() - 1], "path": "/weights", "is_pickle_stream": false,
    });
    assert_eq!(said[0], first);
    assert_eq!((said[2]["is_pickle_stream"].clone(), said[2]["dtype"].clone()), (json!(true), json!(null)));
}

#[test]
fn verify() {
    let folder = folder();
    let path = folder.path().join("model.bpk");
    assert_eq!(run_in(folder.path(), &["verify", "model.bpk"]).fine(), "model.bpk: sound\n");
    assert_eq!(run_in(folder.path(), &["verify", "-q", "model.bpk"]).fine(), "");
    let bytes = std::fs::read(&path).expect("a file");
    assert_eq!(run_with(folder.path(), &["verify", "-"], &bytes).fine(), "the standard input: sound\n");

    let mut damaged = bytes;
    damaged[100] = 1;
    damaged[4096] ^= 1;
    std::fs::write(folder.path().join("damaged.bpk"), damaged).expect("a file");
    let ran = run_in(folder.path(), &["verify", "model.bpk", "damaged.bpk"]);
    assert_eq!((ran.code, ran.err.as_str()), (3, ""));
    assert_eq!(
        ran.out,
        "\
model.bpk: sound
damaged.bpk: the file is damaged: the padding is not zero (buffer 0, byte 100)
damaged.bpk: the buffer is damaged: its digest does not match (buffer 0, byte 4096)
"
    );
    // Those that cannot be read keep it from none of the others.
    let ran = run_in(folder.path(), &["verify", "none.bpk", "damaged.bpk", ".", "model.bpk"]);
    assert_eq!((ran.code, ran.err.lines().count(), ran.out.lines().count()), (1, 2, 3), "{}{}", ran.out, ran.err);
    assert!(ran.out.ends_with("model.bpk: sound\n"));
    let ran = run_in(folder.path(), &["verify", "--json", "damaged.bpk"]);
    assert_eq!(ran.code, 3);
    let said = parsed(&ran.out);
    let message = "the buffer is damaged: its digest does not match (buffer 0, byte 4096)";
    let wrong = json!({"message": message, "kind": "integrity", "buffer": 0, "offset": 4096});
    assert_eq!((&said[0]["sound"], &said[0]["errors"][1]), (&json!(false), &wrong));
}

#[test]
fn what_is_no_file_of_this_form() {
    let folder = folder();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("a file");
    write("text.bpk", b"text");
    write("model.pkl", b"\x80\x04N.");
    write("cut.bpk", &std::fs::read(folder.path().join("model.bpk")).expect("a file")[..9000]);
    let ran = run_in(folder.path(), &["verify", "text.bpk"]);
    assert_eq!((ran.code, ran.out.as_str()), (3, "text.bpk: this is not a BinPickle file (byte 0)\n"));
    let said = |name: &str| run_in(folder.path(), &["list", name]).failed(1);
    assert_eq!(said("text.bpk"), "error: text.bpk: this is not a BinPickle file (byte 0)");
    assert_eq!(
        said("model.pkl"),
        "error: model.pkl: this is not a BinPickle file (byte 0) \
         (hint: it looks like a plain pickle; `binpickle convert` reads it)"
    );
    assert_eq!(
        said("cut.bpk"),
        "error: cut.bpk: the file is cut: it has 9000 of 20948 bytes (byte 8) \
         (hint: `binpickle verify` lists all that is wrong with it)"
    );
    assert_eq!(said("none.bpk"), "error: cannot open none.bpk: No such file or directory (os error 2)");
    assert!(run_in(folder.path(), &["verify", "none.bpk"]).failed(1).starts_with("error: cannot open none.bpk"));
}

#[test]
fn limits() {
    let folder = folder();
    let zeros = vec![0u8; 1 << 20];
    Options::new().to_path(&zeros, folder.path().join("zeros.bpk")).expect("a file");
    let said = run_in(folder.path(), &["verify", "--max-decoded", "1000", "zeros.bpk"]);
    assert_eq!(said.code, 3);
    let said = run_in(folder.path(), &["list", "--max-decoded", "1000", "zeros.bpk"]).failed(1);
    assert!(said.ends_with("(hint: --max-decoded BYTES allows more, for files that you trust)"), "{said}");
}

#[test]
fn dis() {
    let folder = folder();
    let said = run_in(folder.path(), &["dis", "model.bpk"]).fine();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], r"    0: \x80 PROTO      5");
    assert_eq!(lines[lines.len() - 1], "highest protocol among opcodes = 5");
    let said = run_with(folder.path(), &["dis", "--json", "-"], b"\x80\x02]q\x01.").fine();
    let lines: Vec<Value> = said.lines().map(parsed).collect();
    let put = json!({"position": 3, "name": "BINPUT", "argument": "1", "mark": null, "memo": null, "protocol": 1});
    assert_eq!((lines.len(), &lines[2]), (4, &put));
    // What comes before an error is printed.
    let ran = run_with(folder.path(), &["dis", "-"], b"\x80\x02]Y");
    assert_eq!((ran.code, ran.out.lines().count()), (1, 2));
    assert_eq!(ran.failed(1), "error: 0x59 is no instruction (byte 3)");
}

#[test]
fn map() {
    let folder = folder();
    let picture = run_in(folder.path(), &["map", "model.bpk"]).fine();
    run_in(folder.path(), &["map", "model.bpk", "-o", "model.svg"]).fine();
    assert_eq!(std::fs::read_to_string(folder.path().join("model.svg")).expect("a file"), picture);
    for text in
        ["<svg xmlns=", "float32 (30, 40)", ">/weights<", "no codec", "padding", "header: 16 B at byte 0", "</svg>\n"]
    {
        assert!(picture.contains(text), "{text}");
    }
    // In proportion: the first buffer takes 4,800 of 20,948 bytes, and the picture is 912 wide.
    let width = 912.0 * 4800.0 / 20948.0;
    assert!(picture.contains(&format!("width=\"{width:.2}\" height=\"34\" fill=\"#56b4e9\"")), "{picture}");
    // What is in the file cannot end the text it is in.
    std::fs::rename(folder.path().join("model.bpk"), folder.path().join("<&>.bpk")).expect("a file");
    assert!(run_in(folder.path(), &["map", "<&>.bpk"]).fine().contains("<title>&lt;&amp;&gt;.bpk</title>"));
}

#[test]
fn many_buffers_make_no_large_picture() {
    let folder = folder();
    let vectors: Vec<(Vec<u32>,)> = (0..20_000).map(|n| (vec![n; 3],)).collect();
    Options::new().inline_below(0).codecs([]).to_path(&vectors, folder.path().join("many.bpk")).expect("a file");
    let picture = run_in(folder.path(), &["map", "many.bpk"]).fine();
    assert!(picture.len() < 3_000_000 && picture.contains("and 19,961 buffers that are smaller"));
    assert_eq!(run_in(folder.path(), &["list", "many.bpk"]).fine().lines().count(), 20_002);
}

#[test]
fn narrow() {
    let folder = folder();
    let options = Options::compressed("blosc").codec("zlib");
    options.inline_below(0).to_path(&model(), folder.path().join("chain.bpk")).expect("a file");
    let said = run_in(folder.path(), &["list", "--width", "66", "chain.bpk"]).fine();
    assert!(said.lines().all(|line| line.chars().count() <= 66), "{said}");
    assert!(said.contains("float32  (30, 40)  blosc + …  /weights"), "{said}");
}
