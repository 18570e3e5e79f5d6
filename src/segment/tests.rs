//! Sentences of our own, by what makes them hard to cut, and the invariants on random text.

use proptest::prelude::*;

use super::*;

/// Cuts the text of all `expected` sentences, joined by spaces, and compares.
fn check(expected: &[&str]) {
    let text = expected.join(" ");
    let found: Vec<&str> = sentences(&text).into_iter().map(|range| &text[range]).collect();
    assert_eq!(found, expected);
}

/// The text is one sentence.
fn whole(text: &str) {
    check(&[text]);
}

#[test]
fn marks_end_sentences() {
    check(&["Der Rat tagte.", "Wer kam?", "Alle!", "Und nun ...", "Die Lage bleibt ernst."]);
}

#[test]
fn abbreviations_that_need_a_word_never_end_one() {
    whole("Sie sprach mit Dr. Weber, d. h. Der Spiegel irrte, vgl. Die Zeit Nr. 7 bzw. Das Parlament.");
    whole("Mitglieder sind z. B. Indien, z.B. Iran und u. a. Pakistan.");
    whole("Die sog. „Troika“ tagt i. d. R. Montags.");
    whole("Er wohnt in St. Pölten, Ecke Lindenstr. Haus 4.");
}

#[test]
fn abbreviations_may_end_a_sentence_before_a_starter() {
    check(&["Das kostet 3,2 Mrd. Euro.", "Im Vorjahr waren es 3 Mrd.", "Die Opposition ist empört."]);
    check(&["Es fehlten Belarus, Iran u. a.", "Der Rat vertagte sich."]);
    check(&["Betroffen sind Bahnen, Straßen, Häfen usw.", "Pläne dafür gibt es."]);
    check(&["Später war er Dr. jur.", "Seine Frau kam aus Wien."]);
    whole("Näheres steht bei Lang et al. (2019, S. 12 f.) und bei Dr. med. Sabine Kurz.");
    check(&["Käufer ist die Muster GmbH & Co. KG.", "Verkäufer ist ein e. V.", "Beide schweigen."]);
}

#[test]
fn words_that_are_also_abbreviations() {
    check(&["Fragen dieser Art.", "Menschen stellen sie."]);
    whole("Nach Art. 7 und Kap. IV gilt das nicht.");
    check(&["Sie flog in die Schweiz.", "Dort blieb sie."]);
    check(&["Am Abend kam Max.", "Er blieb."]);
}

#[test]
fn ordinals_and_dates_do_not_end_a_sentence() {
    whole("Am 4. Juli begann in der 2. Etage der 24. Gipfel, der 3. Tag war frei.");
    whole("Vom 21. 9. 2022 bis zum 5. 10. galt der II. Senat.");
    whole("Seit dem 19. Jahrhundert gilt Ludwig XIV. Frankreichs als Vorbild.");
    whole("1. Planung und Bau");
    whole("II. Der Sachverhalt");
    check(&["Dafür spricht: 1. Das Geld reicht.", "2. Die Zeit auch."]);
}

#[test]
fn cardinals_end_a_sentence() {
    check(&["Das steht auf Seite 12.", "Belege fehlen."]);
    check(&["Die Zahl stieg auf 10.", "Belarus kam dazu."]);
    check(&["Es war das Jahr 1996.", "Fünf Staaten trafen sich."]);
    check(&["Es war der 24.", "Danach kam keiner."]);
    check(&["Näheres regelt § 5 Abs. 2 Nr. 1 BGB.", "Art. 5 GG bleibt."]);
}

#[test]
fn long_ordinals_do_not_end_a_sentence() {
    whole("Am 1234. Tag kam der 10.000. Besucher zur 1000. Vorstellung ihrer 1500. Saison.");
    whole("2500. Sitzung des Stadtrats");
    whole("Im 1000. Spiel seiner Laufbahn traf er, nachdem er im 1500. Jahr der Stadt geboren worden war.");
    check(&["Das galt seit 1996.", "Fünf Staaten traten bei."]);
    check(&["Gemeint ist die Resolution 1325.", "Frauen sollen mitreden."]);
    check(&["Das war der 10.000.", "Danach kam keiner."]);
    check(&["Der Preis stieg auf 12.500.", "Käufer fehlten."]);
}

#[test]
fn a_subtitle_goes_on_with_its_title() {
    whole("Was ist Demenz? – Eine Einführung");
    whole("Wohin mit dem Geld? - Ein Ratgeber in zehn Kapiteln (Teil 2)");
    whole("Halt! — Das Heft für Radfahrer");
    check(&["Wer kommt noch?", "– Das weiß keiner."]);
    check(&["Wer kommt noch?", "– Die Frage bleibt, sagt er, „offen.“"]);
}

#[test]
fn numbers_may_begin_a_sentence() {
    check(&["Viele kamen.", "12.000 Gäste waren es.", "2023 kamen weniger.", "§ 3 regelt das."]);
}

#[test]
fn initials_of_names() {
    whole("Thomas K. Müller und J. S. Bach trafen den Zeugen Peter W. Schmidt.");
    check(&["Verurteilt wurde Michael S.", "Er schwieg."]);
}

#[test]
fn reported_speech_stays_with_its_speaker() {
    whole("„Wir kommen!“, sagte er.");
    whole("„Kommen Sie?“ fragte er.");
    whole("»Wir kommen.« – »Gut«, sagte sie.");
    whole("Sie sagte: „Wir kommen nicht.“");
    check(&["„Wir kommen.", "Sie bleiben“, sagte er.", "Dann ging er."]);
}

#[test]
fn a_sentence_ends_after_its_closing_quote() {
    check(&["Er sagte: „Wir kommen.“", "Dann schwieg er."]);
    check(&["»Das Tempo sinkt.«", "Der Rat hofft."]);
    check(&["\"Das Tempo sinkt.\"", "\"Wir hoffen.\""]);
    check(&["Es war ein „Erfolg“.", "Kritik gab es kaum."]);
}

#[test]
fn titles_in_quotes_are_not_cut() {
    whole("Das Buch „Was nun? Ein Versuch“ erschien im Mai.");
    whole("Der Film „Halt! Wer da?“ läuft noch.");
}

#[test]
fn brackets() {
    whole("Der Gipfel (es war der 24. Das wusste keiner.) endete früh.");
    whole("Der Rat (oder wer?) entscheidet, und zwar bald (!) und allein.");
    check(&["Das gilt.", "(Der Text liegt vor.)", "Nun wird geprüft."]);
    check(&["Das gilt (vgl. S. 4 ff.).", "Anderes nicht."]);
    check(&["(Rn. 7)", "(nicht amtlich)"]);
    whole("a) (weggefallen)");
    check(&["Das Wort steht (offen da.", "Der nächste Satz folgt."]);
}

#[test]
fn footnote_marks_belong_to_the_sentence() {
    check(&["Das ist belegt.[1]", "Mehr nicht.²", "Ende."]);
}

#[test]
fn raised_notes_belong_to_the_sentence() {
    check(&["Das ist belegt.¹,²", "Danach nicht.³, ⁴", "Und dann.⁽⁵⁾", "So auch hier.¹⁾", "Dort ebenso.⁵⁻⁷", "Ende."]);
    check(&["Das sind die Behörden.¹", "²Nimmt einer Aufgaben wahr, gilt das auch."]);
    whole("Es waren 45¹,² Fälle.");
}

/// "SIEHE ABS.", "5 NR.", "3 DER SATZUNG.": no abbreviation was known in capitals.
#[test]
fn abbreviations_in_capitals_do_not_end_a_sentence() {
    check(&["SIEHE ABS. 5 NR. 3 DER SATZUNG.", "DIE KOSTEN BETRAGEN CA. 5 MIO. EURO."]);
    whole("DR. MÜLLER WIRD PRÄSIDENT DER UNIVERSITÄT ST. GALLEN");
    check(&["DARF NUR VON FACHKRÄFTEN, Z. B. ELEKTRIKERN, GEÖFFNET WERDEN.", "NR. 5 GILT NICHT."]);
    let sentences = ["DAS IST GUT.", "DANN KAM ER AM 5. MAI.", "ALLE LACHTEN.", "SIE WOHNT IN ROM.", "ER AUCH."];
    check(&sentences);
    check(&["Er arbeitet bei der AG.", "Der Rat auch."]);
    check(&["Es gilt ABS.", "Der Wagen bremst."]);
}

#[test]
fn closing_marks_behind_a_space_belong_to_the_speech() {
    check(&["Er sagte: « Das ist gut. »", "Dann ging er."]);
    check(&["Er sagte: « Das ist gut.", "Wir machen weiter. »", "Dann ging er.", "« Das ist gut. »", "Sie lachte."]);
    check(&["Er rief: » Halt! «", "Dann ging er."]);
    check(&["Er ging.", "« Das ist gut », sagte sie."]);
}

#[test]
fn ellipses() {
    whole("Er zögerte ... und ging.");
    whole("Die Firma ... GmbH aus [...] Berlin zahlt.");
    check(&["Ja ...", "Na gut."]);
    check(&["Und dann ...", "Am Morgen war es vorbei."]);
    check(&["Sie will…", "Schluss damit."]);
    check(&["Er wartete ...", "Langsam wurde es hell."]);
    whole("Er leitet die Firma ... GmbH in Bonn.");
}

/// What stood before the first sentence decided: with white space there, it was cut otherwise.
#[test]
fn an_ellipsis_that_opens_a_sentence_belongs_to_it() {
    whole("... Kosten von vier Millionen Euro");
    whole("… Der Rat schwieg dazu.");
    whole("„… Der Rat schwieg.“");
    assert_eq!(sentences(" ... Kosten").len(), 1);
}

#[test]
fn quotes_without_a_word_are_no_sentence() {
    whole("Er sagte: „Schluss.““““ ““");
    assert_eq!(sentences("Das Ende.\" \" ").len(), 1);
}

#[test]
fn addresses_and_files_are_one_token() {
    whole("Auf www.example.org und in bericht_2024.pdf steht es, Fragen an info@example.org oder um 14.30 Uhr.");
    check(&["Mehr auf example.org.", "Dort steht alles."]);
}

#[test]
fn missing_space_after_the_full_stop() {
    for (text, parts) in [
        ("Das ist das Ende.Dann kam nichts.", 2),
        ("Wer war das?Niemand weiß es.", 2),
        ("Er sagte es am Abend.„Mehr nicht.“Die Suche läuft.", 3),
        ("Die Datei heißt Bericht.Pdf und liegt bei Node.Js hier.", 1),
    ] {
        assert_eq!(sentences(text).len(), parts, "{text}");
    }
}

#[test]
fn lower_case_and_brands() {
    whole("Der Konzern Yahoo! meldet Gewinn.");
    check(&["Das war knapp.", "eBay gewann."]);
}

#[test]
fn blocks_become_segments_with_places() {
    let text = "Bericht\n\nDie Zusammen-\narbeit wächst. Der Rat\ntagt.\n\n• Frieden";
    let document = Document::from_text(text);
    let found: Vec<_> = segment(&document).into_iter().map(|s| (s.block, text[s.range].to_owned(), s.text)).collect();
    let expected = [
        (0, "Bericht", "Bericht"),
        (1, "Die Zusammen-\narbeit wächst.", "Die Zusammenarbeit wächst."),
        (1, "Der Rat\ntagt.", "Der Rat tagt."),
        (2, "• Frieden", "Frieden"),
    ];
    assert_eq!(found, expected.map(|(block, place, text)| (block, place.to_owned(), text.to_owned())));
}

/// Sentences overlapped there.
#[test]
fn sentences_in_a_code_span_over_lines_have_places_of_their_own() {
    for (text, expected) in [
        ("Er rief `Halt! Wer\nda?` Dann nichts.", &["Er rief `Halt!", "Wer\nda?", "Dann nichts."][..]),
        ("> Er rief `Halt! Wer\n> da?` Dann nichts.", &["Er rief `Halt!", "Wer\n> da?", "Dann nichts."]),
        ("| A |\n|---|\n| `Das ist a\\|b. Der Rest fehlt.` |", &["A", "Das ist a\\|b.", "Der Rest fehlt."]),
    ] {
        let document = Document::from_markdown(text);
        let places: Vec<&str> = segment(&document).into_iter().map(|segment| &text[segment.range]).collect();
        assert_eq!(places, expected);
    }
}

#[test]
fn sentences_that_meet_in_a_word_of_html_keep_their_places() {
    let text = "<div>Über Land!Zu <b title=\"Haus\">Hau</b>se.Das geht. &Auml;hm! &Ouml=h! 3 < x? Ge&shy;nug.</div>\n";
    let document = Document::from_markdown(text);
    let places: Vec<&str> = segment(&document).into_iter().map(|segment| &text[segment.range]).collect();
    let expected = [
        "Über Land!",
        "Zu <b title=\"Haus\">Hau</b>se.",
        "Das geht.",
        "&Auml;hm!",
        "&Ouml=h!",
        "3 < x?",
        "Ge&shy;nug.",
    ];
    assert_eq!(places, expected);
}

#[test]
fn code_yields_no_segments() {
    assert!(segment(&Document::from_markdown("```\nlet a = 1.0;\n```\n")).is_empty());
}

#[test]
fn empty_text_has_no_sentences() {
    assert!(sentences("").is_empty());
    assert!(sentences(" \n\t ").is_empty());
    assert!(segment(&Document::from_text("")).is_empty());
}

/// Not a timing: with work that grows with the square of the length these would not end within any patience.
#[test]
fn long_monotonous_texts_are_cut() {
    let size = 100_000;
    for unit in [
        ".",
        ". ",
        "a",
        "A. ",
        "(A. ",
        "(",
        "\"A. ",
        "„A. ",
        "z. B. ",
        "1. ",
        "Wort\n",
        "...",
        "! ",
        ") . ",
        "a.b",
        "   ",
        "! 😊 ",
        "😊",
        "der ab. ",
        "war 5. Haus war ",
        "u. a. Rat war ",
        "b) Da. b) ",
        ".[1]:1",
    ] {
        let text = unit.repeat(size / unit.len());
        let end = segment(&Document::from_text(&text)).last().map_or(0, |last| last.range.end);
        assert!(end <= text.len(), "{unit:?}");
    }
}

fn any_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(vec![
            ". ", "! ", "? ", "… ", "... ", ".", "“ ", "„", "\"", "»", "« ", "(", ")", ") ", "[1]", "[", " ", "  ",
            ", ", ": ", "– ", "Der ", "Rat ", "tagt", "z. B. ", "12", "3. Juli ", "XIV", "A", "Mrd", "u. a", "Dr",
            "Belarus ", "²", "ß", "'",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,5}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

/// Sentences neither begin nor end in white space, nothing else lies between them, and none around the text changes them.
fn nothing_is_lost(text: &str) -> Result<(), TestCaseError> {
    let mut end = 0;
    for range in sentences(text) {
        prop_assert!(range.start < range.end);
        prop_assert_eq!(text.get(end..range.start).map(str::trim), Some(""));
        let sentence = text.get(range.clone());
        prop_assert!(sentence.is_some_and(|sentence| sentence.trim() == sentence), "{sentence:?}");
        end = range.end;
    }
    prop_assert_eq!(text[end..].trim(), "");
    let moved: Vec<_> = sentences(text).iter().map(|range| range.start + 2..range.end + 2).collect();
    prop_assert_eq!(sentences(&format!("\n {text}\t")), moved);
    Ok(())
}

/// Bytes as damaged files hold them: any, and those of marks, quotes, spaces and letters, whole or torn.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..6),
        any_text().prop_map(String::into_bytes),
        prop::sample::select(vec!["„", "“", "…", "–", "»", "ä", "\u{a0}", "\u{2028}", "¹", ". ", "?"])
            .prop_flat_map(|whole| (0..=whole.len()).prop_map(move |length| whole.as_bytes()[..length].to_vec())),
    ];
    prop::collection::vec(part, 0..20).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn gaps_and_sentences_concatenate_to_the_text(text in any_text()) {
        nothing_is_lost(&text)?;
    }

    #[test]
    fn any_bytes_are_cut_and_nothing_is_lost(bytes in any_bytes()) {
        nothing_is_lost(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn segments_say_what_their_places_say(text in any_text()) {
        let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !"-\u{ad}\u{2010}\u{feff}\u{200b}>•‣▪▫●○◦■□►▶➤✓✔⁃➢◆❖★✗\u{f0b7}*+–—·|".contains(*c)).collect::<String>();
        let document = Document::from_text(&text);
        let mut end = 0;
        for segment in segment(&document) {
            prop_assert!(segment.range.start >= end);
            prop_assert_eq!(text.get(segment.range.clone()).map(visible), Some(visible(&segment.text)));
            end = segment.range.end;
        }
    }
}

#[test]
fn initials_in_compounds_do_not_end_a_sentence() {
    whole("Vorgestellt hat das K.-H. Müller, mit E.-M. Arndt und Karl-H. Schmidt.");
    whole("Foto: dpa/K. Nietfeld");
    check(&["Es kam zu Störungen im Lkw.", "Polizisten stoppten ihn."]);
    check(&["Der Turm misst 120 m.", "Besucher zahlen nichts.", "Er wiegt 5 t.", "Kinder staunen."]);
}

#[test]
fn what_is_shortened_in_front_of_a_hyphen_is_so_at_the_end() {
    whole("Die ev.-luth. Kirche lädt mit Gen.-Sekr. Helga Schmid und Dipl.-Psych. Karin Wolf ein.");
    whole("Siehe Plen.-Prot. 14/123 und BT-Drucks. 14/4051.");
    check(&["Er ist r.-k.", "Sie ist es nicht."]);
}

#[test]
fn shortened_words_before_names_do_not_end_a_sentence() {
    whole("Das Schreiben ist gez. Müller.");
    whole("Im Schnitt stieß jeder 2023 rd. 8,1 t aus, inkl. der gesetzl. Mehrwertsteuer.");
    whole("Bitte bringen Sie u. Ihre Frau die Ausweise mit.");
    whole("Die Uhren von A. Lange & Söhne sind teuer.");
    check(&["Geöffnet ist Mo. bis Fr.", "Am Samstag ist Ruhetag."]);
    check(&["Es sprach Pfarrer i. R.", "Der Rat dankte."]);
}

#[test]
fn decomposed_umlauts_are_letters() {
    check(&["Das ist scho\u{308}n.", "Karl kommt um fu\u{308}nf.", "Wien wartet."]);
}

#[test]
fn a_number_behind_the_next_noun_tells_it_from_an_ordinal() {
    check(&["Dann gilt Satz 2.", "Satz 3 gilt nicht."]);
    check(&["Das steht in Abb. 3.", "Experten loben es."]);
}

#[test]
fn the_number_of_a_note_belongs_to_its_sentence() {
    check(&["Der Rat tagte.1", "Danach ging er.23", "Niemand blieb!4", "So endete es."]);
    whole("Nach Abs.2 Satz 1 gilt das bei rund 2.500 Euro.");
}

#[test]
fn adjectives_cut_off_before_their_noun_do_not_end_a_sentence() {
    whole("Die bayer. Polizei suchte im kommunalpol. Ausschuss nach der israel. Botschafterin.");
    whole("Gesucht sind 12 männl. Bewerber in zentr. Lage, zur vorübergeh. Aushilfe und gegen durchschn. Lohn.");
    whole("Das kirchl. Amt und die städt. Museen sammeln priv. Spenden.");
    whole("Quelle: Stat. Bundesamt, eig. Berechnung");
    whole("Zust. Larenz, abl. Wolf; dazu krit. Esser.");
    check(&["Sie sah den Mann, der kam.", "Er ging."]);
    check(&["Das stimmt.", "Kritiker sehen es anders.", "Es gab einen davon.", "Zeugen fehlen."]);
    check(&["Wir wissen das längst.", "Experten auch."]);
}

#[test]
fn polite_genitives_belong_to_the_noun_before() {
    whole("Nennen Sie bitte die Kd.-Nr. Ihrer Firma und die Nr. Ihres Ausweises, spätestens am 5. Ihres Urlaubs.");
    check(&["Der Vertrag endet 2024.", "Ihrer Bitte folgen wir."]);
}

#[test]
fn shortened_nouns_titles_and_units() {
    whole("Uffz. Lang, Oberstlt. Kurz und DDr. Weiß kamen zum Amtsger. Bonn am Rathauspl. 5.");
    whole("Die USt-IdNr. DE1 fehlt, die Wassertemp. 12 °C nicht, und 2 Tabl. Aspirin genügen.");
    whole("Das kostet insg. 12 Euro, erm. 8 Euro, vorauss. 40 Tage lang.");
    whole("Das Urteil Kern ./. Österreich ist bekannt.");
    check(&["Nachts sind es 5 °C.", "Wind weht kaum."]);
    check(&["Er ist seit Mai Prof.", "Seine Frau ist Richterin."]);
    whole("Es kam Dr. An Li mit Prof. Von Arnim.");
}

#[test]
fn titles_of_journals_are_not_cut() {
    check(&[
        "Weber, L. (2011): Die Rolle des Lichts.",
        "Z. Pflanzenphysiol. 45, 101–112.",
        "Dort auch weitere Angaben.",
    ]);
    check(&["Zur Morphologie der Moose.", "Ber. Dtsch. Bot. Ges. 12, 34–56."]);
    check(&["Vgl. Neue Jur. Wochenschr. 2003, S. 12.", "Der Senat folgt dem."]);
    whole("Klein, T.: Jahrb. f. Nationalök. u. Stat. 220 (3): 5–19.");
    check(&["Der Rat tagt.", "2003, 2004 und 2005 fiel das aus."]);
}

#[test]
fn what_is_counted_ends_a_sentence() {
    check(&["Der Ausschuss prüft die Lose 2 bis 6.", "Hr. Weiß fehlt."]);
    check(&["Sie löste 14.", "Aufgabe 15 ließ sie aus.", "Nächste Woche folgt mehr."]);
    check(&["Das Tor fiel in Minute 71.", "Trainer Kurz tobte."]);
    check(&["Im Mai waren es 27.", "Betten fehlen weiter."]);
    check(&["Sie fuhr auf der B 30.", "Autos sah sie kaum."]);
    check(&["Damals war er 19.", "Elf Jahre danach starb er."]);
    check(&["Offen ist Montag bis 12.", "Führungen kosten 3 Euro."]);
    check(&["Es endete 4 : 2.", "Mehr war nicht drin."]);
    check(&["Er wohnte in der Lindenstr. 8.", "1951 wurde das Haus verkauft."]);
    check(&["Unklar ist § 8.", "§ 9 gilt."]);
    check(&["Näheres in Abschn. 4.2.", "Wenden Sie sich an uns."]);
    check(&["Das Urteil erging am 12.3.", "Rechtsmittel wurden nicht eingelegt."]);
}

#[test]
fn ordinals_without_an_article_stay_with_their_noun() {
    whole("Er wurde 2. Bürgermeister, kam auf 3. Platz und feiert 50. Geburtstag.");
    whole("Karls 5. Sieg war Beethovens 9. Sinfonie wert, ab 5. Klasse und von 2. bis 7. Runde.");
    whole("Trainer der 2. Mannschaft: Karl Kern, Leiter 1. Mannschaft: Otto Lang");
    whole("Das Gut gehört ihrem 4. Mann, den sie im 12. Anlauf fand.");
}

#[test]
fn a_second_verb_begins_a_sentence() {
    check(&["Bewilligt wurden 2,4 Mio.", "Abgelehnt wurde nichts."]);
    check(&["Die Ausgaben lagen bei 3 Mrd.", "Fachleute hatten mehr erwartet."]);
    check(&["Das sagte Sprecherin Jana N.", "Zeugen hatten sie gesehen."]);
    check(&["Käufer ist die Muster Inc.", "Anleger sind erfreut."]);
    check(&["Man braucht Mehl, Nüsse o. Ä.", "Eier hat jeder."]);
    check(&["Vgl. Kern, § 8 m. w. N.", "Streitig ist das nicht."]);
    whole("Bald werden 3 Mio. Menschen hier leben, denn 2 Mio. Menschen sind schon da.");
    whole("Der Bund will 5 Mio. Euro haben.");
    whole("Er erklärte, dass 3 Mio. Kinder sind, wo Peter W. Kern war.");
    whole("Das steht in Abs. IV und Abs. II gilt.");
}

#[test]
fn footnote_marks_of_other_forms() {
    check(&["Das ist belegt.[2, 3]", "Das auch.[4–6]", "Und das.[a]", "Hier ebenso.[A 2]", "Dort auch.[Anm. 1]"]);
    check(&["Er floh.[2]:45", "Viele kamen um.[3]:46–48", "Andere blieben."]);
    check(&["Das ist belegt.12, 13", "Mehr nicht."]);
    check(&["Er kam zurück.[Januar 1990 oder später] Dann nichts."]);
}

#[test]
fn speech_ends_with_its_closing_mark() {
    check(&["„17.“", "„Beruf?“"]);
    check(&["Er sagte: „Es waren 17.“", "Karl nickte."]);
    check(&["„Ja, Frau Dr.“", "Karl nickte."]);
    check(&["\"Mir reicht's.\"", "Karl ging."]);
    whole("„Dr.“ Kern hat nie studiert.");
}

#[test]
fn short_titles_in_quotes_stay_whole() {
    whole("Der Roman „Eva. Ein Leben“, erschienen 1990, und „1914. Der Krieg“ (2012) liegen vor.");
    whole("Das Heft heißt „Klar. Kurz. Gut“.");
    whole("Das Buch „Ein Mann. Ein Wort“ Erich Kerns ist alt.");
}

#[test]
fn emoji_belong_to_the_sentence_before() {
    check(&["Danke! 😊", "Bis morgen. 👍", "Alles Gute!"]);
    check(&["Ruf an.", "📞 0123 456"]);
}

#[test]
fn numbers_of_paragraphs_and_items() {
    whole("aa. Die Klage ist zulässig");
    whole("6 1. Nach § 3 ist das anfechtbar");
    check(&["a) Das Geld fehlt.", "b) Die Zeit drängt.", "c) Der Rat schweigt."]);
}

#[test]
fn a_name_in_a_clause_that_has_begun_is_not_cut() {
    whole("Der Sprecher sagte, Karl B. Dorn sei nicht zuständig.");
    check(&["Gewählt wurde Herr K.", "Nachfolger ist seine Tochter."]);
}

#[test]
fn a_year_begins_a_sentence_after_a_name_or_a_century() {
    check(&["Die Brücke stammt aus dem 14. Jh.", "1762 wurde sie erneuert."]);
    check(&["Ihr Lehrer hieß Otto M.", "1921 folgte der Umzug."]);
    whole("Im Okt. 1990 wurde das Land geteilt, siehe Nr. 1990 der Liste.");
}

#[test]
fn numbers_behind_a_colon_count_unless_they_are_the_first() {
    check(&["Zahl der Tore: 12.", "Damit führt er."]);
    whole("Zu klären ist: 1. Das Geld fehlt.");
    whole("Handball: 3. Liga");
}

#[test]
fn a_number_that_opens_a_block_numbers_it() {
    for heading in ["Kapitel 2. Das Erbe", "§ 12. Wer stiehlt, wird bestraft.", "2.1. Die Jugend"] {
        whole(heading);
    }
    check(&["Das steht auf Seite 12.", "Dort fehlt es."]);
    check(&["Seite 12.", "Dort steht es."]);
    whole("In 2. Ehe heiratete sie einen Bäcker.");
}

#[test]
fn numbers_with_a_slash_are_no_ordinals() {
    check(&["Das folgt aus der Verordnung 2016/679.", "Kosten entstehen nicht."]);
    check(&["So entschied das Gericht, NJW 2019, 12.", "Zutreffend hat es das begründet."]);
}

#[test]
fn adjectives_cut_off_may_be_the_last_word_before_a_pronoun() {
    check(&["Die Anleitung ist auf engl. und frz.", "Man kommt zurecht."]);
    check(&["Sie ist Dipl.-Ing.", "Sie baut Brücken."]);
    whole("Das gilt bzw. Es gilt nicht.");
}

#[test]
fn speech_goes_on_after_a_shortened_name() {
    check(&["»Wir haben Fehler gemacht«, sagt F.", "»Sehr große Fehler.«"]);
    whole("„Ja“, sagt Bernd B. „Bobby“ Brandt.");
}

#[test]
fn a_remark_in_brackets_belongs_to_the_title_before() {
    whole("Der Film Hilfe! (1965) ist gut.");
    whole("Allez hopp! (live) – 3:20");
    check(&["Wer kommt?", "(Beifall.)", "Alle kommen."]);
}

#[test]
fn faces_of_letters_and_spaced_notes_belong_to_the_sentence_before() {
    check(&["Das war schön. :-)", "Wir kommen wieder."]);
    check(&["Danke! <3", "Ihr seid nett."]);
    check(&["Er starb 1888. [1] [2]", "Sein Sohn erbte."]);
    check(&["[1] Lang 2012.", "[2] Kurz 2013."]);
}

#[test]
fn texts_without_capitals_have_sentences() {
    check(&["das war gut.", "wir kommen wieder!!", "bis bald"]);
    whole("z. b. brot, wurst usw. und käse");
    check(&["Sehr gut!", "Danke!"]);
    assert_eq!(sentences("Sehr gut!Danke!"), [0..9, 9..15]);
}

#[test]
fn an_abbreviated_sunday_is_a_day_before_times() {
    whole("Geöffnet Sa. und So. 10-17 Uhr.");
    check(&["Er meinte es so.", "17 Leute kamen."]);
}
