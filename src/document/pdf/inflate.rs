//! How large the parts of a PDF file become when they are unpacked.
//!
//! In: the bytes of a file. Out: a reason to refuse it, or none. Nothing is kept: the parser unpacks without a limit, so the
//! limit is put here, before it sees the file. What is packed in what is packed is looked at too. What is encrypted looks
//! like noise here and passes, and so do other ways of packing (LZW, ASCII85).

use std::io::Read;

use flate2::read::{DeflateDecoder, ZlibDecoder};

/// No part may be larger than this when unpacked (bytes): a page at 600 dots an inch in colour is not.
const LARGEST_PART: u64 = 256 << 20;

/// All parts together may be so many times the file, or [`LARGEST_PART`], whichever is more.
const HIGHEST_RATIO: u64 = 200;

/// So often may a part be packed: twice is rare.
const MOST_LAYERS: usize = 4;

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
        for layers in 1.. {
            if layers > MOST_LAYERS {
                return Err(format!("a part of it is packed more than {MOST_LAYERS} times, which no report is"));
            }
            let allowed = LARGEST_PART.min(limit.saturating_sub(total));
            let Unpacked { size, is_packed } = unpacked(packed, layers, allowed, &mut buffer);
            if size > allowed {
                return Err(format!(
                    "a part of it unpacks to more than {} MB, which no report does",
                    LARGEST_PART >> 20
                ));
            }
            total += size;
            if !is_packed {
                break;
            }
        }
    }
    Ok(())
}

/// What is under some layers of packing.
struct Unpacked {
    /// Bytes, up to where it is damaged.
    size: u64,
    /// Whether there is another layer below.
    is_packed: bool,
}

/// Unpacks `layers` times; stops after the first byte that is too much. The parser takes the outermost layer without the
/// head of zlib too.
fn unpacked(packed: &[u8], layers: usize, allowed: u64, buffer: &mut [u8]) -> Unpacked {
    let mut reader: Box<dyn Read> =
        if is_zlib(packed) { Box::new(ZlibDecoder::new(packed)) } else { Box::new(DeflateDecoder::new(packed)) };
    for _ in 1..layers {
        reader = Box::new(ZlibDecoder::new(reader));
    }
    let mut reader = reader.take(allowed + 1);
    let mut size = 0;
    let mut head = Vec::with_capacity(2);
    // What came before a damage counts.
    while let Ok(length @ 1..) = reader.read(buffer) {
        head.extend(buffer.iter().take(length.min(2 - head.len())));
        size += length as u64;
    }
    Unpacked { size, is_packed: is_zlib(&head) }
}

/// Whether bytes begin as zlib does (RFC 1950, section 2.2).
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [method, flags, ..]
        if method & 0x0f == 8 && ((u16::from(*method) << 8) | u16::from(*flags)) % 31 == 0)
}

/// Where parts begin: after the word "stream" and a line end.
fn parts(bytes: &[u8]) -> impl Iterator<Item = usize> {
    const WORD: &[u8] = b"stream";
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let found = bytes.get(at..)?.windows(WORD.len()).position(|window| window == WORD)?;
            let word = at + found;
            at = word + WORD.len();
            if !bytes.get(..word)?.ends_with(b"end") {
                let line_end = bytes.get(at..)?.iter().take(2).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
                return Some(at + line_end);
            }
        }
    })
}
