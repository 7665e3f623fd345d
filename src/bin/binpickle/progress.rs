//! Progress bars.

use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use binpickle::{LoadOptions, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What takes less time has no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// Shows on the standard error output how far a file has been read, if that is a terminal and it takes long.
pub fn shown(options: LoadOptions, name: &str) -> LoadOptions {
    if !io::stderr().is_terminal() {
        return options;
    }
    let (start, name) = (Instant::now(), crate::output::plain(name).into_owned());
    let bar = Mutex::new(None::<ProgressBar>);
    options.on_progress(move |progress| {
        let Ok(mut bar) = bar.lock() else { return };
        if bar.is_none() && start.elapsed() > PATIENCE {
            *bar = Some(made(&name, progress));
        }
        if let Some(bar) = &*bar {
            bar.set_position(progress.done());
            if Some(progress.done()) == progress.total() {
                bar.finish_and_clear();
            }
        }
    })
}

fn made(name: &str, progress: &Progress) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(progress.total(), ProgressDrawTarget::stderr_with_hz(10));
    let form = "{msg} {wide_bar} {bytes} of {total_bytes} ({bytes_per_sec}, {eta} left)";
    // Where the form were wrong, there would be the bar of indicatif.
    if let Ok(style) = ProgressStyle::with_template(form) {
        bar.set_style(style);
    }
    bar.set_message(name.to_owned());
    // What is still to come is judged by what comes from now on.
    bar.set_position(progress.done());
    bar.reset_eta();
    bar
}
