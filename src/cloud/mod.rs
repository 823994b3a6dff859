//! The other services of a cloud, as the registry asks them: each request within its bounds.
//!
//! What a user names goes through [`fetch`](crate::fetch). Here go requests to the services that
//! the operator and the catalog name, with a token:
//!
//! - Everything has a bound: the time of a request, the number of its repetitions, the size of an
//!   answer.
//! - No redirect is followed and no proxy is used: only the addresses that the operator and the
//!   catalog name are shown a token.
//! - What a service does not answer clearly is an error.
//! - No error or log line holds a token, a password or an answer's content.

mod error;
mod requests;
mod settings;
mod tls;

pub use self::{
    error::{CloudError, Fault},
    requests::{Reply, Requests},
    settings::{Interface, Transport},
};
