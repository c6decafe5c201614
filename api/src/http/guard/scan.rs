//! One pass over the bytes of a document: size, tokens and nesting, so that the recursive parser is safe to run.

use super::exceeded;
use crate::http::problem::{Code, Problem};
use crate::http::settings::DocumentLimits;

/// The engine compares an unknown name with all that it knows, letter by letter.
const MAX_NAME_BYTES: usize = 128;

/// Refuses what the parser should not see.
pub(super) fn check(query: &str, limits: &DocumentLimits) -> Result<(), Problem> {
    if query.len() > limits.bytes {
        return Err(exceeded("bytes", limits.bytes));
    }
    let (mut tokens, mut nesting) = (0_usize, 0_usize);
    for token in Tokens::of(query) {
        tokens += 1;
        match token? {
            Token::Open => nesting += 1,
            Token::Close => nesting = nesting.saturating_sub(1),
            Token::Other(name) if name.len() > MAX_NAME_BYTES => {
                return Err(exceeded("bytes of a name", MAX_NAME_BYTES));
            }
            Token::Other(_) => {}
        }
        if tokens > limits.tokens {
            return Err(exceeded("tokens", limits.tokens));
        }
        if nesting > limits.nesting {
            return Err(exceeded("nesting", limits.nesting));
        }
    }
    Ok(())
}

/// How often the document says `$name`.
pub(super) fn count_variable(query: &str, name: &str) -> usize {
    let mut count = 0;
    let mut dollar = false;
    for token in Tokens::of(query).flatten() {
        let text = if let Token::Other(text) = token { text } else { "" };
        count += usize::from(dollar && text == name);
        dollar = text == "$";
    }
    count
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    /// `{`, `(` or `[`.
    Open,
    /// `}`, `)` or `]`.
    Close,
    /// A name, number, string or other punctuator.
    Other(&'a str),
}

struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn take_while(&mut self, keep: impl Fn(u8) -> bool) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().position(|&byte| !keep(byte)).unwrap_or(rest.len());
    }

    /// Past the end of the string that begins here; `None` when it does not end.
    fn skip_string(&mut self) -> Option<()> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = if rest.starts_with(b"\"\"\"") { block_string(rest)? } else { line_string(rest)? };
        self.at += length;
        Some(())
    }
}

/// Length of the block string at the beginning; only `\"""` is an escape in it.
fn block_string(text: &[u8]) -> Option<usize> {
    let mut at = 3;
    while at < text.len() {
        if text[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if text[at..].starts_with(b"\"\"\"") {
            return Some(at + 3);
        } else {
            at += 1;
        }
    }
    None
}

/// Length of the string at the beginning; it ends on its own line.
fn line_string(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            b'\n' | b'\r' => return None,
            _ => at += 1,
        }
    }
    None
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Result<Token<'a>, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let start = self.at;
            let byte = *self.text.as_bytes().get(start)?;
            match byte {
                b' ' | b',' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'#' => self.take_while(|byte| byte != b'\n' && byte != b'\r'),
                b'{' | b'(' | b'[' => {
                    self.at += 1;
                    return Some(Ok(Token::Open));
                }
                b'}' | b')' | b']' => {
                    self.at += 1;
                    return Some(Ok(Token::Close));
                }
                b'"' => {
                    if self.skip_string().is_none() {
                        self.at = self.text.len();
                        return Some(Err(Problem::new(Code::ParseFailed, "a string of the document does not end")));
                    }
                    return Some(Ok(Token::Other("")));
                }
                b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {
                    self.take_while(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
                    return Some(Ok(Token::Other(&self.text[start..self.at])));
                }
                _ => {
                    let width = self.text[start..].chars().next().map_or(1, char::len_utf8);
                    self.at += width;
                    return Some(Ok(Token::Other(&self.text[start..self.at])));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> DocumentLimits {
        DocumentLimits { bytes: 1000, tokens: 12, nesting: 3, ..DocumentLimits::default() }
    }

    fn code(query: &str) -> Option<Code> {
        check(query, &limits()).err().map(|problem| problem.code)
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        assert_eq!(code("{ a(x: \"{{{{{{\") # {{{{{{\n b }"), None);
        assert_eq!(code(r#"{ a(x: """ {{{{ \""" {{{{ """) }"#), None);
        assert_eq!(code(r#"{ a(x: "\"{{{{{") }"#), None);
    }

    #[test]
    fn a_string_without_end_is_refused_before_the_parser() {
        for query in ["{ a(x: \"", "{ a(x: \"\"\" \\\"\"\"", "{ a(x: \"\n\")", "\"\\"] {
            assert_eq!(code(query), Some(Code::ParseFailed), "{query}");
        }
    }

    #[test]
    fn deep_and_long_documents_are_refused() {
        assert_eq!(code("{{{{"), Some(Code::LimitExceeded));
        assert_eq!(code("a b c d e f g h i j k l m"), Some(Code::LimitExceeded));
        assert_eq!(code(&" ".repeat(1001)), Some(Code::LimitExceeded));
        assert_eq!(code("{{}{}{}}"), None);
    }

    #[test]
    fn variables_are_counted_by_whole_names() {
        let query = "subscription($after: ID, $afterwards: ID) { a(after: $after, x: \"$after\") }";
        assert_eq!(count_variable(query, "after"), 2);
    }
}
