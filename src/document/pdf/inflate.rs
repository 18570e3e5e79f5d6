//! How large the parts of a PDF file become when they are unpacked.
//!
//! In: the bytes of a file. Out: a reason to refuse it, or none. Nothing is kept: the parser unpacks without a limit, so the
//! limit is put here, before it sees the file. What is packed in what is packed is looked at too. What is encrypted looks
//! like noise here and passes, and so do older ways of packing (LZW, ASCII85): `filters` looks at them.

use std::io::{BufRead, BufReader, Read};

use flate2::bufread::{DeflateDecoder, ZlibDecoder};

/// No part may be larger than this when unpacked (bytes): a page at 600 dots an inch in colour is not.
const LARGEST_PART: u64 = 256 << 20;

/// All parts together may be so many times the file, or [`LARGEST_PART`], whichever is more.
const HIGHEST_RATIO: u64 = 200;

/// So often may a part be packed: twice is rare.
pub(super) const MOST_LAYERS: usize = 4;

/// Looks at every packed part of a file.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let mut allowance = Allowance::new(bytes);
    let mut buffer = vec![0; 64 << 10];
    for start in parts(bytes) {
        let packed = bytes.get(start..).unwrap_or_default();
        for layers in 1.. {
            if layers > MOST_LAYERS {
                return Err(too_deep());
            }
            let Unpacked { size, is_packed } = unpacked(packed, layers, allowance.of_a_part(), &mut buffer);
            allowance.spend(size)?;
            if !is_packed {
                break;
            }
        }
    }
    Ok(())
}

/// How many bytes the parts of a file that are still to come may unpack to.
pub(super) struct Allowance {
    left: u64,
}

impl Allowance {
    /// That of a whole file.
    pub fn new(file: &[u8]) -> Self {
        Self { left: (file.len() as u64).saturating_mul(HIGHEST_RATIO).max(LARGEST_PART) }
    }

    /// How much of it the next part may take.
    pub fn of_a_part(&self) -> u64 {
        LARGEST_PART.min(self.left)
    }

    /// Takes a part of this size off.
    ///
    /// # Errors
    /// Why the file is refused, when that is more than a part may take.
    pub fn spend(&mut self, size: u64) -> Result<(), String> {
        if size > self.of_a_part() {
            return Err(too_large());
        }
        self.left -= size;
        Ok(())
    }
}

/// Why a file is refused of which a part is too large.
pub(super) fn too_large() -> String {
    format!("a part of it unpacks to more than {} MB, which no report does", LARGEST_PART >> 20)
}

/// Why a file is refused of which a part is packed too often.
pub(super) fn too_deep() -> String {
    format!("a part of it is packed more than {MOST_LAYERS} times, which no report is")
}

/// Unpacks one layer, with the head of zlib or without: the parser takes both.
pub(super) fn reader<'a>(packed: impl Read + 'a) -> Box<dyn Read + 'a> {
    let mut packed = BufReader::new(packed);
    let headed = packed.fill_buf().is_ok_and(is_zlib);
    if headed { Box::new(ZlibDecoder::new(packed)) } else { Box::new(DeflateDecoder::new(packed)) }
}

/// What is under some layers of packing.
struct Unpacked {
    /// Bytes, up to where it is damaged.
    size: u64,
    /// Whether there is another layer below.
    is_packed: bool,
}

/// Unpacks `layers` times; stops after the first byte that is too much.
fn unpacked(packed: &[u8], layers: usize, allowed: u64, buffer: &mut [u8]) -> Unpacked {
    let layer = |packed, _| reader(packed);
    let reader = (1..layers).fold(reader(packed), layer);
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
