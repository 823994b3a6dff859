//! Rules of jobs.

use tokio::task::JoinSet;
use uuid::Uuid;

use super::{engines::on_every_engine, samples::at};
use crate::{
    db::{Db, DbError, JobLease, Lease},
    domain::{Caller, ClaimedJob, JobEnd, JobStatus, NewJob},
};

on_every_engine![
    a_job_id_is_taken_once_in_a_project,
    of_many_who_claim_each_gets_another_job,
    of_many_jobs_with_one_key_one_runs,
    only_the_holder_renews_notes_and_finishes,
    a_job_whose_lease_lapsed_is_claimed_again_with_its_attempts,
    a_job_goes_with_its_pools_when_its_time_is_over,
];

fn job(number: u128) -> NewJob {
    NewJob {
        entry: Uuid::from_u128(number),
        id: format!("job-{number:04}").parse().expect("an id"),
        caller: Caller::unauthenticated("req-1".into()),
        document: "{}".into(),
        operation: "system.echo".into(),
        priority: 5,
        created_at: at(1),
        submitted_at: at(2),
        deadline: None,
        worker: None,
        pools: None,
        not_beside: Vec::new(),
        key: None,
    }
}

async fn insert(db: &Db, jobs: impl IntoIterator<Item = NewJob>) {
    let mut tx = db.begin().await.expect("a transaction");
    for job in jobs {
        tx.insert_job(&job).await.expect("a job");
    }
    tx.commit().await.expect("a commit");
}

async fn claim(db: &Db, holder: u128, now: i64, pool: Option<&str>) -> Option<ClaimedJob> {
    let lease = Lease {
        holder: Uuid::from_u128(holder),
        now: at(now),
        until: at(now + 10),
    };
    let mut tx = db.begin().await.expect("a transaction");
    tx.lock_jobs().await.expect("a lock");
    let claimed = tx.claim_job(lease, "worker", pool).await.expect("a look");
    tx.commit().await.expect("a commit");
    claimed
}

fn end() -> JobEnd<'static> {
    JobEnd {
        status: JobStatus::Completed,
        result: "{}",
        error: None,
        is_final: true,
        worker: "worker",
        at: at(30),
        expires_at: at(40),
    }
}

async fn a_job_id_is_taken_once_in_a_project(db: Db) {
    insert(&db, [job(1)]).await;
    let mut again = job(2);
    again.id = job(1).id;
    let mut session = db.read().await.expect("a session");
    let taken = session.insert_job(&again).await;
    assert!(matches!(taken, Err(DbError::Taken { .. })), "{taken:?}");
    again.caller.project_id = Some("alpha".into());
    session.insert_job(&again).await.expect("another project");
    let found = session.find_job(Some("alpha"), &again.id).await;
    let found = found.expect("a look-up").expect("a job");
    assert_eq!(
        (found.entry, found.project.as_deref()),
        (again.entry, Some("alpha"))
    );
    let found = session.find_job(None, &again.id).await.expect("a look-up");
    assert_eq!(found.map(|job| job.entry), Some(Uuid::from_u128(1)));
}

async fn claimed_at_once(db: &Db, count: u128) -> Vec<ClaimedJob> {
    let mut claims = JoinSet::new();
    for holder in 1..=count {
        let db = db.clone();
        claims.spawn(async move { claim(&db, holder, 10, None).await });
    }
    claims.join_all().await.into_iter().flatten().collect()
}

async fn of_many_who_claim_each_gets_another_job(db: Db) {
    insert(&db, (1..=8).map(job)).await;
    let claimed = claimed_at_once(&db, 9).await;
    let mut entries: Vec<_> = claimed.iter().map(|job| job.record.entry).collect();
    entries.sort();
    let all: Vec<_> = (1..=8).map(Uuid::from_u128).collect();
    assert_eq!(entries, all);
}

async fn of_many_jobs_with_one_key_one_runs(db: Db) {
    let keyed = |number| NewJob {
        key: Some("k".into()),
        ..job(number)
    };
    insert(&db, (1..=4).map(keyed)).await;
    assert_eq!(claimed_at_once(&db, 4).await.len(), 1);
}

async fn only_the_holder_renews_notes_and_finishes(db: Db) {
    insert(&db, [job(1)]).await;
    let (entry, anna, bert) = (Uuid::from_u128(1), Uuid::from_u128(7), Uuid::from_u128(8));
    claim(&db, 7, 10, None).await.expect("a job");
    let mut session = db.read().await.expect("a session");
    let renewed = session.renew_job(entry, bert, at(50)).await;
    assert_eq!(renewed.expect("no"), JobLease::Lost);
    assert!(!session.note_job_attempts(entry, bert, 1).await.expect("no"));
    assert!(!session.finish_job(entry, bert, &end()).await.expect("no"));
    assert!(
        session
            .note_job_attempts(entry, anna, 1)
            .await
            .expect("yes")
    );
    let renewed = session.renew_job(entry, anna, at(50)).await;
    assert_eq!(renewed.expect("yes"), JobLease::Held);
    assert!(session.ask_job_cancel(entry, at(11)).await.expect("yes"));
    let renewed = session.renew_job(entry, anna, at(50)).await;
    assert_eq!(renewed.expect("yes"), JobLease::ToCancel);
    assert!(session.finish_job(entry, anna, &end()).await.expect("yes"));
    assert!(!session.finish_job(entry, anna, &end()).await.expect("no"));
    assert!(!session.ask_job_cancel(entry, at(11)).await.expect("no"));
    let result = session.find_job_result(entry).await.expect("a look-up");
    assert_eq!(result.as_deref(), Some("{}"));
}

async fn a_job_whose_lease_lapsed_is_claimed_again_with_its_attempts(db: Db) {
    insert(&db, [job(1)]).await;
    claim(&db, 7, 10, None).await.expect("a job");
    let mut session = db.read().await.expect("a session");
    let (entry, anna) = (Uuid::from_u128(1), Uuid::from_u128(7));
    assert!(
        session
            .note_job_attempts(entry, anna, 1)
            .await
            .expect("yes")
    );
    drop(session);
    assert!(
        claim(&db, 8, 20, None).await.is_none(),
        "the lease holds still"
    );
    let again = claim(&db, 8, 21, None).await.expect("the job");
    assert_eq!(again.record.attempts, 1);
    assert_eq!(again.record.started_at, Some(at(10)));
    assert_eq!(again.caller, job(1).caller);
}

async fn a_job_goes_with_its_pools_when_its_time_is_over(db: Db) {
    let pooled = NewJob {
        pools: Some(vec!["fast".into()]),
        not_beside: vec!["job-0009".into()],
        ..job(1)
    };
    insert(&db, [pooled]).await;
    assert!(claim(&db, 7, 10, None).await.is_none());
    assert!(claim(&db, 7, 10, Some("slow")).await.is_none());
    claim(&db, 7, 10, Some("fast")).await.expect("a job");
    let mut session = db.read().await.expect("a session");
    let ended = session
        .finish_job(Uuid::from_u128(1), Uuid::from_u128(7), &end())
        .await;
    assert!(ended.expect("yes"));
    let gone = session.delete_expired_jobs(at(39), 10).await;
    assert_eq!(gone.expect("none"), 0);
    let gone = session.delete_expired_jobs(at(40), 10).await;
    assert_eq!(gone.expect("one"), 1);
}
