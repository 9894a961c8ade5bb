//! The machine, driven as the shell drives it. Every test runs through a [`harness`](harness::Machine)
//! that holds the machine to its invariants after each message.

mod care;
mod commands;
mod delivery;
mod feedback;
mod follow;
mod harness;
mod hints;
mod history;
mod identity;
mod languages;
mod log;
mod logout;
mod look;
mod names;
mod news;
mod panel;
mod properties;
mod renewal;
mod restore;
mod samples;
mod streaming;
mod tracking;
mod window;
mod world;
