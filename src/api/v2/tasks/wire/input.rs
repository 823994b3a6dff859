//! What a task is to do, and what came of it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::{
    ChecksumSource, ExpectedDigests, ImportMethod, ImportRequest, StoresNeeded, TaskStatus,
};

/// What a task is to do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum TaskInput {
    /// A task of the type `import`: in the words of who asked for it.
    New(NewImageInput),
    /// An import into an image that was there.
    Existing(ImageInput),
}

/// An image to create and to bring data into.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NewImageInput {
    /// The address of the data.
    import_from: String,
    /// Their disk format.
    import_from_format: String,
    /// What the image is to be like.
    #[schema(value_type = Object)]
    image_properties: Value,
    /// The store that is to hold the data.
    backend: String,
    #[serde(flatten)]
    expectations: Expectations,
}

/// An import into an image that was there.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImageInput {
    /// The image.
    image_id: String,
    /// What the client asked for.
    import_req: TaskImport,
    /// The stores to fill.
    backend: Vec<String>,
}

/// An import that a client asked for.
#[derive(Debug, Serialize, ToSchema)]
struct TaskImport {
    /// Where the bytes come from.
    method: TaskImportMethod,
    /// Whether the import fails unless every store is filled.
    all_stores_must_succeed: bool,
}

/// Where the bytes of an import come from.
#[derive(Debug, Serialize, ToSchema)]
struct TaskImportMethod {
    /// The import method.
    name: &'static str,
    /// The address, with `web-download` and with a location that is registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    /// The region of the other registry, with `glance-download`.
    #[serde(skip_serializing_if = "Option::is_none")]
    glance_region: Option<String>,
    /// The image there.
    #[serde(skip_serializing_if = "Option::is_none")]
    glance_image_id: Option<String>,
    /// For whom the address is by which it is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    glance_service_interface: Option<String>,
    #[serde(flatten)]
    expectations: Expectations,
}

/// What the data must be.
#[derive(Debug, Serialize, ToSchema)]
struct Expectations {
    /// The digests that the bytes must have, where the client said some.
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
    /// The address of the publisher's checksum file, where the client named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_url: Option<String>,
    /// The address of its signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    signature_url: Option<String>,
    /// The publisher who must have signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<String>,
    /// The name of the image in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_name: Option<String>,
}

/// What came of a task.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TaskResult {
    /// The image.
    image_id: String,
}

impl TaskResult {
    /// What came of a task that works on the image, once it has succeeded.
    pub(super) fn of(status: TaskStatus, image_id: &str) -> Option<Self> {
        (status == TaskStatus::Success).then(|| Self {
            image_id: image_id.to_owned(),
        })
    }
}

impl TaskInput {
    /// What `import` is to do to the image.
    pub(super) fn new(image_id: &str, import: ImportRequest) -> Self {
        let ImportRequest {
            method,
            stores,
            needed,
            expected,
            // Who may read the task need not be who may read the certificate.
            certificate: _,
            checksums,
            injects: _,
            asked,
        } = import;
        let name = method.as_str();
        let (uri, remote) = match method {
            ImportMethod::GlanceDirect | ImportMethod::CopyImage => (None, None),
            ImportMethod::WebDownload { uri } | ImportMethod::Location { url: uri, .. } => {
                (Some(uri), None)
            }
            ImportMethod::GlanceDownload(remote) => (None, Some(remote)),
        };
        let expectations = Expectations::new(&expected, checksums);
        let mut backend = stores.iter().map(ToString::to_string);
        if let Some(asked) = asked {
            return Self::New(NewImageInput {
                import_from: uri.unwrap_or_default(),
                import_from_format: asked.format,
                image_properties: serde_json::from_str(&asked.properties).unwrap_or_default(),
                backend: backend.next().unwrap_or_default(),
                expectations,
            });
        }
        let method = TaskImportMethod {
            name,
            uri,
            glance_region: remote.as_ref().map(|remote| remote.region.clone()),
            glance_image_id: remote.as_ref().map(|remote| remote.image.to_string()),
            glance_service_interface: remote.map(|remote| remote.interface),
            expectations,
        };
        Self::Existing(ImageInput {
            image_id: image_id.to_owned(),
            import_req: TaskImport {
                method,
                all_stores_must_succeed: needed == StoresNeeded::All,
            },
            backend: backend.collect(),
        })
    }
}

impl Expectations {
    fn new(expected: &ExpectedDigests, checksums: Option<ChecksumSource>) -> Self {
        let checksum = (!expected.is_empty()).then(|| expected.to_string());
        let (checksum_url, signature_url, publisher, checksum_name) = match checksums {
            None => (None, None, None, None),
            Some(ChecksumSource {
                url,
                signature_url,
                publisher,
                name,
            }) => (Some(url), signature_url, publisher, name),
        };
        Self {
            checksum,
            checksum_url,
            signature_url,
            publisher,
            checksum_name,
        }
    }
}
