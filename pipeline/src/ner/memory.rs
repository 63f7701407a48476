//! Remembers what the network said, so that it reads a text once in a run.

use super::{Answer, Question};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// What is known of a question.
enum Entry {
    /// Somebody is finding out.
    Pending,
    /// This.
    Known(Arc<Answer>),
}

#[derive(Default)]
struct State {
    entries: HashMap<Arc<Question>, Entry>,
    /// The known ones, the oldest first.
    order: VecDeque<Arc<Question>>,
    n_bytes: usize,
    n_stored: u64,
}

/// Answers by their questions, for all threads.
pub(super) struct Memory {
    state: Mutex<State>,
    changed: Condvar,
    max_bytes: usize,
}

/// Hands answers over, in the order of the questions.
type Store<'a> = &'a (dyn Fn(Vec<Answer>) + Sync);
/// Finds answers for questions and stores them.
type Infer<'a> = &'a (dyn Fn(&[Arc<Question>], Store<'_>) + Sync);

impl Memory {
    /// A memory of so many bytes.
    pub(super) fn new(max_bytes: usize) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), max_bytes }
    }

    /// How many answers were found out.
    pub(super) fn n_stored(&self) -> u64 {
        self.lock().n_stored
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while the memory is locked")
    }

    /// The answer to each question. What nobody has asked is found out, and nothing is locked meanwhile; what others
    /// are finding out is waited for.
    pub(super) fn answers(&self, questions: &[Question], infer: Infer<'_>) -> Vec<Arc<Answer>> {
        let mut known: HashMap<&Question, Arc<Answer>> = HashMap::new();
        loop {
            let mine = self.claim(questions, &mut known);
            if mine.is_empty() {
                break;
            }
            let claim = Claim { memory: self, questions: mine, stored: Mutex::default() };
            infer(&claim.questions, &|answers| claim.store(answers));
            let stored = std::mem::take(&mut *claim.stored.lock().expect("nothing panics while it is locked"));
            let by_question: HashMap<&Question, Arc<Answer>> =
                claim.questions.iter().map(Arc::as_ref).zip(stored).collect();
            for question in questions {
                if let Some(answer) = by_question.get(question) {
                    known.insert(question, Arc::clone(answer));
                }
            }
        }
        questions.iter().map(|question| Arc::clone(&known[question])).collect()
    }

    /// Takes what is known, and claims what nobody is finding out; nothing when all is known.
    fn claim<'q>(
        &self,
        questions: &'q [Question],
        known: &mut HashMap<&'q Question, Arc<Answer>>,
    ) -> Vec<Arc<Question>> {
        let mut state = self.lock();
        loop {
            let mut mine = Vec::new();
            let mut waits = false;
            for question in questions {
                if known.contains_key(question) {
                    continue;
                }
                match state.entries.get(question) {
                    Some(Entry::Known(answer)) => {
                        known.insert(question, Arc::clone(answer));
                    }
                    Some(Entry::Pending) => waits = true,
                    None => {
                        let question = Arc::new(question.clone());
                        state.entries.insert(Arc::clone(&question), Entry::Pending);
                        mine.push(question);
                    }
                }
            }
            // What is claimed twice in one list is pending for itself: it is known when its own claim is stored.
            if !mine.is_empty() || !waits {
                return mine;
            }
            state = self.changed.wait(state).expect("nothing panics while the memory is locked");
        }
    }
}

/// Questions that one thread answers. Those that it leaves open, as in a panic, are open to others again.
struct Claim<'a> {
    memory: &'a Memory,
    questions: Vec<Arc<Question>>,
    stored: Mutex<Vec<Arc<Answer>>>,
}

impl Claim<'_> {
    fn store(&self, answers: Vec<Answer>) {
        let mut stored = self.stored.lock().expect("nothing panics while it is locked");
        let mut state = self.memory.lock();
        for answer in answers {
            let (question, answer) = (&self.questions[stored.len()], Arc::new(answer));
            state.n_bytes += question.n_bytes() + answer.n_bytes();
            state.n_stored += 1;
            state.order.push_back(Arc::clone(question));
            state.entries.insert(Arc::clone(question), Entry::Known(Arc::clone(&answer)));
            stored.push(answer);
        }
        self.memory.changed.notify_all();
    }
}

impl Drop for Claim<'_> {
    /// Opens what was left open, and forgets the oldest answers beyond the bound, but none of this claim.
    fn drop(&mut self) {
        let mut state = self.memory.lock();
        for question in &self.questions {
            if matches!(state.entries.get(question), Some(Entry::Pending)) {
                state.entries.remove(question);
            }
        }
        let n_own = self.questions.len();
        while state.n_bytes > self.memory.max_bytes && state.order.len() > n_own {
            let Some(oldest) = state.order.pop_front() else { break };
            if let Some(Entry::Known(answer)) = state.entries.remove(&oldest) {
                state.n_bytes -= oldest.n_bytes() + answer.n_bytes();
            }
        }
        drop(state);
        self.memory.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::super::Place;
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn questions(range: std::ops::Range<usize>) -> Vec<Question> {
        range.map(|number| Question::new(&format!("text {number}"), Place::default(), &[])).collect()
    }

    fn answer(question: &Question) -> Answer {
        let number = question.text.expose().len() as f32;
        Answer { spans: Vec::new(), remaining: number, doubt: None }
    }

    #[test]
    fn every_question_is_answered_once_by_any_number_of_threads() {
        let (memory, n_inferred) = (Memory::new(usize::MAX), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for thread_idx in 0..4 {
                let (memory, n_inferred) = (&memory, &n_inferred);
                scope.spawn(move || {
                    for start in 0..50 {
                        // Some are asked twice in one list.
                        let asked = [questions(start..start + 9 + thread_idx), questions(start..start + 3)].concat();
                        let answers = memory.answers(&asked, &|mine, store| {
                            n_inferred.fetch_add(mine.len(), Ordering::Relaxed);
                            store(mine.iter().map(|question| answer(question)).collect());
                        });
                        for (question, found) in asked.iter().zip(answers) {
                            assert!(*found == answer(question));
                        }
                    }
                });
            }
        });
        assert_eq!(n_inferred.load(Ordering::Relaxed), 49 + 12);
        assert_eq!(memory.n_stored(), 49 + 12);
    }

    #[test]
    fn memory_is_bounded_but_a_claim_is_whole() {
        let memory = Memory::new(4 * questions(0..1)[0].n_bytes());
        let ask = |range: std::ops::Range<usize>| {
            memory.answers(&questions(range), &|mine, store| store(mine.iter().map(|one| answer(one)).collect())).len()
        };
        assert_eq!(ask(0..20), 20);
        assert_eq!(memory.lock().entries.len(), 20, "nothing of a claim is forgotten in it");
        assert_eq!(ask(30..31), 1);
        assert!(memory.lock().entries.len() < 5);
        let state = memory.lock();
        assert_eq!(state.entries.len(), state.order.len());
    }

    #[test]
    fn what_a_panic_leaves_open_is_asked_again() {
        let memory = Memory::new(usize::MAX);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            memory.answers(&questions(0..3), &|_, _| panic!("a network that fails"));
        }));
        assert!(panicked.is_err());
        let answers =
            memory.answers(&questions(0..3), &|mine, store| store(mine.iter().map(|one| answer(one)).collect()));
        assert_eq!(answers.len(), 3);
    }
}
