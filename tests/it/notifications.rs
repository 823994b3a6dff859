//! Other services are told what happens, in the order in which it happens, and of everything.

mod delivery;
mod encryption;
mod sequences;
