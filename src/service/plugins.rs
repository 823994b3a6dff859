//! What is done with an import before its data are stored: Glance's plugins.

use std::{collections::BTreeMap, str::FromStr};

use crate::{
    convert::ConvertError,
    domain::{Caller, UnknownWord},
    inspect::Format,
    unpack::{Packing, UnpackError},
};

/// A plugin of imports, by Glance's name for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImportPlugin {
    /// Nothing.
    NoOp,
    /// The image gets properties that the operator says.
    InjectImageMetadata,
    /// What is packed is stored unpacked.
    ImageDecompression,
    /// Disks are stored in one format.
    ImageConversion,
}

impl FromStr for ImportPlugin {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "no_op" => Ok(Self::NoOp),
            "inject_image_metadata" => Ok(Self::InjectImageMetadata),
            "image_decompression" => Ok(Self::ImageDecompression),
            "image_conversion" => Ok(Self::ImageConversion),
            _ => Err(UnknownWord {
                what: "import plugin",
                word: word.to_owned(),
                allowed: "no_op, inject_image_metadata, image_decompression, image_conversion",
            }),
        }
    }
}

/// Which plugins are in force, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugins {
    /// The plugins, in the order in which they work.
    pub order: Vec<ImportPlugin>,
    /// The properties that images get.
    pub injected: BTreeMap<String, String>,
    /// The roles, in lower case, whose holders' images get none.
    pub exempt_roles: Vec<String>,
    /// How many times their size packed data may have when they are unpacked; none: any number.
    pub max_ratio: Option<u64>,
    /// The format in which disks are stored.
    pub output_format: Format,
}

impl Default for Plugins {
    fn default() -> Self {
        Self {
            order: Vec::new(),
            injected: BTreeMap::new(),
            exempt_roles: Vec::new(),
            max_ratio: None,
            output_format: Format::Raw,
        }
    }
}

impl Plugins {
    /// Whether `plugin` is in force.
    #[must_use]
    pub fn has(&self, plugin: ImportPlugin) -> bool {
        self.order.contains(&plugin)
    }

    /// Whether what the caller imports gets the operator's properties.
    #[must_use]
    pub fn injects_for(&self, caller: &Caller) -> bool {
        self.has(ImportPlugin::InjectImageMetadata)
            && !self.injected.is_empty()
            && !caller
                .roles
                .iter()
                .any(|role| self.exempt_roles.contains(role))
    }
}

/// Why a plugin cannot do its work with the data of an import.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// What is packed cannot be unpacked.
    #[error("the {packing} data cannot be decompressed: {reason}")]
    Packed {
        /// How they are packed.
        packing: Packing,
        /// Why they cannot.
        reason: UnpackError,
    },
    /// Too much is in them.
    #[error(
        "the {packing} data have more than {ratio} times their size when they are decompressed \
         ([image_decompression] max_ratio)"
    )]
    Ratio {
        /// How they are packed.
        packing: Packing,
        /// How many times it may be.
        ratio: u64,
    },
    /// Nothing turns images of this format into others.
    #[error(
        "an image of disk_format {from} cannot be converted to {to}; allowed: raw, qcow2, vhd, \
         vhdx, vmdk, vdi"
    )]
    Inconvertible {
        /// Its format.
        from: String,
        /// The format in which disks are stored.
        to: Format,
    },
    /// The image could not be turned into another format.
    #[error("the image cannot be converted to {to}: {reason}")]
    Conversion {
        /// The format in which disks are stored.
        to: Format,
        /// Why not.
        reason: ConvertError,
    },
}

impl PluginError {
    /// The code by which it is told from other failures.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Packed { .. } | Self::Ratio { .. } => "DECOMPRESSION_FAILED",
            Self::Inconvertible { .. } | Self::Conversion { .. } => "CONVERSION_FAILED",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugins() -> Plugins {
        Plugins {
            order: vec![ImportPlugin::NoOp, ImportPlugin::InjectImageMetadata],
            injected: BTreeMap::from([("a".into(), "b".into())]),
            exempt_roles: vec!["admin".into()],
            ..Plugins::default()
        }
    }

    fn caller(roles: &[&str]) -> Caller {
        Caller {
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            ..Caller::anonymous("req-1".into())
        }
    }

    #[test]
    fn properties_are_injected_unless_a_role_is_exempt() {
        assert!(plugins().injects_for(&caller(&["member"])));
        assert!(!plugins().injects_for(&caller(&["member", "admin"])));
    }

    #[test]
    fn without_the_plugin_or_properties_nothing_is_injected() {
        let without = Plugins {
            order: vec![ImportPlugin::NoOp],
            ..plugins()
        };
        assert!(!without.injects_for(&caller(&["member"])));
        let empty = Plugins {
            injected: BTreeMap::new(),
            ..plugins()
        };
        assert!(!empty.injects_for(&caller(&["member"])));
    }
}
