//! The store: names, the cache, and (feature `hub`) downloads from a hub that fails in every way a hub can.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use translate::Error;
use translate::engine::files::ModelFiles;
use translate::store::{Condition, DownloadProgress, ResolvedModel, Store, StoreOptions};

const REPOSITORY: &str = "tiny/marian-de-en";

/// The files of a model as far as the store is concerned.
fn model_files() -> Vec<(&'static str, Vec<u8>)> {
    // Longer than any buffer on the way, and without a period.
    let weights = (0..400_000_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    vec![
        ("config.json", b"{\"model_type\": \"marian\"}".to_vec()),
        ("vocab.json", b"{\"</s>\": 0}".to_vec()),
        ("source.spm", b"source pieces".to_vec()),
        ("target.spm", b"target pieces".to_vec()),
        ("model.safetensors", weights),
    ]
}

fn go_on(_: DownloadProgress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn directory(model: &ResolvedModel) -> PathBuf {
    match &model.files {
        ModelFiles::Directory(path) => path.clone(),
        ModelFiles::Embedded { .. } => panic!("{} lies in no directory", model.name),
    }
}

fn assert_whole(model: &ResolvedModel) {
    for (name, bytes) in model_files() {
        assert!(std::fs::read(directory(model).join(name)).unwrap() == bytes, "{name}");
        assert!(model.digests.iter().any(|file| file.name == name && file.sha256.len() == 64), "{name}");
    }
}

/// Everything below a folder, with its content.
fn tree(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type().unwrap().is_dir() {
            true => files.extend(tree(&entry.path())),
            false => files.push((entry.path(), std::fs::read(entry.path()).unwrap_or_default())),
        }
    }
    files.sort();
    files
}

fn hint(error: &Error) -> String {
    error.hint().unwrap_or_default().to_owned()
}

#[test]
fn a_directory_is_a_model_when_it_holds_config_and_weights() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(StoreOptions::default());
    let name = folder.path().to_str().unwrap();
    let error = store.resolve(name, &go_on).unwrap_err();
    assert!(matches!(&error, Error::Model { .. }) && !hint(&error).is_empty(), "{error}");
    for (file, bytes) in model_files() {
        std::fs::write(folder.path().join(file), bytes).unwrap();
    }
    let model = store.resolve(name, &go_on).unwrap();
    assert_whole(&model);
    assert_eq!((model.commit, model.notice), (None, None));

    let error = store.resolve("/no/such/model", &go_on).unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error}");
}

#[test]
fn a_vocabulary_of_the_target_alone_belongs_to_the_model() {
    let folder = tempfile::tempdir().unwrap();
    for (file, bytes) in model_files().into_iter().chain([("target_vocab.json", b"{}".to_vec())]) {
        std::fs::write(folder.path().join(file), bytes).unwrap();
    }
    let model = Store::new(StoreOptions::default()).resolve(folder.path().to_str().unwrap(), &go_on).unwrap();
    assert!(model.digests.iter().any(|file| file.name == "target_vocab.json"));
}

#[test]
fn a_directory_is_verified_as_far_as_it_can_be_and_its_notes_can_be_removed() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (file, bytes) in model_files() {
        std::fs::write(folder.path().join(file), bytes).unwrap();
    }
    let header = br#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#;
    let weights = [&(header.len() as u64).to_le_bytes()[..], header, b"abcd"].concat();
    let path = folder.path().join("model.safetensors");
    let name = folder.path().to_str().unwrap();
    let store = Store::new(StoreOptions { cache: Some(cache.path().into()), ..StoreOptions::default() });
    std::fs::write(&path, &weights[..weights.len() - 1]).unwrap();
    let error = store.verify(name).unwrap_err();
    assert!(matches!(&error, Error::Model { reason, .. } if reason.contains("not whole")), "{error}");
    std::fs::write(&path, &weights).unwrap();
    store.verify(name).unwrap();

    assert!(!tree(cache.path()).is_empty());
    store.remove(name).unwrap();
    assert_eq!(tree(cache.path()), []);
    assert!(matches!(store.remove(name), Err(Error::Unavailable { .. })));
    assert!(path.is_file());
}

#[test]
fn a_summarizer_is_no_model_to_translate_with() {
    let cache = tempfile::tempdir().unwrap();
    let store = Store::new(StoreOptions { cache: Some(cache.path().into()), offline: true, ..StoreOptions::default() });
    for name in ["t5-small", "google-t5/t5-small", "google-t5/t5-small@refs/pr/1"] {
        match store.resolve(name, &go_on) {
            Err(Error::Option { option: "--model", reason }) => assert!(reason.contains("opus-mt-de-en"), "{reason}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn names_that_are_none_are_refused_with_those_that_are() {
    let store = Store::new(StoreOptions::default());
    for name in ["", "nonsense", "a/b/c", "o/../..", "o/n@", "o/n@../main", "o/n@a b", "-o/n", "https://x/y"] {
        match store.resolve(name, &go_on) {
            Err(Error::Option { reason, .. }) => assert!(reason.contains("opus-mt-de-en"), "{reason}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_cache_filled_by_another_tool_is_used_and_checked() {
    let cache = tempfile::tempdir().unwrap();
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let repository = cache.path().join("models--tiny--marian-de-en");
    let snapshot = repository.join("snapshots").join(commit);
    std::fs::create_dir_all(&snapshot).unwrap();
    std::fs::create_dir_all(repository.join("refs")).unwrap();
    std::fs::write(repository.join("refs/main"), commit).unwrap();
    for (name, bytes) in model_files() {
        std::fs::write(snapshot.join(name), bytes).unwrap();
    }
    let store = Store::new(StoreOptions { cache: Some(cache.path().into()), offline: true, ..StoreOptions::default() });
    for name in [REPOSITORY.to_owned(), format!("{REPOSITORY}@main"), format!("{REPOSITORY}@{commit}")] {
        let model = store.resolve(&name, &go_on).unwrap();
        assert_whole(&model);
        assert_eq!(model.commit.as_deref(), Some(commit));
    }
    // No digest was known beforehand: the ones recorded at first sight count from now on.
    std::fs::write(snapshot.join("vocab.json"), b"{\"</s>\": 1}").unwrap();
    let error = store.verify(REPOSITORY).unwrap_err();
    assert!(matches!(&error, Error::Model { reason, .. } if reason.contains("vocab.json")), "{error}");

    std::fs::remove_file(snapshot.join("source.spm")).unwrap();
    let error = store.resolve(REPOSITORY, &go_on).unwrap_err();
    assert!(matches!(&error, Error::Unavailable { reason, .. } if reason.contains("source.spm")), "{error}");
}

#[test]
fn a_model_carried_as_a_file_arrives_whole_or_not_at_all() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let snapshot = here.path().join("models--tiny--marian-de-en/snapshots").join(commit);
    std::fs::create_dir_all(&snapshot).unwrap();
    for (name, bytes) in model_files() {
        std::fs::write(snapshot.join(name), bytes).unwrap();
    }
    let store =
        |cache: &Path| Store::new(StoreOptions { cache: Some(cache.into()), offline: true, ..StoreOptions::default() });
    let file = here.path().join("model.tar");
    let name = format!("{REPOSITORY}@{commit}");
    store(here.path()).export(&name, &file).unwrap();
    let bytes = std::fs::read(&file).unwrap();

    // Broken off, or with one byte changed in the weights: an error, and no model.
    let damaged = here.path().join("damaged.tar");
    let mut changed = bytes.clone();
    let last = changed.len() - 100_000;
    changed[last] ^= 1;
    for content in [&bytes[..bytes.len() / 2], &changed, b"no tar file at all", b""] {
        std::fs::write(&damaged, content).unwrap();
        let error = store(there.path()).import(&damaged).unwrap_err();
        assert!(!hint(&error).is_empty(), "{error}");
        assert!(store(there.path()).resolve(&name, &go_on).is_err());
    }
    assert_whole(&store(there.path()).import(&file).unwrap());
    assert_whole(&store(there.path()).verify(&name).unwrap());

    // What is there and right stays, whatever an archive says of the same commit.
    std::fs::write(snapshot.join("vocab.json"), b"{}").unwrap();
    std::fs::remove_dir_all(snapshot.join("../../.translate")).unwrap();
    store(here.path()).export(&name, &file).unwrap();
    assert_whole(&store(there.path()).import(&file).unwrap());

    store(there.path()).remove(&name).unwrap();
    assert_eq!(tree(there.path()), []);
}

/// A cache as another tool fills it, with the branch `main` at this commit.
fn fill(cache: &Path, commit: &str, files: &[(&str, Vec<u8>)]) -> PathBuf {
    let repository = cache.join("models--tiny--marian-de-en");
    let snapshot = repository.join("snapshots").join(commit);
    std::fs::create_dir_all(&snapshot).unwrap();
    std::fs::create_dir_all(repository.join("refs")).unwrap();
    std::fs::write(repository.join("refs/main"), commit).unwrap();
    for (name, bytes) in files {
        std::fs::write(snapshot.join(name), bytes).unwrap();
    }
    repository
}

#[test]
fn an_archive_without_the_weights_does_not_replace_a_good_model() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store =
        |cache: &Path| Store::new(StoreOptions { cache: Some(cache.into()), offline: true, ..StoreOptions::default() });
    fill(here.path(), &"1".repeat(40), &model_files());
    fill(there.path(), &"2".repeat(40), &model_files());
    let file = here.path().join("model.tar");
    store(here.path()).export(&format!("{REPOSITORY}@main"), &file).unwrap();
    let whole = std::fs::read(&file).unwrap();

    // The same archive with its manifest and config.json only.
    let mut short = tar::Builder::new(Vec::new());
    for entry in tar::Archive::new(&whole[..]).entries().unwrap().take(2) {
        let entry = entry.unwrap();
        let (mut header, path) = (entry.header().clone(), entry.path().unwrap().into_owned());
        short.append_data(&mut header, path, entry).unwrap();
    }
    std::fs::write(&file, short.into_inner().unwrap()).unwrap();
    let error = store(there.path()).import(&file).unwrap_err();
    assert!(error.to_string().contains("model.safetensors"), "{error}");
    assert_eq!(store(there.path()).resolve(REPOSITORY, &go_on).unwrap().commit, Some("2".repeat(40)));

    std::fs::write(&file, whole).unwrap();
    store(there.path()).import(&file).unwrap();
    assert_eq!(store(there.path()).resolve(REPOSITORY, &go_on).unwrap().commit, Some("1".repeat(40)));
}

#[test]
fn what_cannot_be_used_is_not_called_ready() {
    for (file, bytes, told) in
        [("config.json", &b"{\"model_type\": \"t5\"}"[..], "t5"), ("pytorch_model.bin", &b"\x80\x02\x8a\nl"[..], "zip")]
    {
        let cache = tempfile::tempdir().unwrap();
        let repository = fill(cache.path(), &"1".repeat(40), &model_files());
        std::fs::create_dir(repository.join(".translate")).unwrap();
        let snapshot = repository.join("snapshots").join("1".repeat(40));
        if file.ends_with(".bin") {
            std::fs::remove_file(snapshot.join("model.safetensors")).unwrap();
        }
        std::fs::write(snapshot.join(file), bytes).unwrap();
        let store =
            Store::new(StoreOptions { cache: Some(cache.path().into()), offline: true, ..StoreOptions::default() });
        let error = store.resolve(REPOSITORY, &go_on).unwrap_err();
        assert!(matches!(&error, Error::Model { reason, .. } if reason.contains(told)), "{error}");
        assert_eq!(condition(&store, REPOSITORY), Some(Condition::Unusable));
    }
}

fn condition(store: &Store, name: &str) -> Option<Condition> {
    store.list().into_iter().find(|model| model.name == name).map(|model| model.condition)
}

#[test]
fn verification_drops_the_prepared_weights() {
    let cache = tempfile::tempdir().unwrap();
    let repository = fill(cache.path(), &"1".repeat(40), &model_files());
    let store = Store::new(StoreOptions { cache: Some(cache.path().into()), offline: true, ..StoreOptions::default() });
    store.resolve(REPOSITORY, &go_on).unwrap();
    let prepared = repository.join(".translate").join(format!("{}.int8", "1".repeat(40)));
    std::fs::write(&prepared, "damaged").unwrap();
    store.verify(REPOSITORY).unwrap();
    assert!(!prepared.exists());
}

#[test]
fn what_dead_processes_left_is_swept_after_a_day() {
    let cache = tempfile::tempdir().unwrap();
    let repository = fill(cache.path(), &"1".repeat(40), &model_files());
    let folder = repository.join(".translate");
    std::fs::create_dir(&folder).unwrap();
    let two_days_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 24 * 60 * 60);
    for (name, old) in [("1.temporary", true), ("x.1.part", true), ("2.temporary", false), ("kept.int8", true)] {
        let file = std::fs::File::create(folder.join(name)).unwrap();
        if old {
            file.set_modified(two_days_ago).unwrap();
        }
    }
    let store = Store::new(StoreOptions { cache: Some(cache.path().into()), offline: true, ..StoreOptions::default() });
    store.resolve(REPOSITORY, &go_on).unwrap();
    let left: Vec<_> = tree(&folder).into_iter().map(|(path, _)| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(
        left,
        ["1".repeat(40).as_str(), "2.temporary", "kept.int8"].map(|name| match name.len() {
            40 => format!("{name}.json").into(),
            _ => std::ffi::OsString::from(name),
        })
    );
}

#[test]
fn without_a_network_auto_is_the_bundled_model_with_one_line_saying_why() {
    let cache = tempfile::tempdir().unwrap();
    let store = Store::new(StoreOptions { cache: Some(cache.path().into()), offline: true, ..StoreOptions::default() });
    assert_fell_back(store.resolve("auto", &go_on), "not in the cache");
}

/// With a model inside the program, it and a notice; without one, the error that the notice would have told of.
fn assert_fell_back(result: Result<ResolvedModel, Error>, why: &str) {
    if cfg!(feature = "bundled") {
        let model = result.unwrap();
        let notice = model.notice.unwrap();
        assert_eq!(model.name, "bundled");
        assert!(notice.contains(why) && notice.lines().count() == 1, "{notice}");
        assert!(model.digests.iter().any(|file| file.name == "model.safetensors"));
    } else {
        let error = result.unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[cfg(feature = "hub")]
mod downloads {
    use std::cell::Cell;
    use std::fs::File;
    use std::net::TcpListener;
    use std::time::{Duration, Instant};

    use translate::store::{Catalog, Patience};

    use super::*;
    use crate::support::hub::{Fault, Hub};

    const WEIGHTS: &str = "model.safetensors";
    const CDN: &str = "/cdn/";

    /// A hub with one model, and an empty cache.
    struct Scene {
        hub: Hub,
        cache: tempfile::TempDir,
        commit: String,
        options: StoreOptions,
    }

    impl Scene {
        fn new() -> Self {
            let hub = Hub::start();
            let commit = hub.publish(REPOSITORY, &model_files());
            let cache = tempfile::tempdir().unwrap();
            let patience = Patience {
                connect: Duration::from_secs(5),
                read: Duration::from_secs(5),
                attempts: 3,
                pause: Duration::from_millis(1),
                longest_pause: Duration::from_secs(2),
                least_gain: 1000,
                ..Patience::default()
            };
            let options = StoreOptions {
                cache: Some(cache.path().into()),
                endpoint: Some(hub.url()),
                patience,
                ..StoreOptions::default()
            };
            Self { hub, cache, commit, options }
        }

        fn store(&self) -> Store {
            Store::new(self.options.clone())
        }

        fn offline(&self) -> Store {
            Store::new(StoreOptions { offline: true, ..self.options.clone() })
        }

        fn fetch(&self) -> Result<ResolvedModel, Error> {
            self.store().resolve(REPOSITORY, &go_on)
        }

        fn repository(&self) -> PathBuf {
            self.cache.path().join("models--tiny--marian-de-en")
        }

        fn blob(&self, file: &str) -> PathBuf {
            let link = self.repository().join("snapshots").join(&self.commit).join(file);
            link.parent().unwrap().join(std::fs::read_link(&link).unwrap())
        }

        /// The partial file of the weights, whose name is known before anything is fetched.
        fn partial(&self) -> PathBuf {
            let (_, bytes) = model_files().pop().unwrap();
            let digest: String =
                <sha2::Sha256 as sha2::Digest>::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            self.repository().join("blobs").join(format!("{digest}.incomplete"))
        }

        /// A download that must fail, leaving nothing that looks like a model; afterwards the hub is well again.
        fn fails(&self) -> Error {
            let error = self.fetch().unwrap_err();
            assert!(!hint(&error).is_empty(), "{error} says not what to do");
            assert!(self.offline().resolve(REPOSITORY, &go_on).is_err());
            self.hub.heal();
            error
        }
    }

    #[test]
    fn a_download_is_found_by_the_hubs_own_tools_and_asks_nobody_again() {
        let scene = Scene::new();
        let model = scene.fetch().unwrap();
        assert_whole(&model);
        assert_eq!(model.commit.as_ref(), Some(&scene.commit));

        let other_tool = hf_hub::Cache::new(scene.cache.path().into()).model(REPOSITORY.to_owned());
        for (file, bytes) in model_files() {
            assert!(std::fs::read(other_tool.get(file).unwrap()).unwrap() == bytes);
        }
        assert_eq!(scene.blob(WEIGHTS).with_added_extension("incomplete").file_name(), scene.partial().file_name());

        let before = scene.hub.requests().len();
        for name in [REPOSITORY.to_owned(), format!("{REPOSITORY}@{}", scene.commit)] {
            assert_whole(&scene.store().resolve(&name, &go_on).unwrap());
        }
        assert_eq!(scene.hub.requests().len(), before);
    }

    #[test]
    fn a_vocabulary_of_the_target_alone_is_fetched() {
        let mut scene = Scene::new();
        let mut files = model_files();
        files.insert(4, ("target_vocab.json", b"{\"</s>\": 0}".to_vec()));
        scene.commit = scene.hub.publish(REPOSITORY, &files);
        assert!(directory(&scene.fetch().unwrap()).join("target_vocab.json").is_file());
    }

    #[test]
    fn offline_opens_no_socket() {
        let scene = Scene::new();
        assert!(scene.offline().resolve(REPOSITORY, &go_on).is_err());
        assert!(scene.offline().fetch(REPOSITORY, &go_on).is_err());
        assert_fell_back(scene.offline().resolve("auto", &go_on), "not in the cache");
        assert_eq!(scene.hub.requests().len(), 0);
    }

    #[test]
    fn fetch_follows_a_branch_and_resolve_does_not() {
        let mut scene = Scene::new();
        scene.fetch().unwrap();
        let mut files = model_files();
        files[1].1 = b"{\"</s>\": 0, \"<unk>\": 1}".to_vec();
        let old = std::mem::replace(&mut scene.commit, scene.hub.publish(REPOSITORY, &files));
        assert_eq!(scene.fetch().unwrap().commit.as_ref(), Some(&old));
        assert_eq!(scene.store().fetch(REPOSITORY, &go_on).unwrap().commit.as_ref(), Some(&scene.commit));
        assert_eq!(scene.fetch().unwrap().commit.as_ref(), Some(&scene.commit));
        assert_eq!(scene.hub.transfers().len(), 1, "unchanged weights were fetched again");

        // Both commits share the weights: removing one keeps them.
        scene.store().remove(&format!("{REPOSITORY}@{old}")).unwrap();
        assert!(scene.offline().verify(&format!("{REPOSITORY}@{old}")).is_err());
        scene.offline().verify(REPOSITORY).unwrap();
        scene.store().remove(REPOSITORY).unwrap();
        assert_eq!(tree(scene.cache.path()), []);
    }

    #[test]
    fn a_broken_connection_is_continued_where_it_broke() {
        let scene = Scene::new();
        scene.hub.plan("GET", CDN, 1, Fault::CutAfter(150_000));
        assert_whole(&scene.fetch().unwrap());
        let ranges: Vec<_> = scene.hub.transfers().iter().map(|get| get.header("range").map(str::to_owned)).collect();
        assert_eq!(ranges, [None, Some("bytes=150000-".to_owned())]);
    }

    #[test]
    fn each_byte_gained_renews_the_patience() {
        let scene = Scene::new();
        scene.hub.plan("GET", CDN, 10, Fault::CutAfter(30_000));
        assert_whole(&scene.fetch().unwrap());
        assert_eq!(scene.hub.transfers().len(), 11);
    }

    #[test]
    fn a_stopped_download_goes_on_next_time() {
        let scene = Scene::new();
        let stop = |progress: DownloadProgress<'_>| match progress {
            DownloadProgress::Transfer { file: WEIGHTS, bytes, total } if bytes > 100_000 => {
                assert_eq!(total, Some(400_000));
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        };
        for name in ["auto", REPOSITORY] {
            let mut scene_options = scene.options.clone();
            scene_options.catalog = catalog(&scene.commit, None);
            let error = Store::new(scene_options).resolve(name, &stop).unwrap_err();
            assert!(matches!(error, Error::Stopped), "{error}");
        }
        let have = scene.partial().metadata().unwrap().len();
        assert!((100_001..400_000).contains(&have));
        assert_whole(&scene.fetch().unwrap());
        assert_eq!(scene.hub.transfers().last().unwrap().header("range"), Some(format!("bytes={have}-").as_str()));
    }

    #[test]
    fn an_interrupted_download_of_a_branch_is_listed_and_can_be_removed() {
        let stop = |progress: DownloadProgress<'_>| match progress {
            DownloadProgress::Transfer { file: WEIGHTS, bytes, .. } if bytes > 0 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        };
        for with_branch in [true, false] {
            let scene = Scene::new();
            assert!(scene.store().resolve(REPOSITORY, &stop).is_err());
            assert_eq!(condition(&scene.offline(), REPOSITORY), Some(Condition::Incomplete));
            if !with_branch {
                std::fs::remove_dir_all(scene.repository().join("refs")).unwrap();
            }
            scene.store().remove(REPOSITORY).unwrap();
            assert_eq!(tree(scene.cache.path()), []);
            assert!(!scene.repository().exists());
            assert_eq!(condition(&scene.offline(), REPOSITORY), None);
        }
    }

    #[test]
    fn what_another_process_is_fetching_is_not_removed() {
        let scene = Scene::new();
        scene.fetch().unwrap();
        let lock = scene.cache.path().join(".locks/models--tiny--marian-de-en/foreign.lock");
        let held = File::create(&lock).unwrap();
        held.lock().unwrap();
        let error = scene.store().remove(REPOSITORY).unwrap_err();
        assert!(error.to_string().contains("another process"), "{error}");
        assert_whole(&scene.offline().verify(REPOSITORY).unwrap());
        drop(held);
        scene.store().remove(REPOSITORY).unwrap();
        assert_eq!(tree(scene.cache.path()), []);
    }

    #[test]
    fn a_model_of_another_type_is_refused_before_its_weights_come() {
        let mut scene = Scene::new();
        let mut files = model_files();
        files[0].1 = b"{\"model_type\": \"bert\"}".to_vec();
        scene.commit = scene.hub.publish(REPOSITORY, &files);
        assert!(scene.fails().to_string().contains("bert"));
        assert!(scene.hub.requests().iter().all(|request| request.path.ends_with("config.json")));
    }

    /// It was taken for a model that translates, and refused for being none.
    #[test]
    fn a_summarizer_that_the_catalogue_does_not_know_is_fetched() {
        let mut scene = Scene::new();
        let mut files = model_files();
        files[0].1 = b"{\"model_type\": \"t5\"}".to_vec();
        files.push(("tokenizer.json", b"{}".to_vec()));
        scene.commit = scene.hub.publish(REPOSITORY, &files);
        let found = Store::new(scene.options.clone()).resolve_summarizer(REPOSITORY, &go_on).unwrap();
        assert!(directory(&found).join("model.safetensors").is_file());
        assert!(scene.fails().to_string().contains("t5"));
    }

    #[test]
    fn a_hub_that_cannot_continue_sends_the_whole_file() {
        let scene = Scene::new();
        scene.hub.plan("GET", CDN, 1, Fault::CutAfter(150_000));
        scene.hub.plan("GET", CDN, 1, Fault::IgnoreRange);
        assert_whole(&scene.fetch().unwrap());

        let scene = Scene::new();
        scene.hub.plan("GET", CDN, 1, Fault::CutAfter(150_000));
        scene.hub.plan("GET", CDN, 1, Fault::Answer("416 Range Not Satisfiable"));
        assert_whole(&scene.fetch().unwrap());
    }

    #[test]
    fn wrong_bytes_never_become_visible() {
        let scene = Scene::new();
        for path in ["vocab.json", CDN] {
            scene.hub.plan("GET", path, 9, Fault::WrongByte);
            let error = scene.fails();
            assert!(error.to_string().contains("digest"), "{error}");
        }
        // Wrong from the first half of an interrupted download: once more from the beginning, and good.
        scene.hub.plan("GET", CDN, 1, Fault::CutAfter(150_000));
        let stop = |progress: DownloadProgress<'_>| match progress {
            DownloadProgress::Waiting { file: WEIGHTS, .. } => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        };
        assert!(scene.store().resolve(REPOSITORY, &stop).is_err());
        let mut bytes = std::fs::read(scene.partial()).unwrap();
        bytes[7] ^= 1;
        std::fs::write(scene.partial(), bytes).unwrap();
        assert_whole(&scene.fetch().unwrap());
    }

    #[test]
    fn a_page_instead_of_a_file_is_refused() {
        let scene = Scene::new();
        scene.hub.plan("GET", CDN, 1, Fault::Answer("200 OK"));
        assert!(scene.fails().to_string().contains("text/html"));
        scene.hub.plan("HEAD", "config.json", 1, Fault::Answer("200 OK"));
        assert!(hint(&scene.fails()).contains("login page"));
        assert_whole(&scene.fetch().unwrap());
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        let scene = Scene::new();
        for (answer, told) in [
            ("401 Unauthorized", "HF_TOKEN"),
            ("403 Forbidden", "HF_ENDPOINT"),
            ("403 Forbidden\r\nX-Error-Code: GatedRepo", "accept the terms"),
            ("404 Not Found\r\nX-Error-Code: RepoNotFound", "translate model list"),
            ("404 Not Found\r\nX-Error-Code: RevisionNotFound", "after @"),
            ("404 Not Found", "check the name"),
            ("407 Proxy Authentication Required", "HTTPS_PROXY"),
            ("429 Too Many Requests\r\nRetry-After: 300", "300 seconds"),
            ("429 Too Many Requests", "HF_TOKEN"),
            ("500 Internal Server Error", "try again later"),
            ("503 Service Unavailable", "HF_ENDPOINT"),
            ("418 I'm a teapot", "HF_ENDPOINT"),
        ] {
            for (method, path) in [("HEAD", "config.json"), ("GET", CDN)] {
                scene.hub.plan(method, path, 99, Fault::Answer(answer));
                let error = scene.fails();
                let advice = hint(&error);
                assert!(advice.contains(told) || method == "GET", "{answer}: {advice}");
            }
        }
        assert_whole(&scene.fetch().unwrap());
    }

    #[test]
    fn a_tired_hub_is_given_the_pause_it_asks_for() {
        let scene = Scene::new();
        scene.hub.plan("HEAD", "config.json", 1, Fault::Answer("429 Too Many Requests\r\nRetry-After: 1"));
        scene.hub.plan("GET", CDN, 2, Fault::Answer("503 Service Unavailable"));
        let asked = Cell::new(Duration::ZERO);
        let progress = |progress: DownloadProgress<'_>| {
            if let DownloadProgress::Waiting { left, reason, .. } = progress {
                assert!(reason.contains("429") || reason.contains("503"), "{reason}");
                asked.set(asked.get().max(left));
            }
            ControlFlow::Continue(())
        };
        assert_whole(&scene.store().resolve(REPOSITORY, &progress).unwrap());
        assert!(asked.get() > Duration::from_millis(500), "{:?}", asked.get());
    }

    #[test]
    fn a_pause_may_be_asked_for_as_a_date() {
        let scene = Scene::new();
        let answer = "429 Too Many Requests\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
                      Retry-After: Sun, 06 Nov 1994 08:54:37 GMT";
        scene.hub.plan("HEAD", "config.json", 99, Fault::Answer(answer));
        assert!(hint(&scene.fails()).contains("300 seconds"));
        assert_eq!(scene.hub.requests().len(), 1, "a hub that asked for a long pause was asked again");
    }

    #[test]
    fn a_hub_that_drips_is_given_up_however_long_it_drips() {
        let mut scene = Scene::new();
        scene.options.patience.window = Duration::from_millis(100);
        scene.hub.plan("GET", CDN, 1, Fault::DripAfter(150_000));
        scene.hub.plan("GET", CDN, 99, Fault::DripAfter(0));
        let error = scene.fails();
        assert!(error.to_string().contains("too slowly"), "{error}");
        assert_eq!(scene.hub.transfers().len(), 3, "bytes that count for nothing renewed the patience");
        assert_whole(&scene.fetch().unwrap());
    }

    #[test]
    fn a_hub_that_falls_silent_is_given_up_and_what_came_is_kept() {
        let mut scene = Scene::new();
        scene.options.patience.read = Duration::from_millis(100);
        scene.options.patience.attempts = 1;
        scene.hub.plan("GET", CDN, 9, Fault::StallAfter(150_000));
        let error = scene.fails();
        assert!(error.to_string().contains("in time"), "{error}");
        scene.options.patience = Patience::default();
        assert_whole(&scene.fetch().unwrap());
        assert_eq!(scene.hub.transfers().last().unwrap().header("range"), Some("bytes=150000-"));
    }

    #[test]
    fn a_short_body_is_an_error_when_it_stays_short() {
        let scene = Scene::new();
        scene.hub.plan("GET", CDN, 99, Fault::CutAfter(0));
        scene.fails();
        assert_whole(&scene.fetch().unwrap());
    }

    #[test]
    fn no_connection_no_name_no_tls_are_told_apart() {
        let mut scene = Scene::new();
        scene.options.patience.attempts = 1;
        for (endpoint, told) in [
            (nobody_listens(), "no connection"),
            ("http://hub.invalid".to_owned(), "hub.invalid"),
            (scene.hub.url().replace("http:", "https:"), "secure connection"),
        ] {
            scene.options.endpoint = Some(endpoint);
            let error = scene.fails();
            assert!(error.to_string().contains(told), "{error}");
        }
        scene.options.endpoint = Some("huggingface.co".to_owned());
        assert!(matches!(scene.fetch(), Err(Error::Option { option: "HF_ENDPOINT", .. })));
    }

    #[test]
    fn without_an_answer_auto_is_the_bundled_model_within_three_seconds() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let silent = format!("http://{}", silent.local_addr().unwrap());
        let mut scene = Scene::new();
        // As patient as for a real user: only the first contact is short.
        scene.options.patience = Patience::default();
        scene.options.mirrors = vec![nobody_listens()];
        for endpoint in [nobody_listens(), "http://hub.invalid".to_owned(), silent] {
            scene.options.endpoint = Some(endpoint);
            let start = Instant::now();
            assert_fell_back(scene.store().resolve("auto", &go_on), "not available");
            assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
        }
    }

    #[test]
    fn auto_prefers_the_catalogues_model_and_pins_its_content() {
        let mut scene = Scene::new();
        let digest = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
        scene.options.catalog = catalog(&scene.commit, Some(&"0".repeat(64)));
        assert_fell_back(scene.store().resolve("auto", &go_on), "catalogue");
        assert_eq!(scene.hub.transfers().len(), 0, "a file known to be wrong was fetched");

        scene.options.catalog = catalog(&scene.commit, Some(&digest(scene.partial())));
        let model = scene.store().resolve("auto", &go_on).unwrap();
        assert_whole(&model);
        assert_eq!((model.name.as_str(), model.notice), ("opus-mt-de-en", None));
        let before = scene.hub.requests().len();
        assert_whole(&scene.store().resolve("auto", &go_on).unwrap());
        assert_eq!(scene.hub.requests().len(), before);
    }

    #[test]
    fn a_renamed_repository_is_found_under_its_old_name() {
        let scene = Scene::new();
        scene.hub.rename("old/name", REPOSITORY);
        assert_whole(&scene.store().resolve("old/name", &go_on).unwrap());
    }

    #[test]
    fn a_mirror_steps_in_and_is_not_told_the_token() {
        let mut scene = Scene::new();
        scene.options.token = Some("secret".to_owned());
        scene.options.patience.attempts = 1;
        scene.options.mirrors = vec![scene.hub.url()];
        scene.options.endpoint = Some(nobody_listens());
        assert_whole(&scene.fetch().unwrap());
        assert!(scene.hub.requests().iter().all(|request| request.header("authorization").is_none()));
    }

    #[test]
    fn the_token_goes_to_the_hub_and_not_to_the_host_of_the_blobs() {
        let mut scene = Scene::new();
        scene.options.token = Some("secret".to_owned());
        scene.options.endpoint = Some(format!("{}/artifactory/api/hf/", scene.hub.url()));
        assert_whole(&scene.fetch().unwrap());
        for request in scene.hub.requests() {
            let hub = request.path.starts_with("/artifactory/api/hf/tiny/");
            assert_ne!(hub, request.path.starts_with(CDN));
            assert_eq!(request.header("authorization"), hub.then_some("Bearer secret"), "{request:?}");
        }
    }

    #[test]
    fn a_proxy_is_used_except_for_hosts_that_need_none() {
        let mut scene = Scene::new();
        let proxy = Hub::start();
        proxy.publish(REPOSITORY, &model_files());
        scene.options.http_proxy = Some(proxy.url().replace("http://", "http://user:password@"));
        proxy.plan("CONNECT", "", 1, Fault::Answer("407 Proxy Authentication Required"));
        let error = scene.fails();
        assert!(hint(&error).contains("HTTPS_PROXY"));
        let address = proxy.url().replace("http://", "");
        assert!(error.to_string().contains(&address) && !error.to_string().contains("password"), "{error}");

        scene.options.no_proxy = "localhost".to_owned();
        assert_whole(&scene.fetch().unwrap());
        let tunnels = proxy.requests().into_iter().filter(|request| request.method == "CONNECT");
        assert!(tunnels.into_iter().all(|request| request.header("proxy-authorization").is_some()));
        assert!(scene.hub.requests().is_empty(), "the hub was asked without the proxy");
    }

    #[test]
    fn a_proxy_for_https_is_not_used_for_http() {
        let mut scene = Scene::new();
        scene.options.https_proxy = Some(nobody_listens());
        assert_whole(&scene.fetch().unwrap());
    }

    #[test]
    fn settings_that_cannot_be_used_are_named_before_anything_is_asked() {
        let mut scene = Scene::new();
        for token in ["hf_a\nb", "hf_ä", "hf a"] {
            scene.options.token = Some(token.to_owned());
            match scene.fetch() {
                Err(Error::Option { option: "HF_TOKEN", reason }) => assert!(!reason.contains(token), "{reason}"),
                other => panic!("{other:?}"),
            }
        }
        scene.options.token = None;
        scene.options.certificates = Some(scene.cache.path().join("missing.pem"));
        match scene.fetch() {
            Err(Error::Option { option: "SSL_CERT_FILE", reason }) => assert!(reason.contains("missing.pem")),
            other => panic!("{other:?}"),
        }
        assert_eq!(scene.hub.requests().len(), 0);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_named_as_such() {
        let scene = Scene::new();
        std::fs::create_dir_all(scene.partial().parent().unwrap()).unwrap();
        std::os::unix::fs::symlink("/dev/full", scene.partial()).unwrap();
        assert!(hint(&scene.fails()).contains("make room"));
    }

    #[test]
    fn a_cache_that_cannot_be_written_is_named_as_such() {
        let mut scene = Scene::new();
        let file = scene.cache.path().join("file");
        std::fs::write(&file, "").unwrap();
        scene.options.cache = Some(file.join("cache"));
        assert!(hint(&scene.fails()).contains("--model-cache"));
        assert_eq!(scene.hub.transfers().len(), 0);
    }

    #[test]
    fn a_damaged_file_is_noticed_and_mended() {
        let scene = Scene::new();
        scene.fetch().unwrap();
        let blob = scene.blob(WEIGHTS);
        let mut bytes = std::fs::read(&blob).unwrap();
        bytes[200_000] ^= 1;
        std::fs::write(&blob, bytes).unwrap();
        for store in [scene.offline(), scene.store()] {
            assert!(matches!(store.verify(REPOSITORY), Err(Error::Model { .. })));
        }
        assert!(matches!(scene.offline().resolve(REPOSITORY, &go_on), Err(Error::Model { .. })));
        assert_whole(&scene.fetch().unwrap());
        scene.offline().verify(REPOSITORY).unwrap();
        assert_eq!(scene.hub.transfers().len(), 2);
    }

    /// What a process leaves that is killed between any two steps, and what other tools may leave.
    #[test]
    fn whatever_a_killed_download_leaves_the_next_one_completes() {
        let weights = model_files().pop().unwrap().1;
        let fetched = Scene::new();
        fetched.fetch().unwrap();
        type Leave<'a> = &'a dyn Fn(&Scene, &Path);
        let leave_partial = |bytes: Vec<u8>| {
            move |scene: &Scene, blob: &Path| {
                std::fs::remove_file(blob).unwrap();
                std::fs::remove_file(scene.repository().join("snapshots").join(&scene.commit).join(WEIGHTS)).unwrap();
                std::fs::write(scene.partial(), &bytes).unwrap();
            }
        };
        let states: [(&str, Leave<'_>); 9] = [
            ("nothing yet", &leave_partial(Vec::new())),
            ("a part", &leave_partial(weights[..123_456].to_vec())),
            ("a part of something else", &leave_partial(vec![7; 123_456])),
            ("all bytes, not yet checked", &leave_partial(weights.clone())),
            ("all bytes, wrong", &leave_partial(vec![7; weights.len()])),
            ("too many bytes", &leave_partial(vec![7; weights.len() + 1])),
            ("a blob without its link", &|scene, _| {
                std::fs::remove_file(scene.repository().join("snapshots").join(&scene.commit).join(WEIGHTS)).unwrap();
            }),
            ("a link without its blob", &|_, blob| std::fs::remove_file(blob).unwrap()),
            ("no branch, no record, a foreign leftover", &|scene, _| {
                std::fs::remove_dir_all(scene.repository().join("refs")).unwrap();
                std::fs::remove_dir_all(scene.repository().join(".translate")).unwrap();
                std::fs::create_dir(scene.repository().join(".translate")).unwrap();
                std::fs::write(scene.repository().join(".translate/1.temporary"), "half").unwrap();
            }),
        ];
        for (what, leave) in states {
            let scene = Scene::new();
            scene.fetch().unwrap();
            leave(&scene, &scene.blob(WEIGHTS));
            assert!(scene.offline().resolve(REPOSITORY, &go_on).is_err(), "{what}: taken for a model");
            assert_whole(&scene.fetch().unwrap());
            scene.offline().verify(REPOSITORY).unwrap();
            assert!(!scene.partial().exists(), "{what}");
        }
    }

    #[test]
    fn a_download_waits_for_another_one_and_can_be_stopped_meanwhile() {
        let scene = Scene::new();
        let lock = scene.cache.path().join(".locks/models--tiny--marian-de-en");
        let lock = lock.join(scene.partial().with_extension("lock").file_name().unwrap());
        std::fs::create_dir_all(lock.parent().unwrap()).unwrap();
        let held = File::create(&lock).unwrap();
        held.lock().unwrap();
        let stop = |progress: DownloadProgress<'_>| match progress {
            DownloadProgress::Waiting { reason, .. } if reason.contains("another process") => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        };
        assert!(matches!(scene.store().resolve(REPOSITORY, &stop), Err(Error::Stopped)));
        assert_eq!(scene.hub.transfers().len(), 0);
        // Let go of, but still on disk: no hindrance.
        drop(held);
        assert_whole(&scene.fetch().unwrap());
    }

    #[test]
    #[cfg(feature = "cli")]
    fn processes_at_once_fetch_the_weights_once() {
        let scene = Scene::new();
        let mut programs: Vec<_> = (0..3).map(|_| program(&scene).spawn().unwrap()).collect();
        for program in &mut programs {
            assert!(program.wait().unwrap().success());
        }
        assert_eq!(scene.hub.transfers().len(), 1);
        assert_whole(&scene.offline().verify(REPOSITORY).unwrap());
    }

    #[test]
    #[cfg(feature = "cli")]
    fn a_killed_program_leaves_a_part_that_the_next_one_continues() {
        let scene = Scene::new();
        scene.hub.plan("GET", CDN, 1, Fault::StallAfter(250_000));
        let mut killed = program(&scene).spawn().unwrap();
        let start = Instant::now();
        while scene.partial().metadata().map_or(0, |metadata| metadata.len()) < 250_000 {
            assert!(start.elapsed() < Duration::from_secs(60), "nothing arrives");
            std::thread::sleep(Duration::from_millis(5));
        }
        killed.kill().unwrap();
        killed.wait().unwrap();
        assert!(program(&scene).status().unwrap().success());
        assert_eq!(scene.hub.transfers().last().unwrap().header("range"), Some("bytes=250000-"));
        assert_whole(&scene.offline().verify(REPOSITORY).unwrap());
    }

    #[test]
    #[cfg(feature = "cli")]
    fn the_program_reads_the_hubs_variables() {
        let scene = Scene::new();
        let output = program(&scene).env("HF_HUB_OFFLINE", "1").output().unwrap();
        assert!(!output.status.success());
        assert_eq!(scene.hub.requests().len(), 0);

        assert!(program(&scene).status().unwrap().success());
        let output = command(&scene).args(["verify", "--json", REPOSITORY]).output().unwrap();
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["commit"], scene.commit.as_str());
        let output = command(&scene).args(["path", REPOSITORY]).output().unwrap();
        let path = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim());
        assert!(path.join(WEIGHTS).is_file());
        let output = command(&scene).args(["list", "--json"]).output().unwrap();
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let listed: Vec<_> = json.as_array().unwrap().iter().filter(|model| model["condition"] == "ready").collect();
        assert!(listed.iter().any(|model| model["name"] == REPOSITORY), "{listed:?}");
    }

    #[test]
    #[cfg(feature = "cli")]
    fn waiting_is_told_once_and_a_large_download_too() {
        let mut scene = Scene::new();
        let mut files = model_files();
        files[4].1.resize(1_200_000, 7);
        scene.commit = scene.hub.publish(REPOSITORY, &files);
        scene.hub.plan("HEAD", "config.json", 1, Fault::Answer("503 Service Unavailable\r\nRetry-After: 1"));
        let output = command(&scene).args(["fetch", REPOSITORY]).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{told}");
        assert_eq!(told.matches("503").count(), 1, "{told}");
        assert_eq!(told.matches("downloading model.safetensors (2 MB)").count(), 1, "{told}");

        scene.store().remove(REPOSITORY).unwrap();
        scene.hub.plan("HEAD", "config.json", 1, Fault::Answer("503 Service Unavailable\r\nRetry-After: 0"));
        let output = top_command(&scene).args(["--quiet", "model", "fetch", REPOSITORY]).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    }

    #[test]
    #[cfg(feature = "cli")]
    fn an_option_before_a_subcommand_holds_for_it() {
        let scene = Scene::new();
        let output = top_command(&scene).args(["--offline", "model", "fetch", REPOSITORY]).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(told.contains("without --offline"), "{told}");
        assert_eq!(scene.hub.requests().len(), 0);
        let folder = scene.cache.path().join("elsewhere");
        let arguments = ["--model-cache", folder.to_str().unwrap(), "model", "fetch", REPOSITORY];
        assert!(top_command(&scene).args(arguments).output().unwrap().status.success());
        assert!(folder.join("models--tiny--marian-de-en").is_dir());
    }

    #[test]
    #[cfg(feature = "cli")]
    fn verification_of_all_tells_each_failure_on_standard_error() {
        let scene = Scene::new();
        let others = ["tiny/one", "tiny/two"];
        for name in others.iter().chain([&REPOSITORY]) {
            scene.hub.publish(name, &model_files());
            scene.store().fetch(name, &go_on).unwrap();
        }
        for name in others {
            let folder = scene.cache.path().join(format!("models--{}", name.replace('/', "--")));
            let vocabulary = tree(&folder.join("snapshots")).into_iter().find(|(path, _)| path.ends_with("vocab.json"));
            std::fs::write(vocabulary.unwrap().0, "{}").unwrap();
        }
        let output = command(&scene).arg("verify").output().unwrap();
        let (said, told) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(output.status.code(), Some(3), "{told}");
        assert!(said.contains(&format!("{REPOSITORY} is whole")), "{said}");
        for name in others {
            assert!(told.contains(&format!("{name}: vocab.json")) && !said.contains(name), "{said}{told}");
        }
    }

    /// `translate model …` with this scene's hub and cache, and nothing else of the environment that could matter.
    #[cfg(feature = "cli")]
    fn command(scene: &Scene) -> std::process::Command {
        let mut command = top_command(scene);
        command.arg("model");
        command
    }

    /// `translate …` in the same way.
    #[cfg(feature = "cli")]
    fn top_command(scene: &Scene) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_translate"));
        command.env_clear().env("HF_HUB_CACHE", scene.cache.path()).env("HF_ENDPOINT", scene.hub.url());
        command
    }

    #[cfg(feature = "cli")]
    fn program(scene: &Scene) -> std::process::Command {
        let mut command = command(scene);
        command.args(["fetch", REPOSITORY]).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        command
    }

    /// A catalogue whose preferred model is the one of the scene.
    fn catalog(commit: &str, sha256: Option<&str>) -> Catalog {
        let sha256 = sha256.map(|digest| format!(", sha256 = \"{digest}\"")).unwrap_or_default();
        let files: String = model_files()
            .iter()
            .map(|(name, _)| match *name {
                WEIGHTS => format!("{{ name = \"{name}\"{sha256} }}, "),
                _ => format!("{{ name = \"{name}\" }}, "),
            })
            .collect();
        let text = format!(
            "[[model]]\nname = \"opus-mt-de-en\"\nkind = \"translation\"\nrepository = \"{REPOSITORY}\"\n\
             revision = \"{commit}\"\nlicence = \"-\"\nattribution = \"-\"\npurpose = \"-\"\nfiles = [{files}]\n"
        );
        Catalog::parse(&text).unwrap()
    }

    /// An address at which connections are refused.
    fn nobody_listens() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    }
}
