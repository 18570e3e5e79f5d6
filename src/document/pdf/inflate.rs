//! How large the parts of a PDF file become when they are unpacked.
//!
//! In: the bytes of a file. Out: a reason to refuse it, or none. Nothing is kept: the parser unpacks without a limit, so the
//! limit is put here, before it sees the file. What is encrypted looks like noise here and passes.

use flate2::{Decompress, FlushDecompress, Status};

/// No part may be larger than this when unpacked (bytes): a page at 600 dots an inch in colour is not.
const LARGEST_PART: u64 = 256 << 20;

/// All parts together may be so many times the file, or [`LARGEST_PART`], whichever is more.
const HIGHEST_RATIO: u64 = 200;

/// Looks at every packed part of a file.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let limit = (bytes.len() as u64).saturating_mul(HIGHEST_RATIO).max(LARGEST_PART);
    let mut total = 0_u64;
    let mut buffer = vec![0; 64 << 10];
    for start in parts(bytes) {
        let packed = bytes.get(start..).unwrap_or_default();
        let mut state = Decompress::new(true);
        loop {
            let at = usize::try_from(state.total_in()).unwrap_or(usize::MAX);
            let before = (state.total_in(), state.total_out());
            let status = state.decompress(packed.get(at..).unwrap_or_default(), &mut buffer, FlushDecompress::None);
            if state.total_out() > LARGEST_PART || total + state.total_out() > limit {
                return Err(format!(
                    "a part of it unpacks to more than {} MB, which no report does",
                    LARGEST_PART >> 20
                ));
            }
            if !matches!(status, Ok(Status::Ok)) || (state.total_in(), state.total_out()) == before {
                break;
            }
        }
        total += state.total_out();
    }
    Ok(())
}

/// Where packed parts begin: after the word "stream", with the first two bytes of zlib.
fn parts(bytes: &[u8]) -> impl Iterator<Item = usize> {
    const WORD: &[u8] = b"stream";
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = bytes.get(at..)?;
            let found = rest.windows(WORD.len()).position(|window| window == WORD)?;
            at += found + WORD.len();
            let line_end = bytes.get(at..)?.iter().take(2).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let start = at + line_end;
            if let Some([method, flags]) = bytes.get(start..start + 2)
                && method & 0x0f == 8
                && ((u16::from(*method) << 8) | u16::from(*flags)) % 31 == 0
            {
                return Some(start);
            }
        }
    })
}
