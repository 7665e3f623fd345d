//! Arrays, and other files than those of this crate that hold them.

pub mod csv;
pub mod elements;
pub mod flat;
pub mod npy;
pub mod npz;
pub mod safetensors;
