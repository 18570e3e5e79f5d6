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
    /// Proxy for addresses that start with `https://`: `http://user:password@host:port`.
    pub https_proxy: Option<String>,
    /// Proxy for addresses that start with `http://`.
    pub http_proxy: Option<String>,
    /// Hosts that are reached without a proxy, separated by commas: `example.org` stands for `hub.example.org` too, with
    /// and without a dot before it; `example.org:8080` for that port alone; `*` for all.
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
    /// Time within which a download must bring [`least_gain`](Self::least_gain), or this try has failed.
    pub window: Duration,
    /// Bytes that count as progress: fewer of them neither keep a try going nor renew the number of tries.
    pub least_gain: u64,
    /// Tries in a row that bring nothing to speak of before giving up; at least 1.
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
            // One KiB a second.
            window: Duration::from_secs(60),
            least_gain: 60 << 10,
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
            https_proxy: None,
            http_proxy: None,
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
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` for both, `NO_PROXY`, `SSL_CERT_FILE` (`REQUESTS_CA_BUNDLE`); and
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
        // Bytes that are no text are kept in some form, so that they are refused and not overlooked.
        let any_text = |name: &str| set(name).map(|value| value.to_string_lossy().into_owned());
        let token = any_text("HF_TOKEN").or_else(|| any_text("HUGGING_FACE_HUB_TOKEN")).or_else(|| {
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
            https_proxy: either_case("HTTPS_PROXY").or_else(|| either_case("ALL_PROXY")),
            http_proxy: either_case("HTTP_PROXY").or_else(|| either_case("ALL_PROXY")),
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
    fn proxies_are_read_in_either_case_for_their_scheme_and_mirrors_are_a_list() {
        let proxies = |variables: &[(&str, &str)]| (options(variables).https_proxy, options(variables).http_proxy);
        let (secure, plain) = (Some("http://p:1".to_owned()), Some("http://p:2".to_owned()));
        assert_eq!(proxies(&[("https_proxy", "http://p:1")]), (secure.clone(), None));
        assert_eq!(proxies(&[("HTTP_PROXY", "http://p:2")]), (None, plain.clone()));
        assert_eq!(proxies(&[("ALL_PROXY", "http://p:1"), ("HTTP_PROXY", "http://p:2")]), (secure, plain));
        assert_eq!(options(&[("TRANSLATE_MIRRORS", "http://a, ,http://b")]).mirrors, ["http://a", "http://b"]);
    }
}
