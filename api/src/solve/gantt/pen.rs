//! SVG as text: rounded numbers, escaped words.

use std::fmt::Write as _;

/// Writes elements.
#[derive(Default)]
pub(super) struct Pen(pub(super) String);

/// A rectangle.
#[derive(Clone, Copy)]
pub(super) struct Box {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Pen {
    pub(super) fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// A rectangle; `rest` is attributes that are written as they are.
    pub(super) fn rect(&mut self, Box { x, y, width, height }: Box, rest: &str) {
        let _ = write!(self.0, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" {rest}/>");
    }

    /// A line from above to below.
    pub(super) fn down(&mut self, x: f64, (from, to): (f64, f64), class: &str) {
        let _ = write!(self.0, "<path d=\"M{x:.1} {from:.1}V{to:.1}\" class=\"{class}\"/>");
    }

    /// A line across.
    pub(super) fn across(&mut self, y: f64, (from, to): (f64, f64), class: &str) {
        let _ = write!(self.0, "<path d=\"M{from:.1} {y:.1}H{to:.1}\" class=\"{class}\"/>");
    }

    /// Text at a place.
    pub(super) fn text(&mut self, (x, y): (f64, f64), rest: &str, text: &str) {
        let _ = write!(self.0, "<text x=\"{x:.1}\" y=\"{y:.1}\" {rest}>{}</text>", escaped(text));
    }

    /// What is shown while the pointer rests there.
    pub(super) fn title(&mut self, text: &str) {
        let _ = write!(self.0, "<title>{}</title>", escaped(text));
    }
}

/// As text or attribute of XML, whatever it was.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

/// About how wide a text of this size is.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let characters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    f64::from(characters) * size * 0.58
}

/// As much of it as fits, or nothing.
pub(super) fn fitting(text: &str, size: f64, room: f64) -> Option<String> {
    if width(text, size) <= room {
        return Some(text.to_owned());
    }
    let fits = |end: &usize| width(&text[..*end], size) + size * 0.6 <= room;
    let end = text.char_indices().map(|(at, _)| at).filter(|end| *end > 0).take_while(fits).last()?;
    Some(format!("{}…", &text[..end]))
}
