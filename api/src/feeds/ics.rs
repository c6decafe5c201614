//! iCalendar (RFC 5545) as text: lines end in CRLF and are folded at 75 octets, what is special in texts is escaped, times are in UTC.

use domain::kernel::Timestamp;

/// Octets in a line, its end left out.
const MOST_OCTETS: usize = 75;
/// How often apps are asked to look.
const REFRESH: &str = "PT15M";
/// The greatest INTEGER there is.
const MOST_SEQUENCE: u64 = i32::MAX as u64;

/// What is in a calendar at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The same for as long as it is the same thing.
    pub(super) uid: String,
    /// When what is said here was said last.
    pub(super) changed: Timestamp,
    /// Never falls as it changes.
    pub(super) sequence: u64,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) location: Option<String>,
}

/// A calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Calendar {
    /// What apps call it.
    pub(super) name: String,
    /// Whether whoever subscribes to it is taken up by what is in it.
    pub(super) takes_time: bool,
    pub(super) entries: Vec<Entry>,
}

/// The calendar as apps read it.
pub(super) fn text(calendar: &Calendar) -> String {
    let mut text = String::with_capacity(256 + calendar.entries.len() * 400);
    let mut line = |name: &str, value: &str| fold(&mut text, &format!("{name}:{value}"));
    line("BEGIN", "VCALENDAR");
    line("VERSION", "2.0");
    line("PRODID", "-//Kilter//Plan//EN");
    line("CALSCALE", "GREGORIAN");
    // The one is the standard's (RFC 7986), the other what most apps know.
    line("NAME", &escaped(&calendar.name));
    line("X-WR-CALNAME", &escaped(&calendar.name));
    line("REFRESH-INTERVAL;VALUE=DURATION", REFRESH);
    line("X-PUBLISHED-TTL", REFRESH);
    for entry in &calendar.entries {
        line("BEGIN", "VEVENT");
        line("UID", &escaped(&entry.uid));
        line("DTSTAMP", &instant(entry.changed));
        line("LAST-MODIFIED", &instant(entry.changed));
        line("SEQUENCE", &entry.sequence.min(MOST_SEQUENCE).to_string());
        line("DTSTART", &instant(entry.start));
        if entry.end > entry.start {
            line("DTEND", &instant(entry.end));
        }
        line("SUMMARY", &escaped(&entry.summary));
        if !entry.description.is_empty() {
            line("DESCRIPTION", &escaped(&entry.description));
        }
        if let Some(location) = &entry.location {
            line("LOCATION", &escaped(location));
        }
        line("TRANSP", if calendar.takes_time { "OPAQUE" } else { "TRANSPARENT" });
        line("END", "VEVENT");
    }
    line("END", "VCALENDAR");
    text
}

/// `20261123T060000Z`.
fn instant(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A TEXT value. Control characters can't be told, and are left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\r' => {
                letters.next_if_eq(&'\n');
                escaped.push_str("\\n");
            }
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push('\t'),
            letter if letter.is_control() => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Adds a line; what is too long goes on in the next ones, after a space, and no letter is cut.
fn fold(text: &mut String, line: &str) {
    let mut octets = 0;
    for letter in line.chars() {
        if octets + letter.len_utf8() > MOST_OCTETS {
            text.push_str("\r\n ");
            octets = 1;
        }
        text.push(letter);
        octets += letter.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(summary: &str) -> Entry {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        Entry {
            uid: "1-10@kilter".to_owned(),
            changed: at("2026-11-20T12:00:00.5Z"),
            sequence: 7,
            start: at("2026-11-23T08:00:00+02:00"),
            end: at("2026-11-23T09:30:00+02:00"),
            summary: summary.to_owned(),
            description: String::new(),
            location: Some("LATHE-1".to_owned()),
        }
    }

    fn calendar(name: &str, entry: Entry) -> String {
        text(&Calendar { name: name.to_owned(), takes_time: false, entries: vec![entry] })
    }

    /// What a reader makes of it: lines unfolded, the value of one of them unescaped.
    fn read(text: &str, name: &str) -> String {
        let unfolded = text.replace("\r\n ", "");
        let line = unfolded.split("\r\n").find_map(|line| line.strip_prefix(&format!("{name}:"))).unwrap();
        let mut value = String::new();
        let mut letters = line.chars();
        while let Some(letter) = letters.next() {
            match (letter, letter == '\\') {
                (_, true) => match letters.next().unwrap() {
                    'n' => value.push('\n'),
                    escaped => value.push(escaped),
                },
                (letter, false) => value.push(letter),
            }
        }
        value
    }

    #[test]
    fn an_entry_is_told_as_the_standard_says() {
        let text = calendar("Lathe; the old one", entry("4101/10, turning"));
        let wanted = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kilter//Plan//EN\r\nCALSCALE:GREGORIAN\r\n\
            NAME:Lathe\\; the old one\r\nX-WR-CALNAME:Lathe\\; the old one\r\n\
            REFRESH-INTERVAL;VALUE=DURATION:PT15M\r\nX-PUBLISHED-TTL:PT15M\r\n\
            BEGIN:VEVENT\r\nUID:1-10@kilter\r\nDTSTAMP:20261120T120000Z\r\nLAST-MODIFIED:20261120T120000Z\r\nSEQUENCE:7\r\n\
            DTSTART:20261123T060000Z\r\nDTEND:20261123T073000Z\r\nSUMMARY:4101/10\\, turning\r\nLOCATION:LATHE-1\r\n\
            TRANSP:TRANSPARENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        assert_eq!(text, wanted);
    }

    #[test]
    fn nothing_that_somebody_typed_becomes_a_line_of_its_own() {
        let evil = "a\r\nBEGIN:VEVENT\nATTACH:http://x\rEND:VEVENT\u{0}\u{7f}\u{85};,\\n";
        let text = calendar(evil, entry(evil));
        let unfolded = text.replace("\r\n ", "");
        for name in ["BEGIN:VEVENT", "END:VEVENT"] {
            assert_eq!(unfolded.split("\r\n").filter(|line| *line == name).count(), 1, "{text}");
        }
        assert!(!unfolded.split("\r\n").any(|line| line.starts_with("ATTACH")), "{text}");
        assert_eq!(read(&text, "SUMMARY"), "a\nBEGIN:VEVENT\nATTACH:http://x\nEND:VEVENT;,\\n");
    }

    #[test]
    fn what_takes_no_time_and_has_nothing_to_say_leaves_out_what_would_be_empty() {
        let at_once = Entry { end: entry("x").start, sequence: u64::MAX, location: None, ..entry("x") };
        let text = calendar("x", at_once);
        assert!(!text.contains("DTEND") && !text.contains("DESCRIPTION") && !text.contains("LOCATION"), "{text}");
        assert!(text.contains("SEQUENCE:2147483647\r\n"), "{text}");
    }

    proptest! {
        #[test]
        fn whatever_a_text_is_lines_are_short_and_it_is_read_as_it_was(letters in "[ -~äß€😀,;\\\\\n]{0,300}") {
            let text = calendar("x", entry(&letters));
            prop_assert!(text.ends_with("\r\n"));
            prop_assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
            prop_assert!(text.split("\r\n").all(|line| line.len() <= MOST_OCTETS));
            prop_assert_eq!(read(&text, "SUMMARY"), letters);
        }
    }
}
