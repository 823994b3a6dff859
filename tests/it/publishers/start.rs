//! What of the settings stops the start.

use hallmark::{
    app::App,
    config::{Config, Sources},
};
use tempfile::TempDir;

fn load(folder: &TempDir, settings: &str) -> Result<Config, String> {
    let file = folder.path().join("hallmark.toml");
    std::fs::write(&file, settings).expect("a file");
    let data = folder.path().join("data").display().to_string();
    let environment = vec![("HALLMARK_DATA_DIR".to_owned(), data)];
    Config::load(&Sources::new(vec![file], environment)).map_err(|faults| faults.to_string())
}

#[tokio::test]
async fn a_keyring_that_cannot_be_used_stops_the_start() {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("broken.gpg"), [0xc6; 64]).expect("a file");
    std::fs::write(folder.path().join("empty.gpg"), "no keys").expect("a file");
    for name in ["missing.gpg", "broken.gpg", "empty.gpg"] {
        let settings = format!("[verification]\nkeyrings = {{ debian = \"{name}\" }}\n");
        let config = load(&folder, &settings).expect("a configuration");
        let Err(error) = Box::pin(App::open(config)).await else {
            panic!("{name} is no keyring");
        };
        let told = format!("{error:#}");
        assert!(told.contains("debian") && told.contains(name), "{told}");
    }
}

#[test]
fn signatures_are_demanded_only_where_somebody_is_trusted() {
    let folder = TempDir::new().expect("a folder");
    for (settings, told) in [
        ("require_signed_checksums = true", "keyrings"),
        ("keyrings = { \"a b\" = \"x\" }", "keyrings"),
        ("keyrings = [\"x\"]", "keyrings"),
    ] {
        let refused = load(&folder, &format!("[verification]\n{settings}\n"));
        let refused = refused.expect_err("a fault");
        assert!(refused.contains(told), "{refused}");
    }
}
