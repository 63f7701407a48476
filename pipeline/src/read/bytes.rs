//! Reads bytes within bounds: never beyond the end, and never more than the budget into memory.

use crate::error::InstanceError;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;

/// A source with a known position, an end, and a budget of memory.
pub(super) struct Bytes<'a, R> {
    source: &'a mut R,
    position: u64,
    end: u64,
    budget: u64,
}

impl<'a, R: Read + Seek> Bytes<'a, R> {
    /// Begins where the source stands, which is the beginning of the extent.
    pub(super) const fn new(source: &'a mut R, extent: Range<u64>, budget: u64) -> Self {
        Self { source, position: extent.start, end: extent.end, budget }
    }

    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    pub(super) const fn end(&self) -> u64 {
        self.end
    }

    pub(super) const fn budget(&self) -> u64 {
        self.budget
    }

    pub(super) const fn set_budget(&mut self, budget: u64) {
        self.budget = budget;
    }

    /// Takes from the budget.
    pub(super) fn charge(&mut self, n_bytes: u64) -> Result<(), InstanceError> {
        self.budget = self.budget.checked_sub(n_bytes).ok_or(InstanceError::TooLarge)?;
        Ok(())
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], InstanceError> {
        let mut array = [0; N];
        if self.end.saturating_sub(self.position) < N as u64 {
            return Err(InstanceError::Truncated);
        }
        self.fill(&mut array)?;
        Ok(array)
    }

    pub(super) fn vector(&mut self, n_bytes: u32) -> Result<Vec<u8>, InstanceError> {
        // A length that the source cannot hold must not be allocated.
        if self.end.saturating_sub(self.position) < u64::from(n_bytes) {
            return Err(InstanceError::Truncated);
        }
        self.charge(u64::from(n_bytes))?;
        let mut vector = vec![0; usize::try_from(n_bytes).map_err(|_| InstanceError::TooLarge)?];
        self.fill(&mut vector)?;
        Ok(vector)
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), InstanceError> {
        self.source.read_exact(buffer).map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => InstanceError::Truncated,
            _ => InstanceError::Io(error),
        })?;
        self.position += buffer.len() as u64;
        Ok(())
    }

    /// Goes forward without reading.
    pub(super) fn skip_to(&mut self, position: u64) -> Result<(), InstanceError> {
        if position > self.end {
            return Err(InstanceError::Truncated);
        }
        self.go_to(position)
    }

    pub(super) fn go_to(&mut self, position: u64) -> Result<(), InstanceError> {
        // A reader with a buffer keeps what lies in it.
        match (i64::try_from(position), i64::try_from(self.position)) {
            (Ok(to), Ok(from)) => self.source.seek_relative(to - from)?,
            _ => self.source.seek(SeekFrom::Start(position)).map(|_| ())?,
        }
        self.position = position;
        Ok(())
    }

    /// Whether nothing but zeros follows, up to the end.
    pub(super) fn rest_is_zero(&mut self) -> Result<bool, InstanceError> {
        let mut buffer = [0; 4096];
        while self.position < self.end {
            let n_left = usize::try_from(self.end - self.position).unwrap_or(usize::MAX);
            let n_bytes = n_left.min(buffer.len());
            self.fill(&mut buffer[..n_bytes])?;
            if buffer[..n_bytes].iter().any(|&byte| byte != 0) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
