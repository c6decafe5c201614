//! Text in events is never a bare string: each kind is a newtype that says how long it may be and what datum it is.

/// What the data inventory says of one kind of text (SPEC D-1); carried by the JSON Schema of every event as `x-datum`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Datum {
    /// The datum's name in the inventory.
    pub name: &'static str,
    /// What it is used for.
    pub uses: &'static str,
    /// How it comes in.
    pub collection: &'static str,
    /// In which form it is stored: `clear`, `hashed` or `sealed`.
    pub storage: &'static str,
    /// Which roles see it, and why.
    pub access: &'static str,
    /// When it goes.
    pub retention: &'static str,
    /// The legal basis.
    pub basis: &'static str,
}

impl Datum {
    /// A business fact without personal meaning, typed or imported by the tenant, kept as long as its record.
    pub const fn business(name: &'static str, uses: &'static str) -> Self {
        Self {
            name,
            uses,
            collection: "entered or imported by the tenant",
            storage: "clear",
            access: "all roles of the tenant",
            retention: "with its record, by plan",
            basis: "contract",
        }
    }

    /// What identifies a person: sealed, erasable.
    pub const fn personal(name: &'static str, uses: &'static str) -> Self {
        Self {
            storage: "sealed",
            retention: "until erased, else with its record, by plan",
            ..Self::business(name, uses)
        }
    }
}

/// A text that breaks the rule of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {rule}")]
pub struct BadText {
    /// Which kind of text was meant, in words.
    pub kind: &'static str,
    /// What is wrong with it.
    pub rule: TextRule,
}

/// The rules that every text obeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextRule {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Longer than its kind may be.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// A control character; texts of several lines may have line feeds and tabs.
    #[error("must not contain the control character U+{:04X}", u32::from(*.0))]
    Control(char),
    /// A character that nobody sees, or that turns the order of those around it: what looks the same would not be the same.
    #[error("must not contain the invisible character U+{:04X}", u32::from(*.0))]
    Invisible(char),
    /// Not written as its kind is.
    #[error("{0}")]
    Shape(&'static str),
}

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// It is looked up and compared: one line of visible characters.
    Code,
    /// It is read: one line; scripts that need them have joiners between their letters.
    Name,
    /// It is read: any number of lines.
    Lines,
}

impl Form {
    /// What keeps `c` out of such a text after `before`.
    fn fault(self, before: Option<char>, c: char) -> Option<TextRule> {
        let is_line_break = matches!(c, '\u{2028}' | '\u{2029}');
        match c {
            '\n' | '\t' if self == Self::Lines => None,
            _ if c.is_control() || is_line_break => Some(TextRule::Control(c)),
            ZERO_WIDTH_NON_JOINER | ZERO_WIDTH_JOINER if self != Self::Code && before.is_some_and(joins) => None,
            ZERO_WIDTH_NON_JOINER | ZERO_WIDTH_JOINER => Some(TextRule::Invisible(c)),
            _ if is_invisible(c) => Some(TextRule::Invisible(c)),
            _ => None,
        }
    }
}

const ZERO_WIDTH_NON_JOINER: char = '\u{200C}';
const ZERO_WIDTH_JOINER: char = '\u{200D}';

/// Whether a letter is of a script whose letters join: Arabic and its neighbours, the scripts of India and South-East Asia,
/// Mongolian.
const fn joins(letter: char) -> bool {
    matches!(letter, '\u{600}'..='\u{DFF}' | '\u{F00}'..='\u{109F}' | '\u{1780}'..='\u{18AF}' | '\u{FB50}'..='\u{FDFF}')
}

/// Characters without width, marks and overrides of writing direction, fillers, tags.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Checks `text` against the rules that every kind shares; gives it back without white space around it.
pub fn check<'a>(kind: &'static str, form: Form, max_chars: usize, text: &'a str) -> Result<&'a str, BadText> {
    let text = text.trim();
    let rule = if text.is_empty() {
        TextRule::Empty
    } else if text.chars().count() > max_chars {
        TextRule::TooLong(max_chars)
    } else {
        let pairs = text.chars().scan(None, |before, c| Some((before.replace(c), c)));
        match pairs.into_iter().find_map(|(before, c)| form.fault(before, c)) {
            Some(rule) => rule,
            None => return Ok(text),
        }
    };
    Err(BadText { kind, rule })
}

/// Declares a kind of text with its form, its greatest length in characters and its datum.
/// `rule` says what else the kind asks of a text.
macro_rules! text_value {
    ($(#[$doc:meta])* $name:ident, $words:literal, $form:ident, max = $max:literal, datum = $datum:expr) => {
        $crate::kernel::text::text_value!($(#[$doc])* $name, $words, $form, max = $max, rule = |_| Ok(()), datum = $datum);
    };
    ($(#[$doc:meta])* $name:ident, $words:literal, $form:ident, max = $max:literal, rule = $rule:expr, datum = $datum:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(std::sync::Arc<str>);

        impl<'de> serde::Deserialize<'de> for $name {
            /// What was stored is taken as it is: rules may have become stricter since.
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::kernel::parse::from_text(deserializer, $words, |text| Ok::<_, std::convert::Infallible>(Self(text.into())))
            }
        }

        impl $name {
            /// What the data inventory says of it.
            pub const DATUM: $crate::kernel::text::Datum = $datum;

            /// Trims and checks the text.
            pub fn try_new(text: &str) -> Result<Self, $crate::kernel::text::BadText> {
                let text = $crate::kernel::text::check($words, $crate::kernel::text::Form::$form, $max, text)?;
                let rule: fn(&str) -> Result<(), $crate::kernel::text::TextRule> = $rule;
                rule(text).map_err(|rule| $crate::kernel::text::BadText { kind: $words, rule })?;
                Ok(Self(text.into()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "maxLength": $max, "x-datum": Self::DATUM})
            }
        }
    };
}
pub(crate) use text_value;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(form: Form, text: &str) -> TextRule {
        check("a text", form, 200, text).expect_err(text).rule
    }

    #[test]
    fn what_nobody_sees_is_in_no_text() {
        for c in ['\u{202E}', '\u{2066}', '\u{200B}', '\u{200F}', '\u{FEFF}', '\u{AD}', '\u{3164}', '\u{E0041}'] {
            for form in [Form::Code, Form::Name, Form::Lines] {
                assert_eq!(refused(form, &format!("J{c}1")), TextRule::Invisible(c), "{form:?}");
            }
        }
        assert_eq!(refused(Form::Code, "J\u{202E}1").to_string(), "must not contain the invisible character U+202E");
    }

    #[test]
    fn control_characters_are_in_no_text_but_lines_have_line_feeds_and_tabs() {
        for c in ['\0', '\u{7}', '\r', '\u{7F}', '\u{85}', '\u{2028}'] {
            for form in [Form::Code, Form::Name, Form::Lines] {
                assert_eq!(refused(form, &format!("a{c}b")), TextRule::Control(c), "{form:?}");
            }
        }
        for form in [Form::Code, Form::Name] {
            assert_eq!(refused(form, "a\nb"), TextRule::Control('\n'));
            assert_eq!(refused(form, "a\tb"), TextRule::Control('\t'));
        }
        assert_eq!(check("a text", Form::Lines, 200, "a\n\tb\n"), Ok("a\n\tb"));
    }

    #[test]
    fn names_are_written_in_every_script_and_joined_where_the_script_joins() {
        for name in
            ["Øyvind Ångström", "שרה לוי", "محمد", "山田 太郎", "می\u{200C}خواهم", "ක්\u{200D}ෂ", "Müller & Söhne №5 ⚙️"]
        {
            assert_eq!(check("a name", Form::Name, 200, name), Ok(name));
        }
        assert_eq!(refused(Form::Name, "An\u{200D}na"), TextRule::Invisible('\u{200D}'));
        assert_eq!(refused(Form::Code, "می\u{200C}خ"), TextRule::Invisible('\u{200C}'));
    }
}
