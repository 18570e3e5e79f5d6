//! A model hub on this machine: enough HTTP for the store's downloads, and every way in which a hub can fail.
//!
//! Large files are sent as the real hub does it: the hub redirects to a store of blobs on another host name. Each
//! response closes its connection, so connections and requests count the same.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use sha1::Digest;

/// A running hub; its thread ends with the process.
#[derive(Clone)]
pub struct Hub {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    repositories: BTreeMap<String, Repository>,
    /// Old name and new name.
    renamed: Option<(String, String)>,
    requests: Vec<Request>,
    faults: Vec<Planned>,
}

struct Repository {
    commit: String,
    files: BTreeMap<String, Vec<u8>>,
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    headers: Vec<(String, String)>,
}

struct Planned {
    method: &'static str,
    /// Part of the path.
    path: &'static str,
    times: usize,
    fault: Fault,
}

/// What goes wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// This status line and headers, and a page of HTML.
    Answer(&'static str),
    /// The connection ends after so many bytes of the body.
    CutAfter(usize),
    /// Nothing more comes after so many bytes of the body.
    StallAfter(usize),
    /// After so many bytes of the body the rest comes one byte every few milliseconds.
    DripAfter(usize),
    /// The first byte of the body is another.
    WrongByte,
    /// The whole file, whatever range was asked for.
    IgnoreRange,
}

/// Files above this size are sent by way of a redirect.
const LARGE: usize = 10_000;

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl Hub {
    /// Starts a hub without any repository.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let hub = Self { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let server = hub.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                std::thread::spawn(move || server.serve(stream));
            }
        });
        hub
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Gives a repository these files; returns the commit it now stands at.
    pub fn publish(&self, repository: &str, files: &[(&str, Vec<u8>)]) -> String {
        let mut content = sha1::Sha1::new();
        for (name, bytes) in files {
            content.update(name);
            content.update(bytes);
        }
        let commit = hexadecimal(&content.finalize());
        let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect();
        let repository_state = Repository { commit: commit.clone(), files };
        self.state.lock().unwrap().repositories.insert(repository.to_owned(), repository_state);
        commit
    }

    /// Sends whoever asks for the old name on to the new one.
    pub fn rename(&self, old: &str, new: &str) {
        self.state.lock().unwrap().renamed = Some((old.to_owned(), new.to_owned()));
    }

    /// Lets the next `times` requests with this method and path part fail.
    pub fn plan(&self, method: &'static str, path: &'static str, times: usize, fault: Fault) {
        self.state.lock().unwrap().faults.push(Planned { method, path, times, fault });
    }

    /// Lets everything succeed again.
    pub fn heal(&self) {
        self.state.lock().unwrap().faults.clear();
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.state.lock().unwrap().requests.clone()
    }

    /// The requests for the bytes of large files so far.
    pub fn transfers(&self) -> Vec<Request> {
        self.requests()
            .into_iter()
            .filter(|request| request.method == "GET" && request.path.contains("/cdn/"))
            .collect()
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let Some(mut request) = read_request(&mut reader) else {
            // Not HTTP: TLS, perhaps.
            let _ = write!(stream, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            return;
        };
        self.state.lock().unwrap().requests.push(request.clone());
        if request.method == "CONNECT" {
            // As a proxy: whatever the tunnel leads to, this hub answers.
            if let Some(Fault::Answer(answer)) = self.fault(&request) {
                let _ = write!(stream, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n");
                return;
            }
            let _ = write!(stream, "HTTP/1.1 200 Connected\r\n\r\n");
            let Some(inner) = read_request(&mut reader) else { return };
            self.state.lock().unwrap().requests.push(inner.clone());
            request = inner;
        }
        let _ = self.answer(&request, &mut stream);
    }

    fn fault(&self, request: &Request) -> Option<Fault> {
        let mut state = self.state.lock().unwrap();
        let matches = |planned: &&mut Planned| {
            planned.times > 0 && planned.method == request.method && request.path.contains(planned.path)
        };
        let planned = state.faults.iter_mut().find(matches)?;
        planned.times -= 1;
        Some(planned.fault.clone())
    }

    fn answer(&self, request: &Request, stream: &mut TcpStream) -> std::io::Result<()> {
        let fault = self.fault(request);
        if let Some(Fault::Answer(answer)) = fault {
            let page = "<html><body>Please log in</body></html>";
            let length = page.len();
            return write!(
                stream,
                "HTTP/1.1 {answer}\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{page}"
            );
        }
        let renamed = self.state.lock().unwrap().renamed.clone();
        if let Some((old, new)) = renamed.filter(|(old, _)| request.path.contains(old.as_str())) {
            let path = request.path.replace(&old, &new);
            return write!(
                stream,
                "HTTP/1.1 307 Temporary Redirect\r\nLocation: {path}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        }
        let Some((commit, bytes)) = self.find(&request.path) else {
            let code = if request.path.contains("/resolve/") { "EntryNotFound" } else { "RepoNotFound" };
            return write!(
                stream,
                "HTTP/1.1 404 Not Found\r\nX-Error-Code: {code}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        };
        if !request.path.contains("/cdn/") && bytes.len() > LARGE {
            let digest = hexadecimal(&sha2::Sha256::digest(&bytes));
            return write!(
                stream,
                "HTTP/1.1 302 Found\r\nLocation: http://localhost:{}/cdn/{digest}\r\nX-Repo-Commit: {commit}\r\n\
                 X-Linked-Etag: \"{digest}\"\r\nX-Linked-Size: {}\r\nETag: \"not the content\"\r\n\
                 Content-Length: 0\r\nConnection: close\r\n\r\n",
                self.port,
                bytes.len()
            );
        }
        let range =
            request.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
        let start: usize = range.filter(|_| !matches!(fault, Some(Fault::IgnoreRange))).unwrap_or(0);
        if start >= bytes.len() && start > 0 {
            return write!(
                stream,
                "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        }
        let mut body = bytes[start..].to_vec();
        match start {
            0 => write!(stream, "HTTP/1.1 200 OK\r\n")?,
            _ => write!(
                stream,
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {start}-{}/{}\r\n",
                bytes.len() - 1,
                bytes.len()
            )?,
        }
        let mut git = sha1::Sha1::new();
        git.update(format!("blob {}\0", bytes.len()));
        git.update(&bytes);
        let etag = hexadecimal(&git.finalize());
        write!(
            stream,
            "X-Repo-Commit: {commit}\r\nETag: \"{etag}\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        )?;
        if request.method == "HEAD" {
            return Ok(());
        }
        match fault {
            Some(Fault::CutAfter(length)) => stream.write_all(&body[..length]),
            Some(Fault::StallAfter(length)) => {
                stream.write_all(&body[..length])?;
                // Until the other side gives up.
                stream.read(&mut [0]).map(drop)
            }
            Some(Fault::DripAfter(length)) => {
                stream.write_all(&body[..length])?;
                for byte in &body[length..] {
                    stream.write_all(std::slice::from_ref(byte))?;
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
                Ok(())
            }
            Some(Fault::WrongByte) => {
                body[0] ^= 1;
                stream.write_all(&body)
            }
            _ => stream.write_all(&body),
        }
    }

    /// Finds `[/prefix]/organisation/name/resolve/revision/file` or `/cdn/digest`.
    fn find(&self, path: &str) -> Option<(String, Vec<u8>)> {
        let state = self.state.lock().unwrap();
        if let Some((_, digest)) = path.split_once("/cdn/") {
            let files = state.repositories.values().flat_map(|repository| repository.files.values());
            let bytes = files.into_iter().find(|bytes| hexadecimal(&sha2::Sha256::digest(bytes)) == digest)?;
            return Some((String::new(), bytes.clone()));
        }
        let (before, after) = path.split_once("/resolve/")?;
        let (revision, file) = after.split_once('/')?;
        let (_, repository) = state.repositories.iter().find(|(id, _)| before.ends_with(id.as_str()))?;
        if revision != "main" && revision != repository.commit {
            return None;
        }
        Some((repository.commit.clone(), repository.files.get(file)?.clone()))
    }
}

fn read_request(reader: &mut impl BufRead) -> Option<Request> {
    let mut lines = reader.lines().map_while(Result::ok);
    let first = lines.next()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let headers = lines.take_while(|line| !line.is_empty());
    let headers =
        headers.filter_map(|line| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())));
    Some(Request { method, path, headers: headers.collect() })
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
