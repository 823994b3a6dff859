//! What users of a cloud may do, by the real client, a real Keystone and the real program.

use crate::{
    clients::transcript,
    support::{Engine, RealKeystone},
};

/// On one database only: the client sees none, and each of its many commands takes a second.
#[tokio::test]
async fn openstackclient_does_what_each_persona_may() {
    let settings = RealKeystone::new().settings("");
    transcript(Engine::Postgres, "with_cloud.py", &settings).await;
}
