//! The program `eloquent`: see [`eloquent_server::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    eloquent_server::cli::main()
}
