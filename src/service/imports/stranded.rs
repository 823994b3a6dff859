//! Imports of what is staged where nobody is any more.

use std::time::Duration;

use super::{ImportService, run::Run};
use crate::{
    db::LostArea,
    service::{ServiceError, data::Shortfall},
};

impl ImportService {
    /// Says that what is staged in this process's staging area is imported by it. What the node had
    /// staged in areas that it had before, and that nobody has shown since two leases, is lost.
    ///
    /// # Errors
    ///
    /// If the database cannot be used.
    #[tracing::instrument(name = "imports.tend_area", level = "debug", skip_all)]
    pub async fn tend_area(&self) -> Result<(), ServiceError> {
        let parts = &self.0.parts;
        let Some(area) = &parts.area else {
            return Ok(());
        };
        let (node, now) = (area.node.as_deref(), parts.clock.now());
        let mut tx = parts.db.begin().await?;
        tx.see_staging_area(area.id, node, now).await?;
        let lost = match node {
            Some(node) => {
                let before = now.minus(parts.settings.lease * 2);
                tx.forget_former_areas(node, area.id, before).await?
            }
            None => Vec::new(),
        };
        tx.commit().await?;
        tell(&lost, parts.settings.lease * 2);
        Ok(())
    }

    /// Fails the imports of what is staged in areas that nobody has shown for as long as the
    /// settings say; tells how many. Their images go back to `queued`.
    ///
    /// # Errors
    ///
    /// If the database cannot be used.
    #[tracing::instrument(name = "imports.fail_stranded", level = "debug", skip_all)]
    pub async fn fail_stranded(&self) -> Result<usize, ServiceError> {
        let parts = &self.0.parts;
        let patience = parts.settings.node_timeout;
        let mut tx = parts.db.begin().await?;
        let before = parts.clock.now().minus(patience);
        let lost = tx.forget_staging_areas(before).await?;
        tx.commit().await?;
        tell(&lost, patience);
        let mut count = 0;
        while let Some(run) = self.take_stranded().await? {
            run.strand().await?;
            count += 1;
        }
        Ok(count)
    }

    async fn take_stranded(&self) -> Result<Option<Run>, ServiceError> {
        let parts = &self.0.parts;
        let (holder, now) = (parts.ids.next(), parts.clock.now());
        let until = now.plus(parts.settings.lease);
        let mut tx = parts.db.begin().await?;
        let task = tx.claim_stranded_task(holder, now, until).await?;
        if let Some(task) = &task {
            self.0.emit_taken_up(&mut tx, task).await?;
        }
        tx.commit().await?;
        Ok(task.map(|task| Run::new(&self.0, holder, task)))
    }
}

impl Run {
    /// Ends the import of what is not to be had any more.
    async fn strand(&self) -> Result<(), ServiceError> {
        if self.image().await?.is_none() {
            return self.end_deleted().await;
        }
        tracing::warn!(
            task.id = %self.task.id,
            image.id = %self.task.image_id,
            "the data of an import are staged on a node that is gone"
        );
        let reason = ServiceError::Interrupted(
            "the node on which the data were staged is gone; they have to be staged again".into(),
        );
        self.fail(&Shortfall::from(reason)).await
    }
}

fn tell(lost: &[LostArea], patience: Duration) {
    for area in lost {
        tracing::warn!(
            area.id = %area.id,
            node = area.node,
            patience_s = patience.as_secs(),
            "a staging area was not seen for long; what is staged there is taken to be lost"
        );
    }
}
