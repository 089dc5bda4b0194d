//! Which hosts and addresses may be reached.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Is it this machine, by name or address?
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback()),
        None => false,
    }
}

/// Does this address itself name a place that nobody else on the internet reaches: this machine by name, or an
/// address in one of the private ranges, in whatever form it is written? For a gateway that is to fetch it. What any
/// other name stands for isn't asked: whoever resolves it has to look.
pub fn is_private_place(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(ip)) => !is_public(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => !is_public(IpAddr::V6(ip)),
        None => true,
    }
}

/// Is it an address that anyone on the internet reaches? Loopback, private, link-local, shared, multicast
/// and documentation ranges are not, nor are IPv6 forms that hide such an IPv4 address.
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => public_v4(ip),
        IpAddr::V6(ip) => {
            let [a, b, c, _, _, _, g, h] = ip.segments();
            if let Some(v4) = ip.to_ipv4() {
                return public_v4(v4);
            }
            let low = Ipv4Addr::from((u32::from(g) << 16) | u32::from(h));
            match a {
                0x0064 if b == 0xff9b => public_v4(low),
                0x2002 => public_v4(Ipv4Addr::from((u32::from(b) << 16) | u32::from(c))),
                0x2001 if b < 0x0200 || b == 0x0db8 => false,
                _ => (0x2000..0x4000).contains(&a),
            }
        }
    }
}

fn public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19)))
}

/// The address that stands in a URL itself, which no resolver is asked for.
pub(super) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
        Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
        Host::Domain(_) => None,
    }
}

/// Resolves names to public addresses alone, so that a name can't be bound anew to a private one between
/// check and use.
pub(super) struct PublicOnly {
    pub(super) allowed: Arc<[String]>,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.allowed.iter().any(|host| host == name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let kept: Vec<SocketAddr> = found.filter(|at| allowed || is_public(at.ip())).collect();
            if kept.is_empty() {
                return Err("the host's address is not public".into());
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_places_are_not_public_in_any_form() {
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "::127.0.0.1",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn an_address_that_names_a_private_place_is_known_in_every_spelling() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "x.localhost.",
            "0.0.0.0",
            "0x7f.1",
            "100.64.0.1",
            "[::ffff:10.0.0.1]",
            "[64:ff9b::a00:1]",
            "[2002:a00:1::]",
            "[fd00::1]",
        ] {
            assert!(is_private_place(&format!("https://{host}/a.jpg").parse().unwrap()), "{host}");
        }
        for host in ["example.com", "localhost.example.com", "8.8.8.8", "[2606:4700:4700::1111]"] {
            assert!(!is_private_place(&format!("https://{host}/a.jpg").parse().unwrap()), "{host}");
        }
        assert!(is_private_place(&"data:,a".parse().unwrap()));
    }

    #[test]
    fn loopback_is_known_in_its_spellings() {
        for url in [
            "http://localhost:3000",
            "http://127.0.0.2",
            "http://[::1]:1",
            "http://2130706433",
            "http://x.localhost",
        ] {
            assert!(is_loopback(&url.parse().unwrap()), "{url}");
        }
        assert!(!is_loopback(&"http://localhost.example.com".parse().unwrap()));
    }

    /// The check is made on what the name resolves to, when it is used: no time is left to bind it anew.
    #[tokio::test]
    async fn a_name_that_resolves_to_this_machine_is_refused_unless_allowed() {
        let resolve = |allowed: &[&str]| {
            let allowed: Arc<[String]> = allowed.iter().map(|host| (*host).to_owned()).collect();
            PublicOnly { allowed }.resolve("localhost".parse().unwrap())
        };
        let refused = resolve(&["elsewhere.example"]).await.err().unwrap();
        assert!(refused.to_string().contains("not public"));
        let found: Vec<_> = resolve(&["localhost"]).await.unwrap().collect();
        assert!(!found.is_empty() && found.iter().all(|at| at.ip().is_loopback()));
    }
}
