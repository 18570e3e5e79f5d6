//! Ctrl-C: the first asks to stop at the next good place, the second ends the program.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::Exit;

/// Whether the user wants to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Takes Ctrl-C over from the system, which would end the program at once; `on_first` says what happens now.
    pub fn catch(&self, on_first: impl Fn() + Send + 'static) {
        let asked = Arc::clone(&self.0);
        let handler = move || {
            if asked.swap(true, Ordering::Relaxed) {
                Exit::Interrupted.at_once();
            }
            on_first();
        };
        // Where it cannot be taken over, the system's way remains, and what is finished is kept all the same.
        let _ = ctrlc::set_handler(handler);
    }

    /// What a progress callback answers.
    pub fn flow(&self) -> ControlFlow<()> {
        if self.0.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
