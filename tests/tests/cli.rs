//! The program itself, as a process: what it prints, how it ends, what survives it.

mod cli {
    mod admin;
    mod program;
    mod serve;
    mod settings;
}
