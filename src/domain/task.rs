//! Work that outlives the request that asked for it.

use std::{fmt, str::FromStr};

use crate::domain::{
    Algorithm, ChecksumSource, ExpectedDigests, ImageId, KeptCertificate, RemoteImage, StoreId,
    TaskId, Timestamp, UnknownWord,
};

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskStatus {
    /// Nobody has begun.
    Pending,
    /// A worker holds its lease.
    Processing,
    /// Done.
    Success,
    /// Ended without success; the message says why.
    Failure,
}

impl TaskStatus {
    /// The word the API uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

impl FromStr for TaskStatus {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "pending" => Ok(Self::Pending),
            "processing" => Ok(Self::Processing),
            "success" => Ok(Self::Success),
            "failure" => Ok(Self::Failure),
            _ => Err(UnknownWord {
                what: "task status",
                word: word.to_owned(),
                allowed: "pending, processing, success, failure",
            }),
        }
    }
}

impl fmt::Display for TaskStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a task does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskKind {
    /// Brings data into an image (`POST /v2/images/{id}/import`).
    ApiImageImport,
    /// Creates an image and brings its data in (`POST /v2/tasks`).
    Import,
    /// Reads the place that was registered as an image's bytes
    /// (`POST /v2/images/{id}/locations`).
    LocationImport,
}

impl TaskKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ApiImageImport, Self::Import, Self::LocationImport];

    /// The word the API uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiImageImport => "api_image_import",
            Self::Import => "import",
            Self::LocationImport => "location_import",
        }
    }
}

impl FromStr for TaskKind {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "api_image_import" => Ok(Self::ApiImageImport),
            "import" => Ok(Self::Import),
            "location_import" => Ok(Self::LocationImport),
            _ => Err(UnknownWord {
                what: "task type",
                word: word.to_owned(),
                allowed: "api_image_import, import, location_import",
            }),
        }
    }
}

/// Where an import takes the bytes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportMethod {
    /// The staging area.
    GlanceDirect,
    /// A web server.
    WebDownload {
        /// The address; it may hold a signature, so it is never logged.
        uri: String,
    },
    /// Another registry of the cloud.
    GlanceDownload(RemoteImage),
    /// The stores that hold the image already.
    CopyImage,
    /// A place that others keep them at, and that they stay at.
    Location {
        /// The address; it may hold a signature, so it is never logged.
        url: String,
        /// The algorithm that was asked for with it, if the image has none.
        algorithm: Option<Algorithm>,
        /// When it is read.
        reading: LocationReading,
    },
}

impl ImportMethod {
    /// The word the API uses.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::GlanceDirect => "glance-direct",
            Self::WebDownload { .. } => "web-download",
            Self::GlanceDownload(_) => "glance-download",
            Self::CopyImage => "copy-image",
            Self::Location { .. } => "location",
        }
    }

    /// The address of the bytes, if they have one.
    #[must_use]
    pub fn uri(&self) -> Option<&str> {
        match self {
            Self::GlanceDirect | Self::GlanceDownload(_) | Self::CopyImage => None,
            Self::WebDownload { uri } | Self::Location { url: uri, .. } => Some(uri),
        }
    }
}

/// When a location that is registered is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LocationReading {
    /// Before its image is usable.
    Before,
    /// Afterwards: it is taken at its word until then.
    Afterwards,
    /// Never: it is taken at its word.
    Never,
}

/// How many of its stores an import must fill to succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StoresNeeded {
    /// All of them; the image is usable once they hold it, and none keeps it otherwise.
    All,
    /// Any of them; the image is usable once the first holds it.
    Any,
}

/// What an import is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRequest {
    /// Where the bytes come from.
    pub method: ImportMethod,
    /// The stores that are to hold them, each once; never empty.
    pub stores: Vec<StoreId>,
    /// How many of them must.
    pub needed: StoresNeeded,
    /// The digests that they must have, besides those that the image itself expects.
    pub expected: ExpectedDigests,
    /// The certificate of the image's signature, if it had one when the import was accepted.
    pub certificate: Option<KeptCertificate>,
    /// Where their publisher says what digests they have, if that is to hold, too.
    pub checksums: Option<ChecksumSource>,
    /// Whether the image gets the properties that the operator injects.
    pub injects: bool,
    /// The image that a task of the kind [`TaskKind::Import`] was to create.
    pub asked: Option<AskedImage>,
}

/// The image that a task was to create, in the words of who asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedImage {
    /// The disk format of the data (`import_from_format`).
    pub format: String,
    /// What it is to be like (`image_properties`): the text of a JSON object.
    pub properties: String,
}

/// A task, as the registry keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The id.
    pub id: TaskId,
    /// What it does.
    pub kind: TaskKind,
    /// Where it stands.
    pub status: TaskStatus,
    /// The image it works on.
    pub image_id: ImageId,
    /// The project that asked for it.
    pub owner: Option<String>,
    /// The user that asked for it.
    pub user_id: Option<String>,
    /// The request that asked for it.
    pub request_id: String,
    /// What it is to do.
    pub import: ImportRequest,
    /// Progress or the reason of a failure, for the owner to read.
    pub message: String,
    /// How often a worker began it.
    pub attempts: u32,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When the record of a finished task goes.
    pub expires_at: Option<Timestamp>,
}
