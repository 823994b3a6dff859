//! Disk images turned from one format into another, by `qemu-img`.
//!
//! Whoever calls it has looked into the image before and found nothing that would have its reader
//! open anything else: formats are said, and never guessed. The program is confined all the same.
//! [`confine()`] becomes `qemu-img` in a process of its own, which has bounds of memory, processor
//! time and of the size of what it writes, dies with this one, and has no network where the system
//! grants that; the bound of time is held from here. Dropped, a conversion ends at once.

mod confine;
mod converter;
mod running;

pub use self::{
    confine::{Confinement, confine},
    converter::{Conversion, ConvertError, Converter, Limits},
};
