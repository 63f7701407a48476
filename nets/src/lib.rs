//! The networks and nothing else.

pub mod calibration;
