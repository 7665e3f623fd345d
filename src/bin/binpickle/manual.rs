//! `binpickle completions` and `binpickle man`.

use clap::Command;
use clap_complete::Shell;

use crate::Outcome;
use crate::failure::Result;
use crate::output::Output;

/// Print a script that completes the commands in a shell
///
/// For bash: binpickle completions bash > ~/.local/share/bash-completion/completions/binpickle
#[derive(clap::Args)]
pub struct Completions {
    shell: Shell,
}

/// Print the manual page: binpickle man | man -l -
#[derive(clap::Args)]
pub struct Man {}

pub fn completions(args: &Completions, mut command: Command, output: &mut Output) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "binpickle", &mut script);
    output.bytes(&script)?;
    Ok(Outcome::Fine)
}

/// One page: that of the program, and the options of each command.
pub fn man(mut command: Command, output: &mut Output) -> Result<Outcome> {
    command.build();
    let mut page = Vec::new();
    let man = clap_mangen::Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for command in command.get_subcommands() {
        let heading = command.get_name().to_uppercase();
        page.extend(format!(".SH \"{heading}\"\n").bytes());
        let man = clap_mangen::Man::new(command.clone());
        let mut sections = Vec::new();
        man.render_synopsis_section(&mut sections)?;
        man.render_description_section(&mut sections)?;
        man.render_options_section(&mut sections)?;
        // They are parts of this section.
        page.extend(String::from_utf8_lossy(&sections).replace(".SH ", ".SS ").bytes());
    }
    man.render_extra_section(&mut page)?;
    man.render_version_section(&mut page)?;
    output.bytes(&page)?;
    Ok(Outcome::Fine)
}
