//! The kinds of keys and the hashes of signatures, by the words of Glance.

use std::str::FromStr;

use openssl::{
    md::{Md, MdRef},
    nid::Nid,
};

use crate::domain::UnknownWord;

/// The hash of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashMethod {
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl HashMethod {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// The word of the property.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// The name that the algorithm has where digests are computed.
    pub(super) const fn algorithm(self) -> &'static str {
        match self {
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// The algorithm itself.
    pub(super) fn digest(self) -> &'static MdRef {
        match self {
            Self::Sha224 => Md::sha224(),
            Self::Sha256 => Md::sha256(),
            Self::Sha384 => Md::sha384(),
            Self::Sha512 => Md::sha512(),
        }
    }
}

impl FromStr for HashMethod {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|one| one.as_str() == word);
        found.ok_or_else(|| UnknownWord {
            what: "hash method of signatures",
            word: shown(word),
            allowed: "SHA-224, SHA-256, SHA-384, SHA-512",
        })
    }
}

/// The kind of the key of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// RSA with the padding PSS: MGF1 with the hash of the signature, the longest salt.
    RsaPss,
    /// DSA.
    Dsa,
    /// ECDSA on sect409k1.
    EccSect409k1,
    /// ECDSA on sect409r1.
    EccSect409r1,
    /// ECDSA on sect571k1.
    EccSect571k1,
    /// ECDSA on sect571r1.
    EccSect571r1,
    /// ECDSA on secp384r1.
    EccSecp384r1,
    /// ECDSA on secp521r1.
    EccSecp521r1,
}

impl KeyType {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::RsaPss,
        Self::Dsa,
        Self::EccSect409k1,
        Self::EccSect409r1,
        Self::EccSect571k1,
        Self::EccSect571r1,
        Self::EccSecp384r1,
        Self::EccSecp521r1,
    ];

    /// The word of the property.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RsaPss => "RSA-PSS",
            Self::Dsa => "DSA",
            Self::EccSect409k1 => "ECC_SECT409K1",
            Self::EccSect409r1 => "ECC_SECT409R1",
            Self::EccSect571k1 => "ECC_SECT571K1",
            Self::EccSect571r1 => "ECC_SECT571R1",
            Self::EccSecp384r1 => "ECC_SECP384R1",
            Self::EccSecp521r1 => "ECC_SECP521R1",
        }
    }

    /// The curve, of a key that has one.
    #[must_use]
    pub const fn curve(self) -> Option<Nid> {
        match self {
            Self::RsaPss | Self::Dsa => None,
            Self::EccSect409k1 => Some(Nid::SECT409K1),
            Self::EccSect409r1 => Some(Nid::SECT409R1),
            Self::EccSect571k1 => Some(Nid::SECT571K1),
            Self::EccSect571r1 => Some(Nid::SECT571R1),
            Self::EccSecp384r1 => Some(Nid::SECP384R1),
            Self::EccSecp521r1 => Some(Nid::SECP521R1),
        }
    }
}

impl FromStr for KeyType {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|one| one.as_str() == word);
        found.ok_or_else(|| UnknownWord {
            what: "key type of signatures",
            word: shown(word),
            allowed: "RSA-PSS, DSA, ECC_SECT571K1, ECC_SECT409K1, ECC_SECT571R1, ECC_SECT409R1, \
                      ECC_SECP521R1, ECC_SECP384R1",
        })
    }
}

/// As much of `word` as an error repeats.
fn shown(word: &str) -> String {
    word.chars().take(64).collect()
}
