//! Images, as they are shown.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::{
    api::{
        links::Links,
        time::Seconds,
        v2::{
            images::names,
            locations::{LocationView, views},
        },
    },
    domain::{Algorithm, Image, ImageId, StoreId},
    service::{ImagePage, SeenImage},
};

/// An image. Custom properties are attributes like the others.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Image)]
pub(crate) struct ImageView {
    /// Custom properties by name. Few of them can be null.
    #[serde(flatten)]
    properties: BTreeMap<String, Option<String>>,
    /// A name, not unique.
    name: Option<String>,
    /// The format of the bytes.
    disk_format: Option<String>,
    /// What wraps the bytes.
    container_format: Option<String>,
    /// `public`, `private`, `shared` or `community`.
    visibility: &'static str,
    /// The number of bytes.
    size: Option<u64>,
    /// The size of the disk that the bytes describe.
    virtual_size: Option<u64>,
    /// Where the image stands in its life.
    status: &'static str,
    /// The MD5 digest of the bytes.
    checksum: Option<String>,
    /// Whether the image cannot be deleted.
    protected: bool,
    /// The least memory that can run it, in MiB.
    min_ram: u32,
    /// The smallest disk that can hold it, in GiB.
    min_disk: u32,
    /// The project that owns it.
    owner: Option<String>,
    /// Whether lists leave it out.
    os_hidden: bool,
    /// The algorithm of `os_hash_value`.
    #[serde(serialize_with = "algorithm")]
    #[schema(value_type = Option<String>)]
    os_hash_algo: Option<Algorithm>,
    /// The digest of the bytes.
    os_hash_value: Option<String>,
    /// The id.
    #[serde(serialize_with = "id")]
    #[schema(value_type = String)]
    id: ImageId,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Seconds,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Seconds,
    /// Tags, in no particular order.
    #[schema(value_type = Vec<String>)]
    tags: BTreeSet<String>,
    /// The path of the image.
    #[serde(rename = "self")]
    #[schema(value_type = String)]
    this: ImageLink,
    /// The path of its bytes.
    #[schema(value_type = String)]
    file: ImageLink,
    /// The path of the schema of images.
    schema: &'static str,
    /// With several stores: those that hold the bytes, separated by commas.
    #[serde(skip_serializing_if = "Option::is_none")]
    stores: Option<String>,
    /// The address of the best place that the bytes are at, if the operator shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    direct_url: Option<String>,
    /// Where the bytes are, best first, if the operator shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    locations: Option<Vec<LocationView>>,
}

/// A path that begins with an image.
#[derive(Debug)]
struct ImageLink(ImageId, &'static str);

impl Serialize for ImageLink {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("/v2/images/{}{}", self.0, self.1))
    }
}

#[expect(clippy::ref_option, reason = "serde passes the field by reference")]
fn algorithm<S: Serializer>(name: &Option<Algorithm>, serializer: S) -> Result<S::Ok, S::Error> {
    name.as_ref().map(Algorithm::as_str).serialize(serializer)
}

fn id<S: Serializer>(id: &ImageId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(id.as_str())
}

impl From<SeenImage> for ImageView {
    fn from(seen: SeenImage) -> Self {
        let SeenImage {
            image,
            stores,
            locations,
            direct_url,
        } = seen;
        let Image {
            id,
            name,
            disk_format,
            container_format,
            visibility,
            status,
            owner,
            size,
            virtual_size,
            checksum,
            os_hash_algo,
            os_hash_value,
            min_disk,
            min_ram,
            protected,
            os_hidden,
            created_at,
            updated_at,
            mut properties,
            tags,
            locations: _,
        } = image;
        // An older registry kept some attributes as properties too; the attribute counts.
        properties.retain(|name, _| names::is_shown(name) && !names::is_base(name));
        let stores_are_named = stores.is_some();
        Self {
            properties,
            name,
            disk_format,
            container_format,
            visibility: visibility.as_str(),
            size,
            virtual_size,
            status: status.as_str(),
            checksum,
            protected,
            min_ram,
            min_disk,
            owner,
            os_hidden,
            os_hash_algo,
            os_hash_value,
            id,
            created_at: Seconds(created_at),
            updated_at: Seconds(updated_at),
            tags,
            this: ImageLink(id, ""),
            file: ImageLink(id, "/file"),
            schema: "/v2/schemas/image",
            stores: stores.map(|stores| joined(&stores)),
            direct_url,
            locations: locations.map(|locations| views(locations, stores_are_named)),
        }
    }
}

fn joined(stores: &[StoreId]) -> String {
    let ids: Vec<_> = stores.iter().map(StoreId::as_str).collect();
    ids.join(",")
}

/// A page of images.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Images)]
pub(crate) struct ImageListView {
    /// The images.
    images: Vec<ImageView>,
    /// The path of the first page.
    first: String,
    /// The path of the next page, which may be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// The path of the schema of lists of images.
    schema: &'static str,
}

impl ImageListView {
    /// The page, and links to others.
    pub(in crate::api::v2::images) fn new(
        ImagePage { images, next }: ImagePage,
        links: &Links,
    ) -> Self {
        Self {
            images: images.into_iter().map(ImageView::from).collect(),
            first: links.first(),
            next: next.map(|marker| links.next(marker.as_str())),
            schema: "/v2/schemas/images",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ImageStatus, Timestamp, Visibility};

    const ID: &str = "0abcdef0-0000-4000-8000-00000000000f";

    fn image() -> Image {
        Image {
            id: ID.parse().expect("an id"),
            name: Some("cirros".into()),
            disk_format: Some("raw".into()),
            container_format: Some("bare".into()),
            visibility: Visibility::Shared,
            status: ImageStatus::Active,
            owner: Some("p".into()),
            size: Some(3),
            virtual_size: None,
            checksum: Some("00".into()),
            os_hash_algo: Some("sha256".parse().expect("a name")),
            os_hash_value: Some("11".into()),
            min_disk: 1,
            min_ram: 2,
            protected: false,
            os_hidden: false,
            created_at: Timestamp::from_micros(1_767_323_045_000_006),
            updated_at: Timestamp::from_micros(1_767_323_046_000_006),
            properties: [("os_distro".to_owned(), Some("cirros".to_owned()))].into(),
            tags: ["a".into()].into(),
            locations: Vec::new(),
        }
    }

    fn seen(image: Image) -> SeenImage {
        SeenImage {
            image,
            stores: None,
            locations: None,
            direct_url: None,
        }
    }

    fn view(stores: Option<&[&str]>) -> String {
        let stores = stores.map(|ids| ids.iter().map(|id| id.parse().expect("an id")).collect());
        let view = ImageView::from(SeenImage {
            stores,
            ..seen(image())
        });
        serde_json::to_string(&view).expect("JSON")
    }

    #[test]
    fn custom_properties_come_first_and_attributes_in_their_order() {
        assert_eq!(
            view(Some(&["fast", "slow"])),
            concat!(
                r#"{"os_distro":"cirros","name":"cirros","disk_format":"raw","#,
                r#""container_format":"bare","visibility":"shared","size":3,"virtual_size":null,"#,
                r#""status":"active","checksum":"00","protected":false,"min_ram":2,"min_disk":1,"#,
                r#""owner":"p","os_hidden":false,"os_hash_algo":"sha256","os_hash_value":"11","#,
                r#""id":"0abcdef0-0000-4000-8000-00000000000f","#,
                r#""created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:06Z","#,
                r#""tags":["a"],"self":"/v2/images/0abcdef0-0000-4000-8000-00000000000f","#,
                r#""file":"/v2/images/0abcdef0-0000-4000-8000-00000000000f/file","#,
                r#""schema":"/v2/schemas/image","stores":"fast,slow"}"#,
            )
        );
        assert!(!view(None).contains("stores"));
    }

    #[test]
    fn machines_of_the_registry_are_not_named() {
        let mut image = image();
        for name in ["os_glance_stage_host", "os_glance_failed_import"] {
            image.properties.insert(name.into(), Some(String::new()));
        }
        let view = serde_json::to_string(&ImageView::from(seen(image))).expect("JSON");
        assert!(!view.contains("os_glance_stage_host"));
        assert!(view.contains("os_glance_failed_import"));
    }

    #[test]
    fn an_attribute_hides_a_property_of_its_name() {
        let mut image = image();
        image
            .properties
            .insert("os_hash_algo".into(), Some("md5".into()));
        let view = serde_json::to_string(&ImageView::from(seen(image))).expect("JSON");
        assert_eq!(view.matches("os_hash_algo").count(), 1);
        assert!(view.contains(r#""os_hash_algo":"sha256""#));
    }
}
