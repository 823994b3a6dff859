//! OpenPGP packets out of files, with armour or without.

use pgp::{
    armor::Dearmor,
    errors::Error,
    packet::{Packet, PacketParser},
};

/// What begins a block of armour, and what ends it.
const BEGIN: &[u8] = b"-----BEGIN PGP ";
const END: &[u8] = b"-----END PGP ";

/// The packets of `file`: of all blocks if it is armoured. Left out is what an implementation may
/// pass over: markers, padding, GnuPG's notes, packets of versions that are not known.
///
/// # Errors
///
/// What cannot be understood.
pub(super) fn read(file: &[u8]) -> Result<Vec<Packet>, String> {
    if file.first().is_some_and(|byte| byte & 0x80 != 0) {
        return parse(file);
    }
    let mut packets = Vec::new();
    for block in blocks(file) {
        let mut binary = Vec::new();
        std::io::Read::read_to_end(&mut Dearmor::new(block), &mut binary)
            .map_err(|error| format!("the armour is broken: {error}"))?;
        packets.extend(parse(&binary)?);
    }
    Ok(packets)
}

/// The blocks of armour in `file`; a last one that is not closed goes to the end.
fn blocks(file: &[u8]) -> Vec<&[u8]> {
    let mut blocks = Vec::new();
    let (mut begun, mut place) = (None, 0);
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        let from = place;
        place += line.len();
        if line.starts_with(BEGIN) && begun.is_none() {
            begun = Some(from);
        } else if line.starts_with(END)
            && let Some(from) = begun.take()
        {
            blocks.push(&file[from..place]);
        }
    }
    blocks.extend(begun.map(|from| &file[from..]));
    blocks
}

fn parse(binary: &[u8]) -> Result<Vec<Packet>, String> {
    let mut packets = Vec::new();
    for packet in PacketParser::new(binary) {
        match packet {
            Ok(Packet::Marker(_) | Packet::Padding(_) | Packet::Trust(_)) => {}
            Ok(packet) => packets.push(packet),
            Err(error) if may_be_passed_over(&error) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(packets)
}

fn may_be_passed_over(error: &Error) -> bool {
    match error {
        Error::Unsupported { .. } | Error::EllipticCurve { .. } => true,
        Error::InvalidPacketContent { source } => may_be_passed_over(source),
        _ => false,
    }
}
