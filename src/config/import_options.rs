//! The options of imports: their methods, their plugins, and what may be downloaded.

use crate::config::{
    kind::Kind,
    row::{Row, count, number, row},
};

/// The import methods that this version has.
pub(super) const IMPORT_METHODS: &[&str] = &[
    "glance-direct",
    "web-download",
    "copy-image",
    "glance-download",
];

/// The import methods that are enabled where nothing is said.
pub(super) const USUAL_IMPORT_METHODS: &[&str] = &["glance-direct", "web-download", "copy-image"];

/// The plugins of imports that this version has.
pub(super) const IMPORT_PLUGINS: &[&str] = &[
    "no_op",
    "inject_image_metadata",
    "image_decompression",
    "image_conversion",
];

pub(super) const GLANCE_DOWNLOAD: &[Row] = &[row("extra_properties", Kind::BoundedWords)];

pub(super) const IMAGE_DECOMPRESSION: &[Row] = &[row("max_ratio", number(0, 1 << 20))];

pub(super) const IMAGE_IMPORT: &[Row] = &[row("image_import_plugins", Kind::BoundedWords)];

pub(super) const INJECT_METADATA: &[Row] = &[
    row("inject", Kind::Pairs),
    row("ignore_user_roles", Kind::Words),
];

pub(super) const IMAGE_CONVERSION: &[Row] = &[
    row("output_format", Kind::Choice(&["raw", "qcow2", "vmdk"])),
    row("max_memory", number(256, 1 << 20)),
    row("max_cpu_time", count(1)),
    row("max_time", count(1)),
];

pub(super) const IMPORT_FILTERING: &[Row] = &[
    row("allowed_schemes", Kind::BoundedWords),
    row("disallowed_schemes", Kind::BoundedWords),
    row("allowed_hosts", Kind::BoundedWords),
    row("disallowed_hosts", Kind::BoundedWords),
    row("allowed_ports", Kind::BoundedPorts),
    row("disallowed_ports", Kind::BoundedPorts),
];
