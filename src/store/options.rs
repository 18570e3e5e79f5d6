//! How a store works: which cache, which hub, how patiently. In: environment variables. Out: [`StoreOptions`].
//!
//! The variables are those of the hub's own tools, so that one setting serves both. No file but the token is read, and
//! nothing is fetched.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use super::catalog::Catalog;

/// Settings of a [`Store`](super::Store).
///
/// [`Default`] asks neither environment nor disk: no cache folder, the public hub, no token, no proxy.
#[derive(Clone)]
pub struct StoreOptions {
    /// Open no socket at all.
    pub offline: bool,
    /// The hub cache, the folder that holds `models--organisation--name`. Without one, only directories and the bundled
    /// model can be used.
    pub cache: Option<PathBuf>,
    /// Address of the hub; `None` is `https://huggingface.co`. It may have a path.
    pub endpoint: Option<String>,
    /// Further hubs with the same content, tried in this order after the first. They are never sent the token.
    pub mirrors: Vec<String>,
    /// Access token for the hub.
    pub token: Option<String>,
    /// Proxy for all requests, `http://user:password@host:port` or `socks5://…`.
    pub proxy: Option<String>,
    /// Hosts that are reached without the proxy, separated by commas.
    pub no_proxy: String,
    /// PEM file of certificate authorities to trust instead of Mozilla's: what a company that inspects TLS hands out.
    pub certificates: Option<PathBuf>,
    /// Timeouts and retries.
    pub patience: Patience,
    /// The models known by name.
    pub catalog: Catalog,
}

/// How long to wait and how often to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a connection, name lookup and TLS included.
    pub connect: Duration,
    /// For the next bytes of an answer.
    pub read: Duration,
    /// Tries in a row that bring no byte before giving up; at least 1.
    pub attempts: u32,
    /// Pause after the first failed try; doubled after each further one.
    pub pause: Duration,
    /// Longest pause; a hub that asks for a longer one is given up.
    pub longest_pause: Duration,
    /// For the first sign of life when there is an alternative to downloading (`auto`).
    pub first_contact: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(30),
            attempts: 5,
            pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(60),
            first_contact: Duration::from_millis(2500),
        }
    }
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            offline: false,
            cache: None,
            endpoint: None,
            mirrors: Vec::new(),
            token: None,
            proxy: None,
            no_proxy: String::new(),
            certificates: None,
            patience: Patience::default(),
            catalog: Catalog::embedded().clone(),
        }
    }
}

impl StoreOptions {
    /// Settings from the variables the hub's own tools read: `HF_HOME`, `HF_HUB_CACHE`, `HUGGINGFACE_HUB_CACHE`,
    /// `XDG_CACHE_HOME`, `HF_HUB_OFFLINE`, `HF_ENDPOINT`, `HF_TOKEN`, `HF_TOKEN_PATH`, `HF_HUB_DISABLE_IMPLICIT_TOKEN`,
    /// `HTTPS_PROXY` (`ALL_PROXY`, `HTTP_PROXY`), `NO_PROXY`, `SSL_CERT_FILE` (`REQUESTS_CA_BUNDLE`); and
    /// `TRANSLATE_MIRRORS`, addresses of further hubs separated by commas.
    pub fn from_environment() -> Self {
        Self::from_variables(&|name| std::env::var_os(name))
    }

    fn from_variables(variable: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let path = |name: &str| set(name).map(PathBuf::from);
        let text = |name: &str| set(name)?.into_string().ok();
        let either_case = |name: &str| text(name).or_else(|| text(&name.to_lowercase()));
        let switch = |name: &str| {
            text(name).is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "1" | "on" | "yes" | "true"))
        };

        let home = path("HF_HOME").or_else(|| {
            let cache = path("XDG_CACHE_HOME").or_else(|| std::env::home_dir().map(|home| home.join(".cache")));
            cache.map(|cache| cache.join("huggingface"))
        });
        let token = text("HF_TOKEN").or_else(|| text("HUGGING_FACE_HUB_TOKEN")).or_else(|| {
            if switch("HF_HUB_DISABLE_IMPLICIT_TOKEN") {
                return None;
            }
            let file = path("HF_TOKEN_PATH").or_else(|| home.as_ref().map(|home| home.join("token")))?;
            std::fs::read_to_string(file).ok()
        });
        Self {
            offline: switch("HF_HUB_OFFLINE"),
            cache: path("HF_HUB_CACHE")
                .or_else(|| path("HUGGINGFACE_HUB_CACHE"))
                .or_else(|| home.map(|home| home.join("hub"))),
            endpoint: text("HF_ENDPOINT"),
            mirrors: list(&text("TRANSLATE_MIRRORS").unwrap_or_default()),
            token: token.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty()),
            proxy: ["HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY"].into_iter().find_map(either_case),
            no_proxy: either_case("NO_PROXY").unwrap_or_default(),
            certificates: path("SSL_CERT_FILE").or_else(|| path("REQUESTS_CA_BUNDLE")),
            ..Self::default()
        }
    }
}

/// The parts of a list separated by commas, without empty ones.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(variables: &[(&str, &str)]) -> StoreOptions {
        StoreOptions::from_variables(&|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_cache_is_where_the_hubs_own_tools_look() {
        let cache = |variables: &[(&str, &str)]| options(variables).cache;
        assert_eq!(cache(&[("XDG_CACHE_HOME", "/x")]), Some(PathBuf::from("/x/huggingface/hub")));
        assert_eq!(cache(&[("XDG_CACHE_HOME", "/x"), ("HF_HOME", "/h")]), Some(PathBuf::from("/h/hub")));
        assert_eq!(cache(&[("HF_HOME", "/h"), ("HUGGINGFACE_HUB_CACHE", "/old")]), Some(PathBuf::from("/old")));
        assert_eq!(cache(&[("HUGGINGFACE_HUB_CACHE", "/old"), ("HF_HUB_CACHE", "/c")]), Some(PathBuf::from("/c")));
    }

    #[test]
    fn switches_take_the_hubs_words() {
        for word in ["1", "ON", "yes", "True"] {
            assert!(options(&[("HF_HUB_OFFLINE", word)]).offline, "{word}");
        }
        for word in ["0", "", "no"] {
            assert!(!options(&[("HF_HUB_OFFLINE", word)]).offline, "{word}");
        }
    }

    #[test]
    fn the_token_comes_from_the_variable_or_the_file_of_the_login() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("token"), "from-file\n").unwrap();
        let home = home.path().to_str().unwrap();
        assert_eq!(options(&[("HF_HOME", home)]).token.as_deref(), Some("from-file"));
        assert_eq!(options(&[("HF_HOME", home), ("HF_TOKEN", "own")]).token.as_deref(), Some("own"));
        assert_eq!(options(&[("HF_HOME", home), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")]).token, None);
    }

    #[test]
    fn the_proxy_is_read_in_either_case_and_mirrors_are_a_list() {
        assert_eq!(options(&[("https_proxy", "http://p:1")]).proxy.as_deref(), Some("http://p:1"));
        assert_eq!(options(&[("TRANSLATE_MIRRORS", "http://a, ,http://b")]).mirrors, ["http://a", "http://b"]);
    }
}
