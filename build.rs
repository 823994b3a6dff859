//! Has the program compiled anew when a migration is added: the compiler does not see new files.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
