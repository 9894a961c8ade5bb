//! Which request an answer belongs to.

/// Goes out with a request or a stream and comes back, unchanged, with everything that is heard of
/// it. Its number is never used twice in a machine's life, so the shell can key its handles by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket {
    generation: u32,
    number: u32,
}

impl Ticket {
    pub(crate) const fn new(generation: u32, number: u32) -> Self {
        Self { generation, number }
    }

    /// The generation of the identity that asked; it grows with every change of identity.
    pub const fn generation(self) -> u32 {
        self.generation
    }

    /// The request's own number.
    pub const fn number(self) -> u32 {
        self.number
    }
}
