//! Tables in plain text.

use console::{measure_text_width, pad_str, truncate_str};

use crate::failure::Result;
use crate::output::{Output, Style};

/// A table: columns as wide as what is in them, those that may shrink narrower when the line is too short.
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

/// A column.
pub struct Column {
    pub title: &'static str,
    pub align: Align,
    pub style: Style,
    /// If the line is too short, the column may be cut to this width; those with the lowest rank first.
    pub least: Option<(u8, usize)>,
}

/// On which side of its column a text is; one that is cut is cut at the other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
    /// On the left, but cut there too: the end of a path says more than its start.
    End,
}

const GAP: usize = 2;

impl Table {
    pub fn new(columns: Vec<Column>) -> Self {
        Table { columns, rows: Vec::new() }
    }

    pub fn row(&mut self, cells: &[String]) {
        self.rows.push(cells.iter().map(|cell| crate::output::plain(cell).into_owned()).collect());
    }

    pub fn print(&self, output: &mut Output, width: usize) -> Result<()> {
        let widths = self.widths(width);
        let titles: Vec<String> = self.columns.iter().map(|column| column.title.to_owned()).collect();
        output.line(self.line(output, &titles, &widths, Some(Style::Title)))?;
        self.rows.iter().try_for_each(|row| output.line(self.line(output, row, &widths, None)))
    }

    fn widths(&self, width: usize) -> Vec<usize> {
        let of = |(index, column): (usize, &Column)| {
            let cells = self.rows.iter().map(|row| measure_text_width(&row[index]));
            cells.max().unwrap_or(0).max(measure_text_width(column.title))
        };
        let mut widths: Vec<usize> = self.columns.iter().enumerate().map(of).collect();
        let total = widths.iter().sum::<usize>() + GAP * (widths.len() - 1);
        let mut over = total.saturating_sub(width);
        let mut shrinking: Vec<(u8, usize, usize)> = self
            .columns
            .iter()
            .enumerate()
            .filter_map(|(index, column)| column.least.map(|(rank, least)| (rank, index, least)))
            .collect();
        shrinking.sort_unstable();
        for (_, index, least) in shrinking {
            let cut = widths[index].saturating_sub(least).min(over);
            widths[index] -= cut;
            over -= cut;
        }
        widths
    }

    fn line(&self, output: &Output, cells: &[String], widths: &[usize], style: Option<Style>) -> String {
        let mut line = String::new();
        let mut space = 0;
        for ((cell, column), &width) in cells.iter().zip(&self.columns).zip(widths) {
            let cell = cut(cell, width, column.align);
            let side = if column.align == Align::Right { console::Alignment::Right } else { console::Alignment::Left };
            let padded = pad_str(&cell, width, side, None);
            let text = padded.trim_end();
            // Nothing but text is coloured, and no line ends with spaces.
            if !text.is_empty() {
                let start = text.len() - text.trim_start().len();
                line.extend(std::iter::repeat_n(' ', space + start));
                line += &output.paint(style.unwrap_or(column.style), &text[start..]);
                space = 0;
            }
            space += measure_text_width(&padded[text.len()..]) + GAP;
        }
        line
    }
}

/// A text of no more than a width.
pub fn cut(text: &str, width: usize, align: Align) -> String {
    let over = measure_text_width(text).saturating_sub(width);
    if over == 0 {
        return text.to_owned();
    }
    if align != Align::End {
        return truncate_str(text, width, "…").into_owned();
    }
    // The shortest start that leaves no more than there is room for.
    let mut left = measure_text_width(text);
    for (index, c) in text.char_indices() {
        if left < width {
            return format!("…{}", &text[index..]);
        }
        left -= measure_text_width(c.encode_utf8(&mut [0; 4]));
    }
    "…".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts() {
        assert_eq!(cut("/layers/0/weight", 16, Align::End), "/layers/0/weight");
        assert_eq!(cut("/layers/0/weight", 9, Align::End), "…0/weight");
        assert_eq!(cut("/layers/0/weight", 9, Align::Left), "/layers/…");
        assert_eq!(cut("数数数", 5, Align::End), "…数数");
        assert_eq!(cut("数数数", 1, Align::End), "…");
    }
}
