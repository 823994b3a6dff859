//! Signatures of images, as Glance knows them: four properties, of which one names a certificate.
//!
//! [`Declared`] is what the properties say, [`Certificate`] the key they are held against, and
//! [`Declared::under`] makes of both what the data path holds the digest of the bytes against.
//! These rules hold:
//!
//! - All four properties or none: what cannot be checked is refused, never passed over.
//! - The key of the certificate is of the kind that the properties name, its curve too.
//! - With [`Roots`], a certificate counts only if one of them vouches for it now, and if it is
//!   one for signatures.
//! - Everything has a bound before anything is computed: the texts, the certificates, their
//!   number.

mod certificate;
mod check;
mod declared;
mod error;
mod folder;
mod method;
mod roots;

pub use self::{
    certificate::Certificate,
    declared::Declared,
    error::Unverifiable,
    folder::CertificateFolder,
    method::{HashMethod, KeyType},
    roots::{Roots, RootsFault},
};
