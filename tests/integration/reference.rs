//! `docs/reference.md` is true: each name in it exists in the program that runs, and the program has no other.
//!
//! Routes, flags and configuration keys are compared beside their code; here are forms, JSON, values, files and limits.

mod forms;
mod json;
pub mod source;
mod values;
