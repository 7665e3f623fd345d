//! What is printed, and how.

use std::borrow::Cow;
use std::env;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Write};

use binpickle::codec::{CodecConfig, ConfigValue};
use clap::ColorChoice;
use serde::Serialize;

use crate::failure::{Failure, Result};

/// The standard output.
pub struct Output {
    out: BufWriter<io::StdoutLock<'static>>,
    color: bool,
    color_errors: bool,
}

/// What a piece of text is, and so what colour it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    Title,
    Path,
    Type,
    Dim,
    Good,
    Bad,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Style::Plain => "",
            Style::Title => "1",
            Style::Path => "36",
            Style::Type => "33",
            Style::Dim => "2",
            Style::Good => "32",
            Style::Bad => "1;31",
        }
    }
}

impl Output {
    pub fn new(choice: ColorChoice) -> Self {
        // https://no-color.org: set, and not empty.
        let unwanted = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = |terminal: bool| match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && !unwanted,
        };
        Output {
            out: BufWriter::with_capacity(1 << 16, io::stdout().lock()),
            color: color(io::stdout().is_terminal()),
            color_errors: color(io::stderr().is_terminal()),
        }
    }

    /// A text in the colour of what it is. Control characters in it are escaped.
    pub fn paint(&self, style: Style, text: &str) -> String {
        painted(self.color, style, text)
    }

    pub fn line(&mut self, line: impl Display) -> Result<()> {
        Ok(writeln!(self.out, "{line}")?)
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.out.write_all(bytes)?)
    }

    pub fn json(&mut self, facts: &impl Serialize) -> Result<()> {
        serde_json::to_writer_pretty(&mut self.out, facts)?;
        self.line("")
    }

    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    pub fn writer(&mut self) -> &mut impl Write {
        &mut self.out
    }

    /// Tells in one line what went wrong.
    pub fn error(&self, failure: &Failure) {
        eprintln!("{} {failure}", painted(self.color_errors, Style::Bad, "error:"));
    }
}

fn painted(color: bool, style: Style, text: &str) -> String {
    let text = plain(text);
    match style.code() {
        code if color && !code.is_empty() && !text.is_empty() => format!("\x1b[{code}m{text}\x1b[0m"),
        _ => text.into_owned(),
    }
}

/// `--json` and `--width`.
#[derive(clap::Args)]
pub struct Form {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// How wide lines may be.
#[derive(clap::Args)]
pub struct Width {
    /// How many columns a line may have; by default those of the terminal, or any number where there is none
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(20..))]
    width: Option<u16>,
}

impl Width {
    pub fn columns(&self) -> usize {
        let terminal = || console::Term::stdout().size_checked().map(|(_, columns)| columns);
        self.width.or_else(terminal).map_or(usize::MAX, usize::from)
    }
}

/// A text of a file as a terminal may see it: control characters escaped.
pub fn plain(text: &str) -> Cow<'_, str> {
    // Those that change the direction of what follows deceive the eye.
    let hidden = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.chars().any(hidden) {
        return Cow::Borrowed(text);
    }
    text.chars()
        .map(|c| if hidden(c) { c.escape_default().to_string() } else { c.to_string() })
        .collect::<String>()
        .into()
}

/// A number of bytes for people.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut unit = 0;
    let mut amount = bytes as f64 / 1024.0;
    // What would be rounded to four digits before the point is the next unit.
    while amount >= 999.95 && unit + 1 < UNITS.len() {
        amount /= 1024.0;
        unit += 1;
    }
    format!("{amount:.1} {}", UNITS[unit])
}

/// A number with commas.
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// One of it or many.
pub fn count(count: usize, what: &str) -> String {
    format!("{} {what}{}", number(count as u64), if count == 1 { "" } else { "s" })
}

/// Python's form of a shape.
pub fn shape<N: Display>(shape: &[N]) -> String {
    match shape {
        [] => "()".to_owned(),
        [len] => format!("({len},)"),
        _ => format!("({})", shape.iter().map(N::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// The codecs of a buffer, in the order in which they encoded it.
pub fn codecs(codecs: &[CodecConfig]) -> String {
    codecs.iter().map(CodecConfig::to_string).collect::<Vec<_>>().join(" + ")
}

/// The same where there is little room: without their settings, if these are many.
pub fn short_codecs(codecs: &[CodecConfig]) -> String {
    let text = self::codecs(codecs);
    if text.len() <= 24 {
        return text;
    }
    codecs.iter().map(CodecConfig::id).collect::<Vec<_>>().join(" + ")
}

/// A codec as numcodecs has it in JSON.
pub fn codec_json(codec: &CodecConfig) -> serde_json::Value {
    let id = ("id".to_owned(), codec.id().into());
    let values = codec.iter().map(|(key, value)| (key.to_owned(), value_json(value)));
    serde_json::Value::Object(std::iter::once(id).chain(values).collect())
}

fn value_json(value: &ConfigValue) -> serde_json::Value {
    match value {
        ConfigValue::Bool(value) => (*value).into(),
        ConfigValue::Int(value) => (*value).into(),
        ConfigValue::Float(value) => (*value).into(),
        ConfigValue::Str(text) => text.as_str().into(),
        ConfigValue::List(items) => items.iter().map(value_json).collect(),
        ConfigValue::Map(items) => items.iter().map(|(key, value)| (key.clone(), value_json(value))).collect(),
        _ => serde_json::Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!([0, 999, 1000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        let sizes = [0, 1023, 1024, 1536, 1_023_948, 1_023_949, 10 << 30, u64::MAX].map(size);
        assert_eq!(sizes, ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "999.9 KiB", "1.0 MiB", "10.0 GiB", "16.0 EiB"]);
        assert_eq!([shape::<u64>(&[]), shape(&[3]), shape(&[3, 4])], ["()", "(3,)", "(3, 4)"]);
        assert_eq!(
            [count(0, "buffer"), count(1, "buffer"), count(2, "buffer")],
            ["0 buffers", "1 buffer", "2 buffers"]
        );
    }

    #[test]
    fn nothing_of_a_file_reaches_the_terminal_as_a_command() {
        assert_eq!(plain("a\x1b[31m\nb\u{202e}"), "a\\u{1b}[31m\\nb\\u{202e}");
        assert!(matches!(plain("für 数"), Cow::Borrowed(_)));
    }
}
