//! How large the streams of a PDF file become that are encrypted or in older filters.
//!
//! In: the bytes of a file. Out: a reason to refuse it, or none. `inflate` has looked at what is packed by deflate alone; this
//! is for the rest, and before the parser opens the file: it unpacks what holds other objects at once and without a limit, and
//! any stream can be said to do so.
//!
//! So streams are looked for by the marks of their objects ("5 0 obj"), wherever they stand, and not by the tables of the file.
//! Decryption is the parser's: it opens a file made of these streams, in which none holds objects, so that it unpacks nothing.
//! What cannot be told without the tables is refused where it is encrypted: a length or a filter that stands elsewhere, twice
//! or not at all. One thing is not seen: that a table means the "5 0 obj" in "15 0 obj", by which another key is meant.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use hayro_syntax::object::{Array, Dict, FromBytes, MaybeRef, Name, ObjRef, Object, Stream, String as Text};
use hayro_syntax::{Filter, Pdf};

use super::inflate::Allowance;
use super::{Fault, filters};

/// A stream may be there so often, as it was after each change of the file.
const MOST_VERSIONS: usize = 64;

/// No dictionary is longer than this (bytes).
const LARGEST_DICT: usize = 1 << 20;

/// A file may name so many encryptions: one.
const MOST_ENCRYPTIONS: usize = 4;

/// Looks at every stream that `inflate` cannot see through.
///
/// # Errors
/// What is wrong with the file.
pub(super) fn check(bytes: &[u8]) -> Result<(), Fault> {
    let file = Objects::new(bytes);
    let encryptions = file.encryptions()?;
    let streams = file.streams(!encryptions.is_empty())?;
    let mut allowance = Allowance::new(bytes);
    let mut spend = |raw: &[u8], filters: &[Filter]| -> Result<(), Fault> {
        let size = filters::size(raw, filters, allowance.of_a_part()).and_then(|size| allowance.spend(size));
        size.map_err(Fault::Suspicious)
    };
    // As they are: some parts of an encrypted file are not encrypted.
    for found in streams.iter().flat_map(HashMap::values).filter(|found| !found.packing.is_seen_through) {
        spend(found.raw, &found.packing.filters())?;
    }
    for encryption in &encryptions {
        for version in &streams {
            let pdf = Pdf::new(alone(version, encryption)).map_err(Fault::Unreadable)?;
            for object in pdf.objects() {
                let Object::Stream(stream) = object else { continue };
                let filters = stream.filters();
                if let (Cow::Owned(raw), false) =
                    (stream.raw_data(), filters.first().copied().is_some_and(filters::is_of_pictures))
                {
                    spend(&raw, &filters)?;
                }
            }
        }
    }
    Ok(())
}

/// The number and the generation of an object.
type Id = (u32, i32);

/// A stream as it stands in the file.
struct Found<'a> {
    raw: &'a [u8],
    packing: Packing,
}

/// How a stream is packed.
struct Packing {
    /// The entries of its dictionary that say so.
    entries: String,
    /// Whether `inflate` sees through it where it is not encrypted, or it is a picture.
    is_seen_through: bool,
}

impl Packing {
    fn new(entries: String) -> Self {
        let mut packing = Self { entries, is_seen_through: false };
        let filters = packing.filters();
        packing.is_seen_through = filters.first().copied().is_some_and(filters::is_of_pictures)
            || filters.iter().all(|filter| *filter == Filter::FlateDecode);
        packing
    }

    /// As the parser understands them.
    fn filters(&self) -> Vec<Filter> {
        let stream = format!("<<{}/Length 0>>stream\n\nendstream", self.entries).into_bytes();
        Stream::from_bytes(&stream).map(|stream| stream.filters().to_vec()).unwrap_or_default()
    }
}

/// What a trailer says about the encryption: its dictionary and the first identifier of the file.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Encryption {
    dictionary: Vec<u8>,
    id: Vec<u8>,
}

/// The objects of a file by the marks in front of them.
struct Objects<'a> {
    bytes: &'a [u8],
    /// Where the contents of each begin, for each place where it stands.
    places: Vec<(Id, usize)>,
    by_id: HashMap<Id, Vec<usize>>,
    /// Where the word "endstream" stands.
    ends: Vec<usize>,
    /// How many bytes may still be looked at: in a file that is made to do harm, each part could be said to go on to its end.
    left: Cell<usize>,
}

impl<'a> Objects<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let is_start = |at: &usize| bytes[*at].is_ascii_digit() && (*at == 0 || !bytes[at - 1].is_ascii_digit());
        let places: Vec<(Id, usize)> = (0..bytes.len()).filter(is_start).filter_map(|at| mark(bytes, at)).collect();
        let mut by_id: HashMap<Id, Vec<usize>> = HashMap::new();
        for (id, place) in &places {
            by_id.entry(*id).or_default().push(*place);
        }
        Self {
            bytes,
            places,
            by_id,
            ends: words(bytes, b"endstream").collect(),
            left: Cell::new(bytes.len().saturating_mul(64).saturating_add(LARGEST_DICT)),
        }
    }

    fn spend(&self, bytes: usize) -> Result<(), Fault> {
        self.left.set(self.left.get().checked_sub(bytes).ok_or_else(strange)?);
        Ok(())
    }

    /// The object itself, for what may be a reference to it; none when the reference leads nowhere or to several.
    fn resolve<T: FromBytes<'a>>(&self, object: MaybeRef<T>) -> Option<T> {
        // A name, a number, or a small dictionary.
        const LONGEST: usize = 16 << 10;
        match object {
            MaybeRef::NotRef(object) => Some(object),
            MaybeRef::Ref(ObjRef { obj_number, gen_number }) => match self.by_id.get(&(obj_number, gen_number))?[..] {
                [place] => T::from_bytes(part(self.bytes, place, LONGEST)),
                _ => None,
            },
        }
    }

    /// What dictionaries with an entry "Encrypt" say.
    fn encryptions(&self) -> Result<BTreeSet<Encryption>, Fault> {
        // The dictionary begins a little before: between are other entries, or dictionaries that end before.
        const NEAREST: usize = 64;
        const LONGEST: usize = 64 << 10;
        let bytes = self.bytes;
        let starts: Vec<usize> = words(bytes, b"<<").collect();
        let mut found = BTreeSet::new();
        let is_entry = |at: &usize| {
            let Some(value) = name(&bytes[*at..], b"Encrypt") else { return false };
            let value = part(bytes, blank(bytes, bytes.len() - value.len()), 32);
            value.starts_with(b"<<") || value.first().is_some_and(u8::is_ascii_digit)
        };
        for entry in (0..bytes.len()).filter(is_entry) {
            let before = starts[..starts.partition_point(|at| *at < entry)].iter().rev();
            let dict = before.take_while(|at| entry - **at <= LONGEST).take(NEAREST).find_map(|at| {
                let dict = Dict::from_bytes(part(bytes, *at, 2 * LONGEST))?;
                (self.end(&dict) > entry && dict.contains_key(b"Encrypt")).then_some(dict)
            });
            self.spend(LONGEST)?;
            let dict = dict.ok_or_else(strange)?;
            let dictionary = dict.get_raw::<Dict>(b"Encrypt").and_then(|object| self.resolve(object));
            let dictionary = dictionary.ok_or_else(strange)?.data().to_vec();
            let id = dict.get_raw::<Array>(b"ID").and_then(|object| self.resolve(object));
            let id = id.and_then(|array| array.flex_iter().next::<Text>()).map(|id| id.to_vec()).unwrap_or_default();
            found.insert(Encryption { dictionary, id });
            if found.len() > MOST_ENCRYPTIONS {
                return Err(strange());
            }
        }
        Ok(found)
    }

    /// The streams of the file that must be looked at, each once in each version.
    fn streams(&self, encrypted: bool) -> Result<Vec<HashMap<Id, Found<'a>>>, Fault> {
        let mut versions: Vec<HashMap<Id, Found>> = Vec::new();
        let mut seen: HashMap<Id, usize> = HashMap::new();
        for &(id, place) in self.places.iter().filter(|(_, place)| self.bytes[*place..].starts_with(b"<<")) {
            let head = part(self.bytes, place, LARGEST_DICT);
            let Some(dict) = Dict::from_bytes(head) else {
                self.spend(head.len())?;
                if encrypted && head.len() == LARGEST_DICT {
                    return Err(strange());
                }
                continue;
            };
            self.spend(dict.data().len())?;
            let Some(start) = self.start(self.end(&dict)) else { continue };
            let packing = self.packing(&dict, encrypted).ok_or_else(strange)?;
            if packing.is_seen_through && !encrypted {
                continue;
            }
            let raw = match dict.get_raw::<Object>(b"Length").map(|object| self.resolve(object)) {
                Some(Some(Object::Number(length))) => self.range(start, Some(length.as_f64()))?,
                Some(None) if encrypted => return Err(strange()),
                Some(None) => start..self.bytes.len(),
                _ => self.range(start, None)?,
            };
            self.spend(16 * raw.len())?;
            let before = seen.entry(id).or_insert(0);
            if *before == versions.len() {
                versions.push(HashMap::new());
            }
            let version = versions.get_mut(*before).filter(|_| *before < MOST_VERSIONS).ok_or_else(strange)?;
            version.insert(id, Found { raw: &self.bytes[raw], packing });
            *before += 1;
        }
        Ok(versions)
    }

    /// Where a dictionary of the file ends.
    fn end(&self, dict: &Dict<'a>) -> usize {
        dict.data().as_ptr_range().end as usize - self.bytes.as_ptr() as usize
    }

    /// Where the bytes of a stream begin, when there is one behind its dictionary.
    fn start(&self, at: usize) -> Option<usize> {
        let at = blank(self.bytes, at);
        let rest = self.bytes.get(at..)?.strip_prefix(b"stream")?;
        let line_end = match rest {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            [b'\r', ..] => 1,
            _ => return None,
        };
        Some(at + b"stream".len() + line_end)
    }

    /// The bytes of a stream: as many as it says when its end is there, else all up to the next end.
    fn range(&self, start: usize, length: Option<f64>) -> Result<Range<usize>, Fault> {
        let next_end = |at| self.ends[self.ends.partition_point(|end| *end < at)..].first().copied();
        let said = length.filter(|length| *length >= 0.0).map(|length| start.saturating_add(length as usize));
        if let Some(said) = said
            && let Some(end) = next_end(said)
        {
            let white = self.bytes[said..end].iter().take_while(|byte| is_white(byte)).count();
            self.spend(white)?;
            if said + white == end {
                return Ok(start..said);
            }
        }
        let end = next_end(start).unwrap_or(self.bytes.len());
        let white = self.bytes[start..end].iter().rev().take_while(|byte| is_white(byte)).count();
        Ok(start..end - white)
    }

    /// The entries of a stream's dictionary that say how it is packed, with nothing in them that stands elsewhere.
    fn packing(&self, dict: &Dict<'a>, encrypted: bool) -> Option<Packing> {
        let mut entries = String::new();
        let mut is_crypt = false;
        for key in ["F", "Filter"] {
            let Some(object) = dict.get_raw::<Object>(key) else { continue };
            let names = match self.resolve(object)? {
                Object::Name(name) => vec![name],
                Object::Array(array) => {
                    let names = array.raw_iter().map(|object| match self.resolve(object)? {
                        Object::Name(name) => Some(name),
                        _ => None,
                    });
                    names.collect::<Option<Vec<Name>>>()?
                }
                _ => continue,
            };
            entries += &format!("/{key}[");
            for name in &names {
                entries.push('/');
                entries.extend(name.iter().map(|byte| format!("#{byte:02x}")));
                is_crypt |= **name == *b"Crypt";
            }
            entries.push(']');
        }
        // Which key is meant then stands in other entries; the one that reports have means none.
        let means_none = dict.data().windows(b"/Identity".len()).any(|bytes| bytes == b"/Identity");
        (!is_crypt || !encrypted || means_none).then(|| Packing::new(entries))
    }
}

/// Why a file is refused that could be anything.
fn strange() -> Fault {
    Fault::Suspicious("a part of it is packed in a way that no report is".to_owned())
}

/// A PDF file of these streams alone, under this encryption.
fn alone(streams: &HashMap<Id, Found>, encryption: &Encryption) -> Vec<u8> {
    let mut file = b"%PDF-2.0\n".to_vec();
    let mut table = String::from("xref\n");
    let mut add = |file: &mut Vec<u8>, (number, generation): Id, contents: &[&[u8]]| {
        // A line of the table has 20 bytes (ISO 32000-1, section 7.5.4).
        table += &format!("{number} 1\n{:010} {generation:05} n \n", file.len());
        file.extend(format!("{number} {generation} obj").bytes());
        contents.iter().for_each(|part| file.extend(*part));
        file.extend(b"\nendobj\n");
    };
    for (&id, found) in streams {
        let head = format!("<<{}/Length {}>>stream\n", found.packing.entries, found.raw.len());
        add(&mut file, id, &[head.as_bytes(), found.raw, b"\nendstream"]);
    }
    let mut free = (1..).filter(|number| !streams.contains_key(&(*number, 0)));
    let (root, pages) = (free.next().unwrap_or_default(), free.next().unwrap_or_default());
    add(&mut file, (root, 0), &[format!("<</Type/Catalog/Pages {pages} 0 R>>").as_bytes()]);
    add(&mut file, (pages, 0), &[b"<</Type/Pages/Kids[]/Count 0>>"]);
    let start = file.len();
    file.extend(table.bytes());
    let id: String = encryption.id.iter().map(|byte| format!("{byte:02x}")).collect();
    file.extend(format!("trailer\n<</Root {root} 0 R/ID[<{id}><{id}>]/Encrypt ").bytes());
    file.extend(&encryption.dictionary);
    file.extend(format!(">>\nstartxref\n{start}\n%%EOF\n").bytes());
    file
}

/// The object whose mark begins here, and where its contents begin.
fn mark(bytes: &[u8], at: usize) -> Option<(Id, usize)> {
    let (number, at) = integer(bytes, at)?;
    let (generation, at) = integer(bytes, blank(bytes, at))?;
    let at = blank(bytes, at);
    bytes.get(at..)?.starts_with(b"obj").then_some(())?;
    // Tables have five digits for the generation.
    let generation = i32::try_from(generation).ok().filter(|generation| *generation < 100_000)?;
    Some(((number, generation), blank(bytes, at + b"obj".len())))
}

fn integer(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    const LONGEST: usize = 10;
    let digits = bytes.get(at..)?.iter().take(LONGEST).take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(&bytes[at..at + digits]).ok()?.parse().ok()?;
    Some((number, at + digits))
}

/// Where white space and comments end that begin here. Of long comments not all is read, or numbers in one would each read
/// all that comes after them.
fn blank(bytes: &[u8], start: usize) -> usize {
    const LONGEST: usize = 1024;
    let (mut in_comment, mut commented) = (false, 0);
    let is_blank = |byte: &&u8| {
        in_comment = match byte {
            b'\n' | b'\r' => false,
            b'%' => true,
            _ => in_comment,
        };
        commented += usize::from(in_comment);
        in_comment && commented < LONGEST || is_white(byte)
    };
    start + bytes.get(start..).unwrap_or_default().iter().take_while(is_blank).count()
}

fn is_white(byte: &u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

/// What comes after this name, when it begins here, also where some of its characters are written as numbers ("/#45ncrypt").
fn name<'a>(bytes: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut rest = bytes.strip_prefix(b"/")?;
    for expected in name {
        let found = match rest {
            [b'#', high, low, after @ ..] => {
                rest = after;
                let [high, low] = [*high, *low].map(|digit| char::from(digit).to_digit(16));
                u8::try_from(16 * high? + low?).ok()?
            }
            [byte, after @ ..] => {
                rest = after;
                *byte
            }
            [] => return None,
        };
        (found == *expected).then_some(())?;
    }
    (!rest.first().is_some_and(u8::is_ascii_alphanumeric)).then_some(rest)
}

/// The bytes from here on, so many at the most.
fn part(bytes: &[u8], at: usize, most: usize) -> &[u8] {
    let rest = bytes.get(at..).unwrap_or_default();
    &rest[..rest.len().min(most)]
}

/// Where a word stands.
fn words<'a>(bytes: &'a [u8], word: &'static [u8]) -> impl Iterator<Item = usize> + 'a {
    bytes.windows(word.len()).enumerate().filter(move |(_, window)| *window == word).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(bytes: &[u8], encrypted: bool) -> Option<Vec<usize>> {
        let versions = Objects::new(bytes).streams(encrypted).ok()?;
        Some(versions.iter().flat_map(|version| version.values().map(|found| found.raw.len())).collect())
    }

    #[test]
    fn streams_are_found_without_tables() {
        let stream =
            |dict: &str| format!("1 0 obj <<{dict}>>\nstream\nendstream endstrea endstream\nendobj 2 0 obj 19 endobj");
        for (dict, length) in [
            ("/Length 18", 18),
            // Wrong: up to the first end, as the parser does.
            ("/Length 17", 0),
            ("/Length 99", 0),
            ("", 0),
        ] {
            assert_eq!(lengths(stream(dict).as_bytes(), true), Some(vec![length]), "{dict}");
        }
        let elsewhere = stream("/Length 2 0 R").replace("obj 19", "% comment\nobj% 2\n18");
        assert_eq!(lengths(elsewhere.as_bytes(), true), Some(vec![18]));
        // Nowhere, or twice: whatever it is, it is no more than the rest of the file.
        for elsewhere in ["/Length 3 0 R", "/Length 2 0 R"].map(|dict| stream(dict) + " 2 0 obj 5 endobj") {
            assert_eq!(lengths(elsewhere.as_bytes(), true), None);
            assert_eq!(lengths(elsewhere.as_bytes(), false), Some(vec![]), "seen through");
            let older = elsewhere.replace("/Length", "/Filter/A85/Length");
            assert!(lengths(older.as_bytes(), false).is_some_and(|lengths| lengths[0] > 40));
        }
        let versions = "1 0 obj<<>>stream\nabc\nendstream endobj ".repeat(3);
        assert_eq!(lengths(versions.as_bytes(), true), Some(vec![3; 3]));
        assert_eq!(lengths(versions.repeat(MOST_VERSIONS).as_bytes(), true), None);
    }

    #[test]
    fn what_goes_on_for_ever_is_given_up() {
        let marks =
            ["1 0 obj<</A(", "<</Encrypt<<", "1 0 obj<</Filter/A85/Length 2 0 R>>stream\n", "1 %1 %", "/Encrypt 1 "];
        for text in marks {
            let file = text.repeat((1 << 19) / text.len());
            let objects = Objects::new(file.as_bytes());
            assert_eq!(objects.encryptions().is_err(), text.contains("/Encrypt"), "{text}");
            assert_eq!(objects.streams(true).is_err(), text.contains("obj"), "{text}");
        }
    }

    #[test]
    fn encryptions_are_found_without_tables() {
        let found = |text: &str| {
            let found = Objects::new(text.as_bytes()).encryptions().ok()?;
            Some(found.into_iter().map(|one| (String::from_utf8(one.dictionary).unwrap(), one.id)).collect::<Vec<_>>())
        };
        let one = Some(vec![("<</V 1>>".to_owned(), b"ab".to_vec())]);
        assert_eq!(found("trailer<</A<</B[1]>>/Encrypt<</V 1>>/ID[(ab)(c)]>>"), one);
        assert_eq!(found("<</#45ncrypt 5 0 R/ID 6 0 R>> 5 0 obj<</V 1>>endobj 6 0 obj[<6162>]"), one);
        assert_eq!(found("<</Encrypt 5 0 R>>"), None, "stands nowhere");
        assert_eq!(found("<</EncryptMetadata false>> (/Encrypt) <</A 1>> /Encrypt"), Some(vec![]));
        assert_eq!(found("<</A 1>> /Encrypt 5 0 R 5 0 obj<</V 1>>"), None, "in no dictionary");
        assert_eq!(found(&"<</Encrypt<</V 1>>>>".repeat(9)).map(|found| found.len()), Some(1));
        let several: String = (0..9).map(|version| format!("<</Encrypt<</V {version}>>>>")).collect();
        assert_eq!(found(&several), None);
    }
}
