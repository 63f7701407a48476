//! What the tests of one process share, and what goes when the last of them ends.

use std::sync::{Arc, Mutex, Weak};

/// What others of this process have made and still hold; else it is made.
///
/// A `static` is never dropped, so a folder in one would stay in the system's temporary folder for good. Tests hold it
/// by a `thread_local` instead, which is dropped with the thread of the test.
pub(crate) fn shared<T>(others: &Mutex<Weak<T>>, make: impl FnOnce() -> T) -> Arc<T> {
    let mut others = others.lock().expect("it could be made");
    others.upgrade().unwrap_or_else(|| {
        let made = Arc::new(make());
        *others = Arc::downgrade(&made);
        made
    })
}
