//! The plugins of imports, with what each is told.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    api,
    config::{
        check::Check,
        import_options::IMPORT_PLUGINS,
        plugin_sections::{ImageConversion, InjectMetadata},
        sections::Fixed,
    },
    convert,
    domain::{RESERVED_PREFIX, property_names},
    inspect::Format,
    service::{ImportPlugin, Plugins},
};

/// The most characters of a property's name.
const LONGEST_NAME: usize = 255;

/// How much a conversion of a disk may take.
pub(super) const fn limits(section: &ImageConversion) -> convert::Limits {
    convert::Limits {
        memory: section.max_memory << 20,
        cpu: Duration::from_secs(section.max_cpu_time),
        time: Duration::from_secs(section.max_time),
    }
}

/// The plugins that are in force. What they are told is checked also if they are not.
pub(super) fn plugins(check: &mut Check<'_>, fixed: &Fixed) -> Plugins {
    let named = check.available(
        ("image_import_opts", "image_import_plugins"),
        &fixed.image_import_opts.image_import_plugins,
        IMPORT_PLUGINS,
        &[],
    );
    let order: Vec<ImportPlugin> = named.iter().filter_map(|name| name.parse().ok()).collect();
    let roles = fixed.inject_metadata_properties.ignore_user_roles.iter();
    let ratio = fixed.image_decompression.max_ratio;
    Plugins {
        output_format: output_format(check, fixed, &order),
        max_ratio: (ratio > 0).then_some(ratio),
        order,
        injected: injected(check, &fixed.inject_metadata_properties),
        exempt_roles: roles.map(|role| role.to_lowercase()).collect(),
    }
}

/// The format in which disks are stored. One that would be refused is none.
fn output_format(check: &mut Check<'_>, fixed: &Fixed, order: &[ImportPlugin]) -> Format {
    let format = match fixed.image_conversion.output_format.as_str() {
        "qcow2" => Format::Qcow2,
        "vmdk" => Format::Vmdk,
        _ => Format::Raw,
    };
    let writable = |word: &String| {
        ["monolithicSparse", "streamOptimized"]
            .iter()
            .any(|made| made.eq_ignore_ascii_case(word))
    };
    if format == Format::Vmdk
        && order.contains(&ImportPlugin::ImageConversion)
        && !fixed.image_format.vmdk_allowed_types.iter().any(writable)
    {
        check.refuse(
            "image_conversion",
            "output_format",
            "raw, qcow2; vmdk only if [image_format] vmdk_allowed_types names monolithicSparse or \
             streamOptimized",
        );
    }
    format
}

/// The properties that images get. Those of the registry are none of them.
fn injected(check: &mut Check<'_>, section: &InjectMetadata) -> BTreeMap<String, String> {
    let (name_of_section, option) = ("inject_metadata_properties", "inject");
    let mut injected = section.inject.clone().unwrap_or_default();
    let (reserved, rest): (Vec<_>, Vec<_>) = injected
        .keys()
        .cloned()
        .partition(|name| name.starts_with(RESERVED_PREFIX));
    if !reserved.is_empty() {
        let origin = check.effective.origin(name_of_section, option);
        check.warnings.push(format!(
            "{origin}: [{name_of_section}] {option}: {} is left out: only the registry sets \
             properties whose names begin with {RESERVED_PREFIX}",
            reserved.join(", ")
        ));
        injected.retain(|name, _| !reserved.contains(name));
    }
    let is_wrong = |name: &&String| {
        name.is_empty()
            || name.chars().count() > LONGEST_NAME
            || api::is_attribute(name)
            || *name == property_names::EXPECTED_CHECKSUM
    };
    if let Some(wrong) = rest.iter().find(is_wrong) {
        let allowed = format!(
            "custom properties with their values: {wrong:?} is an attribute of every image, \
             says what an image's data must be, or has not 1 to {LONGEST_NAME} characters"
        );
        check.refuse(name_of_section, option, allowed);
    }
    injected
}
