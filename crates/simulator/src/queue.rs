//! Queues between what happens and those who tell of it: nothing is lost, and nobody is waited for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::Notify;

/// A queue with one reader.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    items: Mutex<VecDeque<T>>,
    bell: Notify,
}

impl<T> Queue<T> {
    pub(crate) fn push(&self, item: T) {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).push_back(item);
        self.bell.notify_one();
    }

    /// The oldest item, if there is one.
    pub(crate) fn try_next(&self) -> Option<T> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// Waits for the oldest item.
    pub(crate) async fn next(&self) -> T {
        loop {
            if let Some(item) = self.try_next() {
                return item;
            }
            self.bell.notified().await;
        }
    }

    /// Waits until something was put in or [`Queue::ring`] was called since the last look.
    pub(crate) async fn stirred(&self) {
        self.bell.notified().await;
    }

    /// Wakes the reader without an item.
    pub(crate) fn ring(&self) {
        self.bell.notify_one();
    }
}

/// Queues that all get the same items. A queue nobody holds any more is dropped.
#[derive(Debug)]
pub(crate) struct Fanout<T>(Mutex<Vec<Weak<Queue<T>>>>);

impl<T> Default for Fanout<T> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<T: Clone> Fanout<T> {
    /// A queue of everything sent from now on.
    pub(crate) fn subscribe(&self) -> Arc<Queue<T>> {
        let queue = Arc::new(Queue { items: Mutex::new(VecDeque::new()), bell: Notify::new() });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&queue));
        queue
    }

    pub(crate) fn send(&self, item: &T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|queue| match queue.upgrade() {
            Some(queue) => {
                queue.push(item.clone());
                true
            }
            None => false,
        });
    }
}
