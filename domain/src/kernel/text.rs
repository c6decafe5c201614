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
    /// A control character other than tab and line feed.
    #[error("must not contain control characters")]
    Control,
}

/// Checks `text` against the rules that every kind shares; gives it back without white space around it.
pub fn check<'a>(kind: &'static str, max_chars: usize, text: &'a str) -> Result<&'a str, BadText> {
    let text = text.trim();
    let rule = if text.is_empty() {
        TextRule::Empty
    } else if text.chars().count() > max_chars {
        TextRule::TooLong(max_chars)
    } else if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        TextRule::Control
    } else {
        return Ok(text);
    };
    Err(BadText { kind, rule })
}

/// Declares a kind of text with its greatest length in characters and its datum.
macro_rules! text_value {
    ($(#[$doc:meta])* $name:ident, $words:literal, max = $max:literal, datum = $datum:expr) => {
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
                $crate::kernel::text::check($words, $max, text).map(|text| Self(text.into()))
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
