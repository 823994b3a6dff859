//! The one door for requests that leave this process.
//!
//! Whoever names a URI for us to read could make us read what only we can reach. So every
//! outgoing request goes through a [`Fetcher`], which holds these rules:
//!
//! - The text of the URI passes [`Fetcher::check`]: schemes, hosts and ports by the operator's
//!   lists, and one spelling only for every address.
//! - The address that is connected to passes the guard, which closes every network that is not
//!   the public internet. A name is looked up once per connection, by a resolver that gives only
//!   what the guard permits, so nothing can change between the check and the connection.
//! - Redirects are followed here, and each target passes all of this again.
//! - Nothing of ours is sent: no credentials, no cookies, no referrer; and no proxy is used. A
//!   token is shown only to the server it is said for ([`CheckedUrl::showing`]), and to no other
//!   that this redirects to.
//! - Certificates are always verified.
//! - No error or log line has the query of a URI, which may be a signature.
//!
//! Errors tell the owner of an image what went wrong, but all that has to do with reaching an
//! address reads alike, or an import would be a port scanner.

mod diagnosis;
mod download;
mod error;
mod fetcher;
mod filter;
mod guard;
mod requests;
mod resolve;
mod resume;
mod retries;
mod settings;
mod timing;
mod tls;
mod uri;

pub use self::{
    download::Download,
    error::{CertificateFault, FetchError, Refused},
    fetcher::Fetcher,
    resolve::{Resolve, SystemResolver},
    settings::*,
    uri::CheckedUrl,
};

#[cfg(test)]
mod tests;
