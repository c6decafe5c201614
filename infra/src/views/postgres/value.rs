//! Keys and index values as PostgreSQL holds them: compared byte by byte, `Null` before all else, and no U+0000 in any text.

use projections::projection::{ColumnKind, Value};
use tokio_postgres::types::{ToSql, Type};

use crate::views::NOTHING;

/// What a statement binds.
#[derive(Debug, Clone)]
pub(super) enum Bound {
    Integer(i64),
    Integers(Vec<i64>),
    Text(String),
    Texts(Vec<String>),
    Tenant(uuid::Uuid),
}

impl Bound {
    /// As the driver takes it.
    pub(super) fn typed(&self) -> (&(dyn ToSql + Sync), Type) {
        match self {
            Self::Integer(integer) => (integer, Type::INT8),
            Self::Integers(integers) => (integers, Type::INT8_ARRAY),
            Self::Text(text) => (text, Type::TEXT),
            Self::Texts(texts) => (texts, Type::TEXT_ARRAY),
            Self::Tenant(tenant) => (tenant, Type::UUID),
        }
    }

    /// A value to compare a column of this kind with. A value of the other kind (only a forged cursor has one) stands below all
    /// text, or above all integers.
    pub(super) fn of(kind: ColumnKind, value: &Value) -> Self {
        match kind {
            ColumnKind::Integer => Self::Integer(integer(value)),
            ColumnKind::Text => Self::Text(text(value)),
        }
    }

    /// Several at once.
    pub(super) fn all_of<'v>(kind: ColumnKind, values: impl Iterator<Item = &'v Value>) -> Self {
        match kind {
            ColumnKind::Integer => Self::Integers(values.map(integer).collect()),
            ColumnKind::Text => Self::Texts(values.map(text).collect()),
        }
    }
}

/// A value in a column of integers.
pub(super) fn integer(value: &Value) -> i64 {
    match value {
        Value::Null => NOTHING,
        Value::Integer(integer) => *integer,
        Value::Text(_) => i64::MAX,
    }
}

/// What a column of integers says.
pub(super) fn of_integer(stored: i64) -> Value {
    if stored == NOTHING { Value::Null } else { Value::Integer(stored) }
}

/// A value in a column of text. Empty stands for `Null`, so that empty text needs a form of its own.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null | Value::Integer(_) => String::new(),
        Value::Text(text) if text.is_empty() => EMPTY.to_owned(),
        Value::Text(text) => escaped(text),
    }
}

/// What a column of text says.
pub(super) fn of_text(stored: &str) -> Value {
    match stored {
        "" => Value::Null,
        EMPTY => Value::Text(String::new()),
        text => Value::Text(unescaped(text)),
    }
}

/// Empty text in an index column: after `Null`, before all other text.
const EMPTY: &str = "\u{1}";

/// Below this a character is escaped.
const PLAIN: char = '\u{4}';

/// U+0000, which PostgreSQL refuses, and the characters of the escapes themselves. In order, so that escaped text is ordered as the
/// text; begun by a character that is in no other place, so that a part is found exactly where it is.
const ESCAPES: [(char, &str); 4] = [
    ('\u{0}', "\u{1}\u{2}\u{2}"),
    ('\u{1}', "\u{1}\u{2}\u{3}"),
    ('\u{2}', "\u{1}\u{3}\u{2}"),
    ('\u{3}', "\u{1}\u{3}\u{3}"),
];

/// Any text as PostgreSQL can hold it: nearly always the text itself.
pub(super) fn escaped(text: &str) -> String {
    if !text.contains(|c| c < PLAIN) {
        return text.to_owned();
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match ESCAPES.iter().find(|(plain, _)| *plain == c) {
            Some((_, escape)) => escaped.push_str(escape),
            None => escaped.push(c),
        }
    }
    escaped
}

/// What was [`escaped`].
pub(super) fn unescaped(stored: &str) -> String {
    let mut text = stored.to_owned();
    if stored.contains(EMPTY) {
        // Each escape is three characters that are in no plain text: whatever comes out of one is never part of another.
        text.clear();
        let mut rest = stored;
        while let Some(c) = rest.chars().next() {
            let escape = ESCAPES.iter().find(|(_, escape)| rest.starts_with(escape));
            text.push(escape.map_or(c, |(plain, _)| *plain));
            rest = &rest[escape.map_or(c.len_utf8(), |(_, escape)| escape.len())..];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ODD: [&str; 14] = [
        "",
        "\0",
        "\0\0",
        "\0\u{2}",
        "\u{1}",
        "\u{1}\0",
        "\u{1}\u{2}",
        "\u{2}",
        "\u{2}\u{2}",
        "\u{3}",
        "\u{4}",
        "A",
        "a\0",
        "ä",
    ];

    #[test]
    fn any_text_comes_back_in_its_order_and_without_zeros() {
        let values: Vec<Value> =
            std::iter::once(Value::Null).chain(ODD.map(|text| Value::Text(text.to_owned()))).collect();
        let stored: Vec<String> = values.iter().map(text).collect();
        assert!(stored.is_sorted() && !stored.iter().any(|stored| stored.contains('\0')));
        assert_eq!(stored.iter().map(|stored| of_text(stored)).collect::<Vec<_>>(), values);
        assert_eq!(ODD.map(|text| unescaped(&escaped(text))), ODD);
    }

    #[test]
    fn a_part_is_found_in_escaped_text_just_where_it_is() {
        for whole in ODD {
            for part in ODD {
                assert_eq!(escaped(whole).contains(&escaped(part)), whole.contains(part), "{part:?} in {whole:?}");
            }
        }
    }

    #[test]
    fn integers_are_themselves_above_nothing() {
        let values = [Value::Null, Value::Integer(i64::MIN + 1), Value::Integer(0), Value::Integer(i64::MAX)];
        assert!(values.iter().map(integer).is_sorted());
        assert_eq!(values.clone().map(|value| of_integer(integer(&value))), values);
    }
}
