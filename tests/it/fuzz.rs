//! What fuzzing begins with, and what it has found, is read or refused.

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::{fs, panic, path::Path};

#[test]
fn no_seed_of_the_fuzzer_breaks_a_promise() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    for (name, target) in targets::TARGETS {
        let folder = fs::read_dir(seeds.join(name)).expect("a folder of seeds");
        let mut tried = 0;
        for seed in folder {
            let path = seed.expect("a seed").path();
            let bytes = fs::read(&path).expect("bytes");
            let kept = panic::catch_unwind(|| target(&bytes));
            assert!(kept.is_ok(), "{}", path.display());
            tried += 1;
        }
        assert!(tried > 0, "{name} has no seed");
    }
}
