//! Whether a document is in German at all.
//!
//! In: blocks. Out: a notice for the user when they plainly are not. It never refuses: a program cannot know better than the
//! person who chose the file.

use super::{Block, BlockKind};

/// Fewer characters than this prove nothing.
const ENOUGH: usize = 200;

/// More than so many bytes need not be read to tell.
const SAMPLE: usize = 20_000;

/// A notice when the text of `blocks` is long enough to tell and in another language than German.
pub(super) fn notice(blocks: &[Block]) -> Option<String> {
    let mut sample = String::new();
    for block in blocks.iter().filter(|block| block.kind != BlockKind::Code) {
        sample.push_str(block.text());
        sample.push('\n');
        if sample.len() >= SAMPLE {
            break;
        }
    }
    let sample = sample.get(..sample.floor_char_boundary(SAMPLE)).unwrap_or_default();
    let found = whatlang::detect(sample).filter(|found| found.lang() != whatlang::Lang::Deu && found.is_reliable())?;
    let is_enough = sample.chars().filter(|character| character.is_alphabetic()).nth(ENOUGH).is_some();
    is_enough.then(|| format!("this text seems to be in {}, not in German", found.lang().eng_name()))
}

#[cfg(test)]
mod tests {
    use super::super::{Document, ReadOptions};

    const GERMAN: &str = "Die Minister haben sich am Mittwoch auf einen gemeinsamen Plan für die Häfen geeinigt. Er soll im \
        Herbst dem Parlament vorgelegt werden. Bis dahin wollen die Länder prüfen, welche Kosten auf sie zukommen, und ob \
        die Fristen zu halten sind. Die Verbände begrüßten den Beschluss.";
    const ENGLISH: &str = "On Wednesday the ministers agreed on a common plan for the ports. It is to be put before \
        parliament in the autumn. Until then the states want to find out what it will cost them and whether the deadlines \
        can be met. The associations welcomed the decision, which had been expected for weeks.";

    #[test]
    fn only_a_text_that_is_plainly_not_german_is_noticed() {
        let notices =
            |text: &str| Document::from_bytes(text.as_bytes(), None, &ReadOptions::default()).expect("text").notices;
        assert_eq!(notices(GERMAN), Vec::<String>::new());
        assert_eq!(notices(&GERMAN.to_uppercase()), Vec::<String>::new());
        assert!(notices(ENGLISH).iter().any(|notice| notice.contains("English")));
        assert_eq!(notices("The end is near."), Vec::<String>::new());
        assert_eq!(notices(&format!("{GERMAN} „{}“", &ENGLISH[..120])), Vec::<String>::new());
    }
}
