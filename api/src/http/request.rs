//! The parameters of a GraphQL request, read strictly from a JSON body, a query string or a socket's message.

use std::net::IpAddr;

use async_graphql::Variables;
use domain::kernel::SessionId;
use serde::Deserialize;
use uuid::Uuid;

use super::problem::{Code, Problem};

/// What every transport carries.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    /// The document.
    pub query: String,
    /// Which operation of the document.
    #[serde(default)]
    pub operation_name: Option<String>,
    /// The variables; `null` is none.
    #[serde(default)]
    pub variables: Variables,
    /// Must be an object or `null`; nothing in it means anything to us.
    #[serde(default)]
    pub extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The outside request that an operation belongs to. Resolvers find it in the request data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestContext {
    /// Its identity: the header `x-request-id` of the answer, and the correlation of the commands that it runs.
    pub request_id: Uuid,
    /// W3C trace context, if the client sent one.
    pub traceparent: Option<String>,
    /// Where it comes from.
    pub address: IpAddr,
    /// The session that it is asked in; none before who asks is known, and where nobody signed in.
    pub session: Option<SessionId>,
}

impl Parameters {
    /// From the body of a POST.
    pub fn from_json(body: &[u8]) -> Result<Self, Problem> {
        match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
            None => Err(Problem::new(Code::BadRequest, "the body is empty")),
            Some(b'[') => Err(Problem::new(Code::BatchRefused, "send one request at a time, not a list of them")),
            // serde would take a list for a struct, so it is looked at before.
            Some(b'{') => serde_json::from_slice(body).map_err(|error| explain(&error)),
            Some(_) => Err(Problem::new(Code::BadRequest, "the body is not a JSON object")),
        }
    }

    /// From the query string of a GET.
    pub fn from_query_string(text: &str) -> Result<Self, Problem> {
        let mut fields = serde_json::Map::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (percent_decode(name)?, percent_decode(value)?);
            let value = match name.as_str() {
                "operationName" | "variables" | "extensions" if value.is_empty() => continue,
                "query" | "operationName" => serde_json::Value::String(value),
                "variables" | "extensions" => serde_json::from_str(&value).map_err(|error| explain(&error))?,
                _ => continue,
            };
            if fields.insert(name, value).is_some() {
                return Err(Problem::new(Code::BadRequest, "a parameter is given twice"));
            }
        }
        serde_json::from_value(serde_json::Value::Object(fields)).map_err(|error| explain(&error))
    }
}

/// serde's message names the field and the type, and may repeat a short part of what was sent; it is cut.
fn explain(error: &serde_json::Error) -> Problem {
    let message: String = error.to_string().chars().take(200).collect();
    Problem::new(Code::BadRequest, format!("the request can't be read: {message}"))
}

/// `application/x-www-form-urlencoded`, refusing what is not UTF-8 instead of replacing it.
fn percent_decode(text: &str) -> Result<String, Problem> {
    let refused = || Problem::new(Code::BadRequest, "the query string is not percent-encoded UTF-8");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = rest.next().zip(rest.next()).ok_or_else(refused)?;
                hex(high).zip(hex(low)).map(|(high, low)| high << 4 | low).ok_or_else(refused)?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| refused())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Result<Parameters, Problem>) -> Code {
        result.unwrap_err().code
    }

    #[test]
    fn a_body_with_all_parameters_is_read() {
        let body = br#"{"query":"{ a }","operationName":null,"variables":{"n":1},"extensions":{"x":[]},"other":1}"#;
        let parameters = Parameters::from_json(body).unwrap();
        assert_eq!((parameters.query.as_str(), parameters.variables.len()), ("{ a }", 1));
    }

    #[test]
    fn a_list_of_requests_is_refused_as_a_batch() {
        assert_eq!(code(Parameters::from_json(br#" [{"query":"{a}"}]"#)), Code::BatchRefused);
    }

    #[test]
    fn what_is_not_an_object_with_a_query_is_a_bad_request() {
        let bodies: [&[u8]; 9] = [
            b"",
            b"  ",
            b"null",
            b"\"{ a }\"",
            b"{",
            b"{\"query\":7}",
            b"{\"notquery\":\"{a}\"}",
            b"{\"query\":\"\\ud800\"}",
            b"{\"query\":\"\xff\"}",
        ];
        for body in bodies {
            assert_eq!(code(Parameters::from_json(body)), Code::BadRequest, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn deeply_nested_variables_do_not_overflow_the_stack() {
        let body = format!(r#"{{"query":"{{a}}","variables":{{"x":{}}}}}"#, "[".repeat(200_000));
        assert_eq!(code(Parameters::from_json(body.as_bytes())), Code::BadRequest);
    }

    #[test]
    fn a_query_string_is_decoded_once_and_strictly() {
        let parameters =
            Parameters::from_query_string("query=%7B+a%28x%3A%22%C3%B5%22%29%7D&variables=%7B%22n%22%3A1%7D").unwrap();
        assert_eq!(parameters.query, "{ a(x:\"õ\")}");
        assert_eq!(parameters.variables.len(), 1);
        for bad in ["query=%ff", "query=%7", "query=%zz", "query=a&query=b", "variables=%7B", ""] {
            assert_eq!(code(Parameters::from_query_string(bad)), Code::BadRequest, "{bad}");
        }
    }
}
