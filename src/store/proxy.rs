//! Which proxy a request goes through, if any.
//!
//! In: the store's settings and an address. Out: the proxy for it. Decided here and not by the client, whose lists of
//! exceptions know neither domains nor ports. Opens nothing.

use ureq::http::Uri;
use ureq::{Proxy, ProxyProtocol};

use super::options::{self, StoreOptions};
use crate::{Error, Result};

/// The proxies, and what is reached without them.
pub(super) struct Proxies {
    https: Option<Proxy>,
    http: Option<Proxy>,
    exceptions: Vec<Exception>,
}

/// An entry of `NO_PROXY`.
struct Exception {
    /// Lower case, without a dot before it; `*` is every host.
    host: String,
    /// `None` is every port.
    port: Option<u16>,
}

impl Proxies {
    /// # Errors
    /// [`Error::Option`] that names the variable whose value is no proxy.
    pub(super) fn new(options: &StoreOptions) -> Result<Self> {
        Ok(Self {
            https: proxy("HTTPS_PROXY", options.https_proxy.as_deref())?,
            http: proxy("HTTP_PROXY", options.http_proxy.as_deref())?,
            exceptions: options::list(&options.no_proxy).iter().map(|entry| Exception::new(entry)).collect(),
        })
    }

    /// The proxy for an address.
    pub(super) fn of(&self, url: &str) -> Option<&Proxy> {
        let url: Uri = url.parse().ok()?;
        let (proxy, usual_port) = match url.scheme_str()? {
            "https" => (self.https.as_ref()?, 443),
            _ => (self.http.as_ref()?, 80),
        };
        let host = url.host()?.trim_matches(['[', ']']).to_ascii_lowercase();
        let port = url.port_u16().unwrap_or(usual_port);
        let excepted = self.exceptions.iter().any(|exception| exception.covers(&host, port));
        (!excepted).then_some(proxy)
    }
}

impl Exception {
    fn new(entry: &str) -> Self {
        // An address of IP version 6 has colons of its own: with a port it stands in brackets.
        let parts = entry.rsplit_once(':').filter(|(host, _)| !host.contains(':') || host.ends_with(']'));
        let with_port = parts.and_then(|(host, port)| Some((host, port.parse().ok()?)));
        let (host, port) = with_port.map_or((entry, None), |(host, port)| (host, Some(port)));
        let host = host.trim_start_matches("*.").trim_start_matches('.').trim_matches(['[', ']']);
        Self { host: host.to_ascii_lowercase(), port }
    }

    fn covers(&self, host: &str, port: u16) -> bool {
        let below = host.strip_suffix(&self.host).is_some_and(|before| before.is_empty() || before.ends_with('.'));
        (self.host == "*" || below) && self.port.is_none_or(|only| only == port)
    }
}

fn proxy(variable: &'static str, address: Option<&str>) -> Result<Option<Proxy>> {
    let Some(address) = address else { return Ok(None) };
    let rejected = |reason: String| Error::Option { option: variable, reason };
    let proxy = Proxy::new(address).map_err(|error| rejected(error.to_string()))?;
    match proxy.protocol() {
        ProxyProtocol::Http | ProxyProtocol::Https => Ok(Some(proxy)),
        _ => Err(rejected("only proxies that start with http:// or https:// can be used".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(no_proxy: &str, url: &str) -> Option<u16> {
        let options = StoreOptions {
            https_proxy: Some("http://proxy:1".to_owned()),
            http_proxy: Some("http://proxy:2".to_owned()),
            no_proxy: no_proxy.to_owned(),
            ..StoreOptions::default()
        };
        Proxies::new(&options).unwrap().of(url).map(Proxy::port)
    }

    #[test]
    fn each_scheme_has_its_own_proxy() {
        assert_eq!(used("", "https://hub.example.org/a"), Some(1));
        assert_eq!(used("", "http://hub.example.org/a"), Some(2));
        let plain = StoreOptions { http_proxy: Some("http://proxy:2".to_owned()), ..StoreOptions::default() };
        assert!(Proxies::new(&plain).unwrap().of("https://hub.example.org").is_none());
    }

    #[test]
    fn an_exception_covers_what_lies_below_it_and_its_port_alone() {
        for (exceptions, url, direct) in [
            ("example.org", "https://example.org/a", true),
            ("example.org", "https://hub.Example.org", true),
            (".example.org", "https://hub.example.org", true),
            (".example.org", "https://example.org", true),
            ("*.example.org", "https://hub.example.org", true),
            ("example.org", "https://badexample.org", false),
            ("other.org, example.org", "http://hub.example.org:8080", true),
            ("*", "https://example.org", true),
            ("example.org:8080", "http://hub.example.org:8080/a", true),
            ("example.org:8080", "http://hub.example.org/a", false),
            ("example.org:443", "https://example.org", true),
            ("127.0.0.1", "http://127.0.0.1:5000", true),
            ("::1", "http://[::1]:5000", true),
            ("[::1]:80", "http://[::1]:5000", false),
        ] {
            assert_eq!(used(exceptions, url).is_none(), direct, "{exceptions}: {url}");
        }
    }

    #[test]
    fn a_proxy_that_is_none_is_named_by_its_variable() {
        for address in ["http://", "socks5://proxy:1080", "ftp://proxy"] {
            let options = StoreOptions { http_proxy: Some(address.to_owned()), ..StoreOptions::default() };
            assert!(matches!(Proxies::new(&options), Err(Error::Option { option: "HTTP_PROXY", .. })), "{address}");
        }
    }
}
