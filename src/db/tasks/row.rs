//! The rows of `tasks`, and the input of a task as Glance spells it.

use serde::{Deserialize, Serialize};

use crate::{
    db::{DbError, rows::Cell},
    domain::{
        AskedImage, ChecksumSource, ImportMethod, ImportRequest, KeptCertificate, LocationReading,
        RemoteImage, StoreId, StoresNeeded, Task, Timestamp,
    },
};

/// A row of `tasks`, without its lease.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct TaskRow {
    id: String,
    kind: String,
    status: String,
    image_id: String,
    owner: Option<String>,
    user_id: Option<String>,
    request_id: String,
    input: String,
    message: String,
    attempts: i64,
    created_at: i64,
    updated_at: i64,
    expires_at: Option<i64>,
}

impl TryFrom<TaskRow> for Task {
    type Error = DbError;

    fn try_from(row: TaskRow) -> Result<Self, DbError> {
        let cell = Cell {
            table: "tasks",
            row: &row.id,
        };
        Ok(Self {
            id: cell.parse(&row.id)?,
            kind: cell.parse(&row.kind)?,
            status: cell.parse(&row.status)?,
            image_id: cell.parse(&row.image_id)?,
            import: import(cell, &row.input)?,
            attempts: cell.number(row.attempts)?,
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
            expires_at: row.expires_at.map(Timestamp::from_micros),
            owner: row.owner,
            user_id: row.user_id,
            request_id: row.request_id,
            message: row.message,
        })
    }
}

/// What a task is to do.
#[derive(Debug, Serialize, Deserialize)]
struct InputRow {
    image_id: String,
    import_req: RequestRow,
    backend: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked: Option<AskedRow>,
}

/// The image that a task was to create.
#[derive(Debug, Serialize, Deserialize)]
struct AskedRow {
    import_from_format: String,
    image_properties: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct RequestRow {
    method: MethodRow,
    #[serde(default)]
    stores: Vec<String>,
    #[serde(default = "unless_said")]
    all_stores_must_succeed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    certificate: Option<CertificateRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checksums: Option<ChecksumsRow>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    inject: bool,
}

/// Where a publisher says what digests the bytes have.
#[derive(Debug, Serialize, Deserialize)]
struct ChecksumsRow {
    checksum_url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    publisher: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checksum_name: Option<String>,
}

impl From<ChecksumSource> for ChecksumsRow {
    fn from(source: ChecksumSource) -> Self {
        let ChecksumSource {
            url,
            signature_url,
            publisher,
            name,
        } = source;
        Self {
            checksum_url: url,
            signature_url,
            publisher,
            checksum_name: name,
        }
    }
}

impl From<ChecksumsRow> for ChecksumSource {
    fn from(row: ChecksumsRow) -> Self {
        let ChecksumsRow {
            checksum_url,
            signature_url,
            publisher,
            checksum_name,
        } = row;
        Self {
            url: checksum_url,
            signature_url,
            publisher,
            name: checksum_name,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct CertificateRow {
    id: String,
    pem: String,
}

/// Unless a client says otherwise, all stores must be filled.
const fn unless_said() -> bool {
    true
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
enum MethodRow {
    GlanceDirect,
    WebDownload {
        uri: String,
    },
    GlanceDownload {
        glance_region: String,
        glance_image_id: String,
        glance_service_interface: String,
        endpoint: String,
    },
    CopyImage,
    Location {
        url: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        os_hash_algo: Option<String>,
        #[serde(default)]
        reading: ReadingRow,
    },
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ReadingRow {
    #[default]
    Before,
    Afterwards,
    Never,
}

impl From<LocationReading> for ReadingRow {
    fn from(reading: LocationReading) -> Self {
        match reading {
            LocationReading::Before => Self::Before,
            LocationReading::Afterwards => Self::Afterwards,
            LocationReading::Never => Self::Never,
        }
    }
}

impl From<ReadingRow> for LocationReading {
    fn from(row: ReadingRow) -> Self {
        match row {
            ReadingRow::Before => Self::Before,
            ReadingRow::Afterwards => Self::Afterwards,
            ReadingRow::Never => Self::Never,
        }
    }
}

/// The JSON text of what `task` is to do.
pub(super) fn input(task: &Task) -> String {
    let stores: Vec<String> = task.import.stores.iter().map(StoreId::to_string).collect();
    let method = match &task.import.method {
        ImportMethod::GlanceDirect => MethodRow::GlanceDirect,
        ImportMethod::WebDownload { uri } => MethodRow::WebDownload { uri: uri.clone() },
        ImportMethod::GlanceDownload(remote) => MethodRow::GlanceDownload {
            glance_region: remote.region.clone(),
            glance_image_id: remote.image.to_string(),
            glance_service_interface: remote.interface.clone(),
            endpoint: remote.endpoint.clone(),
        },
        ImportMethod::CopyImage => MethodRow::CopyImage,
        ImportMethod::Location {
            url,
            algorithm,
            reading,
        } => MethodRow::Location {
            url: url.clone(),
            os_hash_algo: algorithm.as_ref().map(ToString::to_string),
            reading: (*reading).into(),
        },
    };
    let input = InputRow {
        image_id: task.image_id.to_string(),
        import_req: RequestRow {
            method,
            stores: stores.clone(),
            all_stores_must_succeed: task.import.needed == StoresNeeded::All,
            checksum: (!task.import.expected.is_empty()).then(|| task.import.expected.to_string()),
            certificate: task.import.certificate.as_ref().map(|kept| CertificateRow {
                id: kept.id.to_string(),
                pem: kept.pem.clone(),
            }),
            checksums: task.import.checksums.clone().map(Into::into),
            inject: task.import.injects,
        },
        backend: stores,
        asked: task.import.asked.as_ref().map(|asked| AskedRow {
            import_from_format: asked.format.clone(),
            image_properties: asked.properties.clone(),
        }),
    };
    serde_json::json!(input).to_string()
}

fn import(cell: Cell<'_>, input: &str) -> Result<ImportRequest, DbError> {
    let input: InputRow = serde_json::from_str(input).map_err(|error| cell.unsound(error))?;
    let method = match input.import_req.method {
        MethodRow::GlanceDirect => ImportMethod::GlanceDirect,
        MethodRow::WebDownload { uri } => ImportMethod::WebDownload { uri },
        MethodRow::GlanceDownload {
            glance_region,
            glance_image_id,
            glance_service_interface,
            endpoint,
        } => ImportMethod::GlanceDownload(RemoteImage {
            region: glance_region,
            image: cell.parse(&glance_image_id)?,
            interface: glance_service_interface,
            endpoint,
        }),
        MethodRow::CopyImage => ImportMethod::CopyImage,
        MethodRow::Location {
            url,
            os_hash_algo,
            reading,
        } => {
            let algorithm = os_hash_algo.map(|name| cell.parse(&name));
            ImportMethod::Location {
                url,
                algorithm: algorithm.transpose()?,
                reading: reading.into(),
            }
        }
    };
    let needed = if input.import_req.all_stores_must_succeed {
        StoresNeeded::All
    } else {
        StoresNeeded::Any
    };
    let expected = input.import_req.checksum.map(|text| cell.parse(&text));
    let certificate = input.import_req.certificate.map(|row| {
        cell.parse(&row.id)
            .map(|id| KeptCertificate { id, pem: row.pem })
    });
    let stores = input.backend.iter().map(|store| cell.parse(store));
    Ok(ImportRequest {
        method,
        stores: stores.collect::<Result<_, _>>()?,
        needed,
        expected: expected.transpose()?.unwrap_or_default(),
        certificate: certificate.transpose()?,
        checksums: input.import_req.checksums.map(Into::into),
        asked: input.asked.map(|row| AskedImage {
            format: row.import_from_format,
            properties: row.image_properties,
        }),
        injects: input.import_req.inject,
    })
}
