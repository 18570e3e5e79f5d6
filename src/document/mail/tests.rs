//! What a reader sees of a message.

use super::*;

fn message(bytes: &[u8]) -> (Vec<(BlockKind, String)>, &'static str, Vec<String>) {
    let content = read(bytes, None).expect("a message");
    for block in &content.blocks {
        assert!(content.text.get(block.range.clone()).is_some(), "{block:?}");
    }
    let blocks = content.blocks.iter().map(|block| (block.kind, block.text().to_owned())).collect();
    (blocks, content.encoding, content.notices)
}

#[test]
fn subject_body_quotes_and_signature() {
    use BlockKind::*;
    let mail = "From: a@example.org\r\nSubject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\nMIME-Version: 1.0\r\n\
        Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        Die Sitzung f=E4llt heute aus, wir =\r\nholen sie nach.\r\n\r\n> Findet sie statt?\r\n\r\n-- \r\nEva Roth\r\nLeitung\r\n";
    let (blocks, encoding, notices) = message(mail.as_bytes());
    let expected = [
        (Title, "Grüße"),
        (Paragraph, "Die Sitzung fällt heute aus, wir holen sie nach."),
        (Quote, "Findet sie statt?"),
        (Paragraph, "Eva Roth"),
        (Paragraph, "Leitung"),
    ];
    assert_eq!(blocks, expected.map(|(kind, text)| (kind, text.to_owned())));
    assert_eq!(encoding, "windows-1252");
    assert!(notices.is_empty());
}

#[test]
fn the_html_part_is_read_where_there_is_no_plain_one_and_attachments_are_named() {
    let mail = "From: a@example.org\nSubject: Lage\nMIME-Version: 1.0\n\
        Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/html; charset=utf-8\n\
        Content-Transfer-Encoding: base64\n\nPHA+RGllIDxiPkxhZ2U8L2I+IGlzdCBlcm5zdC48L3A+\n\
        --x\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=\"b\u{1b}ericht.pdf\"\n\nxyz\n--x--\n";
    let (blocks, _, notices) = message(mail.as_bytes());
    assert_eq!(blocks[1], (BlockKind::Paragraph, "Die Lage ist ernst.".to_owned()));
    assert_eq!(notices, ["attachments are not translated: bericht.pdf"]);
}

#[test]
fn the_plain_part_is_preferred() {
    let mail = "From: a@example.org\nSubject: Lage\nMIME-Version: 1.0\n\
        Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\nEinfach.\n\
        --x\nContent-Type: text/html\n\n<p>Verziert.</p>\n--x--\n";
    let texts: Vec<String> = message(mail.as_bytes()).0.into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["Lage", "Einfach."]);
}

#[test]
fn a_message_without_text_is_refused() {
    assert!(read(b"", None).is_err());
    assert!(read(b"From: a@example.org\n\n", None).is_err());
}

#[test]
fn lines_that_flow_are_joined() {
    let mail = "From: a@example.org\nSubject: Lage\nContent-Type: text/plain; charset=utf-8; format=flowed\n\n\
        Die Sitzung des \nAusschusses beginnt um 9 \nUhr. Danach\nKaffee\n> Wer \n> kommt?\n  eingerückt\n-- \nEva\n";
    let (blocks, ..) = message(mail.as_bytes());
    let texts: Vec<&str> = blocks.iter().skip(1).map(|(_, text)| text.as_str()).collect();
    assert_eq!(
        texts,
        ["Die Sitzung des Ausschusses beginnt um 9 Uhr. Danach", "Kaffee", "Wer kommt?", "eingerückt", "Eva"]
    );
    let mail = "From: a@example.org\nSubject: Lage\nContent-Type: text/plain; format=flowed; delsp=yes\n\n\
        Donau \ndampf \nschiff.\n";
    assert_eq!(message(mail.as_bytes()).0[1].1, "Donaudampfschiff.");
}

#[test]
fn bytes_above_ascii_without_a_charset_are_text() {
    let head = b"From: a@example.org\nSubject: Lage\nContent-Type: text/plain; charset=us-ascii\n\n".to_vec();
    let latin = [&head[..], b"Viele Gr\xfc\xdfe aus K\xf6ln."].concat();
    let utf8 = [&head[..], "Viele Grüße aus Köln.".as_bytes()].concat();
    let undeclared = [b"From: a@example.org\nSubject: Lage\n\n", &latin[head.len()..]].concat();
    let html = [b"From: a@example.org\nSubject: Lage\nContent-Type: text/html\n\n<p>", &latin[head.len()..]].concat();
    for mail in [latin, utf8, undeclared, html] {
        assert_eq!(message(&mail).0[1].1, "Viele Grüße aus Köln.");
    }
}

#[test]
fn a_plain_part_that_only_says_there_is_another_is_not_the_text() {
    let mail = "From: a@example.org\nSubject: Lage\nMIME-Version: 1.0\n\
        Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\nBitte HTML lesen.\n\
        --x\nContent-Type: text/html\n\n<p>Der Rat hat am Montag drei Gesetze beschlossen. Sie gelten bald.</p>\n--x--\n";
    let texts: Vec<String> = message(mail.as_bytes()).0.into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["Lage", "Der Rat hat am Montag drei Gesetze beschlossen. Sie gelten bald."]);
}

#[test]
fn a_message_out_of_a_mailbox_is_one() {
    let mail = b"\xef\xbb\xbf\nFrom x Fri Jul  5 10:00:00 2024\nFrom: a@example.org\nMIME-Version: 1.0\n\
        Subject: Gr\xf6\xdfe der Geb\xfchren\n\nText.\n";
    let document = super::super::Document::from_bytes(mail, None, &Default::default()).expect("a message");
    let texts: Vec<&str> = document.blocks.iter().map(Block::text).collect();
    assert_eq!(texts, ["Größe der Gebühren", "Text."]);
}
