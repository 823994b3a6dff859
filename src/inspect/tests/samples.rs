//! Small images of every format, made by hand, without any danger.

use super::with;

pub(super) const KIB: usize = 1024;
pub(super) const MIB: usize = 1024 * KIB;

/// The size of the disk in every sample that says one.
pub(super) const SIZE: u64 = 10 * 1024 * 1024;

/// All of them, with the words of their formats.
pub(super) fn all() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("qcow2", qcow2()),
        ("vhd", vhd()),
        ("vhd", fixed_vhd(vec![0; MIB])),
        ("vhdx", vhdx()),
        ("vmdk", vmdk(&descriptor("monolithicSparse"))),
        ("vmdk", stream_optimized()),
        ("vdi", vdi()),
        ("iso", iso()),
        ("gpt", mbr()),
        ("gpt", gpt()),
        ("luks", luks()),
        ("ploop", ploop()),
        ("raw", vec![7; 100 * KIB]),
    ]
}

pub(super) fn qcow2() -> Vec<u8> {
    let mut image = vec![0; KIB];
    image = with(image, 0, b"QFI\xfb\0\0\0\x03");
    image = with(image, 20, &16_u32.to_be_bytes());
    image = with(image, 24, &SIZE.to_be_bytes());
    with(image, 100, &104_u32.to_be_bytes())
}

/// A header extension of qcow2, padded.
pub(super) fn extension(kind: u32, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("it is short");
    let mut bytes = [kind.to_be_bytes(), length.to_be_bytes()].concat();
    bytes.extend(data);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

/// A VHD's footer with its checksum.
pub(super) fn footer(size: u64, kind: u32) -> Vec<u8> {
    let mut footer = with(vec![0; 512], 0, b"conectix");
    let header = if kind == 2 { u64::MAX } else { 512 };
    footer = with(footer, 16, &header.to_be_bytes());
    footer = with(footer, 40, &size.to_be_bytes());
    footer = with(footer, 48, &size.to_be_bytes());
    footer = with(footer, 60, &kind.to_be_bytes());
    let sum: u32 = footer.iter().map(|byte| u32::from(*byte)).sum();
    with(footer, 64, &(!sum).to_be_bytes())
}

pub(super) fn vhd() -> Vec<u8> {
    let footer = footer(SIZE, 3);
    [&footer, &vec![0; 2 * KIB], &footer]
        .map(Vec::as_slice)
        .concat()
}

pub(super) fn fixed_vhd(disk: Vec<u8>) -> Vec<u8> {
    let size = disk.len() as u64;
    [disk, footer(size, 2)].concat()
}

/// Where [`vhdx`] has its table of regions, its table of metadata, and the items of that.
pub(super) const REGIONS: usize = 192 * KIB;
pub(super) const METADATA: usize = MIB;
pub(super) const ITEMS: usize = METADATA + 64 * KIB;

/// How Microsoft names the region and the items that are needed.
const METADATA_REGION: [u8; 16] = [
    0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b, 0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e,
];
const FILE_PARAMETERS: [u8; 16] = [
    0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d, 0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7, 0x6b,
];
const DISK_SIZE: [u8; 16] = [
    0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48, 0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8,
];

pub(super) fn vhdx() -> Vec<u8> {
    let mut image = with(vec![0; ITEMS + 64], 0, b"vhdxfile");
    image = with(image, REGIONS, b"regi\0\0\0\0\x01\0\0\0");
    image = with(image, REGIONS + 16, &METADATA_REGION);
    image = with(image, REGIONS + 32, &(METADATA as u64).to_le_bytes());
    image = with(image, METADATA, b"metadata\0\0\x02\0");
    image = with(image, METADATA + 32, &item(FILE_PARAMETERS, 64 * 1024));
    image = with(image, METADATA + 64, &item(DISK_SIZE, 64 * 1024 + 8));
    with(image, ITEMS + 8, &SIZE.to_le_bytes())
}

/// An entry of the table of metadata for an item of eight bytes.
pub(super) fn item(id: [u8; 16], offset: u32) -> Vec<u8> {
    let mut entry = id.to_vec();
    for field in [offset, 8, 4, 0] {
        entry.extend(field.to_le_bytes());
    }
    entry
}

pub(super) fn descriptor(create_type: &str) -> String {
    [
        "# Disk DescriptorFile",
        "version=1",
        "CID=bc186374",
        "parentCID=ffffffff",
        &format!("createType=\"{create_type}\""),
        "",
        "# Extent description",
        "RW 20480 SPARSE \"disk.vmdk\"",
        "",
        "#DDB",
        "ddb.virtualHWVersion = \"4\"",
        "",
    ]
    .join("\n")
}

/// Where a sparse VMDK has its descriptor.
pub(super) const DESCRIPTOR: usize = 512;

pub(super) fn vmdk(descriptor: &str) -> Vec<u8> {
    let sectors = descriptor.len().div_ceil(512).max(2);
    let mut image = with(vec![0; DESCRIPTOR + 512 * sectors], 0, b"KDMV\x01\0\0\0");
    image = with(image, 12, &(SIZE / 512).to_le_bytes());
    image = with(image, 28, &1_u64.to_le_bytes());
    image = with(image, 36, &(sectors as u64).to_le_bytes());
    image = with(image, 56, &26_u64.to_le_bytes());
    with(image, DESCRIPTOR, descriptor.as_bytes())
}

/// A stream as `VMware` writes it: what its header leaves open is in its footer.
pub(super) fn stream_optimized() -> Vec<u8> {
    let mut image = vmdk(&descriptor("streamOptimized"));
    image = with(image, 4, &[3]);
    let footer = image[..512].to_vec();
    image = with(image, 56, &u64::MAX.to_le_bytes());
    image.extend(vec![0xcc; 4 * KIB]);
    image.extend(with(vec![0; 512], 12, &[3]));
    image.extend(footer);
    image.extend([0; 512]);
    image
}

pub(super) fn vdi() -> Vec<u8> {
    let mut image = with(
        vec![0; KIB],
        0,
        b"<<< Oracle VM VirtualBox Disk Image >>>\n",
    );
    image = with(image, 0x40, &0xbeda_107f_u32.to_le_bytes());
    image = with(image, 0x44, &0x0001_0001_u32.to_le_bytes());
    image = with(image, 0x4c, &1_u32.to_le_bytes());
    with(image, 0x170, &SIZE.to_le_bytes())
}

pub(super) fn iso() -> Vec<u8> {
    let mut image = with(vec![0; 40 * KIB], 32 * KIB, b"\x01CD001\x01");
    image = with(image, 32 * KIB + 80, &5120_u32.to_le_bytes());
    image = with(image, 32 * KIB + 128, &2048_u16.to_le_bytes());
    with(image, 34 * KIB, b"\xffCD001\x01")
}

/// An entry of the table in a master boot record.
pub(super) fn partition(boot: u8, kind: u8, first: u32) -> Vec<u8> {
    let mut entry = vec![boot, 0, 2, 0, kind, 0xff, 0xff, 0xff];
    entry.extend(first.to_le_bytes());
    entry.extend(20_479_u32.to_le_bytes());
    entry
}

pub(super) fn mbr() -> Vec<u8> {
    let image = with(vec![0; 100 * KIB], 446, &partition(0x80, 0x83, 2048));
    with(image, 510, &[0x55, 0xaa])
}

pub(super) fn gpt() -> Vec<u8> {
    let mut image = with(mbr(), 446, &partition(0, 0xee, 1));
    image = with(image, 512, b"EFI PART");
    for (at, value) in [(512 + 40, 34), (512 + 48, 20_000), (512 + 72, 2_u64)] {
        image = with(image, at, &value.to_le_bytes());
    }
    image = with(image, 512 + 80, &128_u32.to_le_bytes());
    image = with(image, 512 + 84, &128_u32.to_le_bytes());
    image = with(image, 1024, &[9; 16]);
    image = with(image, 1024 + 32, &34_u64.to_le_bytes());
    with(image, 1024 + 40, &20_000_u64.to_le_bytes())
}

pub(super) fn luks() -> Vec<u8> {
    let image = with(vec![0; 4096 + 512 * 3], 0, b"LUKS\xba\xbe\0\x01");
    with(image, 104, &8_u32.to_be_bytes())
}

pub(super) fn ploop() -> Vec<u8> {
    let mut image = with(vec![0; KIB], 0, b"WithouFreSpacExt\x02\0\0\0");
    image = with(image, 36, &(SIZE / 512).to_le_bytes());
    with(image, 44, &0x312e_3276_u32.to_le_bytes())
}
