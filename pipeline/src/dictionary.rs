//! What the standard's dictionary says of the attributes that every instance has.
//!
//! The dictionary is a table of five thousand hashed entries, and one instance asks it some hundred times, each time
//! for the same attributes: every thread remembers what it heard last.

use dicom_core::Tag;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry, VirtualVr};
use dicom_dictionary_std::StandardDataDictionary;
use std::cell::Cell;

/// How many answers a thread remembers; more than an instance has attributes.
const N_REMEMBERED: usize = 1024;

/// A question and its answer.
type Answer = (Tag, Option<VirtualVr>);

thread_local! {
    static ANSWERS: [Cell<Option<Answer>>; N_REMEMBERED] = const { [const { Cell::new(None) }; N_REMEMBERED] };
}

/// The value representation that the standard gives an attribute; `None` where it does not know it.
pub(crate) fn virtual_vr(tag: Tag) -> Option<VirtualVr> {
    ANSWERS.with(|answers| {
        let remembered = &answers[slot(tag)];
        match remembered.get() {
            Some((asked, answer)) if asked == tag => answer,
            _ => {
                let answer = StandardDataDictionary.by_tag(tag).map(DataDictionaryEntry::vr);
                remembered.set(Some((tag, answer)));
                answer
            }
        }
    })
}

/// Where an answer is remembered: attributes of one group lie apart.
fn slot(tag: Tag) -> usize {
    let number = (u32::from(tag.group()) << 16) | u32::from(tag.element());
    (number.wrapping_mul(0x9E37_79B1) >> 22) as usize % N_REMEMBERED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_what_the_dictionary_says() {
        // More attributes than places, so that answers drive each other out; each is asked for twice.
        let tags = (0..=0x40_u16).step_by(2).flat_map(|group| (0..0x200_u16).map(move |element| Tag(group, element)));
        for tag in tags.chain([Tag(0x6002, 0x3000), Tag(0x0009, 0x0010), Tag(0x7FE0, 0x0010)]) {
            let expected = StandardDataDictionary.by_tag(tag).map(DataDictionaryEntry::vr);
            assert_eq!([virtual_vr(tag), virtual_vr(tag)], [expected; 2], "{tag}");
        }
    }
}
