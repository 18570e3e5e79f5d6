//! How large the streams of an opened PDF file become, by the filters that it names.
//!
//! In: a file that the parser has opened. Out: a reason to refuse it, or none. `inflate` has looked at what is packed by
//! deflate alone before; this is for the rest: what was encrypted, and the older filters (ISO 32000-1, section 7.4). What
//! holds the objects themselves is unpacked while the file is opened, so that it is measured too late where it is encrypted or in
//! an older filter, and the parser goes on behind damage that ends what is measured here. Nothing short of the parser sees all
//! that it will unpack: `crate::memory` bounds what remains, where a program counts its memory. What is measured is refused
//! sooner and says why.

use std::borrow::Cow;
use std::io::{self, BufReader, Cursor, Read};

use hayro_syntax::object::Object;
use hayro_syntax::{Filter, Pdf};

use super::inflate::{self, Allowance, MOST_LAYERS};

/// Looks at every stream that `inflate` could not see through.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(pdf: &Pdf) -> Result<(), String> {
    let mut allowance = Allowance::new(pdf.data().as_ref());
    for object in pdf.objects() {
        let Object::Stream(stream) = object else { continue };
        let filters = stream.filters();
        if filters.first().is_some_and(is_of_pictures) {
            continue;
        }
        let raw = stream.raw_data();
        let encrypted = matches!(raw, Cow::Owned(_));
        if !encrypted && filters.iter().all(|filter| *filter == Filter::FlateDecode) {
            continue;
        }
        allowance.spend(size(&raw, &filters, allowance.of_a_part())?)?;
    }
    Ok(())
}

/// How many bytes come out of all filters up to the first of a picture, which the text does not need; what is damaged counts
/// up to the damage, and what is more than `allowed` may be cut anywhere above that.
fn size(raw: &[u8], filters: &[Filter], allowed: u64) -> Result<u64, String> {
    if filters.len() > MOST_LAYERS {
        return Err(inflate::too_deep());
    }
    let mut data: Box<dyn Read + '_> = Box::new(raw);
    for (number, filter) in filters.iter().enumerate() {
        data = match filter {
            Filter::Crypt => data,
            Filter::FlateDecode => inflate::reader(data),
            Filter::Ascii85Decode => Box::new(Cursor::new(ascii85(&whole(data, allowed)?))),
            Filter::AsciiHexDecode => Box::new(Cursor::new(hexadecimal(&whole(data, allowed)?))),
            Filter::RunLengthDecode => Box::new(RunLength { data: BufReader::new(data), run: Run::Over }),
            // Of LZW the size is all that is counted, so that nothing can come after it.
            Filter::LzwDecode if filters.get(number + 1).is_none_or(is_of_pictures) => {
                let packed = whole(data, allowed)?;
                return Ok(lzw(&packed, true, allowed).max(lzw(&packed, false, allowed)));
            }
            Filter::LzwDecode => return Err("a part of it is packed in a way that no report is".to_owned()),
            Filter::CcittFaxDecode | Filter::Jbig2Decode | Filter::DctDecode | Filter::JpxDecode => break,
        };
    }
    let mut counted = data.take(allowed + 1);
    // What came before a damage counts.
    let _ = io::copy(&mut counted, &mut io::sink());
    Ok(allowed + 1 - counted.limit())
}

fn is_of_pictures(filter: &Filter) -> bool {
    matches!(filter, Filter::CcittFaxDecode | Filter::Jbig2Decode | Filter::DctDecode | Filter::JpxDecode)
}

/// All of it, up to its damage.
fn whole(data: impl Read, allowed: u64) -> Result<Vec<u8>, String> {
    let mut all = Vec::new();
    let _ = data.take(allowed + 1).read_to_end(&mut all);
    if all.len() as u64 > allowed { Err(inflate::too_large()) } else { Ok(all) }
}

/// ASCII85 of Adobe: five characters for four bytes, `z` for four zeros, `~` at the end.
fn ascii85(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut group = Vec::with_capacity(5);
    let mut put = |group: &mut Vec<u8>| {
        let length = group.len().saturating_sub(1);
        group.resize(5, b'u');
        let value =
            group.iter().fold(0_u32, |value, digit| value.wrapping_mul(85).wrapping_add(u32::from(digit - b'!')));
        bytes.extend(value.to_be_bytes().into_iter().take(length));
        group.clear();
    };
    for byte in text {
        match byte {
            b'!'..=b'u' => group.push(*byte),
            b'z' if group.is_empty() => group.extend(*b"!!!!!"),
            b'~' => break,
            _ => {}
        }
        if group.len() == 5 {
            put(&mut group);
        }
    }
    put(&mut group);
    bytes
}

/// Two hexadecimal digits for a byte, `>` at the end.
fn hexadecimal(text: &[u8]) -> Vec<u8> {
    let digits = text.iter().take_while(|byte| **byte != b'>').filter_map(|byte| char::from(*byte).to_digit(16));
    let digits: Vec<u8> = digits.filter_map(|digit| u8::try_from(digit).ok()).collect();
    digits.chunks(2).map(|pair| pair.iter().fold(0, |value, digit| (value << 4) | digit)).collect()
}

/// How many bytes LZW unpacks to: what each code stands for is known by its length alone. Codes grow from 9 to 12 bits, one
/// code before they must when `early`.
fn lzw(packed: &[u8], early: bool, allowed: u64) -> u64 {
    const CLEAR: usize = 256;
    const END: usize = 257;
    const LARGEST_TABLE: usize = 4096;
    let fresh = || vec![1_u64; END + 1];
    let mut lengths = fresh();
    let mut previous: Option<u64> = None;
    let (mut size, mut bits, mut held) = (0_u64, 0_u64, 0_u32);
    for byte in packed {
        bits = (bits << 8) | u64::from(*byte);
        held += 8;
        let width = match lengths.len() + usize::from(early) {
            ..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        };
        if held < width {
            continue;
        }
        held -= width;
        let code = usize::try_from(bits >> held).unwrap_or(END);
        bits &= (1 << held) - 1;
        match code {
            CLEAR => (lengths, previous) = (fresh(), None),
            END => break,
            code => {
                // The code that is about to get its meaning is the one before and a byte more.
                let Some(length) = lengths.get(code).copied().or(previous.map(|length| length + 1)) else { break };
                if let Some(previous) = previous.filter(|_| lengths.len() < LARGEST_TABLE) {
                    lengths.push(previous + 1);
                }
                previous = Some(length);
                size += length;
                if size > allowed {
                    break;
                }
            }
        }
    }
    size
}

/// Run-length packing: a byte of up to 127 in front of so many bytes and one more, a byte above 128 in front of the byte
/// that comes 257 less that many times, 128 at the end.
struct RunLength<R> {
    data: BufReader<R>,
    run: Run,
}

/// What is left of the run at hand.
enum Run {
    Over,
    Copy(u16),
    Repeat(u8, u16),
}

impl<R: Read> RunLength<R> {
    fn byte(&mut self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        let length = self.data.read(&mut byte)?;
        Ok((length == 1).then_some(byte[0]))
    }

    fn next(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.run {
                Run::Copy(left) if left > 0 => {
                    self.run = Run::Copy(left - 1);
                    return self.byte();
                }
                Run::Repeat(byte, left) if left > 0 => {
                    self.run = Run::Repeat(byte, left - 1);
                    return Ok(Some(byte));
                }
                _ => {}
            }
            self.run = match self.byte()? {
                Some(length @ 0..=127) => Run::Copy(u16::from(length) + 1),
                None | Some(128) => return Ok(None),
                Some(length) => match self.byte()? {
                    Some(byte) => Run::Repeat(byte, 257 - u16::from(length)),
                    None => return Ok(None),
                },
            };
        }
    }
}

impl<R: Read> Read for RunLength<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        for (count, place) in buffer.iter_mut().enumerate() {
            match self.next()? {
                Some(byte) => *place = byte,
                None => return Ok(count),
            }
        }
        Ok(buffer.len())
    }
}
