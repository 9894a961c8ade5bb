//! The verifier from outside: golden tokens, properties, what an inspection tells, and the fuzzers'
//! corpus. One program, so that it is linked once.

mod corpus;
mod inspection;
mod mistakes;
mod properties;
mod purity;
mod vectors;
