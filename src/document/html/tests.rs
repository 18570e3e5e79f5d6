//! What a reader sees of a page.

use super::*;

fn read(html: &str) -> Vec<(BlockKind, u8, String)> {
    extract(html).1.iter().map(|block| (block.kind, block.level, block.text().to_owned())).collect()
}

fn texts(html: &str) -> Vec<String> {
    read(html).into_iter().map(|(_, _, text)| text).collect()
}

#[test]
fn bold_lines_above_text_are_headings() {
    use BlockKind::*;
    let html = "<title>Seite</title><p><strong>Bericht</strong></p><p>Der Rat <b>tagte</b>.</p><p><b>Lage</b></p>\
        <ul><li><b>Köln</b></li></ul><p><b>Wetter:</b></p><b style=\"font-weight: normal\"><p>Wind</p></b><p>Ende.</p>";
    let expected = [
        (Title, 1, "Seite"),
        (Heading, 2, "Bericht"),
        (Paragraph, 0, "Der Rat tagte."),
        (Heading, 2, "Lage"),
        (ListItem, 1, "Köln"),
        (Paragraph, 0, "Wetter:"),
        (Paragraph, 0, "Wind"),
        (Paragraph, 0, "Ende."),
    ];
    assert_eq!(read(html), expected.map(|(kind, level, text)| (kind, level, text.to_owned())));
}

#[test]
fn structure_becomes_kinds_and_levels() {
    use BlockKind::*;
    let html = "<title>Seite</title><h1>Gipfel</h1><p>Ein\n Absatz.<p>Noch einer.<h2>Lage</h2>\
        <ul><li>eins<ul><li>zwei</ul><li>drei</ul><ol start=3><li>vier<li><p>fünf</p><p>sechs</p></ol>\
        <blockquote>Zitat</blockquote><pre>\nlet a;\n  b</pre>\
        <table><tr><th>Land<th>Jahr<tr><td colspan=2>Iran<td>2023</table>Ende";
    let expected = [
        (Title, 1, "Gipfel"),
        (Paragraph, 0, "Ein Absatz."),
        (Paragraph, 0, "Noch einer."),
        (Heading, 2, "Lage"),
        (ListItem, 1, "eins"),
        (ListItem, 2, "zwei"),
        (ListItem, 1, "drei"),
        (ListItem, 1, "3. vier"),
        (ListItem, 1, "4. fünf"),
        (Paragraph, 0, "sechs"),
        (Quote, 0, "Zitat"),
        (Code, 0, "let a;\n  b"),
        (TableCell, 1, "Land"),
        (TableCell, 2, "Jahr"),
        (TableCell, 1, "Iran"),
        (TableCell, 3, "2023"),
        (Paragraph, 0, "Ende"),
    ];
    assert_eq!(read(html), expected.map(|(kind, level, text)| (kind, level, text.to_owned())));
}

#[test]
fn inline_elements_do_not_interrupt_a_sentence() {
    let html = "<p>Der <b>Rat</b> tagt in <a href=x>Astana</a> mit <code>sco.pdf</code>,\n so <q>gut</q> es&nbsp;geht&shy;e.</p>";
    assert_eq!(texts(html), ["Der Rat tagt in Astana mit sco.pdf, so „gut“ es\u{a0}gehte."]);
}

#[test]
fn what_is_not_shown_is_not_read() {
    let html = "<head><style>p{}</style><script>a<b</script></head><nav>Menü<nav>mehr</nav>fort</nav><!-- x -->\
        <div hidden>weg<div>auch</div>weg</div><p style='display: none'>weg<p>da</p>\
        <svg><title>weg</title></svg><template><p>weg</template><noscript>weg</noscript><select><option>weg</select>\
        <ol><li></ol><div role=navigation>weg</div><textarea>weg</textarea>Ende";
    assert_eq!(texts(html), ["da", "Ende"]);
}

#[test]
fn marks_of_notes_do_not_stick_to_words() {
    let html = "Er tagt in Astana.<a href=#n role=\"doc-noteref\"><sup>1</sup></a> Sie\
        <sup id=c class=reference><a href=#c>[2]</a></sup> nicht auf 5 m<sup>2</sup>.";
    assert_eq!(texts(html), ["Er tagt in Astana. Sie nicht auf 5 m²."]);
}

#[test]
fn the_title_of_the_page_stands_in_for_a_missing_heading() {
    let (text, blocks) = extract("<title>Bericht &amp; Lage</title><p>Text.");
    assert_eq!(text, "Bericht & Lage\nText.");
    assert_eq!(blocks.iter().map(|block| block.kind).collect::<Vec<_>>(), [BlockKind::Title, BlockKind::Paragraph]);
    assert!(blocks.iter().all(|block| text[block.range.clone()] == *block.text()));
}

#[test]
fn a_block_in_another_language_is_kept_and_ends_where_the_next_begins() {
    use BlockKind::*;
    let kinds = |html: &str| read(html).into_iter().map(|(kind, ..)| kind).collect::<Vec<_>>();
    assert_eq!(kinds("<html lang=en><p lang=en>Hello<p>Hallo"), [Code, Paragraph]);
    assert_eq!(kinds("<p>Er sagte <i lang=en>hello</i> laut.</p>"), [Paragraph]);
    assert_eq!(kinds("<div lang=en-GB><div>One</div>Two</div>Drei"), [Code, Code, Paragraph]);
    assert_eq!(kinds("<ul><li lang=fr>un<li>zwei</ul>"), [Code, ListItem]);
    assert_eq!(kinds("<ul><li lang=fr>un</ul>drei"), [Code, Paragraph]);
    assert_eq!(kinds("<div lang=en>One<p lang=de>Zwei</p>Three</div>"), [Code, Paragraph, Code]);
    assert_eq!(kinds("<p translate=no>ABC-1</p>"), [Code]);
}

#[test]
fn the_encoding_is_declared_detected_or_given() {
    fn encoding(bytes: &[u8], label: Option<&str>) -> (String, &'static str) {
        let content = super::read(bytes, None, label).expect("text");
        (content.text, content.encoding)
    }
    assert_eq!(encoding(b"<meta charset=\"iso-8859-15\">\xA4", None), ("€".into(), "ISO-8859-15"));
    assert_eq!(encoding(b"<meta content='text/html; charset=koi8-r'>\xC1", None), ("а".into(), "KOI8-R"));
    assert_eq!(encoding(b"<meta charset=utf-8>gr\xFC\xDFe", None), ("grüße".into(), "windows-1252"));
    assert_eq!(encoding("\u{feff}<meta charset=latin1>grüße".as_bytes(), None), ("grüße".into(), "UTF-8"));
    assert_eq!(encoding(b"<meta charset=utf-8>\xA4", Some("iso-8859-15")), ("€".into(), "ISO-8859-15"));
}

#[test]
fn an_address_keeps_its_lines_and_a_broken_sentence_is_joined() {
    assert_eq!(texts("<p>Auswärtiges Amt<br>Werderscher Markt 1<br>10117 Berlin</p>").len(), 3);
    assert_eq!(texts("<p>Die Lage in den<br>Ländern ist ernst.</p>"), ["Die Lage in den Ländern ist ernst."]);
    assert_eq!(texts("Ein Absatz.<br><br>Noch einer."), ["Ein Absatz.", "Noch einer."]);
}

#[test]
fn nesting_without_end_is_read_in_one_pass() {
    for tag in ["div", "ul", "table><tr><td", "blockquote", "span lang=en", "p hidden", "b", "q", "pre"] {
        let html = format!("<{tag}>").repeat(50_000) + "Ende";
        assert!(extract(&html).0.len() <= html.len(), "{tag}");
        let name = tag.split([' ', '>']).next().unwrap();
        let closed = format!("{html}{}", format!("</{name}>").repeat(50_000));
        assert!(extract(&closed).0.len() <= closed.len(), "{tag}");
    }
}

#[test]
fn preformatted_text_is_code_unless_it_is_prose() {
    let mail = "<pre>Liebe Frau Keller,\n\nder Bericht über die Sitzung in der vergangenen Woche ist nun\nfertig. Er \
        liegt bei dem Protokoll auf dem Tisch im Flur.\n\nMit freundlichen Grüßen\nH. Lang</pre>";
    let expected = [
        "Liebe Frau Keller,",
        "der Bericht über die Sitzung in der vergangenen Woche ist nun fertig. Er liegt bei dem Protokoll auf dem Tisch im Flur.",
        "Mit freundlichen Grüßen",
        "H. Lang",
    ];
    assert_eq!(texts(mail), expected);
    assert!(read(mail).iter().all(|(kind, ..)| *kind != BlockKind::Code));
    for code in [
        "<pre>for (i = 0; i < n; i++) { summe += werte[i]; }</pre>",
        "<pre><code>die Liste der Werte in dem Feld ist nach der Größe der Werte sortiert</code></pre>",
        "<pre>Januar   12   14\nFebruar  18   11\nMärz     20   16</pre>",
        "<pre>$ ls -l der die das\n-rw-r--r-- 1 der die das mit dem den von</pre>",
    ] {
        assert_eq!(read(code).iter().map(|block| block.0).collect::<Vec<_>>(), [BlockKind::Code], "{code}");
    }
}

#[test]
fn raised_links_within_the_page_are_marks_of_notes() {
    let html = "<p>Er tagte.<sup><a href=\"#fn1\">1</a></sup> Dann ging er, wie <a href=\"#x\">dort</a> steht.\
        <p>Am Ende.<sup>2</sup> Dann nichts.<ol><li>Note. <a class='footnote-back' href='#r'>↩</a></ol>";
    assert_eq!(texts(html), ["Er tagte. Dann ging er, wie dort steht.", "Am Ende.² Dann nichts.", "1. Note."]);
}

#[test]
fn list_items_of_word_lose_their_marks() {
    let html = "<p class=MsoListParagraph style='mso-list:l0'><![if !supportLists]><span style='mso-list:Ignore'>·<span>\
        &nbsp; </span></span><![endif]>Punkt zwei.</p><p>Danach.</p>";
    let found = read(html);
    assert_eq!(
        found,
        [(BlockKind::ListItem, 1, "Punkt zwei.".to_owned()), (BlockKind::Paragraph, 0, "Danach.".to_owned())]
    );
}

#[test]
fn what_only_a_screen_reader_says_is_left_out() {
    assert_eq!(texts("<p><span class='x sr-only'>weg</span>da <ruby>漢<rt>kan</rt></ruby>"), ["da 漢"]);
}

#[test]
fn ordered_lists_are_numbered_as_they_say() {
    let html = "<ol type=a start=26><li>z<li>aa</ol><ol type=I><li>eins<li value=4>vier<li>fünf</ol>\
        <ol start=3 reversed><li>drei<li>zwei</ol><ol reversed><li>ohne</ol><ol style='list-style: none'><li>auch</ol>\
        <ol style='color:red; list-style-type: lower-roman'><li>i</ol>";
    let expected = ["z. z", "aa. aa", "I. eins", "IV. vier", "V. fünf", "3. drei", "2. zwei", "ohne", "auch", "i. i"];
    assert_eq!(texts(html), expected);
}

#[test]
fn figures_stay_raised_and_marks_of_notes_are_known_by_their_links() {
    let html = "<p>Bei 10<sup>6</sup> m und 5 m<sup>-1</sup>, am 1<sup>er</sup>. Zahl<sup>1</sup> hier.\
        <p>Bericht<a href='#fn1'><sup>1</sup></a> zeigt<sup><a href='https://example.org/a#fn3'>3</a></sup> und \
        <a href='#a'>Anker</a> folgt<a class=footnote href='#f4'>4</a> in Word<a href='#_ftn1' name=x><span>[1]</span></a>.";
    let expected = ["Bei 10⁶ m und 5 m⁻¹, am 1er. Zahl¹ hier.", "Bericht zeigt und Anker folgt in Word."];
    assert_eq!(texts(html), expected);
}

#[test]
fn numbers_that_word_writes_in_front_of_items_are_kept() {
    let mark = |mark: &str| {
        format!("<p style='mso-list:l0'><span style='mso-list:Ignore'>{mark}<span>&nbsp; </span></span>Punkt</p>")
    };
    let html = [mark("1."), mark("a)"), mark("·"), mark("o")].concat();
    let expected = ["1. Punkt", "a) Punkt", "Punkt", "Punkt"].map(|text| (BlockKind::ListItem, 1, text.to_owned()));
    assert_eq!(read(&html), expected);
}

#[test]
fn lines_of_cells_and_items_are_blocks() {
    let html = "<table><tr><td><b>Neues aus dem Rathaus</b><br><br>Der Rat hat beschlossen.<br>Ihr Team</td><td>Zahl der<br>Gäste</table>\
        <ol><li>Ziel der Reform<br>Die Kosten sollen sinken.</ol><p>• Punkt</p>";
    use BlockKind::*;
    let expected = [
        (TableCell, 1, "Neues aus dem Rathaus"),
        (TableCell, 1, "Der Rat hat beschlossen."),
        (TableCell, 1, "Ihr Team"),
        (TableCell, 2, "Zahl der Gäste"),
        (ListItem, 1, "1. Ziel der Reform"),
        (Paragraph, 0, "Die Kosten sollen sinken."),
        (ListItem, 1, "Punkt"),
    ];
    assert_eq!(read(html), expected.map(|(kind, level, text)| (kind, level, text.to_owned())));
    let blocks = extract(html).1;
    assert_eq!(
        blocks.iter().map(|block| block.continues).collect::<Vec<_>>(),
        [false, true, true, false, false, false, false]
    );
}

#[test]
fn cells_that_reach_down_keep_the_columns_below_them() {
    let html = "<table><tr><td rowspan=2>Bund<td>Plan<td>5<tr><td>Ist<td>6<tr><td>Land<td rowspan=0>Plan</table>";
    let columns: Vec<(u8, String)> = read(html).into_iter().map(|(_, level, text)| (level, text)).collect();
    let expected = [(1, "Bund"), (2, "Plan"), (3, "5"), (2, "Ist"), (3, "6"), (1, "Land"), (2, "Plan")];
    assert_eq!(columns, expected.map(|(level, text)| (level, text.to_owned())));
}

#[test]
fn what_is_no_part_of_the_text_stays_out() {
    let html = "<body class=hidden><dialog>weg</dialog><dialog open>da</dialog><div class='d-none'>weg</div><div class='d-none d-md-block'>auch da</div>\
        <div class='hidden lg:flex'>dort</div><ol class=breadcrumb><li>weg</ol><ul id=breadcrumbs><li>weg</ul>\
        <div role=dialog>weg</div><p><del>Alt.</del> Neu.</p><h1><span class=top>Haushalt</span><span>Einigung</span></h1>";
    assert_eq!(texts(html), ["da", "auch da", "dort", "Neu.", "Haushalt Einigung"]);
}
