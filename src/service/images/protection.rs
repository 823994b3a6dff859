//! Custom properties that not everybody may create, read, update or delete.

use super::{ImageService, target};
use crate::{
    domain::{Attribute, Caller, Image, ImageChange, ImageFilter, PatchError},
    policy::{PropertyGuard, Target, Verb},
    service::ServiceError,
};

impl ImageService {
    /// Takes from the image what the caller may not read of it.
    pub(super) fn hide_unreadable(&self, caller: &Caller, image: &mut Image) {
        let guard = self.0.parts.policy.properties(caller);
        let target = target(caller, image);
        let unreadable = |name: &&String| !guard.may(Verb::Read, name, &target);
        let hidden: Vec<_> = image
            .properties
            .keys()
            .filter(unreadable)
            .cloned()
            .collect();
        for name in hidden {
            image.properties.remove(&name);
        }
    }

    /// Asks for each custom property of a new image whether the caller may create it.
    pub(super) fn permit_properties(
        &self,
        caller: &Caller,
        image: &Image,
    ) -> Result<(), ServiceError> {
        let guard = self.0.parts.policy.properties(caller);
        let target = target(caller, image);
        for name in image.properties.keys() {
            require(guard.may(Verb::Create, name, &target), name)?;
        }
        Ok(())
    }

    /// Whether a list may be narrowed by `filter` at all. By a property that the caller may not
    /// read it finds nothing, or values could be guessed.
    pub(super) fn may_filter(&self, caller: &Caller, filter: &ImageFilter) -> bool {
        let guard = self.0.parts.policy.properties(caller);
        let mut names = filter.properties.iter().map(|(name, _)| name);
        names.all(|name| guard.may_somewhere(Verb::Read, name))
    }

    /// Whether `filter` may find the image: what it is found by must be readable there.
    pub(super) fn may_find(&self, caller: &Caller, image: &Image, filter: &ImageFilter) -> bool {
        let guard = self.0.parts.policy.properties(caller);
        let target = target(caller, image);
        let mut names = filter.properties.iter().map(|(name, _)| name);
        names.all(|name| guard.may(Verb::Read, name, &target))
    }
}

/// What the changes of a patch have to pass before they are made.
pub(super) struct Screen<'a> {
    pub(super) guard: PropertyGuard<'a>,
    pub(super) target: Target<'a>,
}

impl Screen<'_> {
    /// The change as it is to be made to `image`, the patch's earlier changes included.
    ///
    /// A property that the caller may not read is missing for it. Who adds one that is there
    /// needs the right to update as well as the one to create: nothing is lost to somebody who
    /// could not know that it was there.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Forbidden`] if the caller may not make it, [`ServiceError::Patch`] if
    /// the property is missing.
    pub(super) fn pass(
        &self,
        image: &Image,
        change: ImageChange,
    ) -> Result<ImageChange, ServiceError> {
        let name = match &change {
            ImageChange::Add(Attribute::Property { name, .. })
            | ImageChange::AddNew(Attribute::Property { name, .. })
            | ImageChange::Replace(Attribute::Property { name, .. })
            | ImageChange::Remove(name) => name.clone(),
            ImageChange::Add(_) | ImageChange::AddNew(_) | ImageChange::Replace(_) => {
                return Ok(change);
            }
        };
        let may = |verb| self.guard.may(verb, &name, &self.target);
        let there = image.properties.contains_key(&name);
        let known = there && may(Verb::Read);
        match change {
            // Adding what is known to be there is no new creation; the older patch refuses it.
            ImageChange::Add(_) | ImageChange::Replace(_) if known => {
                require(may(Verb::Update), &name)?;
            }
            ImageChange::AddNew(_) if known => (),
            ImageChange::Add(attribute) | ImageChange::AddNew(attribute) => {
                let allowed = may(Verb::Create) && (!there || may(Verb::Update));
                require(allowed, &name)?;
                return Ok(ImageChange::Add(attribute));
            }
            ImageChange::Remove(_) if known => require(may(Verb::Delete), &name)?,
            ImageChange::Replace(_) | ImageChange::Remove(_) => {
                return Err(PatchError::NoSuchProperty(name).into());
            }
        }
        Ok(change)
    }
}

fn require(allowed: bool, name: &str) -> Result<(), ServiceError> {
    if allowed {
        return Ok(());
    }
    Err(ServiceError::Forbidden(format!(
        "Attribute '{name}' is reserved."
    )))
}
