//! Interleaved runs, their medians, and what is said of them.

use std::time::Duration;

/// One of the things that are measured. It says itself how long it took.
pub struct Case<'a> {
    name: String,
    run: Box<dyn FnMut(usize) -> Duration + 'a>,
}

impl<'a> Case<'a> {
    /// `run` is told the number of the round.
    pub fn new(name: impl Into<String>, run: impl FnMut(usize) -> Duration + 'a) -> Self {
        Case { name: name.into(), run: Box::new(run) }
    }
}

/// The median of each case in milliseconds.
pub struct Medians(Vec<(String, f64)>);

impl Medians {
    /// Runs all cases in turn, round after round, so that what disturbs one disturbs the others. The first round, in which
    /// files are written that are read later, is dropped. In the others the order is another one each time, the same for everyone:
    /// each case finds the caches as the one before it has left them.
    pub fn of(mut cases: Vec<Case<'_>>) -> Self {
        let mut times = vec![Vec::new(); cases.len()];
        let mut order: Vec<usize> = (0..cases.len()).collect();
        let mut rng = fastrand::Rng::with_seed(0);
        for round in 0..=rounds() {
            for &number in &order {
                let time = (cases[number].run)(round);
                if round > 0 {
                    times[number].push(time.as_secs_f64() * 1000.0);
                }
            }
            rng.shuffle(&mut order);
        }
        let medians = times.iter_mut().map(|times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2].midpoint(times[(times.len() - 1) / 2])
        });
        Medians(cases.iter().map(|case| case.name.clone()).zip(medians).collect())
    }

    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(case, _)| case == name).map(|&(_, median)| median)
    }

    /// Each median of these, alone, in a table.
    pub fn print(&self) {
        let mut table = Table::new(["", "ms"]);
        for (name, median) in &self.0 {
            table.row([name.clone(), ms(*median)]);
        }
        table.print();
    }

    /// Says the ratio of two medians, and whether it is within what is wanted. Nothing if one was not measured.
    pub fn ratio(&self, name: &str, of: &str, most: f64) {
        if let (Some(ours), Some(theirs)) = (self.get(name), self.get(of)) {
            say(&format!("{name} / {of}"), ours / theirs, most, "");
        }
    }
}

/// Says a figure, and whether it is within what is wanted.
pub fn say(what: &str, figure: f64, most: f64, unit: &str) {
    let verdict = if figure <= most { "yes" } else { "NO" };
    println!("{verdict:>3}  {figure:8.2} <= {most:<5} {unit:4} {what}");
}

/// How many rounds count: `BINPICKLE_BENCH_ROUNDS`, or 6.
fn rounds() -> usize {
    let rounds = std::env::var("BINPICKLE_BENCH_ROUNDS");
    rounds.map_or(6, |rounds| rounds.parse().expect("BINPICKLE_BENCH_ROUNDS is a number"))
}

/// Milliseconds, with as many digits as tell something.
pub fn ms(ms: f64) -> String {
    if ms < 1.0 { format!("{ms:.3}") } else { format!("{ms:.1}") }
}

pub struct Table<const N: usize>(Vec<[String; N]>);

impl<const N: usize> Table<N> {
    pub fn new(head: [&str; N]) -> Self {
        Table(vec![head.map(str::to_owned)])
    }

    pub fn row(&mut self, row: [String; N]) {
        self.0.push(row);
    }

    pub fn print(&self) {
        let widths: [usize; N] =
            std::array::from_fn(|column| self.0.iter().map(|row| row[column].len()).max().unwrap_or(0));
        for row in &self.0 {
            print!("{:<1$}", row[0], widths[0]);
            for (cell, width) in row.iter().zip(widths).skip(1) {
                print!("  {cell:>width$}");
            }
            println!();
        }
        println!();
    }
}
