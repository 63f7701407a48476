//! Named random streams, all derived from one root seed.

use crate::vocabulary::Split;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The root of all randomness of one suite.
///
/// A stream is named by its purpose and its ordinals (patient, study, series, instance), so the values
/// drawn for an instance depend neither on the instances before it nor on which thread makes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Streams {
    seed: u64,
    split: Split,
}

impl Streams {
    /// The streams of a suite to test on.
    #[cfg(test)]
    pub(crate) const fn new(seed: u64) -> Self {
        Self::of(seed, Split::Test)
    }

    /// The streams of a suite: the same seed gives other numbers on the other side of the split.
    pub(crate) const fn of(seed: u64, split: Split) -> Self {
        Self { seed, split }
    }

    /// The stream of one purpose and ordinal.
    pub(crate) fn stream(&self, purpose: &str, ordinals: &[u64]) -> ChaCha8Rng {
        ChaCha8Rng::from_seed(self.digest(purpose, ordinals))
    }

    /// A UID under the root for UUIDs (PS3.5 B.2): `2.25.` and the decimal form of a version 4 UUID.
    pub(crate) fn uid(&self, purpose: &str, ordinals: &[u64]) -> String {
        let digest = self.digest(purpose, ordinals);
        let mut bytes = [0u8; 16];
        bytes.copy_from_slice(&digest[..16]);
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        format!("2.25.{}", u128::from_be_bytes(bytes))
    }

    fn digest(&self, purpose: &str, ordinals: &[u64]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(b"efface-synth 1\0");
        hasher.update(self.seed.to_le_bytes());
        if self.split == Split::Train {
            hasher.update(b"train\0");
        }
        hasher.update(purpose.as_bytes());
        hasher.update([0]);
        for ordinal in ordinals {
            hasher.update(ordinal.to_le_bytes());
        }
        hasher.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    #[test]
    fn streams_differ_by_purpose_and_ordinal_and_repeat_by_name() {
        let draw = |seed, purpose, ordinals: &[u64]| Streams::new(seed).stream(purpose, ordinals).random::<u64>();
        assert_eq!(draw(1, "a", &[1, 2]), draw(1, "a", &[1, 2]));
        assert_ne!(draw(1, "a", &[1, 2]), draw(1, "a", &[2, 1]));
        assert_ne!(draw(1, "a", &[1]), draw(1, "b", &[1]));
        assert_ne!(draw(1, "a", &[1]), draw(2, "a", &[1]));
    }

    #[test]
    fn uids_are_valid() {
        let uid = Streams::new(7).uid("study", &[3]);
        assert!(uid.len() <= 64 && uid.starts_with("2.25."));
        assert!(
            uid.split('.')
                .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0')))
        );
    }
}
