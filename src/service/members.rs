//! Sharing an image with other projects.

use std::sync::Arc;

use crate::{
    db::{DbError, Session},
    domain::{Caller, ImageId, Member, MemberStatus, Visibility},
    notify::{Event, MemberVerb},
    policy::{Action, Target},
    service::{Core, ServiceError, core::Sighted},
};

/// Use cases of sharing.
#[derive(Clone)]
pub struct MemberService(Arc<Core>);

impl MemberService {
    pub(super) const fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    /// Shares the image with a project, which has yet to accept.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Forbidden`] unless the image's visibility is `shared`,
    /// [`ServiceError::Conflict`] if it is shared with the project already,
    /// [`ServiceError::OverQuota`].
    #[tracing::instrument(name = "members.add", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn add(
        &self,
        caller: &Caller,
        id: ImageId,
        member: String,
    ) -> Result<Member, ServiceError> {
        let parts = &self.0.parts;
        let mut tx = self.0.begin_on(id).await?;
        let sighted = self.shared(&mut tx, caller, id).await?;
        self.0.permit(caller, Action::AddMember, &sighted)?;
        let count = tx.count_members(id).await? + 1;
        let quota = parts.settings.member_quota;
        ServiceError::check_quota("image_member_quota", "members", count, quota)?;
        let now = parts.clock.now();
        let member = Member {
            image_id: id,
            member_id: member,
            status: MemberStatus::Pending,
            created_at: now,
            updated_at: now,
        };
        match tx.insert_member(&member).await {
            Err(DbError::Taken { .. }) => Err(ServiceError::Conflict(format!(
                "Image {id} is already associated with project {}",
                member.member_id
            ))),
            inserted => {
                inserted?;
                let created = Event::Member(MemberVerb::Create, &member);
                self.0.emit(&mut tx, created).await?;
                tx.commit().await?;
                Ok(member)
            }
        }
    }

    /// The members that the caller may know of: all for the owner, its own for a member.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Forbidden`] unless the image's visibility is `shared`.
    #[tracing::instrument(name = "members.list", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn list(&self, caller: &Caller, id: ImageId) -> Result<Vec<Member>, ServiceError> {
        let mut session = self.0.parts.db.read().await?;
        let sighted = self.shared(&mut session, caller, id).await?;
        self.0.permit(caller, Action::GetMembers, &sighted)?;
        let mut members = session.list_members(id).await?;
        members.retain(|member| self.may_know(caller, &sighted, member));
        Ok(members)
    }

    /// One member.
    ///
    /// # Errors
    ///
    /// [`ServiceError::NoSuchMember`] also if the caller may not know of it.
    #[tracing::instrument(name = "members.show", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn show(
        &self,
        caller: &Caller,
        id: ImageId,
        member: &str,
    ) -> Result<Member, ServiceError> {
        let mut session = self.0.parts.db.read().await?;
        let sighted = self.0.sight(&mut session, caller, id).await?;
        let found = find(&mut session, id, member).await?;
        let shared = sighted.image.visibility == Visibility::Shared;
        if !shared
            || !self.may_know(caller, &sighted, &found)
            || self.0.permit(caller, Action::GetMember, &sighted).is_err()
        {
            return Err(no_such(id, member));
        }
        Ok(found)
    }

    /// Says for a member project whether it accepts the image.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`] for the owner, who cannot accept on another's behalf.
    #[tracing::instrument(name = "members.set_status", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn set_status(
        &self,
        caller: &Caller,
        id: ImageId,
        member: &str,
        status: MemberStatus,
    ) -> Result<Member, ServiceError> {
        let parts = &self.0.parts;
        let mut tx = parts.db.begin().await?;
        let sighted = self.shared(&mut tx, caller, id).await?;
        let mut found = find(&mut tx, id, member).await?;
        if !self.may_know(caller, &sighted, &found) {
            return Err(no_such(id, member));
        }
        parts.policy.check(
            caller,
            Action::ModifyMember,
            &Target::member(&sighted.image, &found.member_id),
        )?;
        found.status = status;
        found.updated_at = parts.clock.now();
        if !tx
            .update_member_status(id, member, status, found.updated_at)
            .await?
        {
            return Err(no_such(id, member));
        }
        let updated = Event::Member(MemberVerb::Update, &found);
        self.0.emit(&mut tx, updated).await?;
        tx.commit().await?;
        Ok(found)
    }

    /// Ends the sharing with a project.
    ///
    /// # Errors
    ///
    /// [`ServiceError::Denied`] for the member itself, which can only reject.
    #[tracing::instrument(name = "members.remove", level = "debug", skip_all, fields(image.id = %id))]
    pub async fn remove(
        &self,
        caller: &Caller,
        id: ImageId,
        member: &str,
    ) -> Result<(), ServiceError> {
        let mut tx = self.0.parts.db.begin().await?;
        let sighted = self.shared(&mut tx, caller, id).await?;
        self.0.permit(caller, Action::DeleteMember, &sighted)?;
        let gone = find(&mut tx, id, member).await?;
        if !tx.delete_member(id, member).await? {
            return Err(no_such(id, member));
        }
        let deleted = Event::Member(MemberVerb::Delete, &gone);
        self.0.emit(&mut tx, deleted).await?;
        Ok(tx.commit().await?)
    }

    async fn shared(
        &self,
        session: &mut Session,
        caller: &Caller,
        id: ImageId,
    ) -> Result<Sighted, ServiceError> {
        let sighted = self.0.sight(session, caller, id).await?;
        self.0.permit(caller, Action::GetImage, &sighted)?;
        if sighted.image.visibility != Visibility::Shared {
            return Err(ServiceError::Forbidden(
                "Only shared images have members.".into(),
            ));
        }
        Ok(sighted)
    }

    fn may_know(&self, caller: &Caller, sighted: &Sighted, member: &Member) -> bool {
        self.0.parts.policy.is_admin(caller)
            || caller.acts_for(sighted.image.owner.as_deref())
            || caller.acts_for(Some(&member.member_id))
    }
}

async fn find(session: &mut Session, id: ImageId, member: &str) -> Result<Member, ServiceError> {
    let found = session.find_member(id, member).await?;
    found.ok_or_else(|| no_such(id, member))
}

fn no_such(image: ImageId, member: &str) -> ServiceError {
    ServiceError::NoSuchMember {
        image,
        member: member.to_owned(),
    }
}
