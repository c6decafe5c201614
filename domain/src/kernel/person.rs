//! What there is to know of a person: what they are called and how they are reached. All of it personal.

use super::text::{Datum, TextRule, text_value};

text_value!(
    /// A person's full name.
    FullName, "a full name", Name, max = 200,
    datum = Datum::personal("full name", "shown to colleagues on boards and in the activity log")
);
text_value!(
    /// Where a person gets mail.
    EmailAddress, "an e-mail address", Code, max = 254, rule = mailbox,
    datum = Datum { access: "the person, and admins of the tenant", ..Datum::personal("e-mail address", "signing in, and mail that the person asked for") }
);
text_value!(
    /// Where a person can be called.
    PhoneNumber, "a phone number", Code, max = 32, rule = phone,
    datum = Datum { access: "the person, and admins of the tenant", ..Datum::personal("phone number", "so that colleagues can call") }
);
text_value!(
    /// What a person does in the company.
    JobTitle, "a job title", Name, max = 100,
    datum = Datum::personal("job title", "shown to colleagues")
);
text_value!(
    /// The network address that somebody came from.
    ClientAddress, "a network address", Code, max = 45,
    datum = Datum { collection: "told by the network", access: "the person, and admins and auditors of the tenant", ..Datum::personal("network address", "the login record: where a session came from") }
);
text_value!(
    /// What somebody came with, as far as it said so: browser, device or operating system.
    ClientPart, "a part of a client's description", Name, max = 64,
    datum = Datum { collection: "told by the browser", access: "the person, and admins and auditors of the tenant", ..Datum::business("browser, device, operating system", "the login record: tells one session from another") }
);

impl EmailAddress {
    /// The text that is the same for two spellings of one address: letters are small.
    pub fn normalised(&self) -> String {
        self.as_str().to_lowercase()
    }
}

/// One mailbox at one host: what comes before the @ is the host's own affair, but for what would end a header or begin a list.
fn mailbox(text: &str) -> Result<(), TextRule> {
    let rule = Err(TextRule::Shape("must look like name@example.com"));
    let Some((local, host)) = text.rsplit_once('@') else { return rule };
    let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let local_fits = (1..=64).contains(&local.len())
        && local.chars().all(atom)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let label_fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let host_fits = host.contains('.') && host.split('.').all(label_fits);
    if local_fits && host_fits { Ok(()) } else { rule }
}

fn phone(text: &str) -> Result<(), TextRule> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let fits = text.chars().all(|c| c.is_ascii_digit() || "+ ()-./".contains(c));
    if fits && (4..=15).contains(&digits) { Ok(()) } else { Err(TextRule::Shape("must have 4 to 15 digits")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_mailbox_at_one_host() {
        for good in ["anna@example.com", "o'neil+kilter@mail.example.co.uk", "jüri@näide.ee", "A.B@x-y.example"] {
            assert!(EmailAddress::try_new(good).is_ok(), "{good}");
        }
        for bad in [
            "anna",
            "@example.com",
            "anna@",
            "anna@localhost",
            "anna@example..com",
            "a b@example.com",
            "<a@example.com>",
            "a@example.com,b@example.com",
            "a@b@example.com",
            ".a@example.com",
            "a..b@example.com",
            "a@-x.com",
            "a@example.com\r\nBcc: b@example.com",
            "\"a\"@example.com",
            "a@[127.0.0.1]",
        ] {
            assert!(EmailAddress::try_new(bad).is_err(), "{bad}");
        }
        assert!(EmailAddress::try_new(&format!("{}@example.com", "a".repeat(65))).is_err());
    }

    #[test]
    fn spellings_of_one_address_are_the_same() {
        let of = |text: &str| EmailAddress::try_new(text).unwrap().normalised();
        assert_eq!(of(" Anna@Example.COM "), of("anna@example.com"));
    }

    #[test]
    fn a_phone_number_is_digits_and_what_stands_between_them() {
        for good in ["+372 5555 1234", "(030) 123-456", "112 0"] {
            assert!(PhoneNumber::try_new(good).is_ok(), "{good}");
        }
        for bad in ["phone", "+", "123", "1234567890123456", "12 34; drop"] {
            assert!(PhoneNumber::try_new(bad).is_err(), "{bad}");
        }
    }
}
