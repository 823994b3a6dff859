//! What a document must be.

use serde_json::json;

use super::*;

fn minimal() -> Value {
    json!({
        "version": "1.0",
        "job_id": "job-0001",
        "created_at": "2026-01-30T10:00:00Z",
        "kind": "VMOperation",
        "operation": "guestkit.inspect",
        "payload": {
            "type": "guestkit.inspect.v1",
            "data": {"image": {"path": "/images/a.qcow2"}},
        },
    })
}

/// `minimal` with `value` in the place of the JSON pointer `at`, whose parents are made.
fn with(at: &str, value: Value) -> Value {
    let mut document = minimal();
    let (parent, name) = at.rsplit_once('/').expect("a pointer");
    let mut place = &mut document;
    for part in parent.split('/').skip(1) {
        place = place
            .as_object_mut()
            .expect("an object")
            .entry(part)
            .or_insert(json!({}));
    }
    place
        .as_object_mut()
        .expect("an object")
        .insert(name.to_owned(), value);
    document
}

fn read(document: &Value) -> Result<Job, Box<Refused>> {
    Job::read(
        document.to_string().as_bytes(),
        &Hashers::builtin(),
        Scope::Files,
    )
}

#[track_caller]
fn refused(document: &Value) -> Failure {
    match read(document) {
        Ok(job) => panic!("{} was accepted", job.id),
        Err(refused) => refused.failure,
    }
}

fn verify(image: &Value) -> Value {
    let mut document = minimal();
    document["operation"] = json!("hallmark.verify");
    document["payload"] = json!({"type": "hallmark.verify.v1", "data": {"images": [image]}});
    document
}

fn images(job: &Job) -> &[ImageRef] {
    match &job.work {
        Work::Verify { images, .. } => images,
        Work::Echo(_) => panic!("no images"),
    }
}

#[test]
fn the_least_document_has_the_defaults_of_the_protocol() {
    let job = read(&minimal()).expect("a job");
    let execution = Execution {
        idempotency_key: None,
        attempt: 1,
        max_attempts: 1,
        timeout: std::time::Duration::from_hours(1),
        deadline: None,
        priority: 5,
        cancellable: true,
    };
    assert_eq!(job.execution, execution);
    assert_eq!(job.constraints, Constraints::default());
    assert_eq!(job.routing, Routing::default());
    assert_eq!(job.warnings, [""; 0]);
    assert_eq!(images(&job)[0].name(), "/images/a.qcow2");
}

#[test]
fn unknown_fields_are_ignored_at_every_level() {
    for at in [
        "/surprise",
        "/execution/surprise",
        "/payload/surprise",
        "/payload/data/surprise",
    ] {
        assert!(read(&with(at, json!({"deep": [1, 2]}))).is_ok(), "{at}");
    }
}

#[test]
fn a_field_that_is_null_is_absent() {
    for at in ["/execution", "/metadata", "/routing", "/observability"] {
        assert!(read(&with(at, Value::Null)).is_ok(), "{at}");
    }
    assert!(read(&with("/routing/worker_id", Value::Null)).is_ok());
    assert!(read(&with("/observability/parent_span_id", Value::Null)).is_ok());
}

#[test]
fn what_is_required_must_be_there_and_is_named() {
    for name in [
        "version",
        "job_id",
        "created_at",
        "kind",
        "operation",
        "payload",
    ] {
        let mut document = minimal();
        document.as_object_mut().expect("an object").remove(name);
        let failure = refused(&document);
        assert_eq!(failure.code, Code::Validation, "{name}");
        assert!(failure.message.starts_with(name), "{failure}");
        assert_eq!(failure.details, Some(json!({"field": name})));
        assert!(!failure.recoverable && !failure.retry_recommended);
        assert_eq!(failure.phase, "validation");
    }
}

#[test]
fn a_value_that_breaks_a_rule_of_a_job_is_refused_and_its_field_named() {
    for (at, value) in [
        ("/version", json!("2.0")),
        ("/version", json!(1.0)),
        ("/kind", json!("Pod")),
        ("/job_id", json!("short")),
        ("/job_id", json!("../../../etc/cron.d/job")),
        ("/job_id", json!(12_345_678)),
        ("/created_at", json!("yesterday")),
        ("/created_at", json!("2026-01-30")),
        ("/operation", json!("inspect")),
        ("/payload", json!([])),
        ("/payload/type", json!("guestkit.inspect")),
        ("/payload/type", json!("guestkit.inspect.1")),
        ("/payload/type", json!("guestkit.inspect.vX")),
        ("/payload/type", json!("guestkit.profile.v1")),
        ("/payload/data", json!("text")),
        ("/payload/data/image", json!("/images/a.qcow2")),
        ("/payload/data/image/path", json!("")),
        ("/payload/data/image/path", json!(7)),
        ("/payload/data/image/path", json!("/a\u{0}b")),
        ("/payload/data/image/path", json!("a".repeat(4096))),
        ("/payload/data/image/size_bytes", json!(-1)),
        ("/payload/data/image/read_only", json!("yes")),
        ("/payload/data/image/checksum", json!(["sha256:ab"])),
        ("/payload/data/options/fail_on_critical", json!(1)),
    ] {
        assert_refused_for(at, &value);
    }
}

#[test]
fn a_value_that_breaks_a_rule_of_how_to_run_is_refused_and_its_field_named() {
    let many = vec!["x"; 65];
    for (at, value) in [
        ("/metadata/labels", json!({"a": 1})),
        ("/metadata/labels", json!(["a"])),
        ("/execution/attempt", json!(0)),
        ("/execution/max_attempts", json!(0)),
        ("/execution/max_attempts", json!(101)),
        ("/execution/max_attempts", json!("3")),
        ("/execution/timeout_seconds", json!(0)),
        ("/execution/timeout_seconds", json!(1.5)),
        ("/execution/timeout_seconds", json!(u64::MAX)),
        ("/execution/deadline", json!("soon")),
        ("/execution/priority", json!(0)),
        ("/execution/priority", json!(11)),
        ("/execution/cancellable", json!("true")),
        ("/execution/idempotency_key", json!("")),
        (
            "/constraints/required_capabilities",
            json!("guestkit.inspect"),
        ),
        ("/constraints/required_capabilities", json!(many)),
        ("/constraints/minimum_worker_version", json!("")),
        ("/constraints/minimum_worker_version", json!("new")),
        ("/constraints/maximum_disk_size_gb", json!(0)),
        ("/constraints/require_privileged", json!(0)),
        ("/constraints/allowed_worker_pools", json!([1])),
        ("/routing/worker_id", json!({})),
        ("/routing/affinity", json!({"a": []})),
        (
            "/routing/anti_affinity",
            json!({"concurrent_jobs": "job-0002"}),
        ),
        ("/observability/trace_id", json!(1)),
        ("/audit/authorization", json!("token")),
    ] {
        assert_refused_for(at, &value);
    }
}

#[track_caller]
fn assert_refused_for(at: &str, value: &Value) {
    let failure = refused(&with(at, value.clone()));
    let field = at[1..].replace('/', ".");
    assert!(failure.message.contains(&field), "{at} {value}: {failure}");
    assert!(Code::is_refusal(failure.code.as_str()), "{at} {value}");
}

#[test]
fn an_attempt_after_the_last_is_refused() {
    let document = with("/execution", json!({"attempt": 3, "max_attempts": 2}));
    assert!(
        refused(&document)
            .message
            .contains("execution.max_attempts")
    );
}

#[test]
fn what_is_large_or_deep_or_no_json_is_refused() {
    let hashers = Hashers::builtin();
    let large = vec![b' '; MOST_BYTES + 1];
    let refused = Job::read(&large, &hashers, Scope::Files).expect_err("too large");
    assert!(!refused.may_grow && refused.failure.message.contains("1048576"));
    let deep = with("/payload/data/x", deep(40));
    let refused = read(&deep).expect_err("too deep");
    assert!(
        refused.failure.message.contains("32 levels"),
        "{}",
        refused.failure
    );
    let text = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    assert!(Job::read(&text, &hashers, Scope::Files).is_err());
    for torn in [&b""[..], b"{", b"{\"version\": \"1.0\"", b"\xff\xfe"] {
        assert!(
            Job::read(torn, &hashers, Scope::Files)
                .expect_err("torn")
                .may_grow
        );
    }
    for whole in [&b"[]"[..], b"1", b"{}", b"null"] {
        assert!(
            !Job::read(whole, &hashers, Scope::Files)
                .expect_err("no job")
                .may_grow
        );
    }
}

fn deep(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}

#[test]
fn a_beginning_of_a_document_is_never_a_job() {
    let text = minimal().to_string();
    for end in 0..text.len() {
        let refused = Job::read(&text.as_bytes()[..end], &Hashers::builtin(), Scope::Files);
        assert!(refused.expect_err("a beginning").may_grow, "{end}");
    }
}

/// A shortcut that makes documents without the version of their payload fails its own check.
#[test]
fn fault_10_every_operation_that_is_offered_has_a_payload_type_that_is_accepted() {
    for operation in Operation::all() {
        let image = json!({"path": "a"});
        let mut document = minimal();
        document["operation"] = json!(operation.name());
        document["payload"] = json!({
            "type": operation.payload_type(),
            "data": {"image": image, "baseline": image, "target": image},
        });
        let job = read(&document).expect("a job");
        assert_eq!(job.operation, operation);
        document["operation"] = json!(operation.payload_type());
        assert_eq!(read(&document).map(|job| job.operation), Ok(operation));
    }
}

#[test]
fn an_operation_that_nobody_knows_is_refused_with_those_there_are() {
    for name in [
        "guestkit.teleport",
        "guestkit.agent.call",
        "hyper2kvm.convert",
    ] {
        let mut document = minimal();
        document["operation"] = json!(name);
        document["payload"]["type"] = json!(format!("{name}.v1"));
        let failure = refused(&document);
        assert_eq!(failure.code, Code::UnsupportedOperation, "{name}");
        assert!(failure.message.contains("guestkit.inspect"), "{failure}");
    }
}

#[test]
fn fault_1_every_operation_on_an_image_keeps_the_checksum() {
    let checksum = format!("sha256:{}", "ab".repeat(32));
    for operation in Operation::all().filter(|it| it.subject() != Subject::Nothing) {
        let image = json!({"path": "a", "checksum": checksum});
        let mut document = minimal();
        document["operation"] = json!(operation.name());
        document["payload"] = json!({
            "type": operation.payload_type(),
            "data": {"image": image, "baseline": image, "target": image},
        });
        let job = read(&document).expect("a job");
        for image in images(&job) {
            assert_eq!(image.expected.to_string(), checksum, "{operation}");
        }
    }
}

#[test]
fn a_conversion_reads_its_source_and_never_its_target() {
    let mut document = minimal();
    document["operation"] = json!("guestkit.convert");
    document["payload"] = json!({
        "type": "guestkit.convert.v1",
        "data": {"source": {"path": "a.vmdk"}, "target": {"path": "b.qcow2"}},
    });
    let job = read(&document).expect("a job");
    let [source] = images(&job) else {
        panic!("one image");
    };
    assert_eq!(
        (source.role.as_str(), source.name().as_str()),
        ("source", "a.vmdk")
    );
    assert!(
        job.warnings[0].contains("not converted"),
        "{:?}",
        job.warnings
    );
}

#[test]
fn checksums_of_every_algorithm_are_taken_in_any_letter_case() {
    for (algorithm, digits) in [("md5", 32), ("SHA256", 64), ("sha512", 128), ("blake3", 64)] {
        let checksum = format!("{algorithm}:{}", "Ab".repeat(digits / 2));
        let job = read(&verify(&json!({"path": "a", "checksum": checksum}))).expect(algorithm);
        assert_eq!(
            images(&job)[0].expected.to_string(),
            checksum.to_lowercase()
        );
    }
    let bare = json!({"path": "a", "checksum": "ab".repeat(32)});
    let job = read(&verify(&bare)).expect("a job");
    assert!(images(&job)[0].expected.to_string().starts_with("sha256:"));
}

#[test]
fn several_checksums_are_all_kept() {
    let image = json!({
        "path": "a",
        "checksum": format!("sha256:{}", "ab".repeat(32)),
        "checksums": [format!("md5:{}", "cd".repeat(16)), format!("sha1:{}", "ef".repeat(20))],
    });
    let job = read(&verify(&image)).expect("a job");
    assert_eq!(images(&job)[0].expected.iter().count(), 3);
}

#[test]
fn fault_11_a_malformed_checksum_is_no_mismatch_but_malformed() {
    for checksum in [
        "",
        "sha256:",
        "sha256:xyz",
        "abc",
        &format!("sha256:{}", "g".repeat(64)),
        &format!("sha256:{}", "a".repeat(62)),
        &format!("md5:{}", "a".repeat(64)),
    ] {
        for field in ["checksum", "checksums"] {
            let value = match field {
                "checksum" => json!(checksum),
                _ => json!([checksum]),
            };
            let failure = refused(&verify(&json!({"path": "a", field: value})));
            assert_eq!(
                failure.code,
                Code::InvalidChecksum,
                "{checksum:?}: {failure}"
            );
            assert!(
                failure.message.contains(&format!("images[0].{field}")),
                "{failure}"
            );
        }
    }
    let failure = refused(&verify(&json!({"path": "a", "checksum": "crc32:00000000"})));
    assert_eq!(failure.code, Code::UnsupportedChecksum);
    assert!(
        failure
            .message
            .starts_with("Unsupported checksum algorithm: crc32."),
        "{failure}"
    );
    assert!(failure.message.contains("sha512"), "{failure}");
}

#[test]
fn checksums_that_contradict_each_other_are_refused() {
    let checksum = |byte: &str| format!("md5:{}", byte.repeat(16));
    let image = json!({"path": "a", "checksum": checksum("ab"), "checksums": [checksum("cd")]});
    assert_eq!(refused(&verify(&image)).code, Code::InvalidChecksum);
}

#[test]
fn what_could_not_be_checked_is_refused_and_not_ignored() {
    for field in ["checksum_url", "signature"] {
        let failure = refused(&verify(&json!({"path": "a", field: "SHA256SUMS"})));
        assert!(failure.message.contains(field), "{failure}");
    }
}

#[test]
fn the_images_of_one_job_are_bounded_and_at_least_one() {
    let data = |count: usize| {
        let mut document = verify(&Value::Null);
        document["payload"]["data"]["images"] = json!(vec![json!({"path": "a"}); count]);
        document
    };
    assert_eq!(read(&data(256)).map(|job| images(&job).len()), Ok(256));
    for count in [0, 257] {
        assert!(
            refused(&data(count))
                .message
                .contains("payload.data.images")
        );
    }
}

#[test]
fn what_is_unusual_is_a_warning_and_no_fault() {
    for (at, value) in [
        ("/execution/timeout_seconds", json!(86_401)),
        ("/constraints/maximum_disk_size_gb", json!(100_001)),
        ("/routing/affinity", json!({"disk_locality": "/mnt"})),
        (
            "/payload/data/output",
            json!({"destination": "/mnt/result.json"}),
        ),
    ] {
        let job = read(&with(at, value)).expect(at);
        assert_eq!(job.warnings.len(), 1, "{at}: {:?}", job.warnings);
    }
}

#[test]
fn a_refused_document_tells_its_id_if_that_is_one() {
    let named = read(&with("/kind", json!("Pod"))).expect_err("no job");
    assert_eq!(named.id.map(|id| id.to_string()), Some("job-0001".into()));
    let hostile = read(&with("/job_id", json!("../../escape"))).expect_err("no job");
    assert_eq!(hostile.id, None);
}

#[test]
fn versions_are_compared_by_their_numbers() {
    let version = |text| Version::parse(text).expect(text);
    assert!(version("0.10.0") > version("0.9.9"));
    assert_eq!(version("v1.2"), version("1.2.0-rc1+build"));
    for text in ["", "1.2.3.4", "1.x", "latest", "-1"] {
        assert_eq!(Version::parse(text), None, "{text}");
    }
}
