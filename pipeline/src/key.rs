//! The secret of a run and what is derived from it.
//!
//! Everything that replaces an identifier is a keyed hash of what it replaces, so that no worker needs
//! another's state and the same key gives the same results in every run.

use crate::error::RunError;
use crate::policy::UidRoot;
use efface_schema::{Sha256Hex, sha256_hex};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

/// Fewer bytes are refused: the key must not be guessable.
const MIN_KEY_BYTES: usize = 16;
/// Crockford's alphabet: no letters that are mistaken for digits.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// What a new identifier begins with, and how many signs follow.
const IDENTIFIER: (&str, usize) = ("EFF-", 16);
/// What a code that stands for a name begins with, and how many signs follow.
const DUMMY: (&str, usize) = ("ANON-", 8);

/// Whether a text has the form of a code that a run with some key made.
///
/// It is still an identifier, and searched as a whole; its parts name nobody.
pub(crate) fn is_code(text: &str) -> bool {
    [IDENTIFIER, DUMMY].iter().any(|(prefix, n_signs)| {
        text.strip_prefix(prefix)
            .is_some_and(|code| code.len() == *n_signs && code.bytes().all(|sign| ALPHABET.contains(&sign)))
    })
}

/// The first signs of a hash as a code.
fn code((prefix, n_signs): (&str, usize), digest: &[u8; 32]) -> String {
    let signs = digest[..n_signs].iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)]));
    prefix.chars().chain(signs).collect()
}

/// The secret of a run. It does not print.
#[derive(Clone)]
pub struct DeidentificationKey {
    bytes: Vec<u8>,
    /// The hash with the key in it, from which every keyed hash begins.
    keyed: Hmac<Sha256>,
}

impl std::fmt::Debug for DeidentificationKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("DeidentificationKey([secret])")
    }
}

impl DeidentificationKey {
    /// Takes the bytes of a key.
    ///
    /// # Errors
    /// When there are fewer than 16.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, RunError> {
        if bytes.len() < MIN_KEY_BYTES {
            return Err(RunError::Key("it has fewer than 16 bytes; make one with `efface key FILE`"));
        }
        let keyed = Hmac::new_from_slice(&bytes).expect("HMAC takes a key of any length");
        Ok(Self { bytes, keyed })
    }

    /// Reads a key file. A line end at its end does not count.
    ///
    /// # Errors
    /// When the file cannot be read or is too short.
    pub fn read(path: &Path) -> Result<Self, RunError> {
        let mut bytes =
            fs::read(path).map_err(|_| RunError::Key("it cannot be opened; make one with `efface key FILE`"))?;
        while bytes.last().is_some_and(u8::is_ascii_whitespace) {
            bytes.pop();
        }
        Self::from_bytes(bytes)
    }

    /// Makes a new key from the system's randomness and writes it where nothing stands, for its owner alone.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create(path: &Path) -> Result<Self, RunError> {
        let key = Self::draw()?;
        let mut file = create_private(path).map_err(RunError::io("write a key file where none stands yet"))?;
        file.write_all(&[&key.bytes, "\n".as_bytes()].concat()).map_err(RunError::io("write the key file"))?;
        Ok(key)
    }

    /// Draws a key from the system's randomness, as hexadecimal digits. It is kept nowhere.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn draw() -> Result<Self, RunError> {
        let mut random = [0_u8; 32];
        fs::File::open("/dev/urandom")
            .and_then(|mut source| source.read_exact(&mut random))
            .map_err(RunError::io("draw a random key"))?;
        let digits: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Self::from_bytes(digits.into_bytes())
    }

    /// Tells two keys apart without giving either away.
    pub fn fingerprint(&self) -> Sha256Hex {
        sha256_hex(&self.hash("fingerprint", ""))
    }

    /// The UID that stands for another: under `2.25`, 122 bits as a version 8 UUID; under another root, 122 bits.
    ///
    /// It has at most 64 characters.
    ///
    /// Source: PS3.5 section B.2; RFC 9562 section 5.8.
    ///
    /// # Example
    /// ```
    /// use efface_pipeline::{DeidentificationKey, UidRoot};
    /// let key = DeidentificationKey::from_bytes(vec![7; 32]).unwrap();
    /// let (root, own) = (UidRoot::default(), "1.2.826.0.1.3680043.10.999".parse().unwrap());
    /// assert_eq!(key.map_uid("1.2.3", &root), key.map_uid("1.2.3", &root));
    /// assert_ne!(key.map_uid("1.2.3", &root), key.map_uid("1.2.4", &root));
    /// assert!(key.map_uid("1.2.3", &root).starts_with("2.25."));
    /// assert!(key.map_uid("1.2.3", &own).len() <= 64);
    /// ```
    pub fn map_uid(&self, uid: &str, root: &UidRoot) -> String {
        let digest = self.hash("uid", uid);
        let mut bytes = [0_u8; 16];
        bytes.copy_from_slice(&digest[..16]);
        if !root.is_uuid_root() {
            return format!("{root}.{}", u128::from_be_bytes(bytes) >> 6);
        }
        bytes[6] = bytes[6] & 0x0F | 0x80;
        bytes[8] = bytes[8] & 0x3F | 0x80;
        format!("{root}.{}", u128::from_be_bytes(bytes))
    }

    /// The identifier that stands for another: `EFF-` and 80 bits in 16 letters and digits.
    pub fn map_identifier(&self, identifier: &str) -> String {
        code(IDENTIFIER, &self.hash("identifier", identifier))
    }

    /// What stands for a name or an identifier that says nothing else: `ANON-` and 40 bits in 8 letters and digits, the same for
    /// the same value of the same patient.
    pub fn dummy_code(&self, patient: &str, value: &str) -> String {
        code(DUMMY, &self.hash("dummy", &format!("{patient}\0{value}")))
    }

    /// By how many days a patient's dates move: back by 1 to `max_days`.
    pub fn date_shift_days(&self, patient: &str, max_days: u32) -> i64 {
        let digest = self.hash("date-shift", patient);
        let mut bytes = [0_u8; 8];
        bytes.copy_from_slice(&digest[..8]);
        let days = u64::from_be_bytes(bytes) % u64::from(max_days.max(1)) + 1;
        -i64::try_from(days).expect("a number of 32 bits")
    }

    /// Bytes that depend on the key, the purpose and the text.
    pub(crate) fn hash(&self, purpose: &str, text: &str) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// Creates a file that only its owner can read; fails when it exists.
pub(crate) fn create_private(path: &Path) -> std::io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates a folder that only its owner can enter, or makes one so that exists.
pub(crate) fn create_private_folder(path: &Path) -> std::io::Result<()> {
    fs::create_dir_all(path)?;
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(byte: u8) -> DeidentificationKey {
        DeidentificationKey::from_bytes(vec![byte; 32]).expect("long enough")
    }

    proptest! {
        #[test]
        fn shifts_go_back_and_stay_in_range(patient in ".*", max_days in 1_u32..40_000) {
            let days = key(1).date_shift_days(&patient, max_days);
            prop_assert!((-i64::from(max_days)..=-1).contains(&days));
        }

        #[test]
        fn uids_are_valid_under_every_root(uid in "[0-9.]{1,64}", own in "[12]\\.(2|3[0-9])(\\.[1-9][0-9]{0,4}){0,3}") {
            for root in [UidRoot::default(), own.parse().expect("a root")] {
                let mapped = key(1).map_uid(&uid, &root);
                prop_assert!(mapped.len() <= 64 && mapped.starts_with(root.as_str()), "{}", mapped);
                prop_assert!(mapped.split('.').all(|part| part == "0" || !part.starts_with('0') && !part.is_empty()));
            }
        }

        #[test]
        fn different_inputs_and_keys_give_different_results(first in "[0-9.]{1,64}", second in "[0-9.]{1,64}") {
            let root = UidRoot::default();
            prop_assert_eq!(first == second, key(1).map_uid(&first, &root) == key(1).map_uid(&second, &root));
            prop_assert_eq!(first == second, key(1).map_identifier(&first) == key(1).map_identifier(&second));
            prop_assert_ne!(key(1).map_uid(&first, &root), key(2).map_uid(&first, &root));
        }
    }

    #[test]
    fn codes_are_known_by_their_form() {
        assert!(is_code(&key(1).map_identifier("7712345")) && is_code(&key(1).dummy_code("7712345", "DOE")));
        for text in ["ANON-SMITHSON", "ANON-47ZT48RK2", "ANON", "EFF-03FNMGEF", "anon-47zt48rk", ""] {
            assert!(!is_code(text), "{text}");
        }
    }

    #[test]
    fn the_key_prints_nothing_and_short_keys_are_refused() {
        assert_eq!(format!("{:?}", key(65)), "DeidentificationKey([secret])");
        assert!(DeidentificationKey::from_bytes(vec![1; 15]).is_err());
    }
}
