//! Hash functions of OpenSSL as ours: where its assembly is faster than what a compiler makes.

use openssl::sha::{Sha384, Sha512};

use super::{Hasher, implementation::Implementation};
use crate::domain::Strength;

pub(super) const SHA384: Implementation =
    implementation("sha384", "SHA384", 48, || Box::new(OpenSsl(Sha384::new())));
pub(super) const SHA512: Implementation =
    implementation("sha512", "SHA512", 64, || Box::new(OpenSsl(Sha512::new())));

const fn implementation(
    name: &'static str,
    tag: &'static str,
    digest_len: usize,
    begin: fn() -> Box<dyn Hasher>,
) -> Implementation {
    Implementation {
        name,
        tag,
        digest_len,
        in_hashlib: true,
        strength: Strength::Secure,
        begin,
        divided: None,
    }
}

struct OpenSsl<C>(C);

macro_rules! hasher {
    ($context:ty) => {
        impl Hasher for OpenSsl<$context> {
            fn update(&mut self, bytes: &[u8]) {
                self.0.update(bytes);
            }

            fn finish(self: Box<Self>) -> Box<[u8]> {
                Box::new(self.0.finish())
            }
        }
    };
}

hasher!(Sha384);
hasher!(Sha512);
