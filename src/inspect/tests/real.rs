//! Real images, made by `qemu-img`, which must be installed.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    samples::{KIB, MIB, gpt, mbr},
    *,
};

/// A folder for the images of one test, with the password `secret` beside them.
struct Lab(tempfile::TempDir);

impl Lab {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("password"), "secret").expect("a file");
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `qemu-img` in the folder, and gives what it prints.
    fn qemu_img(&self, arguments: &[&str]) -> String {
        let output = Command::new("qemu-img")
            .args(arguments)
            .current_dir(self.0.path())
            .output()
            .expect("qemu-img is installed (Debian's package qemu-utils)");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {text}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// Makes `name` in the format and with the options given.
    fn create(&self, name: &str, format: &str, options: &str) {
        let secret = "secret,id=password,file=password";
        let mut arguments = vec!["create", "-q", "--object", secret, "-f", format];
        if !options.is_empty() {
            arguments.extend(["-o", options]);
        }
        arguments.extend([name, "20M"]);
        self.qemu_img(&arguments);
    }

    /// Makes a raw disk with something on it.
    fn raw(&self, name: &str, start: &[u8]) {
        let mut disk = vec![0; 20 * MIB];
        disk[..start.len()].copy_from_slice(start);
        disk[MIB..2 * MIB].fill(0x5a);
        std::fs::write(self.path(name), disk).expect("a file");
    }

    /// The size of the disk, as `qemu-img` sees it.
    fn size(&self, name: &str, format: &str) -> u64 {
        let image = format!("driver={format},file.filename={name}");
        let secret = "secret,id=password,file=password";
        let mut arguments = vec!["info", "--output=json", "--object", secret];
        if format == "luks" {
            // Without the password it would be taken for a disk that cannot be opened.
            let image = format!("{image},key-secret=password");
            arguments.extend(["--image-opts", &image]);
            return size_in(&self.qemu_img(&arguments));
        }
        arguments.extend(["--image-opts", &image]);
        size_in(&self.qemu_img(&arguments))
    }

    fn inspect(&self, name: &str) -> Findings {
        inspect_file(&self.path(name))
    }

    /// What is unsafe about an image of one format.
    fn dangers(&self, name: &str, format: Format) -> Vec<Danger> {
        let findings = self.inspect(name);
        assert_eq!(findings.formats(), [format], "{name}");
        findings.detected[0].dangers.clone()
    }
}

fn size_in(json: &str) -> u64 {
    let info: serde_json::Value = serde_json::from_str(json).expect("JSON");
    info["virtual-size"].as_u64().expect("a size")
}

fn inspect_file(path: &Path) -> Findings {
    let mut file = File::open(path).expect("the image");
    let mut inspector = Inspector::new();
    let mut buffer = vec![0; 100 * KIB];
    loop {
        let count = file.read(&mut buffer).expect("the image's bytes");
        if count == 0 {
            return inspector.finish();
        }
        inspector.update(&buffer[..count]);
    }
}

/// Which image `qemu-img` is asked for, and what is to be found.
type Case = (&'static str, &'static str, Format);

const SAFE: [Case; 25] = [
    ("qcow2", "", Format::Qcow2),
    ("qcow2", "compat=v2", Format::Qcow2),
    ("qcow2", "cluster_size=512", Format::Qcow2),
    ("qcow2", "cluster_size=2M", Format::Qcow2),
    ("qcow2", "cluster_size=128k,extended_l2=on", Format::Qcow2),
    ("qcow2", "compression_type=zstd", Format::Qcow2),
    ("qcow2", "lazy_refcounts=on,refcount_bits=1", Format::Qcow2),
    ("qcow2", "preallocation=metadata", Format::Qcow2),
    (
        "qcow2",
        "encrypt.format=luks,encrypt.key-secret=password,encrypt.iter-time=10",
        Format::Qcow2,
    ),
    ("vmdk", "", Format::Vmdk),
    ("vmdk", "subformat=monolithicSparse", Format::Vmdk),
    ("vmdk", "subformat=streamOptimized", Format::Vmdk),
    ("vmdk", "compat6=on", Format::Vmdk),
    (
        "vmdk",
        "zeroed_grain=on,adapter_type=lsilogic",
        Format::Vmdk,
    ),
    ("vpc", "", Format::Vhd),
    ("vpc", "subformat=dynamic,force_size=on", Format::Vhd),
    ("vpc", "subformat=fixed", Format::Vhd),
    ("vpc", "subformat=fixed,force_size=on", Format::Vhd),
    ("vhdx", "", Format::Vhdx),
    ("vhdx", "subformat=fixed", Format::Vhdx),
    ("vhdx", "log_size=4M,block_size=2M", Format::Vhdx),
    ("vdi", "", Format::Vdi),
    ("vdi", "static=on", Format::Vdi),
    ("parallels", "", Format::Ploop),
    ("luks", "key-secret=password,iter-time=10", Format::Luks),
];

#[test]
fn every_safe_image_is_recognised_and_its_size_is_what_qemu_says() {
    let lab = Lab::new();
    for (index, (driver, options, format)) in SAFE.into_iter().enumerate() {
        let name = format!("disk-{index}");
        lab.create(&name, driver, options);
        let findings = lab.inspect(&name);
        assert_eq!(findings.formats(), [format], "{driver} {options}");
        assert_eq!(findings.detected[0].dangers, [], "{driver} {options}");
        let judged = Rules::default()
            .judge(bare(format.as_str()), &findings)
            .expect(options);
        let expected = lab.size(&name, driver);
        assert_eq!(judged.virtual_size, Some(expected), "{driver} {options}");
    }
}

#[test]
fn an_image_with_data_is_recognised_whatever_disk_it_holds() {
    let lab = Lab::new();
    for (start, name) in [(mbr(), "mbr.raw"), (gpt(), "gpt.raw"), (vec![], "none.raw")] {
        lab.raw(name, &start);
        for (driver, options, compress) in [
            ("qcow2", "", true),
            ("qcow2", "compression_type=zstd", true),
            ("vmdk", "subformat=streamOptimized", false),
            ("vmdk", "", false),
            ("vpc", "force_size=on", false),
            ("vpc", "subformat=fixed,force_size=on", false),
            ("vhdx", "", false),
            ("vdi", "", false),
            ("parallels", "", false),
        ] {
            let mut arguments = vec!["convert", "-f", "raw", "-O", driver];
            if !options.is_empty() {
                arguments.extend(["-o", options]);
            }
            if compress {
                arguments.push("-c");
            }
            arguments.extend([name, "disk"]);
            lab.qemu_img(&arguments);
            let declared = match driver {
                "vpc" => "vhd",
                "parallels" => "ploop",
                other => other,
            };
            let judged = Rules::default().judge(bare(declared), &lab.inspect("disk"));
            let size = judged.expect(driver).virtual_size;
            assert_eq!(size, Some(20 * MIB as u64), "{name} {driver} {options}");
        }
    }
}

#[test]
fn every_header_extension_that_qemu_writes_is_accepted() {
    let lab = Lab::new();
    lab.create("disk", "qcow2", "");
    lab.qemu_img(&["bitmap", "--add", "disk", "changes"]);
    lab.qemu_img(&["snapshot", "-c", "before", "disk"]);
    lab.qemu_img(&["resize", "-q", "disk", "30M"]);
    assert_eq!(lab.dangers("disk", Format::Qcow2), []);
    assert_eq!(
        lab.inspect("disk").detected[0].virtual_size,
        Some(lab.size("disk", "qcow2"))
    );
}

#[test]
fn images_that_need_another_file_are_refused_and_name_it() {
    let lab = Lab::new();
    lab.create("base.qcow2", "qcow2", "");
    lab.create("base.vmdk", "vmdk", "");
    for (name, driver, options, format, told) in [
        (
            "v3",
            "qcow2",
            "backing_file=base.qcow2,backing_fmt=qcow2",
            Format::Qcow2,
            "has a backing file \"base.qcow2\"",
        ),
        (
            "v2",
            "qcow2",
            "compat=v2,backing_file=base.qcow2,backing_fmt=qcow2",
            Format::Qcow2,
            "has a backing file \"base.qcow2\"",
        ),
        (
            "data",
            "qcow2",
            "data_file=data.raw,data_file_raw=on",
            Format::Qcow2,
            "has an external data file \"data.raw\"",
        ),
        (
            "parent",
            "vmdk",
            "backing_file=base.vmdk,backing_fmt=vmdk",
            Format::Vmdk,
            "has a backing file \"base.vmdk\"",
        ),
        (
            "flat",
            "vmdk",
            "subformat=monolithicFlat",
            Format::Vmdk,
            r#"has an extent outside of it: "RW 40960 FLAT \"flat-flat\" 0""#,
        ),
    ] {
        lab.create(name, driver, options);
        let dangers = lab.dangers(name, format);
        let sentences: Vec<String> = dangers.iter().map(Danger::to_string).collect();
        assert_eq!(sentences, [told], "{name}");
    }
}

#[test]
fn disks_in_several_files_are_refused_with_all_their_pieces() {
    let lab = Lab::new();
    lab.create("sparse.vmdk", "vmdk", "subformat=twoGbMaxExtentSparse");
    lab.create("flat.vmdk", "vmdk", "subformat=twoGbMaxExtentFlat");
    for name in ["sparse.vmdk", "flat.vmdk"] {
        let dangers = lab.dangers(name, Format::Vmdk);
        let [Danger::ExtentOutside { .. }] = dangers.as_slice() else {
            panic!("{name}: {dangers:?}");
        };
    }
    assert_eq!(lab.dangers("sparse-s001.vmdk", Format::Vmdk).len(), 1);
}

#[test]
fn formats_that_are_out_of_use_are_refused() {
    let lab = Lab::new();
    lab.create("old", "qcow", "");
    lab.create("enhanced", "qed", "");
    let size = |name: &str| lab.inspect(name).detected[0].virtual_size;
    assert_eq!(
        lab.dangers("old", Format::Qcow2),
        [Danger::Version {
            version: 1,
            supported: "2 and 3"
        }]
    );
    assert_eq!(lab.dangers("enhanced", Format::Qed), [Danger::Banned]);
    assert_eq!(size("old"), Some(lab.size("old", "qcow")));
    assert_eq!(size("enhanced"), Some(lab.size("enhanced", "qed")));
}
