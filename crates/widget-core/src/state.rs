//! All that the machine knows. It changes in [`update`](crate::update()) alone.

use eloquent_types::{
    chat::StreamEvent,
    config::AgentConfig,
    conversation::{Role, Source},
    id::{ConversationId, MessageId},
    identify::Identified,
    rich::Block,
    session::SessionToken,
    time::Timestamp,
};

use crate::effect::Stored;

/// What the machine is started with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// 32 bytes from `crypto.getRandomValues`: all ids that the machine mints come from them.
    pub seed: [u8; 32],
    /// The language that the page asks for (BCP 47); it wins over the agent's own.
    pub locale: Option<String>,
    /// The browser's language, for when neither page nor agent name one.
    pub browser_locale: String,
    /// Whether the page wants no launcher.
    pub launcher_hidden: bool,
    /// What the browser's storage held.
    pub stored: Stored,
}

/// All that the machine knows.
#[derive(Debug)]
pub struct State {
    options: Options,
}

impl State {
    /// A machine that has not started: nothing is asked of the network before
    /// [`Msg::Start`](crate::Msg::Start).
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    pub(crate) fn view(&self) -> crate::View<'_> {
        let _ = &self.options;
        todo!()
    }
}
