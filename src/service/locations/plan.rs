//! What a patch makes of the places of an image, before anything is read or written.

use crate::{
    domain::{
        Algorithm, ExpectedDigests, Image, ImageStatus, Location, LocationChange, NewLocation,
        StoreId,
    },
    service::{
        Core, ServiceError,
        locations::claims::{Claim, ClaimFault},
    },
};

/// What a patch makes of the places of an image.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// The image as the patch found it, with what the patch says of it besides.
    image: Image,
    /// The places as they are to be.
    places: Vec<Place>,
    /// What is said of the bytes at new ones.
    claim: Claim,
    /// What of that is to be checked, whatever else is taken at its word.
    asked: ExpectedDigests,
}

#[derive(Debug, Clone)]
struct Place {
    location: Location,
    is_new: bool,
}

impl Plan {
    /// Nothing is changed yet.
    pub(super) fn of(image: &Image) -> Self {
        let place = |location: &Location| Place {
            location: location.clone(),
            is_new: false,
        };
        Self {
            image: image.clone(),
            places: image.locations.iter().map(place).collect(),
            claim: Claim::default(),
            asked: ExpectedDigests::default(),
        }
    }

    /// Makes one change.
    ///
    /// # Errors
    ///
    /// As Glance has them: [`ServiceError::Conflict`] if the status or digests that are known
    /// forbid it, [`ServiceError::Invalid`] if an address or a place in the list makes no sense,
    /// [`ServiceError::Forbidden`] if no place would be left, [`ServiceError::OverQuota`].
    pub(super) fn make(&mut self, core: &Core, change: LocationChange) -> Result<(), ServiceError> {
        match change {
            LocationChange::Add { at, location } => self.add(core, &at, location),
            LocationChange::Replace(locations) => self.replace(core, locations),
            LocationChange::Remove { at } => self.remove(&at),
        }
    }

    fn add(&mut self, core: &Core, at: &str, new: NewLocation) -> Result<(), ServiceError> {
        self.check_status("add")?;
        self.take_claim(core, &new)?;
        let place = self.place(core, new)?;
        let end = self.places.len();
        let position = match at {
            "-" => Some(end),
            digits => position(digits),
        };
        let position = position.ok_or_else(|| misplaced("adding a location"))?;
        self.places.insert(position.min(end), place);
        self.check_quota(core)
    }

    fn replace(&mut self, core: &Core, new: Vec<NewLocation>) -> Result<(), ServiceError> {
        if new.is_empty() {
            return Err(ServiceError::Forbidden(
                "Cannot set locations to empty list.".into(),
            ));
        }
        self.check_status("replace")?;
        for location in &new {
            self.take_claim(core, location)?;
        }
        if self.places.is_empty() {
            for location in new {
                let place = self.place(core, location)?;
                self.places.push(place);
            }
            return self.check_quota(core);
        }
        let mut rest = std::mem::take(&mut self.places);
        for NewLocation { url, metadata, .. } in new {
            let found = rest.iter().position(|place| place.location.url == url);
            let mut place = rest.swap_remove(found.ok_or_else(not_empty)?);
            place.location.metadata = metadata;
            self.places.push(place);
        }
        if rest.is_empty() {
            return Ok(());
        }
        Err(not_empty())
    }

    fn remove(&mut self, at: &str) -> Result<(), ServiceError> {
        let status = self.status();
        if status != ImageStatus::Active {
            return Err(ServiceError::Conflict(format!(
                "It's not allowed to remove locations if image status is {status}."
            )));
        }
        if self.places.len() == 1 {
            return Err(ServiceError::Forbidden(
                "Cannot remove last location in the image.".into(),
            ));
        }
        let position = match at {
            "-" => self.places.len().checked_sub(1),
            digits => position(digits).filter(|position| *position < self.places.len()),
        };
        let position = position.ok_or_else(|| misplaced("removing a location"))?;
        self.places.remove(position);
        Ok(())
    }

    /// The status that the image has once the changes so far are made.
    fn status(&self) -> ImageStatus {
        match self.image.status {
            ImageStatus::Queued if !self.places.is_empty() => ImageStatus::Active,
            status => status,
        }
    }

    fn check_status(&self, verb: &str) -> Result<(), ServiceError> {
        match self.status() {
            ImageStatus::Active | ImageStatus::Queued => Ok(()),
            status => Err(ServiceError::Conflict(format!(
                "It's not allowed to {verb} locations if image status is {status}."
            ))),
        }
    }

    /// Takes in what is said of the bytes at a place.
    fn take_claim(&mut self, core: &Core, new: &NewLocation) -> Result<(), ServiceError> {
        if let Some(claimed) = &new.claim {
            let claim = core.claim(&self.image, claimed).map_err(|fault| {
                let (ClaimFault::Malformed(why) | ClaimFault::Contradicts(why)) = fault;
                ServiceError::Conflict(why)
            })?;
            merge(&mut self.claim.expected, claim.expected)?;
            let known = self.claim.algorithm.take();
            if known.is_some() && known != claim.algorithm {
                return Err(ServiceError::Conflict(
                    "Conflicting values for os_hash_algo".into(),
                ));
            }
            self.claim.algorithm = claim.algorithm;
        }
        core.check_expected("checksum of a location", &new.expected)?;
        merge(&mut self.asked, new.expected.clone())?;
        merge(&mut self.claim.expected, new.expected.clone())
    }

    /// A new place.
    fn place(&self, core: &Core, new: NewLocation) -> Result<Place, ServiceError> {
        let store = core.store_of(&new.url)?;
        if self.places.iter().any(|it| it.location.url == new.url) {
            return Err(ServiceError::Invalid(
                "Invalid location: the image has it already".into(),
            ));
        }
        if !self.image.formats_are_set() {
            return Err(ServiceError::Invalid(
                "Properties disk_format, container_format must be set prior to saving data.".into(),
            ));
        }
        Ok(Place {
            location: Location {
                store,
                url: new.url,
                metadata: new.metadata,
            },
            is_new: true,
        })
    }

    fn check_quota(&self, core: &Core) -> Result<(), ServiceError> {
        core.check_location_quota(self.places.len())
    }

    /// The image as it is to be, but for its places and its status.
    pub(super) const fn image(&self) -> &Image {
        &self.image
    }

    /// The algorithm that is wanted, if the image has none.
    pub(super) const fn algorithm(&self) -> Option<&Algorithm> {
        self.claim.algorithm.as_ref()
    }

    /// The digests that the bytes at new places must have.
    pub(super) const fn expected(&self) -> &ExpectedDigests {
        &self.claim.expected
    }

    /// Those of them that are to be checked, whatever else is taken at its word.
    pub(super) const fn asked(&self) -> &ExpectedDigests {
        &self.asked
    }

    /// The places as they are to be, best first.
    pub(super) fn locations(&self, core: &Core) -> Vec<Location> {
        let places = self.places.iter();
        let mut locations: Vec<_> = places.map(|place| place.location.clone()).collect();
        locations.sort_by_key(|location| core.parts.stores.rank(&location.store));
        locations
    }

    /// The places that are to be read before anything is written.
    pub(super) fn new_locations(&self) -> impl Iterator<Item = &Location> {
        let new = self.places.iter().filter(|place| place.is_new);
        new.map(|place| &place.location)
    }

    /// The stores whose own bytes of the image go.
    pub(super) fn emptied<'a>(&'a self, core: &'a Core) -> impl Iterator<Item = &'a StoreId> {
        let stays = |gone: &Location| {
            let mut places = self.places.iter();
            places.any(|place| place.location.store == gone.store)
        };
        let gone = self.image.locations.iter().filter(move |at| !stays(at));
        gone.map(|at| &at.store).filter(|store| {
            let named = core.parts.stores.get(store.as_str());
            named.is_some_and(|named| named.external().is_none())
        })
    }
}

impl Core {
    /// Holds the number of places against `image_location_quota`.
    ///
    /// # Errors
    ///
    /// [`ServiceError::OverQuota`]
    pub(super) fn check_location_quota(&self, count: usize) -> Result<(), ServiceError> {
        let quota = self.parts.settings.locations.quota;
        ServiceError::check_quota("image_location_quota", "locations", count as u64, quota)
    }
}

fn merge(expected: &mut ExpectedDigests, more: ExpectedDigests) -> Result<(), ServiceError> {
    let merged = expected.merge(more);
    merged.map_err(|error| ServiceError::Conflict(error.to_string()))
}

/// The number that `text` writes; one that is too large for any list is behind its end.
fn position(text: &str) -> Option<usize> {
    let is_number = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(usize::MAX))
}

fn misplaced(what: &str) -> ServiceError {
    ServiceError::Invalid(format!("Invalid position for {what}."))
}

fn not_empty() -> ServiceError {
    ServiceError::Invalid(
        "Original locations is not empty: only the metadata and the order of locations can be \
         replaced"
            .into(),
    )
}
