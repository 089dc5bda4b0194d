//! A table for eyes: columns aligned, the widest text cut to the terminal.

use super::terminal::{columns, cut, width};

/// Widths are found from so many rows; those after them keep to it, so that a long list streams.
const SAMPLE: usize = 100;
/// What a column takes at most, the flexible one aside.
const WIDEST: usize = 44;
const GAP: usize = 2;

/// One column.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    title: &'static str,
    flexible: bool,
    uncut: bool,
    hide: Hide,
}

#[derive(Clone, Copy, PartialEq)]
enum Hide {
    Never,
    /// Where no row has anything in it.
    Empty,
    /// Where all rows have the same in it.
    Same,
}

impl Column {
    pub(crate) const fn new(title: &'static str) -> Self {
        Self { title, flexible: false, uncut: false, hide: Hide::Never }
    }

    /// Left out where no row has anything in it.
    pub(crate) const fn optional(title: &'static str) -> Self {
        Self { title, flexible: false, uncut: false, hide: Hide::Empty }
    }

    /// Left out where all rows have the same in it.
    pub(crate) const fn varying(title: &'static str) -> Self {
        Self { title, flexible: false, uncut: false, hide: Hide::Same }
    }

    /// Takes what the others leave; it stands last.
    pub(crate) const fn flexible(title: &'static str) -> Self {
        Self { title, flexible: true, uncut: false, hide: Hide::Empty }
    }

    /// Stands last and is never cut: the terminal may break its lines.
    pub(crate) const fn uncut(title: &'static str) -> Self {
        Self { title, flexible: true, uncut: true, hide: Hide::Never }
    }
}

/// Rows on their way.
pub(crate) struct Table {
    columns: Vec<Column>,
    waiting: Vec<Vec<String>>,
    /// The width of each column once it is fixed; 0 hides it.
    widths: Option<Vec<usize>>,
    total: usize,
}

impl Table {
    pub(crate) fn new(columns_of: &[Column]) -> Self {
        Self { columns: columns_of.to_vec(), waiting: Vec::new(), widths: None, total: columns() }
    }

    /// Takes a row and gives what can be printed by now.
    pub(crate) fn push(&mut self, row: Vec<String>) -> String {
        match &self.widths {
            Some(widths) => line(widths, &row),
            None => {
                self.waiting.push(row);
                if self.waiting.len() < SAMPLE { String::new() } else { self.fix() }
            }
        }
    }

    /// Gives the rest; of an empty list the titles.
    pub(crate) fn end(&mut self) -> String {
        if self.widths.is_none() { self.fix() } else { String::new() }
    }

    /// Gives the rest of a list that failed; no titles of nothing.
    pub(crate) fn break_off(&mut self) -> String {
        if self.waiting.is_empty() { String::new() } else { self.end() }
    }

    fn fix(&mut self) -> String {
        let mut widths: Vec<usize> = (0..self.columns.len()).map(|i| self.natural(i)).collect();
        let others =
            self.columns.iter().zip(&widths).filter(|(column, width)| !column.flexible && **width > 0);
        let taken: usize = others.map(|(_, width)| width + GAP).sum();
        let left = self.total.saturating_sub(taken).max(16);
        for (column, width) in self.columns.iter().zip(&mut widths) {
            if column.flexible {
                *width = if column.uncut { usize::MAX } else { (*width).min(left) };
            }
        }
        let titles: Vec<_> = self.columns.iter().map(|c| c.title.to_owned()).collect();
        let mut text = line(&widths, &titles);
        for row in std::mem::take(&mut self.waiting) {
            text += &line(&widths, &row);
        }
        self.widths = Some(widths);
        text
    }

    fn natural(&self, i: usize) -> usize {
        let Some(column) = self.columns.get(i) else { return 0 };
        let cells: Vec<&str> = self.waiting.iter().filter_map(|row| row.get(i)).map(String::as_str).collect();
        let hidden = match column.hide {
            Hide::Never => false,
            Hide::Empty => cells.iter().all(|cell| cell.is_empty()),
            Hide::Same => cells.iter().all(|cell| Some(cell) == cells.first()),
        };
        if hidden {
            return 0;
        }
        let widest = cells.iter().map(|cell| width(cell)).max().unwrap_or(0).max(column.title.len());
        if column.flexible { widest } else { widest.min(WIDEST) }
    }
}

fn line(widths: &[usize], row: &[String]) -> String {
    let mut text = String::new();
    for (cell, cells) in row.iter().zip(widths).filter(|(_, cells)| **cells > 0) {
        let cell = cut(cell, *cells);
        text += &cell;
        // What stands last needs no padding.
        if *cells < usize::MAX {
            text.extend(std::iter::repeat_n(' ', cells.saturating_sub(width(&cell)) + GAP));
        }
    }
    text.truncate(text.trim_end_matches(' ').len());
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|c| (*c).to_owned()).collect()
    }

    #[test]
    fn columns_align_and_empty_ones_are_left_out() {
        let mut table = Table::new(&[Column::new("A"), Column::optional("B"), Column::flexible("TEXT")]);
        table.total = 30;
        assert_eq!(table.push(row(&["漢字", "", "x"])), "");
        assert_eq!(table.push(row(&["one", "", "a text that is longer than that"])), "");
        assert_eq!(table.end(), "A     TEXT\n漢字  x\none   a text that is longer t…\n");
    }

    #[test]
    fn a_list_that_fails_shows_what_there_was_and_no_titles_of_nothing() {
        let mut table = Table::new(&[Column::new("A")]);
        assert_eq!(table.break_off(), "");
        assert_eq!(table.push(row(&["x"])), "");
        assert_eq!(table.break_off(), "A\nx\n");
        assert_eq!(Table::new(&[Column::new("A")]).end(), "A\n", "an empty list isn't a failed one");
    }

    #[test]
    fn a_long_list_streams() {
        let mut table = Table::new(&[Column::new("A")]);
        for _ in 1..SAMPLE {
            assert!(table.push(row(&["x"])).is_empty());
        }
        assert!(table.push(row(&["x"])).starts_with("A\nx\n"));
        assert_eq!(table.push(row(&["x"])), "x\n");
        assert_eq!(table.end(), "");
    }
}
