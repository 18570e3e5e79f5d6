//! The hub over HTTP: the only file of this crate that opens sockets (feature `hub`).
//!
//! In: a model's file list and a cache. Out: files in the cache, each of the size and digest the hub named before it
//! becomes visible, or a [`Fault`] that says what to do. What names mean and when to ask at all is decided elsewhere.
//!
//! The crate `hf-hub` (0.5) supplies the addresses of files ([`Repo`]) and, in the tests, the proof that other tools
//! find what this one stores. Its downloads are not used: it stores a page that a proxy answered instead of the model,
//! or half a body, as the model and serves it ever after; it has no timeouts, reads neither `Retry-After` nor
//! `HF_TOKEN`, and panics where there is no home directory. The transfer runs on `ureq`, the client `hf-hub` itself
//! uses, so this costs no further crate. The locks are those of the hub's Python tools, so both may run at once.

use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use hf_hub::{Repo, RepoType};
use ureq::http::{HeaderMap, Response, StatusCode};
use ureq::tls::{PemItem, RootCerts, TlsConfig};
use ureq::{Agent, Body, Proxy};

use super::cache::{self, Repository};
use super::catalog::{FileEntry, Need};
use super::digest::{self, Etag};
use super::http_date;
use super::options::{Patience, StoreOptions};
use super::proxy::Proxies;
use super::snapshot::{self, HubModel};
use super::{DownloadProgress, OnProgress};
use crate::{Error, Result};

const PUBLIC_HUB: &str = "https://huggingface.co";
/// Hops from an address to the bytes: a renamed repository, the host of the blobs.
const MOST_REDIRECTS: usize = 5;

/// Connections to the hub and its mirrors.
pub(super) struct Hub {
    agent: Agent,
    endpoints: Vec<Endpoint>,
    proxies: Proxies,
    patience: Patience,
}

struct Endpoint {
    url: String,
    authorization: Option<String>,
}

/// Why a download did not succeed, before it is known whether a mirror or the bundled model can help.
#[derive(Debug)]
struct Fault {
    reason: String,
    hint: String,
    kind: FaultKind,
}

#[derive(Debug)]
enum FaultKind {
    /// Trying again may help, perhaps after the pause the hub asked for.
    Passing { pause: Option<Duration> },
    /// This hub will not change its mind; another may have the file.
    Lasting,
    /// The fault is on this machine: no hub can help.
    Local,
    /// The progress callback asked to stop.
    Stopped,
}

/// What the hub says about a file before it sends it.
struct Remote {
    url: String,
    commit: String,
    etag: Etag,
    size: Option<u64>,
}

impl Hub {
    pub(super) fn new(options: &StoreOptions) -> Result<Self> {
        let patience = options.patience;
        let first = options.endpoint.as_deref().unwrap_or(PUBLIC_HUB);
        let endpoints = std::iter::once((first, options.token.as_ref()))
            .chain(options.mirrors.iter().map(|mirror| (mirror.as_str(), None)))
            .map(|(url, token)| Endpoint::new(url, token))
            .collect::<Result<_>>()?;
        let config = Agent::config_builder()
            .user_agent(concat!("translate/", env!("CARGO_PKG_VERSION")))
            // Sizes and ranges are those of the file, not of a packed form of it.
            .accept_encoding("identity")
            .http_status_as_error(false)
            .max_redirects_will_error(false)
            .timeout_resolve(Some(patience.connect))
            .timeout_connect(Some(patience.connect))
            .timeout_recv_response(Some(patience.read))
            .timeout_per_read(Some(patience.read))
            // Chosen for each request: the client would else read the environment by itself.
            .proxy(None)
            .tls_config(TlsConfig::builder().root_certs(certificates(options)?).build())
            .build();
        Ok(Self { agent: config.new_agent(), endpoints, proxies: Proxies::new(options)?, patience })
    }

    /// Whether a hub answers at all within [`Patience::first_contact`], all hubs together. Asks once, without retries.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with the reason.
    pub(super) fn answers(&self, model: &HubModel) -> Result<()> {
        let Some(file) = model.files.first() else { return Ok(()) };
        let end = Instant::now() + self.patience.first_contact;
        let mut faults = Vec::new();
        for (tried, endpoint) in self.endpoints.iter().enumerate() {
            let left = end.saturating_duration_since(Instant::now());
            let share = left / u32::try_from(self.endpoints.len() - tried).unwrap_or(u32::MAX);
            match self.describe(endpoint, model, &model.revision, file, Some(share)) {
                Ok(_) => return Ok(()),
                Err(fault) => faults.push(fault),
            }
        }
        Err(unavailable(model, faults))
    }

    /// Brings what the cache lacks of a model, from the first hub that can; returns the commit.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Stopped`]; parts already fetched are kept and continued next time.
    pub(super) fn fetch(&self, model: &HubModel, repository: &Repository, progress: OnProgress<'_>) -> Result<String> {
        let mut faults = Vec::new();
        for endpoint in &self.endpoints {
            let download = Download { hub: self, endpoint, model, repository, progress };
            match download.run() {
                Ok(commit) => return Ok(commit),
                Err(Fault { kind: FaultKind::Stopped, .. }) => return Err(Error::Stopped),
                Err(fault @ Fault { kind: FaultKind::Local, .. }) => return Err(unavailable(model, vec![fault])),
                Err(fault) => faults.push(fault),
            }
        }
        Err(unavailable(model, faults))
    }

    /// Asks for size, digest and commit of a file; `None` when the repository has no such file.
    fn describe(
        &self,
        endpoint: &Endpoint,
        model: &HubModel,
        revision: &str,
        file: &FileEntry,
        within: Option<Duration>,
    ) -> Result<Option<Remote>, Fault> {
        let repo = Repo::with_revision(model.repository.clone(), RepoType::Model, revision.to_owned());
        let mut url = format!("{}/{}/resolve/{}/{}", endpoint.url, repo.url(), repo.url_revision(), file.name);
        for _ in 0..MOST_REDIRECTS {
            let request = endpoint.authorized(self.agent.head(&url));
            let proxy = self.proxies.of(&url);
            let request = request.config().max_redirects(0).timeout_global(within).proxy(proxy.cloned()).build();
            let response = request.call().map_err(|error| unanswered(&url, error).through(proxy))?;
            let status = response.status();
            let location = header(response.headers(), "location").filter(|_| status.is_redirection());
            // Redirects within the hub lead to a renamed repository; one to another host leads to the bytes, and this
            // answer already describes them.
            if let Some(path) = location.filter(|location| location.starts_with('/')) {
                url = format!("{}{path}", origin(&endpoint.url));
                continue;
            }
            if status == StatusCode::NOT_FOUND
                && header(response.headers(), "x-error-code").is_none_or(|code| code == "EntryNotFound")
            {
                return Ok(None);
            }
            if !status.is_success() && location.is_none() {
                return Err(endpoint.refusal(model, &response).through(proxy));
            }
            return self.remote(endpoint, url, &response).map(Some);
        }
        Err(endpoint.circle())
    }

    /// Asks for the bytes of a file from this one on; returns the answer and the address it came from.
    fn bytes(&self, endpoint: &Endpoint, url: &str, start: u64) -> Result<(Response<Body>, String), Fault> {
        let mut url = url.to_owned();
        for _ in 0..MOST_REDIRECTS {
            let mut request = self.agent.get(&url);
            if origin(&url) == origin(&endpoint.url) {
                request = endpoint.authorized(request);
            }
            if start > 0 {
                request = request.header("Range", format!("bytes={start}-"));
            }
            let proxy = self.proxies.of(&url);
            let request = request.config().max_redirects(0).proxy(proxy.cloned()).build();
            let response = request.call().map_err(|error| unanswered(&url, error).through(proxy))?;
            let location = header(response.headers(), "location").filter(|_| response.status().is_redirection());
            url = match location {
                Some(path) if path.starts_with('/') => format!("{}{path}", origin(&url)),
                Some(elsewhere) if elsewhere.starts_with("https://") || elsewhere.starts_with("http://") => {
                    elsewhere.to_owned()
                }
                _ => return Ok((response, url)),
            };
        }
        Err(endpoint.circle())
    }

    fn remote(&self, endpoint: &Endpoint, url: String, response: &Response<Body>) -> Result<Remote, Fault> {
        let headers = response.headers();
        let commit = header(headers, "x-repo-commit").filter(|commit| cache::is_commit(commit));
        let etag = ["x-linked-etag", "etag"].into_iter().find_map(|name| Etag::parse(header(headers, name)?));
        let (Some(commit), Some(etag)) = (commit, etag) else {
            return Err(Fault::lasting(
                format!("{} answers, but not as a model hub does (no X-Repo-Commit or ETag digest)", endpoint.url),
                "a login page or proxy may stand between: open the address in a browser; or set HF_ENDPOINT to a hub",
            ));
        };
        let length = || header(headers, "content-length").filter(|_| response.status().is_success());
        let size = header(headers, "x-linked-size").or_else(length).and_then(|size| size.parse().ok());
        Ok(Remote { commit: commit.to_ascii_lowercase(), etag, size, url })
    }
}

/// One model from one hub.
struct Download<'a> {
    hub: &'a Hub,
    endpoint: &'a Endpoint,
    model: &'a HubModel,
    repository: &'a Repository,
    progress: OnProgress<'a>,
}

impl Download<'_> {
    /// Small files first, weights last: a snapshot with weights is a whole one.
    fn run(&self) -> Result<String, Fault> {
        let model = self.model;
        let mut commit = Some(model.revision.clone()).filter(|revision| cache::is_commit(revision));
        let mut has_weights = false;
        let mut fetched = false;
        for file in &model.files {
            if file.need == Need::Either && has_weights {
                continue;
            }
            let there = commit.as_ref().is_some_and(|commit| snapshot::holds(self.repository, commit, file));
            if !there {
                let revision = commit.as_ref().unwrap_or(&model.revision);
                let describe = || self.hub.describe(self.endpoint, model, revision, file, None);
                match self.patiently(&file.name, &|| 0, describe)? {
                    Some(remote) => {
                        if commit.as_ref().is_some_and(|commit| *commit != remote.commit) {
                            return Err(self.other_content(&file.name, "belongs to another commit"));
                        }
                        self.file(file, &remote)?;
                        fetched = true;
                        // A new branch is noted at once, so that what a broken-off download leaves has a name.
                        if self.repository.commit_of(&model.revision).is_none() {
                            self.repository.set_branch(&model.revision, &remote.commit).map_err(local)?;
                        }
                        commit = Some(remote.commit);
                    }
                    None if file.need == Need::Required => return Err(self.absent(&file.name)),
                    None => continue,
                }
            }
            has_weights |= file.need == Need::Either;
            if file.name == "config.json"
                && let Some(commit) = &commit
                && let Some(reason) = snapshot::foreign_type(&self.repository.snapshot(commit), model)
            {
                // The same on every hub.
                let fault = Fault::lasting(format!("{}: {reason}", model.repository), snapshot::UNUSABLE_HINT);
                return Err(Fault { kind: FaultKind::Local, ..fault });
            }
        }
        if !has_weights && model.files.iter().any(|file| file.need == Need::Either) {
            return Err(self.absent("model.safetensors"));
        }
        let commit = commit.ok_or_else(|| self.absent("file"))?;
        if fetched {
            // What was recorded about the files before may be about the ones just replaced.
            self.repository.forget(&commit).map_err(local)?;
        }
        if !cache::is_commit(&model.revision) {
            self.repository.set_branch(&model.revision, &commit).map_err(local)?;
        }
        Ok(commit)
    }

    /// Brings one file into the cache: into a partial file, then checked, then renamed, then linked. A death between
    /// any two of these steps leaves a state from which the next run goes on.
    fn file(&self, file: &FileEntry, remote: &Remote) -> Result<(), Fault> {
        let Remote { commit, etag, size, .. } = remote;
        let other_sha256 = || Some(file.sha256.as_ref()? != etag.sha256()?);
        let other_size = || Some(file.size? != (*size)?);
        if other_sha256().unwrap_or(false) || other_size().unwrap_or(false) {
            return Err(self.other_content(&file.name, "is not the file of the catalogue"));
        }
        let mut waiting = || match (self.progress)(DownloadProgress::Waiting {
            file: &file.name,
            reason: "another process is fetching it",
            left: Duration::ZERO,
        }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::Stopped),
        };
        let _lock = self.repository.lock(etag, &mut waiting).map_err(local)?;
        let blob = self.repository.blob(etag);
        if !self.is_right(&blob, file, remote)? {
            let partial = self.repository.incomplete(etag);
            cache::create_parent(&partial).map_err(local)?;
            // A partial file of another origin may be wrong from its first byte: then once more from the beginning.
            let mut fresh = !partial.exists();
            loop {
                self.bytes(&file.name, remote, &partial)?;
                if self.is_right(&partial, file, remote)? {
                    break;
                }
                remove(&partial).map_err(local)?;
                if fresh {
                    return Err(self.other_content(&file.name, "does not have the digest it should have"));
                }
                fresh = true;
            }
            std::fs::rename(&partial, &blob).map_err(Error::write(&blob)).map_err(local)?;
        }
        self.repository.link(etag, commit, &file.name).map_err(local)
    }

    /// Whether a file is there and is what the hub and the catalogue say.
    fn is_right(&self, path: &Path, file: &FileEntry, remote: &Remote) -> Result<bool, Fault> {
        if !path.is_file() {
            return Ok(false);
        }
        let content = digest::read(path, Some(&remote.etag)).map_err(Error::read(path)).map_err(local)?;
        let right_size = [remote.size, file.size].into_iter().flatten().all(|size| size == content.size);
        Ok(right_size && content.as_named && file.sha256.as_ref().is_none_or(|sha256| *sha256 == content.sha256))
    }

    /// Fills a partial file up, from where it ends.
    fn bytes(&self, name: &str, remote: &Remote, partial: &Path) -> Result<(), Fault> {
        let write = |error| local(Error::write(partial)(error));
        let mut file = File::options().create(true).append(true).open(partial).map_err(write)?;
        // Tries that bring enough bytes do not count: over a shaky line it gets there in the end.
        let reached = || partial.metadata().map_or(0, |metadata| metadata.len());
        self.patiently(name, &reached, || self.transfer(name, remote, partial, &mut file))?;
        file.sync_all().map_err(write)
    }

    /// One request for the bytes a partial file lacks.
    fn transfer(&self, name: &str, remote: &Remote, partial: &Path, file: &mut File) -> Result<(), Fault> {
        let write = |error| local(Error::write(partial)(error));
        let mut have = file.metadata().map_err(write)?.len();
        if remote.size.is_some_and(|size| have > size) {
            file.set_len(0).map_err(write)?;
            have = 0;
        }
        if have > 0 && remote.size == Some(have) {
            return Ok(());
        }
        let (response, url) = self.hub.bytes(self.endpoint, &remote.url, have)?;
        let proxy = self.hub.proxies.of(&url);
        match response.status() {
            StatusCode::PARTIAL_CONTENT if starts_at(response.headers(), have) => {}
            // The whole file, asked for or not.
            StatusCode::OK if have == 0 => {}
            StatusCode::OK => {
                file.set_len(0).map_err(write)?;
                have = 0;
            }
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE if have > 0 => {
                file.set_len(0).map_err(write)?;
                let reason = format!("{} cannot continue {name} at byte {have}", self.endpoint.url);
                return Err(Fault::passing(reason, "run the command again; it starts this file afresh"));
            }
            _ => return Err(self.endpoint.refusal(self.model, &response).through(proxy)),
        }
        let announced = header(response.headers(), "content-length").and_then(|length| length.parse::<u64>().ok());
        if let (Some(size), Some(announced)) = (remote.size, announced)
            && have + announced != size
        {
            let kind = header(response.headers(), "content-type").unwrap_or("unknown kind");
            return Err(self.other_content(name, &format!("comes as {announced} bytes of {kind}, not as {size} bytes")));
        }
        let mut body = response.into_body().into_reader();
        let mut buffer = vec![0; 1 << 17];
        let Patience { window, least_gain, .. } = self.hub.patience;
        let (mut since, mut had) = (Instant::now(), have);
        loop {
            let event = DownloadProgress::Transfer { file: name, bytes: have, total: remote.size };
            if (self.progress)(event).is_break() {
                return Err(Fault::stopped());
            }
            let length = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(unanswered(&url, error.into()).through(proxy)),
            };
            file.write_all(buffer.get(..length).unwrap_or_default()).map_err(write)?;
            have += length as u64;
            if remote.size.is_some_and(|size| have > size) {
                return Err(self.other_content(name, "is longer than announced"));
            }
            if since.elapsed() >= window {
                let gained = have - had;
                if gained < least_gain && remote.size.is_none_or(|size| have < size) {
                    let seconds = since.elapsed().as_secs_f32();
                    let reason = format!("{} sends {name} too slowly, {gained} bytes in {seconds:.1} s", origin(&url));
                    let hint =
                        "run the command again, at another time or in another network; it continues where it was";
                    return Err(Fault::passing(reason, hint).through(proxy));
                }
                (since, had) = (Instant::now(), have);
            }
        }
        match remote.size {
            Some(size) if have < size => Err(Fault::passing(
                format!("{} broke off {name} after {have} of {size} bytes", self.endpoint.url),
                "run the command again; it continues where it was",
            )),
            _ => Ok(()),
        }
    }

    /// Tries until it works, stops making sense, or has failed too often without `reached` growing to speak of.
    fn patiently<T>(
        &self,
        name: &str,
        reached: &dyn Fn() -> u64,
        mut attempt: impl FnMut() -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let patience = self.hub.patience;
        let mut best = reached();
        let mut failures = 0;
        let mut pause = patience.pause;
        loop {
            let fault = match attempt() {
                Ok(value) => return Ok(value),
                Err(fault) => fault,
            };
            let FaultKind::Passing { pause: asked } = fault.kind else { return Err(fault) };
            if reached().saturating_sub(best) >= patience.least_gain.max(1) {
                best = reached();
                failures = 0;
                pause = patience.pause;
            }
            failures += 1;
            let next = asked.unwrap_or(pause);
            if failures >= patience.attempts || next > patience.longest_pause {
                return Err(fault);
            }
            self.pause(name, &fault.reason, next)?;
            pause = (pause * 2).min(patience.longest_pause);
        }
    }

    /// Waits in small steps, so that a stop is heard.
    fn pause(&self, file: &str, reason: &str, pause: Duration) -> Result<(), Fault> {
        let end = Instant::now() + pause;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if (self.progress)(DownloadProgress::Waiting { file, reason, left }).is_break() {
                return Err(Fault::stopped());
            }
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
    }

    fn absent(&self, file: &str) -> Fault {
        let HubModel { repository, revision, .. } = self.model;
        Fault::lasting(
            format!("{} has no {file} in {repository} at {revision}", self.endpoint.url),
            "check the name on the hub; another state of it is written NAME@REVISION, for example NAME@refs/pr/1",
        )
    }

    fn other_content(&self, file: &str, what: &str) -> Fault {
        Fault::lasting(
            format!("{file} from {} {what}", self.endpoint.url),
            "a proxy, login page or faulty mirror may have answered instead of the hub: try another network or \
             HF_ENDPOINT, or carry the model over with `translate model export` and `import`",
        )
    }
}

impl Endpoint {
    fn new(url: &str, token: Option<&String>) -> Result<Self> {
        let url = url.trim().trim_end_matches('/').to_owned();
        if !url.starts_with("https://") && !url.starts_with("http://") {
            let reason = format!("`{url}` is no address that starts with https:// or http://");
            return Err(Error::Option { option: "HF_ENDPOINT", reason });
        }
        // Anything else cannot stand in a header. What the token is, is nobody's business.
        if token.is_some_and(|token| !token.bytes().all(|byte| byte.is_ascii_graphic())) {
            let reason = "it holds a line break, a space or another character that no token has; copy it again";
            return Err(Error::Option { option: "HF_TOKEN", reason: reason.to_owned() });
        }
        Ok(Self { url, authorization: token.map(|token| format!("Bearer {token}")) })
    }

    fn authorized<Any>(&self, request: ureq::RequestBuilder<Any>) -> ureq::RequestBuilder<Any> {
        match &self.authorization {
            Some(value) => request.header("Authorization", value),
            None => request,
        }
    }

    /// What to make of an answer that is neither the file nor a way to it.
    fn refusal(&self, model: &HubModel, response: &Response<Body>) -> Fault {
        let HubModel { repository, revision, .. } = model;
        let status = response.status();
        let code = header(response.headers(), "x-error-code").unwrap_or_default();
        let pause = asked_pause(response.headers());
        let answer = format!("{} answers {status} for {repository}", self.url);
        let elsewhere =
            "set HF_ENDPOINT to a mirror, or carry the model over with `translate model export` and `import`";
        match status.as_u16() {
            401 | 403 if code == "GatedRepo" => Fault::lasting(
                answer,
                format!("accept the terms at {}/{repository} in a browser, then set HF_TOKEN", self.url),
            ),
            401 if self.authorization.is_some() => {
                Fault::lasting(answer, "the token is not valid: unset HF_TOKEN for public models, or log in again")
            }
            401 => Fault::lasting(answer, "check the spelling of the name; a private model needs a token in HF_TOKEN"),
            403 => Fault::lasting(answer, format!("a firewall may forbid it: {elsewhere}")),
            404 if code == "RevisionNotFound" => {
                Fault::lasting(format!("{repository} has no revision {revision}"), "check the part after @")
            }
            404 => {
                Fault::lasting(answer, "check the spelling of the name, or choose a model of `translate model list`")
            }
            407 => Fault::lasting(answer, PROXY_HINT),
            429 => {
                let when =
                    pause.map_or("in some minutes".to_owned(), |pause| format!("in {} seconds", pause.as_secs()));
                let hint = format!("too many requests: try again {when}, or set HF_TOKEN");
                Fault { kind: FaultKind::Passing { pause }, ..Fault::lasting(answer, hint) }
            }
            408 | 500..=599 => {
                let hint = format!("the hub is out of order: try again later, {elsewhere}");
                Fault { kind: FaultKind::Passing { pause }, ..Fault::lasting(answer, hint) }
            }
            _ => Fault::lasting(answer, elsewhere),
        }
    }

    fn circle(&self) -> Fault {
        Fault::lasting(format!("{} redirects in a circle", self.url), "set HF_ENDPOINT to another hub")
    }
}

/// What to make of a request that got no answer.
fn unanswered(url: &str, error: ureq::Error) -> Fault {
    const NETWORK_HINT: &str = "check the network; behind a company proxy set HTTPS_PROXY; without a network use \
                                --model bundled, or carry the model over with `translate model export` and `import`";
    let host = origin(url);
    match error {
        ureq::Error::HostNotFound => Fault::passing(format!("the host of {host} is not found"), NETWORK_HINT),
        ureq::Error::Timeout(_) => Fault::passing(format!("{host} does not answer in time"), NETWORK_HINT),
        // The TLS library reports what is wrong with a certificate or a handshake as invalid data.
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => Fault::lasting(
            format!("no secure connection to {host}: {error}"),
            "a company that inspects TLS hands out a certificate file: name it in SSL_CERT_FILE; also check the clock",
        ),
        ureq::Error::ConnectProxyFailed(reason) => {
            Fault::lasting(format!("the proxy does not connect to {host}: {reason}"), PROXY_HINT)
        }
        ureq::Error::Io(error) => Fault::passing(format!("no connection to {host}: {error}"), NETWORK_HINT),
        error => Fault::passing(format!("{host}: {error}"), NETWORK_HINT),
    }
}

/// The pause that `Retry-After` asks for, in seconds or as a date. A date is held against the hub's own clock where
/// the answer tells it.
fn asked_pause(headers: &HeaderMap) -> Option<Duration> {
    let text = header(headers, "retry-after")?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = http_date::seconds(text)?;
    let since_1970 = || Some(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs());
    let now = header(headers, "date").and_then(http_date::seconds).or_else(since_1970)?;
    Some(Duration::from_secs(then.saturating_sub(now)))
}

const PROXY_HINT: &str =
    "write the proxy as HTTPS_PROXY=http://user:password@host:port, and hosts it must not see in NO_PROXY";

impl Fault {
    fn lasting(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { reason: reason.into(), hint: hint.into(), kind: FaultKind::Lasting }
    }

    fn passing(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: FaultKind::Passing { pause: None }, ..Self::lasting(reason, hint) }
    }

    /// Names the proxy that stood between.
    fn through(mut self, proxy: Option<&Proxy>) -> Self {
        if let Some(proxy) = proxy {
            self.reason.push_str(&format!(" (through the proxy {}:{})", proxy.host(), proxy.port()));
        }
        self
    }

    fn stopped() -> Self {
        Self { kind: FaultKind::Stopped, ..Self::lasting("", "") }
    }
}

/// A fault of this machine, met while files were read or written.
fn local(error: Error) -> Fault {
    let (Error::Write { source, .. } | Error::Read { source, .. }) = &error else { return Fault::stopped() };
    let hint = match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "make room, or choose another disk with --model-cache DIR or HF_HOME; what has arrived is kept"
        }
        _ => "choose a folder you may write to with --model-cache DIR or HF_HOME",
    };
    Fault { kind: FaultKind::Local, ..Fault::lasting(format!("{error}: {source}"), hint) }
}

fn unavailable(model: &HubModel, faults: Vec<Fault>) -> Error {
    let hint = faults.first().map(|fault| fault.hint.clone()).unwrap_or_default();
    let reasons: Vec<String> = faults.into_iter().map(|fault| fault.reason).collect();
    Error::Unavailable { model: model.name.clone(), reason: reasons.join("; "), hint }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether a partial answer begins at this byte: `Content-Range: bytes 100-199/200`.
fn starts_at(headers: &HeaderMap, byte: u64) -> bool {
    header(headers, "content-range")
        .and_then(|range| range.strip_prefix("bytes ")?.split('-').next()?.parse().ok())
        .is_some_and(|start: u64| start == byte)
}

/// Scheme and host of an address, without its path.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let path = url.get(host..).and_then(|rest| rest.find('/')).map_or(url.len(), |slash| host + slash);
    url.get(..path).unwrap_or(url)
}

fn certificates(options: &StoreOptions) -> Result<RootCerts> {
    let Some(path) = &options.certificates else { return Ok(RootCerts::WebPki) };
    let unusable = |reason| Error::Option { option: "SSL_CERT_FILE", reason };
    let pem = std::fs::read(path).map_err(|error| unusable(format!("{} cannot be read: {error}", path.display())))?;
    let certificates: Vec<_> = ureq::tls::parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(unusable(format!("{} holds no certificate in PEM form", path.display())));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

fn remove(path: &Path) -> Result<()> {
    std::fs::remove_file(path).map_err(Error::write(path))
}
