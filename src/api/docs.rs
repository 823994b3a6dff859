//! The description of the API for machines (`/openapi.json`) and for people (`/docs`).

use std::collections::BTreeMap;

use axum::Router;
use utoipa::{
    IntoResponses, OpenApi, ToSchema as _,
    openapi::{
        Content, ObjectBuilder, OpenApi as Document, Ref, RefOr, Type,
        content::ContentBuilder,
        response::{Response, ResponseBuilder},
        security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::api::refusal::{ErrorBody, JobErrorBody};

/// What the description says besides the operations.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Hallmark",
        description = "An image registry for virtual machines that speaks the OpenStack Image \
                       API v2 and verifies every byte it serves."
    ),
    components(schemas(ErrorBody, JobErrorBody)),
    tags(
        (name = "images", description = "Images and their descriptions"),
        (name = "data", description = "The bytes of images"),
        (name = "digests", description = "What digests the bytes of images were found to have, and receipts of that"),
        (name = "imports", description = "Bringing data into images without uploading it"),
        (name = "tasks", description = "Work that outlives its request"),
        (name = "actions", description = "Closing, opening and verifying images"),
        (name = "cache", description = "The image cache of the node that is asked"),
        (name = "tags", description = "Tags of images"),
        (name = "members", description = "Sharing images with other projects"),
        (name = "metadefs", description = "What properties of resources mean"),
        (name = "jobs", description = "Verification of images by documents, without changing them"),
        (name = "discovery", description = "What this registry offers"),
        (name = "schemas", description = "JSON schemas of what the API shows"),
        (name = "health", description = "How this process is, and whether it should get requests"),
    ),
)]
pub(super) struct Head;

/// The refusals that every operation which asks who is there can answer with.
pub(crate) struct Always;

/// The refusals that every operation on one image can answer with.
pub(crate) struct OnImage;

/// The refusals that every operation on one task can answer with.
pub(crate) struct OnTask;

/// The refusals that every operation on the image cache of a node can answer with.
pub(crate) struct OnCache;

/// The refusals that every operation on one namespace of metadata definitions, or on something in
/// it, can answer with.
pub(crate) struct OnNamespace;

/// The refusals that every operation on verification jobs can answer with.
pub(crate) struct OnJobs;

/// The refusals that every operation on one verification job can answer with.
pub(crate) struct OnJob;

impl IntoResponses for Always {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::from([
            refusal("401", "It is not known who asks"),
            refusal("431", "The id that the request gives itself is too long"),
            refusal("500", "The registry is at fault"),
            refusal(
                "503",
                "Something that the registry needs cannot be reached: the identity service, the \
                 database, a store",
            ),
        ])
    }
}

impl IntoResponses for OnImage {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = Always::responses();
        responses.extend([
            refusal("403", "The caller may see the image but not do this"),
            refusal("404", "There is no such image that the caller may see"),
        ]);
        responses
    }
}

impl IntoResponses for OnTask {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = Always::responses();
        responses.extend([
            refusal("403", "The caller may not use the tasks API"),
            refusal("404", "There is no such task that the caller may see"),
        ]);
        responses
    }
}

impl IntoResponses for OnCache {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = Always::responses();
        responses.extend([
            refusal("403", "The caller may not do this"),
            refusal("404", "There is no image cache here, or not for this call"),
        ]);
        responses
    }
}

impl IntoResponses for OnNamespace {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = Always::responses();
        responses.extend([
            refusal(
                "403",
                "The caller may see the namespace but not do this, or it is protected",
            ),
            refusal("404", "There is no such thing that the caller may see"),
        ]);
        responses
    }
}

impl IntoResponses for OnJobs {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let of_job = |status, description| described(status, description, &JobErrorBody::name());
        BTreeMap::from([
            of_job("401", "It is not known who asks"),
            of_job("403", "The caller may not do this"),
            of_job("431", "The id that the request gives itself is too long"),
            of_job("500", "The registry is at fault"),
            of_job(
                "503",
                "The identity service or the database cannot be reached",
            ),
        ])
    }
}

impl IntoResponses for OnJob {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = OnJobs::responses();
        let why = "There is no such job that the caller may see, or no result of it yet";
        responses.extend([described("404", why, &JobErrorBody::name())]);
        responses
    }
}

/// How callers say who they are.
const TOKEN: &str = "token";

/// Says of every refusal in which forms it comes: in that which the client accepts; and of every
/// operation that asks who is there, how that is said.
pub(super) fn complete(document: &mut Document) {
    let header = ApiKeyValue::with_description(
        "X-Auth-Token",
        "A token of Keystone. A registry of one machine may ask for none",
    );
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(TOKEN, SecurityScheme::ApiKey(ApiKey::Header(header)));
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.patch,
            &mut item.delete,
        ];
        for operation in operations.into_iter().flatten() {
            if operation.responses.responses.contains_key("401") {
                let none: [&str; 0] = [];
                operation.security = Some(vec![SecurityRequirement::new(TOKEN, none)]);
            }
            for response in operation.responses.responses.values_mut() {
                if let RefOr::T(response) = response
                    && is_refusal(response)
                {
                    for form in ["text/html", "text/plain"] {
                        response.content.insert(form.into(), RefOr::T(text()));
                    }
                }
            }
        }
    }
}

fn is_refusal(response: &Response) -> bool {
    let body = Ref::from_schema_name(ErrorBody::name()).ref_location;
    let Some(RefOr::T(json)) = response.content.get("application/json") else {
        return false;
    };
    matches!(&json.schema, Some(RefOr::Ref(schema)) if schema.ref_location == body)
}

fn text() -> Content {
    let text = ObjectBuilder::new().schema_type(Type::String);
    ContentBuilder::new().schema(Some(text)).build()
}

fn refusal(status: &str, description: &str) -> (String, RefOr<Response>) {
    described(status, description, &ErrorBody::name())
}

fn described(status: &str, description: &str, body: &str) -> (String, RefOr<Response>) {
    let schema = Ref::from_schema_name(body);
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new()
        .description(description)
        .content("application/json", content)
        .build();
    (status.to_owned(), RefOr::T(response))
}

/// Serves `document`, and pages that show it. They load nothing from elsewhere.
pub(super) fn pages(document: Document) -> Router {
    let config = Config::default().validator_url("none");
    SwaggerUi::new("/docs")
        .config(config)
        .url("/openapi.json", document)
        .into()
}
