//! Files that change while the engine runs.

use super::*;

struct Running {
    folder: Folder,
    clock: Arc<SetClock>,
    policy: Policy,
}

impl Running {
    /// An engine that started when nobody could list images.
    fn closed() -> Self {
        let folder = Folder::new();
        folder.write("policy.yaml", "get_images: '!'");
        let clock = Arc::new(SetClock::default());
        let time: Arc<dyn Clock> = Arc::<SetClock>::clone(&clock);
        let policy = folder.load_at(time).expect("a policy");
        Self {
            folder,
            clock,
            policy,
        }
    }

    fn may_list(&self) -> bool {
        let member = caller(Some("home"), &["member"]);
        let target = Target::none(&member);
        self.policy.allows(&member, Action::GetImages, &target)
    }

    fn may_list_after_millis(&self, millis: i64) -> bool {
        self.clock.pass_millis(millis);
        self.may_list()
    }
}

#[test]
fn a_changed_file_counts_from_the_first_check_a_second_later() {
    let running = Running::closed();
    running
        .folder
        .write("policy.yaml", "get_images: role:member");
    assert!(!running.may_list_after_millis(999));
    assert!(running.may_list_after_millis(1));
}

#[test]
fn a_file_that_appears_or_goes_counts() {
    let running = Running::closed();
    let path = running.folder.write("policy.d/1.yaml", "get_images: '@'");
    assert!(running.may_list_after_millis(1_000));
    fs::remove_file(path).expect("removed");
    assert!(!running.may_list_after_millis(1_000));
}

#[test]
fn a_file_that_was_replaced_by_one_of_the_same_size_counts() {
    let running = Running::closed();
    let other = running.folder.write("other.yaml", "get_images: '@'");
    fs::rename(other, running.folder.path().join("policy.yaml")).expect("renamed");
    assert!(running.may_list_after_millis(1_000));
}

#[test]
fn a_broken_file_leaves_the_last_good_rules_in_force() {
    let running = Running::closed();
    for broken in [
        "get_images: role:",
        "get_images: [",
        "get_images: rule:get_images",
        "",
    ] {
        if broken.is_empty() {
            fs::remove_file(running.folder.path().join("policy.yaml")).expect("removed");
            fs::create_dir(running.folder.path().join("policy.yaml")).expect("a folder");
        } else {
            running.folder.write("policy.yaml", broken);
        }
        assert!(!running.may_list_after_millis(1_000), "{broken}");
        let member = caller(Some("home"), &["member"]);
        let image = image(Visibility::Private);
        let target = Target::image(&image, None);
        assert!(running.policy.allows(&member, Action::ModifyImage, &target));
    }
    fs::remove_dir(running.folder.path().join("policy.yaml")).expect("removed");
    running.folder.write("policy.yaml", "get_images: '@'");
    assert!(running.may_list_after_millis(1_000), "mended");
}

#[test]
fn a_clock_that_was_set_back_does_not_stop_the_reloading() {
    let running = Running::closed();
    running
        .folder
        .write("policy.yaml", "get_images: role:member");
    assert!(running.may_list_after_millis(-3_600_000));
}

#[test]
fn a_broken_file_is_logged_once() {
    let running = Running::closed();
    let log = Log::default();
    // While there is one subscriber alone, what another thread is the first to log is taken to
    // interest nobody.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing::subscriber::set_default(log.clone());
    running.folder.write("policy.yaml", "get_images: role:");
    for _ in 0..3 {
        running.may_list_after_millis(1_000);
    }
    assert_eq!(log.0.load(Ordering::Relaxed), 1);
}

/// Counts errors in the log.
#[derive(Clone, Default)]
struct Log(Arc<AtomicI64>);

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::ERROR
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}
