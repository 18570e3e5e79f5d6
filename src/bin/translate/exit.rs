//! Every exit code of the program, and which outcome leads to it.

use std::process::ExitCode;

use translate::Error;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All inputs were done. A reader that closed standard output early is no fault either.
    Success,
    /// Some inputs failed, each of them named on standard error; the others were done.
    SomeFailed,
    /// The command line cannot be carried out as it stands.
    Usage,
    /// No usable model.
    NoModel,
    /// Interrupted; a second run goes on, or what is finished of lines and records is kept.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees.
    pub fn number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::SomeFailed => 1,
            Self::Usage => 2,
            Self::NoModel => 3,
            Self::Interrupted => 130,
        }
    }

    /// Ends the program where it stands, for a user who does not want to wait.
    // A signal handler cannot return through main.
    #[allow(clippy::exit)]
    pub fn at_once(self) -> ! {
        std::process::exit(self.number().into())
    }

    /// The exit for an error that ended the whole run.
    pub fn of(error: &Error) -> Self {
        match error {
            Error::Model { .. } | Error::Unavailable { .. } => Self::NoModel,
            Error::Option { .. } => Self::Usage,
            Error::Stopped => Self::Interrupted,
            Error::Write { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe => Self::Success,
            _ => Self::SomeFailed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_documented_ones() {
        let all = [Exit::Success, Exit::SomeFailed, Exit::Usage, Exit::NoModel, Exit::Interrupted];
        assert_eq!(all.map(Exit::number), [0, 1, 2, 3, 130]);
    }

    #[test]
    fn errors_lead_to_their_codes() {
        let io = |kind| std::io::Error::from(kind);
        let cases = [
            (Error::Stopped, Exit::Interrupted),
            (Error::Option { option: "beam", reason: String::new() }, Exit::Usage),
            (Error::Model { model: String::new(), reason: String::new(), hint: String::new() }, Exit::NoModel),
            (Error::Read { path: "a".into(), source: io(std::io::ErrorKind::NotFound) }, Exit::SomeFailed),
            (Error::Write { path: "-".into(), source: io(std::io::ErrorKind::BrokenPipe) }, Exit::Success),
        ];
        for (error, exit) in cases {
            assert_eq!(Exit::of(&error), exit, "{error}");
        }
    }
}
