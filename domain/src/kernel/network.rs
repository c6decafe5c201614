//! Ranges of network addresses, as a company names those that its people may come from.

use core::net::IpAddr;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::Datum;

/// All addresses that begin with the same bits (CIDR): `203.0.113.0/24`, `2001:db8::/32`, or one address by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    /// The first address of the range.
    base: IpAddr,
    /// How many bits are the same: up to 32 or 128.
    prefix: u8,
}

/// A text that is no range of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadNetwork {
    /// Not an address, or not one with a number of bits.
    #[error("must be an address such as 203.0.113.7 or a range such as 203.0.113.0/24")]
    Form,
    /// Bits beyond the prefix are set: the writer may have meant another range.
    #[error("has bits beyond its prefix; did you mean {0}?")]
    BeyondPrefix(Network),
}

impl Network {
    /// What the data inventory says of it.
    pub const DATUM: Datum = Datum {
        access: "admins of the tenant",
        ..Datum::business("allowed network", "where members may sign in from")
    };

    /// Whether `address` is in the range. An IPv4 address written as IPv6 is the IPv4 address.
    pub fn contains(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.base.is_ipv4() && Self::cut(address, self.prefix) == self.base
    }

    const fn bits(address: IpAddr) -> u8 {
        if address.is_ipv4() { 32 } else { 128 }
    }

    /// The first address of the range of so many bits that `address` is in.
    fn cut(address: IpAddr, prefix: u8) -> IpAddr {
        match address {
            IpAddr::V4(v4) => {
                IpAddr::V4((v4.to_bits() & u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)).into())
            }
            IpAddr::V6(v6) => {
                IpAddr::V6((v6.to_bits() & u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)).into())
            }
        }
    }
}

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let text = text.trim();
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| BadNetwork::Form)?;
        let most = Self::bits(address);
        let prefix = match prefix {
            None => most,
            Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
                digits.parse().ok().filter(|prefix| *prefix <= most).ok_or(BadNetwork::Form)?
            }
            Some(_) => return Err(BadNetwork::Form),
        };
        let network = Self { base: Self::cut(address, prefix), prefix };
        if network.base == address { Ok(network) } else { Err(BadNetwork::BeyondPrefix(network)) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

impl Serialize for Network {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::parse::from_text(deserializer, "a range of network addresses", Self::from_str)
    }
}

impl JsonSchema for Network {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Network".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "maxLength": 49, "x-datum": Self::DATUM})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    fn holds(range: &str, address: &str) -> bool {
        network(range).contains(address.parse().unwrap())
    }

    #[test]
    fn a_range_holds_the_addresses_that_begin_with_its_bits() {
        assert!(holds("203.0.113.0/24", "203.0.113.255"));
        assert!(!holds("203.0.113.0/24", "203.0.114.0"));
        assert!(holds("203.0.113.7", "203.0.113.7") && !holds("203.0.113.7", "203.0.113.8"));
        assert!(holds("0.0.0.0/0", "255.255.255.255") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("2001:db8::/32", "2001:db8:ffff::1") && !holds("2001:db8::/32", "2001:db9::"));
        assert!(holds("::/0", "2001:db8::1") && !holds("::/0", "203.0.113.7"));
    }

    #[test]
    fn an_ipv4_address_in_ipv6_clothes_is_the_ipv4_address() {
        assert!(holds("203.0.113.0/24", "::ffff:203.0.113.9"));
        assert!(!holds("::/0", "::ffff:203.0.113.9"));
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "",
            "x",
            "203.0.113",
            "203.0.113.0/33",
            "203.0.113.0/-1",
            "203.0.113.0/+8",
            "::/129",
            "1.2.3.4/",
            "1.2.3.4/8/8",
        ] {
            assert_eq!(text.parse::<Network>(), Err(BadNetwork::Form), "{text}");
        }
        assert_eq!("203.0.113.7/24".parse::<Network>(), Err(BadNetwork::BeyondPrefix(network("203.0.113.0/24"))));
    }
}
