//! Where a request comes from: the network's word, or that of a proxy that is trusted.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{Extensions, HeaderMap};
use domain::kernel::network::Network;

/// The other end of the connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

const FORWARDED: &str = "x-forwarded-for";

/// The address that a client has: what the last proxy that is not trusted says of itself. A header that anybody can write counts only
/// as far as trusted proxies have written it.
pub(super) fn client_address(extensions: &Extensions, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let peer = extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0);
    behind(peer, headers, trusted)
}

fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut address = peer;
    // What is unreadable is no reason to believe what stands before it.
    let lines: Vec<&str> = headers.get_all(FORWARDED).iter().map(|line| line.to_str().unwrap_or("?")).collect();
    let mut said = lines.iter().rev().flat_map(|line| line.rsplit(',')).map(str::trim);
    while is_trusted(address) {
        match said.next().map(str::parse) {
            Some(Ok(before)) => address = before,
            // A proxy that says nonsense is not where anybody is allowed to come from.
            Some(Err(_)) => return IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            None => break,
        }
    }
    address.to_canonical()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn address(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        behind(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn what_anybody_can_write_counts_for_nothing() {
        assert_eq!(address("203.0.113.7", &["198.51.100.1"], &[]), "203.0.113.7");
        assert_eq!(address("203.0.113.7", &["198.51.100.1"], &["10.0.0.0/8"]), "203.0.113.7");
    }

    #[test]
    fn a_trusted_proxy_is_believed_as_far_as_it_has_written() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(address("10.0.0.1", &["198.51.100.1"], &proxies), "198.51.100.1");
        assert_eq!(address("10.0.0.1", &["1.2.3.4, 198.51.100.1, 10.0.0.2"], &proxies), "198.51.100.1");
        assert_eq!(address("10.0.0.1", &["1.2.3.4", "198.51.100.1"], &proxies), "198.51.100.1");
        assert_eq!(address("10.0.0.1", &["198.51.100.1", "nonsense"], &proxies), "0.0.0.0");
        assert_eq!(address("10.0.0.1", &["198.51.100.1", "1.2.3.4, \u{ff}"], &proxies), "0.0.0.0");
        assert_eq!(address("10.0.0.1", &[], &proxies), "10.0.0.1");
        assert_eq!(address("::ffff:10.0.0.1", &["::ffff:198.51.100.1"], &proxies), "198.51.100.1");
    }
}
