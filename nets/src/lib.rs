//! The networks and nothing else.
