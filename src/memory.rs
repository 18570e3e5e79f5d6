//! Bounds on the memory and the time that one piece of work takes.
//!
//! In: work on bytes of strangers, by a parser that has no bounds of its own. Out: its result, or that it was too much. Memory is
//! counted by [`Bounded`], which a program installs as its allocator; without it memory is not counted and not bounded, and
//! work that took too long goes on unseen.
//!
//! An allocation that fails ends the whole program, and an allocator must not unwind. So the thread whose work takes too
//! much is stopped for good where it asks for more: what it holds stays with it until the program ends, and the others go on.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, OnceCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// The system's allocator, which keeps readers of untrusted files within bounds: now that of PDF files, whose module says
/// how much a file may take.
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: translate::memory::Bounded = translate::memory::Bounded;
/// # fn main() {}
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Bounded;

/// What [`Cell`] `LEFT` holds where nothing is counted.
const UNBOUNDED: usize = usize::MAX;

thread_local! {
    /// Bytes that this thread may still take.
    static LEFT: Cell<usize> = const { Cell::new(UNBOUNDED) };
    /// The work that this thread does within bounds.
    static WORK: OnceCell<Arc<Work>> = const { OnceCell::new() };
}

/// Work on a thread of its own.
struct Work {
    over: AtomicBool,
    /// Whether nobody waits for it any more.
    given_up: AtomicBool,
    done: AtomicBool,
    /// The thread that waits for it.
    waiting: Thread,
}

/// Why there is no result.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It took more memory than it may.
    TooMuch,
    /// It took more time than it may.
    TooLong,
    /// It panicked.
    Panic,
    /// The thread could not be started.
    Thread(std::io::Error),
}

/// Does this work on a thread of its own with so much stack, and gives it up where it holds more than `most` bytes or takes
/// longer than `longest`. Work must not print or take a lock that others need, since it may stop anywhere; what other work
/// within bounds waits for costs that work its own time at the most.
///
/// # Errors
/// [`Fault::TooMuch`] or [`Fault::TooLong`] then, [`Fault::Panic`] when it panics, [`Fault::Thread`] when there can be no other thread.
pub(crate) fn within<T: Send + 'static>(
    most: usize,
    longest: Duration,
    stack: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    let state = Arc::new(Work {
        over: AtomicBool::new(false),
        given_up: AtomicBool::new(false),
        done: AtomicBool::new(false),
        waiting: std::thread::current(),
    });
    let own = Arc::clone(&state);
    let bounded = move || {
        let _done = Done(Arc::clone(&own));
        WORK.with(|work| drop(work.set(own)));
        LEFT.set(most.min(UNBOUNDED - 1));
        let result = work();
        LEFT.set(UNBOUNDED);
        result
    };
    let thread = std::thread::Builder::new().name("bounded".to_owned()).stack_size(stack).spawn(bounded);
    let thread = thread.map_err(Fault::Thread)?;
    let start = Instant::now();
    while !state.done.load(Ordering::Acquire) {
        if state.over.load(Ordering::Acquire) {
            return Err(Fault::TooMuch);
        }
        let Some(left) = longest.checked_sub(start.elapsed()) else {
            state.given_up.store(true, Ordering::Release);
            return Err(Fault::TooLong);
        };
        std::thread::park_timeout(left);
    }
    thread.join().map_err(|_| Fault::Panic)
}

/// Says that work is done when it is dropped, as it is after a panic too.
struct Done(Arc<Work>);

impl Drop for Done {
    fn drop(&mut self) {
        LEFT.set(UNBOUNDED);
        self.0.done.store(true, Ordering::Release);
        self.0.waiting.unpark();
    }
}

/// Counts what this thread takes; does not come back where that is too much, or nobody waits for it any more.
fn take(bytes: usize) {
    let left = LEFT.get();
    if left == UNBOUNDED {
        return;
    }
    let given_up = || WORK.try_with(|work| work.get().is_some_and(|work| work.given_up.load(Ordering::Acquire)));
    if let Some(left) = left.checked_sub(bytes)
        && !given_up().unwrap_or(false)
    {
        LEFT.set(left);
        return;
    }
    // What follows may take memory itself.
    LEFT.set(UNBOUNDED);
    // The message of a panic holds locks that other threads wait for.
    if std::thread::panicking() {
        return;
    }
    let stop = |work: &OnceCell<Arc<Work>>| {
        let Some(work) = work.get() else { return };
        work.over.store(true, Ordering::Release);
        work.waiting.unpark();
        loop {
            std::thread::park();
        }
    };
    _ = WORK.try_with(stop);
}

/// Counts what this thread gives back.
fn give(bytes: usize) {
    let left = LEFT.get();
    if left != UNBOUNDED {
        LEFT.set(left.saturating_add(bytes).min(UNBOUNDED - 1));
    }
}

// SAFETY: every call is passed on to `System` as it came; counting allocates nothing and does not unwind, and a call that never
// comes back gives no memory away.
unsafe impl GlobalAlloc for Bounded {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        // SAFETY: the caller's promises are those that `System` asks for, here and below.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        give(layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        take(size);
        // SAFETY: as above.
        let moved = unsafe { System.realloc(pointer, layout, size) };
        give(layout.size());
        moved
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[global_allocator]
    static ALLOCATOR: Bounded = Bounded;

    const STACK: usize = 1 << 20;
    const MOST: usize = 1 << 20;
    const LONGEST: Duration = Duration::from_secs(600);

    #[test]
    fn work_within_its_bounds_is_done() {
        let work = || (0..100).map(|_| vec![1_u8; MOST / 2].len()).sum::<usize>();
        assert_eq!(within(MOST, LONGEST, STACK, work).unwrap(), 100 * MOST / 2);
        let grown = || {
            (0..MOST / 4).fold(Vec::new(), |mut all, byte| {
                all.push(byte as u8);
                all
            })
        };
        assert_eq!(within(MOST, LONGEST, STACK, grown).unwrap().len(), MOST / 4);
    }

    #[test]
    fn work_beyond_its_bounds_is_given_up_and_others_go_on() {
        assert!(matches!(within(MOST, LONGEST, STACK, || vec![0_u8; 2 * MOST]), Err(Fault::TooMuch)));
        assert!(matches!(
            within(MOST, LONGEST, STACK, || Vec::<u8>::with_capacity(isize::MAX as usize)),
            Err(Fault::TooMuch)
        ));
        let held = || -> usize {
            let mut held = Vec::new();
            loop {
                held.push(vec![0_u8; 1 + std::hint::black_box(&held).len()]);
            }
        };
        assert!(matches!(within(MOST, LONGEST, STACK, held), Err(Fault::TooMuch)));
        assert_eq!(within(MOST, LONGEST, STACK, || 1).unwrap(), 1);
        assert_eq!(vec![0_u8; 4 * MOST].len(), 4 * MOST, "this thread has no bounds");
    }

    #[test]
    fn work_without_end_is_given_up_and_stopped() {
        static ROUNDS: AtomicUsize = AtomicUsize::new(0);
        let work = || -> () {
            loop {
                drop(std::hint::black_box(vec![0_u8; 10]));
                ROUNDS.fetch_add(1, Ordering::Relaxed);
            }
        };
        assert!(matches!(within(MOST, Duration::from_millis(1), STACK, work), Err(Fault::TooLong)));
        // It stops at its next allocation.
        let is_still = || {
            let before = ROUNDS.load(Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(10));
            ROUNDS.load(Ordering::Relaxed) == before
        };
        while !is_still() {}
    }

    #[test]
    fn a_panic_is_a_fault() {
        let work = || std::panic::resume_unwind(Box::new("as planned"));
        assert!(matches!(within::<()>(MOST, LONGEST, STACK, work), Err(Fault::Panic)));
    }

    /// The message takes memory while it holds the lock of standard error: a thread that stopped there kept it for good.
    #[test]
    fn a_panic_at_the_bound_is_a_fault_and_leaves_no_lock_behind() {
        let work = || -> () {
            let all = vec![0_u8; MOST - (1 << 12)];
            panic!("{}", String::from_utf8_lossy(&all[..1 << 14]));
        };
        assert!(matches!(within(MOST, LONGEST, STACK, work), Err(Fault::Panic | Fault::TooMuch)));
        let work = || -> () {
            let _all = vec![0_u8; MOST - (1 << 12)];
            panic!("as planned");
        };
        assert!(matches!(within(MOST, LONGEST, STACK, work), Err(Fault::Panic)));
        drop(std::io::stderr().lock());
    }
}
