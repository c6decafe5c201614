//! Personal data: readable in memory while it is decided upon, sealed wherever it rests, gone when its key is gone.

use std::fmt;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ids::{StreamId, SubjectId};

/// Groups of personal data that are erased together. The text is stored: never rename one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DataClass {
    /// What names a person.
    Identity,
    /// How to reach a person.
    Contact,
}

impl DataClass {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Contact => "contact",
        }
    }
}

/// Ciphertext with all that is needed to open it again, given the tenant and its keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Sealed {
    /// Whose data it is.
    pub subject: SubjectId,
    /// Under which of the subject's keys it lies.
    pub class: DataClass,
    /// The stream of the event that first carried it (bound by the seal).
    pub stream: StreamId,
    /// That event (bound by the seal).
    pub event: Uuid,
    /// The field of that event (bound by the seal).
    pub field: String,
    /// Nonce and ciphertext, base64.
    pub text: String,
}

/// A personal value. Serialising one that is still clear is an error, and no `Debug` shows it.
#[derive(Clone, PartialEq, Eq)]
pub enum Personal<T> {
    /// Readable, of this subject and class; only ever in memory.
    Clear {
        /// Whose it is.
        subject: SubjectId,
        /// Which class of data it is.
        class: DataClass,
        /// The value.
        value: T,
    },
    /// At rest.
    Sealed(Sealed),
    /// Its key was destroyed.
    Erased,
}

impl<T> Personal<T> {
    /// The value, where it is readable.
    pub const fn clear(&self) -> Option<&T> {
        match self {
            Self::Clear { value, .. } => Some(value),
            Self::Sealed(_) | Self::Erased => None,
        }
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clear { .. } => "Personal(clear)",
            Self::Sealed(_) => "Personal(sealed)",
            Self::Erased => "Personal(erased)",
        })
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Stored {
    Sealed(Sealed),
    Erased,
}

impl<T> Serialize for Personal<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Clear { .. } => Err(serde::ser::Error::custom("personal data must be sealed before it is written")),
            Self::Sealed(sealed) => Stored::Sealed(sealed.clone()).serialize(serializer),
            Self::Erased => Stored::Erased.serialize(serializer),
        }
    }
}

/// Spells a command's personal value as nothing at all: for what outlives its key.
pub fn left_out<P, S: serde::Serializer>(_: &P, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_unit()
}

impl<'de, T> Deserialize<'de> for Personal<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Stored::deserialize(deserializer)? {
            Stored::Sealed(sealed) => Self::Sealed(sealed),
            Stored::Erased => Self::Erased,
        })
    }
}

impl<T: JsonSchema> JsonSchema for Personal<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Personal_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let datum = T::json_schema(generator).get("x-datum").cloned();
        let mut schema = Stored::json_schema(generator);
        schema.insert("x-datum".to_owned(), datum.unwrap_or_default());
        schema
    }
}

/// The value in a `Personal<T>` without its type, for those who seal and open.
pub trait PersonalSlot {
    /// Subject, class and clear bytes, where the value is readable.
    fn clear_bytes(&self) -> Option<(SubjectId, DataClass, Vec<u8>)>;
    /// The sealed form, where the value is at rest.
    fn sealed(&self) -> Option<&Sealed>;
    /// Replaces whatever is there by the sealed form.
    fn set_sealed(&mut self, sealed: Sealed);
    /// Replaces the sealed form by the value that these bytes spell; false when they spell none.
    fn set_clear(&mut self, subject: SubjectId, class: DataClass, bytes: &[u8]) -> bool;
    /// Forgets the value.
    fn set_erased(&mut self);
}

impl<T: Serialize + DeserializeOwned> PersonalSlot for Personal<T> {
    fn clear_bytes(&self) -> Option<(SubjectId, DataClass, Vec<u8>)> {
        match self {
            Self::Clear { subject, class, value } => Some((*subject, *class, serde_json::to_vec(value).ok()?)),
            Self::Sealed(_) | Self::Erased => None,
        }
    }

    fn sealed(&self) -> Option<&Sealed> {
        match self {
            Self::Sealed(sealed) => Some(sealed),
            Self::Clear { .. } | Self::Erased => None,
        }
    }

    fn set_sealed(&mut self, sealed: Sealed) {
        *self = Self::Sealed(sealed);
    }

    fn set_clear(&mut self, subject: SubjectId, class: DataClass, bytes: &[u8]) -> bool {
        let Ok(value) = serde_json::from_slice(bytes) else { return false };
        *self = Self::Clear { subject, class, value };
        true
    }

    fn set_erased(&mut self) {
        *self = Self::Erased;
    }
}
