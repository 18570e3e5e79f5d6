//! What a reader sees of an OpenDocument text.

use super::super::Opens;
use super::*;

#[test]
fn structure_becomes_kinds_and_notes_follow_the_body() {
    use BlockKind::*;
    let xml = "<o><style:style style:name=\"P1\" style:parent-style-name=\"Quotations\"/>\
        <office:text><text:tracked-changes><text:p>weg</text:p></text:tracked-changes>\
        <text:h text:outline-level=\"1\">Lage</text:h><text:h text:outline-level=\"2\">Osten</text:h>\
        <text:p>Der<text:s/><text:span>Rat</text:span><text:note><text:note-citation>1</text:note-citation>\
        <text:note-body><text:p>Note.</text:p></text:note-body></text:note> tagt.</text:p>\
        <text:list><text:list-item><text:p>eins<text:tab/>a</text:p><text:p>mehr</text:p><text:list><text:list-item><text:p>zwei</text:p>\
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
        (ListItem, 1, "eins a"),
        (Paragraph, 0, "mehr"),
        (ListItem, 2, "zwei"),
        (Quote, 0, "Zitat"),
        (TableCell, 3, "Zelle"),
    ];
    assert_eq!(found, expected.map(|(kind, level, text)| (kind, level, text.to_owned())));
    assert_eq!(notes, "Note.");
}

#[test]
fn bold_lines_above_text_are_headings() {
    let xml = "<o><style:style style:name=\"T1\"><style:text-properties fo:font-weight=\"bold\"/></style:style>\
        <style:style style:name=\"T2\"><style:text-properties fo:font-weight=\"normal\"/></style:style><office:text>\
        <text:p>Kopf.</text:p><text:h text:outline-level=\"255\">Tief</text:h>\
        <text:p><text:span text:style-name=\"T1\">Lage</text:span></text:p>\
        <text:p text:style-name=\"T1\">Der <text:span text:style-name=\"T2\">Rat</text:span> tagt</text:p>\
        <text:p text:style-name=\"T1\">Osten</text:p><text:p>Ende</text:p></office:text></o>";
    let mut reader = Reader::default();
    xml::walk(xml, &mut |node| reader.take(node)).expect("sound XML");
    reader.body.name_bold_headings(BlockKind::Title);
    let found: Vec<_> = reader.body.into_parts().1.iter().map(|block| (block.kind, block.level)).collect();
    use BlockKind::*;
    let expected = [(Paragraph, 0), (Heading, 255), (Heading, 6), (Paragraph, 0), (Heading, 6), (Paragraph, 0)];
    assert_eq!(found, expected);
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

#[test]
fn numbers_of_lists_and_headings_are_counted() {
    let level = |element: &str, level: usize, more: &str| format!("<text:{element} text:level=\"{level}\" {more}/>");
    let list = |style: &str, more: &str, items: &[&str]| {
        let items: String = items.iter().map(|item| format!("<text:list-item>{item}</text:list-item>")).collect();
        format!("<text:list text:style-name=\"{style}\" {more}>{items}</text:list>")
    };
    let inner = "<text:list><text:list-item><text:p>b</text:p><text:p>mehr</text:p></text:list-item></text:list>";
    let xml = [
        "<o><text:list-style style:name=\"L1\">".to_owned(),
        level("list-level-style-number", 1, "style:num-format=\"1\" style:num-suffix=\".\""),
        level("list-level-style-number", 2, "style:num-format=\"a\" style:num-suffix=\")\" text:display-levels=\"2\""),
        "</text:list-style><text:list-style style:name=\"L2\">".to_owned(),
        level("list-level-style-bullet", 1, ""),
        "</text:list-style><text:outline-style>".to_owned(),
        level("outline-level-style", 1, "style:num-format=\"I\""),
        level("outline-level-style", 2, "style:num-format=\"\""),
        "</text:outline-style>".to_owned(),
        "<text:h text:outline-level=\"1\">Lage</text:h><text:h text:outline-level=\"2\">Osten</text:h>".to_owned(),
        list(
            "L1",
            "xml:id=\"a\"",
            &["<text:p>eins</text:p>", "<text:p></text:p>", &format!("<text:p>drei</text:p>{inner}")],
        ),
        list("L2", "", &["<text:p>Punkt</text:p>"]),
        list("L1", "", &["<text:p>neu</text:p>"]),
        list("L1", "text:continue-numbering=\"true\"", &["<text:p>weiter</text:p>", inner]),
        list("L1", "text:continue-list=\"a\"", &["<text:p>vier</text:p>"]),
        "<text:h text:outline-level=\"1\" text:is-list-header=\"true\">Anhang</text:h>".to_owned(),
        "<text:h text:outline-level=\"1\">Ende</text:h></o>".to_owned(),
    ];
    let mut reader = Reader::default();
    xml::walk(&xml.concat(), &mut |node| reader.take(node)).expect("sound XML");
    let found: Vec<_> = reader.body.into_parts().1.iter().map(|block| block.text().to_owned()).collect();
    let expected = [
        "I Lage",
        "Osten",
        "1. eins",
        "3. drei",
        "3.a) b",
        "mehr",
        "Punkt",
        "1. neu",
        "2. weiter",
        "2.a) b",
        "mehr",
        "4. vier",
        "Anhang",
        "II Ende",
    ];
    assert_eq!(found, expected);
}

#[test]
fn hidden_paragraphs_stay_out_and_figures_stay_raised() {
    let xml = "<o><style:style style:name=\"P1\"><style:text-properties text:display=\"none\"/></style:style>\
        <style:style style:name=\"P2\" style:parent-style-name=\"P1\"/><style:style style:name=\"T1\">\
        <style:text-properties style:text-position=\"super 58%\"/></style:style><text:p text:style-name=\"P1\">weg</text:p>\
        <text:p text:style-name=\"P2\">weg</text:p><text:p>weg<text:hidden-paragraph text:is-hidden=\"true\"/></text:p>\
        <text:p>Von 10<text:span text:style-name=\"T1\">6</text:span> an.</text:p></o>";
    let mut reader = Reader::default();
    xml::walk(xml, &mut |node| reader.take(node)).expect("sound XML");
    let found: Vec<_> = reader.body.into_parts().1.iter().map(|block| block.text().to_owned()).collect();
    assert_eq!(found, ["Von 10⁶ an."]);
}

#[test]
fn rows_and_tables_are_told_where_cells_are_empty() {
    let cell = |text: &str| format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>");
    let row = |cells: [&str; 2]| format!("<table:table-row>{}</table:table-row>", cells.map(cell).concat());
    let tables = [[["Berlin", ""], ["", "teuer"]], [["Kiel", "billig"], ["", ""]]];
    let tables = tables.map(|rows| format!("<table:table>{}</table:table>", rows.map(row).concat())).concat();
    let mut reader = Reader::default();
    xml::walk(&format!("<o><office:text>{tables}</office:text></o>"), &mut |node| reader.take(node))
        .expect("sound XML");
    let blocks = reader.body.into_parts().1;
    let found: Vec<_> = blocks.iter().map(|block| (block.opens, block.level, block.text())).collect();
    let (row, table) = (Some(Opens::Row), Some(Opens::Table));
    assert_eq!(found, [(table, 1, "Berlin"), (row, 2, "teuer"), (table, 1, "Kiel"), (None, 2, "billig")]);
}
