//! What a use case asks leave for.

use std::fmt;

/// The rules that the registry's own use cases ask, under the names Glance gave them; where it
/// has none, under one of ours.
///
/// Each has a default, and each is for callers that act for a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Create an image.
    AddImage,
    /// See one image.
    GetImage,
    /// List images.
    GetImages,
    /// Change an image's attributes, properties or tags.
    ModifyImage,
    /// Show an image to everybody.
    PublicizeImage,
    /// Let everybody use an image that is not listed.
    CommunitizeImage,
    /// Delete an image.
    DeleteImage,
    /// Give an image its bytes, staged and imported ones included.
    UploadImage,
    /// Read an image's bytes.
    DownloadImage,
    /// Say from which store they are read.
    DownloadFromStore,
    /// Close an image to all but administrators.
    Deactivate,
    /// Open it again.
    Reactivate,
    /// Have a further digest of an image's bytes found.
    CalculateHash,
    /// Have the copies of an image's bytes read again.
    VerifyImage,
    /// Share an image with a project.
    AddMember,
    /// See one project an image is shared with.
    GetMember,
    /// List the projects an image is shared with.
    GetMembers,
    /// Accept or reject an image that was shared.
    ModifyMember,
    /// End the sharing with a project.
    DeleteMember,
    /// See where stores keep an image.
    GetImageLocation,
    /// Change the places by patching the image.
    SetImageLocation,
    /// Register a place as the image's bytes.
    AddImageLocation,
    /// Be told the places as a service.
    FetchImageLocation,
    /// Take an image out of one store.
    DeleteImageLocation,
    /// Copy an image to further stores.
    CopyImage,
    /// Have an image brought into the cache of a node.
    CacheImage,
    /// See what the cache of a node holds.
    CacheList,
    /// Take images out of the cache of a node.
    CacheDelete,
    /// Remove from the cache of a node what does not belong there.
    CacheClean,
    /// Make the cache of a node as small as it has to be.
    CachePrune,
    /// See which nodes have an image in their caches.
    ListCachedNodes,
    /// Manage the cache of a node by the older calls.
    ManageImageCache,
    /// See how stores are set up.
    StoresInfoDetail,
    /// Use the tasks API at all.
    TasksApiAccess,
    /// See one task.
    GetTask,
    /// List tasks.
    GetTasks,
    /// Create a task.
    AddTask,
    /// Change a task.
    ModifyTask,
    /// List namespaces of metadata definitions.
    GetMetadefNamespaces,
    /// See one namespace.
    GetMetadefNamespace,
    /// Change a namespace.
    ModifyMetadefNamespace,
    /// Create a namespace.
    AddMetadefNamespace,
    /// Delete a namespace, or all objects or properties in one.
    DeleteMetadefNamespace,
    /// See one object of a namespace.
    GetMetadefObject,
    /// List the objects of a namespace.
    GetMetadefObjects,
    /// Change an object.
    ModifyMetadefObject,
    /// Create an object.
    AddMetadefObject,
    /// Delete an object.
    DeleteMetadefObject,
    /// List types of resources.
    ListMetadefResourceTypes,
    /// See how a namespace applies to a type of resources.
    GetMetadefResourceType,
    /// Let a namespace apply to a type of resources.
    AddMetadefResourceTypeAssociation,
    /// Let it apply no longer.
    RemoveMetadefResourceTypeAssociation,
    /// See the definition of one property.
    GetMetadefProperty,
    /// List the properties of a namespace.
    GetMetadefProperties,
    /// Change the definition of a property.
    ModifyMetadefProperty,
    /// Define a property.
    AddMetadefProperty,
    /// Delete the definition of a property.
    RemoveMetadefProperty,
    /// See one tag of a namespace.
    GetMetadefTag,
    /// List the tags of a namespace.
    GetMetadefTags,
    /// Rename a tag of a namespace.
    ModifyMetadefTag,
    /// Add one tag to a namespace.
    AddMetadefTag,
    /// Set all tags of a namespace.
    AddMetadefTags,
    /// Delete one tag of a namespace.
    DeleteMetadefTag,
    /// Delete all tags of a namespace.
    DeleteMetadefTags,
    /// Submit a verification job, which reads files of the registry's machine.
    SubmitJob,
    /// See one verification job and its result.
    GetJob,
    /// List verification jobs.
    GetJobs,
    /// Cancel a verification job.
    CancelJob,
    /// See what verification jobs can ask for.
    GetCapabilities,
}

impl Action {
    /// Whether nothing but the metadata and the bytes of images is read by it.
    #[must_use]
    pub const fn reads_images(self) -> bool {
        matches!(self, Self::GetImage | Self::GetImages | Self::DownloadImage)
    }

    /// The name of the rule that is asked.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a line for each rule")]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AddImage => "add_image",
            Self::GetImage => "get_image",
            Self::GetImages => "get_images",
            Self::ModifyImage => "modify_image",
            Self::PublicizeImage => "publicize_image",
            Self::CommunitizeImage => "communitize_image",
            Self::DeleteImage => "delete_image",
            Self::UploadImage => "upload_image",
            Self::DownloadImage => "download_image",
            Self::DownloadFromStore => "download_from_store",
            Self::Deactivate => "deactivate",
            Self::Reactivate => "reactivate",
            Self::CalculateHash => "calculate_hash",
            Self::VerifyImage => "verify_image",
            Self::AddMember => "add_member",
            Self::GetMember => "get_member",
            Self::GetMembers => "get_members",
            Self::ModifyMember => "modify_member",
            Self::DeleteMember => "delete_member",
            Self::GetImageLocation => "get_image_location",
            Self::SetImageLocation => "set_image_location",
            Self::AddImageLocation => "add_image_location",
            Self::FetchImageLocation => "fetch_image_location",
            Self::DeleteImageLocation => "delete_image_location",
            Self::CopyImage => "copy_image",
            Self::CacheImage => "cache_image",
            Self::CacheList => "cache_list",
            Self::CacheDelete => "cache_delete",
            Self::CacheClean => "cache_clean",
            Self::CachePrune => "cache_prune",
            Self::ListCachedNodes => "list_cached_nodes",
            Self::ManageImageCache => "manage_image_cache",
            Self::StoresInfoDetail => "stores_info_detail",
            Self::TasksApiAccess => "tasks_api_access",
            Self::GetTask => "get_task",
            Self::GetTasks => "get_tasks",
            Self::AddTask => "add_task",
            Self::ModifyTask => "modify_task",
            Self::GetMetadefNamespaces => "get_metadef_namespaces",
            Self::GetMetadefNamespace => "get_metadef_namespace",
            Self::ModifyMetadefNamespace => "modify_metadef_namespace",
            Self::AddMetadefNamespace => "add_metadef_namespace",
            Self::DeleteMetadefNamespace => "delete_metadef_namespace",
            Self::GetMetadefObject => "get_metadef_object",
            Self::GetMetadefObjects => "get_metadef_objects",
            Self::ModifyMetadefObject => "modify_metadef_object",
            Self::AddMetadefObject => "add_metadef_object",
            Self::DeleteMetadefObject => "delete_metadef_object",
            Self::ListMetadefResourceTypes => "list_metadef_resource_types",
            Self::GetMetadefResourceType => "get_metadef_resource_type",
            Self::AddMetadefResourceTypeAssociation => "add_metadef_resource_type_association",
            Self::RemoveMetadefResourceTypeAssociation => {
                "remove_metadef_resource_type_association"
            }
            Self::GetMetadefProperty => "get_metadef_property",
            Self::GetMetadefProperties => "get_metadef_properties",
            Self::ModifyMetadefProperty => "modify_metadef_property",
            Self::AddMetadefProperty => "add_metadef_property",
            Self::RemoveMetadefProperty => "remove_metadef_property",
            Self::GetMetadefTag => "get_metadef_tag",
            Self::GetMetadefTags => "get_metadef_tags",
            Self::ModifyMetadefTag => "modify_metadef_tag",
            Self::AddMetadefTag => "add_metadef_tag",
            Self::AddMetadefTags => "add_metadef_tags",
            Self::DeleteMetadefTag => "delete_metadef_tag",
            Self::DeleteMetadefTags => "delete_metadef_tags",
            Self::SubmitJob => "submit_job",
            Self::GetJob => "get_job",
            Self::GetJobs => "get_jobs",
            Self::CancelJob => "cancel_job",
            Self::GetCapabilities => "get_capabilities",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
