//! Nodes that are gone, for a while or for good, with what is staged there.

use std::fs;

use super::{
    DATA, HERE, Nodes, data, delete, fail_stranded, import, leftovers, node, stage, sweep, tend,
    work,
};
use crate::support::{Engine, on_every_engine};

on_every_engine![
    an_import_of_a_node_that_is_gone_for_long_fails,
    an_import_waits_for_a_node_that_is_there,
    an_image_whose_node_is_gone_can_be_deleted,
    data_that_are_staged_anew_on_another_node_are_what_is_imported,
    a_node_that_lost_its_staging_area_fails_what_was_staged_there,
    a_node_with_another_name_goes_on,
];

/// Nobody has seen a staging area for as long as a node may be gone.
const LONG_AGO: &str = "UPDATE staging_areas SET seen_at = 1";

async fn an_import_of_a_node_that_is_gone_for_long_fails(engine: Engine) {
    let nodes = Nodes::open(engine).await;
    let id = nodes.importing().await;
    let staged = nodes.staged().await;
    tend(&nodes.there).await;
    assert_eq!(fail_stranded(&nodes.there).await, 0);
    nodes.here.execute(LONG_AGO).await;
    tend(&nodes.there).await;
    assert_eq!(fail_stranded(&nodes.there).await, 1);
    assert_eq!(fail_stranded(&nodes.there).await, 0);
    let image = nodes.here.shown(&id).await;
    assert_eq!(image["status"], "queued");
    let reason = image["os_glance_failure"].as_str().expect("a reason");
    assert!(reason.starts_with("DATA_INTERRUPTED: "), "{reason}");
    assert!(!reason.contains("here"), "{reason}");
    let status = nodes.here.rows("SELECT status FROM tasks").await;
    assert_eq!(status, ["failure"]);

    // What waits for its owner, and not for the node, stays; and the node may come back.
    assert_eq!(nodes.status(&staged).await, "uploading");
    let nodes = nodes.again(HERE).await;
    tend(nodes.here.app()).await;
    assert_eq!(sweep(nodes.here.app()).await, leftovers(1));
    assert_eq!(nodes.files_here(), [staged.as_str()]);
    import(&nodes.here, &nodes.there, &staged).await.expect(202);
    assert_eq!(fail_stranded(&nodes.there).await, 0);
    assert_eq!(work(nodes.here.app()).await, 1);
    assert_eq!(nodes.status(&staged).await, "active");
}

async fn an_import_waits_for_a_node_that_is_there(engine: Engine) {
    let nodes = Nodes::open(engine).await;
    let id = nodes.importing().await;
    let statement = "UPDATE tasks SET created_at = 1, updated_at = 1";
    nodes.here.execute(statement).await;
    nodes.here.execute(LONG_AGO).await;
    tend(nodes.here.app()).await;
    assert_eq!(fail_stranded(&nodes.there).await, 0);
    assert_eq!(nodes.status(&id).await, "importing");
    assert_eq!(work(nodes.here.app()).await, 1);
}

async fn an_image_whose_node_is_gone_can_be_deleted(engine: Engine) {
    let nodes = Nodes::open(engine).await;
    let (staged, importing) = (nodes.staged().await, nodes.importing().await);
    for id in [&staged, &importing] {
        delete(&nodes.here, &nodes.there, id).await;
    }
    assert_eq!(work(&nodes.there).await, 1);
    let status = nodes.here.rows("SELECT status FROM tasks").await;
    assert_eq!(status, ["failure"]);
}

async fn data_that_are_staged_anew_on_another_node_are_what_is_imported(engine: Engine) {
    let nodes = Nodes::open(engine).await;
    let id = nodes.importing().await;
    nodes.here.execute(LONG_AGO).await;
    assert_eq!(fail_stranded(&nodes.there).await, 1);
    assert_eq!(nodes.files_here(), [id.as_str()]);

    stage(&nodes.here, &nodes.there, &id, "staged anew").await;
    assert_eq!(sweep(&nodes.there).await, leftovers(0));
    import(&nodes.here, nodes.here.app(), &id).await.expect(202);
    // The node is back, with data that nobody waits for.
    let nodes = nodes.again(HERE).await;
    assert_eq!(work(nodes.here.app()).await, 0);
    assert_eq!(sweep(nodes.here.app()).await, leftovers(1));
    assert_eq!(nodes.files_here(), [""; 0]);
    assert_eq!(nodes.files_there(), [id.as_str()]);
    assert_eq!(work(&nodes.there).await, 1);
    assert_eq!(
        data(&nodes.here, nodes.here.app(), &id).await,
        "staged anew"
    );
    assert_eq!(nodes.files_there(), [""; 0]);
}

async fn a_node_that_lost_its_staging_area_fails_what_was_staged_there(engine: Engine) {
    let nodes = Nodes::open(engine).await;
    let id = nodes.importing().await;
    let folder = nodes.here.folder().join("data/staging");
    fs::remove_dir_all(folder).expect("a folder");
    let nodes = nodes.again(HERE).await;
    tend(nodes.here.app()).await;
    assert_eq!(fail_stranded(&nodes.there).await, 0);
    assert_eq!(nodes.status(&id).await, "importing");
    // Somebody else may have what was there, until two leases are over.
    let statement = "UPDATE staging_areas SET seen_at = seen_at - 60000000";
    nodes.here.execute(statement).await;
    tend(&nodes.there).await;
    assert_eq!(fail_stranded(&nodes.there).await, 0);
    tend(nodes.here.app()).await;
    assert_eq!(fail_stranded(&nodes.there).await, 1);
    assert_eq!(nodes.status(&id).await, "queued");
}

async fn a_node_with_another_name_goes_on(engine: Engine) {
    let nodes = Nodes::open(engine).await;
    let (first, second) = (nodes.importing().await, nodes.importing().await);
    let folder = nodes.here.folder().join("data/staging");
    let nodes = nodes.again(&node("elsewhere", &folder)).await;
    let stop = tokio_util::sync::CancellationToken::new();
    let turn = nodes.here.app().worker().turn(&stop).await;
    turn.expect("a database");
    assert_eq!(nodes.status(&first).await, "active");
    // Or without one.
    let nodes = nodes.again("").await;
    assert_eq!(work(nodes.here.app()).await, 1);
    assert_eq!(nodes.status(&second).await, "active");
    assert_eq!(data(&nodes.here, &nodes.there, &second).await, DATA);
}
