//! How rows write instants and sums: as integers, quick to read back and free of the limits that input has.

/// An instant as microseconds.
pub(crate) mod instant {
    use domain::kernel::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    pub(crate) fn serialize<S: Serializer>(instant: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(instant.as_micros())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_micros(i64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// An instant that may be unknown, as microseconds or null.
pub(crate) mod instant_option {
    use domain::kernel::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "the signature is serde's")]
    pub(crate) fn serialize<S: Serializer>(instant: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        instant.map(Timestamp::as_micros).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        Option::<i64>::deserialize(deserializer)?
            .map(|micros| Timestamp::from_micros(micros).map_err(serde::de::Error::custom))
            .transpose()
    }
}

/// A sum of quantities as millionths: sums may pass what one report may name.
pub(crate) mod amount {
    use domain::kernel::Quantity;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    pub(crate) fn serialize<S: Serializer>(amount: &Quantity, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(amount.as_millionths())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Quantity, D::Error> {
        i64::deserialize(deserializer).map(Quantity::from_millionths)
    }
}
