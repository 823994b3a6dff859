//! Nodes with names of their own that stage in one folder.

use super::{DATA, HERE, Nodes, data, leftovers, node, sweep, work};
use crate::support::{Engine, on_every_engine};

on_every_engine![
    what_lies_in_a_shared_folder_is_nobodys_leftover,
    what_lies_in_a_shared_folder_is_imported_by_any_node,
];

async fn sharing(engine: Engine) -> Nodes {
    let mut nodes = Nodes::with(engine, HERE).await;
    let folder = nodes.here.folder().join("data/staging");
    nodes.there = nodes.here.twin_with(&node("there", &folder)).await;
    nodes
}

async fn what_lies_in_a_shared_folder_is_nobodys_leftover(engine: Engine) {
    let nodes = sharing(engine).await;
    let (staged, importing) = (nodes.staged().await, nodes.importing().await);
    assert_eq!(sweep(&nodes.there).await, leftovers(0));
    let mut expected = [staged, importing];
    expected.sort();
    assert_eq!(nodes.files_here(), expected);
}

async fn what_lies_in_a_shared_folder_is_imported_by_any_node(engine: Engine) {
    let nodes = sharing(engine).await;
    let id = nodes.importing().await;
    assert_eq!(work(&nodes.there).await, 1);
    assert_eq!(data(&nodes.here, nodes.here.app(), &id).await, DATA);
    assert_eq!(nodes.files_here(), [""; 0]);
}
