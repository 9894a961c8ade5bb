//! Who is to be woken when a conversation changes, and which answers are being written.
//!
//! The store is the log; this is only the doorbell. Nothing here is needed to find out what a
//! conversation holds, so nothing is lost when a listener is slow, gone, or the server restarts.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use eloquent_types::id::{ConversationId, MessageId};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Doorbells and running answers. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Live(Arc<Mutex<Tables>>);

#[derive(Debug, Default)]
struct Tables {
    bells: HashMap<ConversationId, Bell>,
    answers: HashMap<MessageId, (ConversationId, CancellationToken)>,
}

#[derive(Debug, Default)]
struct Bell {
    sender: watch::Sender<()>,
    listeners: usize,
}

impl Live {
    /// Starts listening. What rings after this call is not missed.
    pub fn listen(&self, conversation: ConversationId) -> Listener {
        let mut tables = self.tables();
        let bell = tables.bells.entry(conversation).or_default();
        bell.listeners += 1;
        let receiver = bell.sender.subscribe();
        drop(tables);
        Listener { receiver, live: self.clone(), conversation }
    }

    /// Wakes everybody who listens to the conversation. Call it after the commit.
    pub fn ring(&self, conversation: ConversationId) {
        if let Some(bell) = self.tables().bells.get(&conversation) {
            bell.sender.send_replace(());
        }
    }

    /// Notes that an answer is being written, until the guard is dropped.
    pub fn begin(&self, conversation: ConversationId, answer: MessageId) -> Running {
        let cancelled = CancellationToken::new();
        self.tables().answers.insert(answer, (conversation, cancelled.clone()));
        Running { live: self.clone(), answer, cancelled }
    }

    /// Asks the conversation's running answers to stop; tells how many there were.
    pub fn stop_answers(&self, conversation: ConversationId) -> usize {
        let tables = self.tables();
        let running = tables.answers.values().filter(|(owner, _)| *owner == conversation);
        running.map(|(_, cancelled)| cancelled.cancel()).count()
    }

    /// How many answers are being written.
    pub fn running(&self) -> usize {
        self.tables().answers.len()
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        // No code that holds the lock can leave the tables half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a conversation's bell; forgets it when dropped.
#[derive(Debug)]
pub struct Listener {
    receiver: watch::Receiver<()>,
    live: Live,
    conversation: ConversationId,
}

impl Listener {
    /// Waits until the bell has rung since the last call (or since listening began).
    pub async fn rung(&mut self) {
        // The sender lives in the table as long as a listener does.
        let _ = self.receiver.changed().await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Entry::Occupied(mut bell) = self.live.tables().bells.entry(self.conversation) {
            bell.get_mut().listeners -= 1;
            if bell.get().listeners == 0 {
                bell.remove();
            }
        }
    }
}

/// An answer that is being written.
#[derive(Debug)]
pub struct Running {
    live: Live,
    answer: MessageId,
    cancelled: CancellationToken,
}

impl Running {
    /// Resolves when the visitor wants the answer to stop.
    pub async fn cancelled(&self) {
        self.cancelled.cancelled().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.live.tables().answers.remove(&self.answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_ring_wakes_listeners_and_is_not_missed() {
        let live = Live::default();
        let conversation = ConversationId::from_u128(1);
        let (mut one, mut two) = (live.listen(conversation), live.listen(conversation));
        live.ring(conversation);
        live.ring(ConversationId::from_u128(2));
        one.rung().await;
        two.rung().await;
        drop(one);
        assert_eq!(live.tables().bells.len(), 1);
        drop(two);
        assert!(live.tables().bells.is_empty());
    }

    #[tokio::test]
    async fn answers_of_one_conversation_are_stopped() {
        let live = Live::default();
        let (mine, other) = (ConversationId::from_u128(1), ConversationId::from_u128(2));
        let running = live.begin(mine, MessageId::from_u128(1));
        let foreign = live.begin(other, MessageId::from_u128(2));
        assert_eq!(live.stop_answers(mine), 1);
        running.cancelled().await;
        assert!(!foreign.cancelled.is_cancelled());
        drop((running, foreign));
        assert_eq!(live.running(), 0);
    }
}
