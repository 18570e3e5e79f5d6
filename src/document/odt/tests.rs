//! What a reader sees of an OpenDocument text.

use super::*;

#[test]
fn structure_becomes_kinds_and_notes_follow_the_body() {
    use BlockKind::*;
    let xml = "<o><style:style style:name=\"P1\" style:parent-style-name=\"Quotations\"/>\
        <office:text><text:tracked-changes><text:p>weg</text:p></text:tracked-changes>\
        <text:h text:outline-level=\"1\">Lage</text:h><text:h text:outline-level=\"2\">Osten</text:h>\
        <text:p>Der<text:s/><text:span>Rat</text:span><text:note><text:note-citation>1</text:note-citation>\
        <text:note-body><text:p>Note.</text:p></text:note-body></text:note> tagt.</text:p>\
        <text:list><text:list-item><text:p>eins</text:p><text:p>mehr</text:p><text:list><text:list-item><text:p>zwei</text:p>\
        </text:list-item></text:list></text:list-item></text:list><text:p text:style-name=\"P1\">Zitat</text:p>\
        <table:table><table:table-row><table:table-cell table:number-columns-repeated=\"2\"/>\
        <table:table-cell><text:p>Zelle</text:p></table:table-cell></table:table-row></table:table></office:text></o>";
    let mut reader = Reader::default();
    xml::walk(xml, &mut |node| reader.take(node)).expect("sound XML");
    let notes = reader.notes.into_parts().0;
    let found: Vec<_> = reader.body.into_parts().1.iter().map(|b| (b.kind, b.level, b.text().to_owned())).collect();
    let expected = [
        (Title, 1, "Lage"),
        (Heading, 2, "Osten"),
        (Paragraph, 0, "Der Rat tagt."),
        (ListItem, 1, "eins"),
        (Paragraph, 0, "mehr"),
        (ListItem, 2, "zwei"),
        (Quote, 0, "Zitat"),
        (TableCell, 3, "Zelle"),
    ];
    assert_eq!(found, expected.map(|(kind, level, text)| (kind, level, text.to_owned())));
    assert_eq!(notes, "Note.");
}

#[test]
fn hidden_text_stays_out_and_styles_make_headings() {
    let xml = "<o><style:style style:name=\"P1\" style:parent-style-name=\"Heading_20_2\"/><style:style style:name=\"T1\">\
        <style:text-properties text:display=\"none\"/></style:style><office:text><text:p text:style-name=\"P1\">Osten</text:p>\
        <text:p>Der <text:span text:style-name=\"T1\">weg</text:span><text:span>Rat</text:span> tagt.\
        <text:hidden-text>weg</text:hidden-text></text:p><text:section text:display=\"none\"><text:p>weg</text:p></text:section>\
        <text:section text:display=\"true\"><text:p text:style-name=\"Heading_20_3\">Westen</text:p></text:section></office:text></o>";
    let mut reader = Reader::default();
    xml::walk(xml, &mut |node| reader.take(node)).expect("sound XML");
    let found: Vec<_> = reader.body.into_parts().1.iter().map(|b| (b.kind, b.level, b.text().to_owned())).collect();
    let expected = [
        (BlockKind::Heading, 2, "Osten"),
        (BlockKind::Paragraph, 0, "Der Rat tagt."),
        (BlockKind::Heading, 3, "Westen"),
    ];
    assert_eq!(found, expected.map(|(kind, level, text)| (kind, level, text.to_owned())));
}
