//! Files of JSON from anywhere: bounded, and refused with line, column and field.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::error::{InstanceError, Misfit};

/// Largest file: a million operations have a tenth of it.
const MOST_MIB: u64 = 512;
/// Says of a file that it is UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();
/// Longest piece of a file that an error repeats.
const MOST_REPEATED: usize = 200;

/// A file, read.
pub struct Text {
    /// What to call it.
    pub name: String,
    bytes: Vec<u8>,
}

impl Text {
    /// Reads a file that is not too large.
    pub fn read(path: &Path) -> Result<Self, InstanceError> {
        let name = path.display().to_string();
        let unreadable = |reason: String| InstanceError::Unreadable { file: name.clone(), reason };
        if path.is_dir() {
            return Err(unreadable("it is a folder".to_owned()));
        }
        let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
        let mut bytes = Vec::new();
        let most = MOST_MIB << 20;
        file.take(most + 1).read_to_end(&mut bytes).map_err(|error| unreadable(error.to_string()))?;
        if bytes.len() as u64 > most {
            return Err(InstanceError::TooLarge { file: name, most: MOST_MIB });
        }
        Self::of(name, bytes)
    }

    /// Bytes that must be UTF-8; the mark that some editors put in front is no part of the text.
    fn of(name: String, mut bytes: Vec<u8>) -> Result<Self, InstanceError> {
        if bytes.starts_with(MARK) {
            bytes.drain(..MARK.len());
        }
        match std::str::from_utf8(&bytes) {
            Ok(_) => Ok(Self { name, bytes }),
            Err(error) => {
                let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
                Err(InstanceError::NotText { file: name, line })
            }
        }
    }

    /// Text that is at hand already.
    pub fn new(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    /// Reads it as JSON of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, InstanceError> {
        serde_json::from_slice(&self.bytes).map_err(|error| {
            let offset = self.offset(error.line(), error.column());
            let field = self.field_before(offset).map_or_else(String::new, |field| format!(", field `{field}`"));
            let place = format!("line {}, column {}{field}", error.line(), error.column());
            let told = error.to_string();
            let told = told.split(" at line ").next().unwrap_or(&told);
            Misfit::new(place, shortened(told)).of(&self.name)
        })
    }

    fn offset(&self, line: usize, column: usize) -> usize {
        let before: usize =
            self.bytes.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1)).map(<[u8]>::len).sum();
        (before + column).min(self.bytes.len())
    }

    /// The last name of a field before `offset`.
    fn field_before(&self, offset: usize) -> Option<String> {
        let text = &self.bytes[..offset];
        let colon =
            (0..text.len()).rev().find(|&at| text[at] == b':' && text[..at].trim_ascii_end().ends_with(b"\""))?;
        let name = text[..colon].trim_ascii_end().strip_suffix(b"\"")?;
        let name = &name[name.iter().rposition(|byte| *byte == b'"')? + 1..];
        Some(shortened(&String::from_utf8_lossy(name)))
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_REPEATED) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Shape {
        jobs: Vec<Vec<i64>>,
    }

    fn refused(text: &str) -> String {
        Text::new("f.json", text).json::<Shape>().expect_err("refused").to_string()
    }

    #[test]
    fn a_refusal_names_file_line_column_and_field() {
        assert_eq!(
            refused("{\"name\": \"x\",\n \"jobs\": [[1, \"two\"]]}"),
            "f.json: line 2, column 19, field `jobs`: invalid type: string \"two\", expected i64"
        );
        assert_eq!(refused("{}"), "f.json: line 1, column 2: missing field `jobs`");
        assert!(refused(&format!("{{\"jobs\": {}", "[".repeat(100_000))).starts_with("f.json: line 1"));
        assert!(refused(&format!("{{\"{}\":1}}", "x".repeat(1_000_000))).len() < 600);
        assert!(refused("").starts_with("f.json: line 1, column 0: EOF"));
        assert!(refused("{\"jobs\": [[1e999]]}").contains("field `jobs`"));
    }

    #[test]
    fn a_mark_in_front_is_passed_over_and_other_encodings_are_refused() {
        let of = |bytes: &[u8]| Text::of("f.json".to_owned(), bytes.to_vec());
        assert_eq!(of(b"\xef\xbb\xbf{\"jobs\": []}").unwrap().json::<Shape>().map(|it| it.jobs), Ok(Vec::new()));
        let refused = |bytes: &[u8]| of(bytes).err().expect("refused");
        assert_eq!(refused(b"{\"name\":\n\"M\xfcller\"}").to_string(), "f.json is not UTF-8 text (line 2)");
        assert_eq!(refused(b"\xff\xfe{\0}\0").code(), "FILE_NOT_TEXT");
    }
}
