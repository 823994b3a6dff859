//! What a project may have at most, over all its images.

/// What is limited for a project (the names are Glance's unified limits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resource {
    /// The bytes of its images in stores, counted in MiB.
    ImageSizeTotal,
    /// The bytes that are staged or being imported, counted in MiB.
    ImageStageTotal,
    /// Its images.
    ImageCountTotal,
    /// Its images to which data is arriving.
    ImageCountUploading,
}

impl Resource {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 4] = [
        Self::ImageSizeTotal,
        Self::ImageStageTotal,
        Self::ImageCountTotal,
        Self::ImageCountUploading,
    ];

    /// Its name in Keystone and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ImageSizeTotal => "image_size_total",
            Self::ImageStageTotal => "image_stage_total",
            Self::ImageCountTotal => "image_count_total",
            Self::ImageCountUploading => "image_count_uploading",
        }
    }
}

/// What one project may have of each [`Resource`], in the resource's unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProjectLimits([Limit; 4]);

/// How much there may be of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Any amount.
    Unlimited,
    /// No more than this.
    AtMost(u64),
}

impl Default for Limit {
    /// Nothing: what nobody registered a limit for may not be had (oslo.limit).
    fn default() -> Self {
        Self::AtMost(0)
    }
}

impl ProjectLimits {
    /// The limit of `resource`.
    #[must_use]
    pub const fn of(&self, resource: Resource) -> Limit {
        self.0[resource as usize]
    }

    /// Sets the limit of `resource`.
    pub const fn set(&mut self, resource: Resource, limit: Limit) {
        self.0[resource as usize] = limit;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_limit_may_not_be_had() {
        let mut limits = ProjectLimits::default();
        limits.set(Resource::ImageCountTotal, Limit::Unlimited);
        let found = Resource::ALL.map(|resource| limits.of(resource));
        let none = Limit::AtMost(0);
        assert_eq!(found, [none, none, Limit::Unlimited, none]);
    }
}
