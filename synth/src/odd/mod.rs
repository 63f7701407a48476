//! Odd but legal encodings: what files of real archives do and careful writers do not.
//!
//! Each instance of a suite that lists oddities shows one of them, named by its file. Some are attributes
//! ([`attributes`], [`pictures`]), planted like all others; some change how values are written ([`shape`]); and all
//! such instances are written by [`writer`], which leaves the lengths of sequences open in one instance and states
//! them in the next.

mod attributes;
mod pictures;
mod shape;
mod writer;

use crate::iod::Scene;
use crate::plant::Sheet;
use crate::{SeriesKind, Syntax};
use dicom_object::InMemDicomObject;
use dicom_object::meta::FileMetaTableBuilder;
use serde::{Deserialize, Serialize};
pub(crate) use writer::write;

/// One way in which an instance can be odd. PS3.5 and PS3.10 allow each of them unless it says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Oddity {
    /// Content items twenty levels deep, with a person at the bottom.
    DeepNesting,
    /// Sequences without items and items without attributes, around an item that identifies.
    EmptyItems,
    /// A sequence of a thousand items, of which one identifies.
    ThousandItems,
    /// Sequences, standard and private, under VR UN with an open length (PS3.5 section 6.2.2).
    UnknownSequence,
    /// Text under VR OB and UN.
    TextInBytes,
    /// Private blocks high up, and two creators in one group (PS3.5 section 7.8.1).
    PrivateBlocks,
    /// Text padded with a zero, which PS3.5 allows for UIDs only and old writers do everywhere.
    NulPadding,
    /// Text with as many blanks before and after it as its VR has room for.
    BlankPadding,
    /// Values as long as their VR allows, and one of 64 KiB, which identify at their very end.
    LongValues,
    /// Values of several components of which some are empty.
    EmptyComponents,
    /// Characters of which one byte is that of a backslash, in GB 18030 and JIS X 0208.
    BackslashBytes,
    /// Items that declare another character set than the data set.
    ItemCharacterSets,
    /// Group lengths, which PS3.5 section 7.2 has retired.
    GroupLengths,
    /// Attributes of ACR-NEMA and of the first editions of DICOM.
    RetiredAttributes,
    /// A preamble that names somebody.
    Preamble,
    /// Data Set Trailing Padding that names somebody.
    TrailingPadding,
    /// File meta information that identifies: its private information, the title of its source; and a group 0003
    /// behind it, which PS3.5 section 7.8.1 forbids and some writers made.
    FileMeta,
    /// Encapsulated pixel data without offsets.
    NoOffsetTable,
    /// Several fragments for each frame.
    Fragments,
    /// Overlay planes in higher groups, with labels and comments.
    OverlayGroups,
    /// An overlay in the unused high bits of the pixels, which PS3.5 section 8.1.2 has retired.
    OverlayBits,
    /// Curves, which PS3.3 has retired.
    Curves,
    /// An image without its pixel data, as archives keep that only index.
    NoPixelData,
}

impl Oddity {
    /// Every oddity.
    pub const ALL: &'static [Self] = &[
        Self::DeepNesting,
        Self::EmptyItems,
        Self::ThousandItems,
        Self::UnknownSequence,
        Self::TextInBytes,
        Self::PrivateBlocks,
        Self::NulPadding,
        Self::BlankPadding,
        Self::LongValues,
        Self::EmptyComponents,
        Self::BackslashBytes,
        Self::ItemCharacterSets,
        Self::GroupLengths,
        Self::RetiredAttributes,
        Self::Preamble,
        Self::TrailingPadding,
        Self::FileMeta,
        Self::NoOffsetTable,
        Self::Fragments,
        Self::OverlayGroups,
        Self::OverlayBits,
        Self::Curves,
        Self::NoPixelData,
    ];

    /// The oddity of an instance: of those that suit it, the instances of a suite take one after another.
    pub(crate) fn of(scene: &Scene<'_>) -> Option<Self> {
        let suited: Vec<Self> = scene.settings.oddities.iter().copied().filter(|oddity| oddity.suits(scene)).collect();
        (!suited.is_empty()).then(|| suited[scene.turn() % suited.len()])
    }

    fn suits(self, scene: &Scene<'_>) -> bool {
        let (kind, syntax) = (scene.series.kind, scene.series.syntax);
        match self {
            // Readers disagree on the byte order of what stands under UN in a big endian file.
            Self::UnknownSequence => !matches!(syntax, Syntax::Implicit | Syntax::BigEndian),
            Self::BackslashBytes => attributes::with_backslash(scene.persona().character_set).is_some(),
            Self::NoOffsetTable => syntax.is_encapsulated(),
            // A frame in RLE is one fragment (PS3.5 Annex A.4.2).
            Self::Fragments => syntax.is_encapsulated() && syntax != Syntax::Rle,
            Self::OverlayGroups | Self::Curves | Self::NoPixelData => kind.is_image(),
            Self::OverlayBits => !syntax.is_encapsulated() && matches!(kind, SeriesKind::Mr | SeriesKind::Cr),
            _ => true,
        }
    }

    /// How the oddity is called in a suite's definition and in file names.
    pub(crate) fn as_str(self) -> String {
        let word = serde_json::to_value(self).expect("a unit variant");
        word.as_str().unwrap_or_default().to_owned()
    }

    /// Plants what makes a data set odd.
    pub(crate) fn plant(self, scene: &Scene<'_>, sheet: &mut Sheet<'_>) -> bool {
        use attributes as write;
        match self {
            Self::DeepNesting => write::deep_nesting(scene, sheet),
            Self::EmptyItems => write::empty_items(scene, sheet),
            Self::ThousandItems => write::thousand_items(scene, sheet),
            Self::UnknownSequence => write::private_sequence(scene, sheet),
            Self::TextInBytes => write::text_in_bytes(scene, sheet),
            Self::PrivateBlocks => write::private_blocks(scene, sheet),
            Self::LongValues => write::long_values(scene, sheet),
            Self::EmptyComponents => write::empty_components(scene, sheet),
            Self::BackslashBytes => write::backslash_bytes(scene, sheet),
            Self::ItemCharacterSets => write::item_character_sets(scene, sheet),
            Self::RetiredAttributes => write::retired_attributes(scene, sheet),
            Self::Preamble => write::preamble(scene, sheet),
            Self::TrailingPadding => write::trailing_padding(scene, sheet),
            Self::FileMeta => write::file_meta(scene, sheet),
            Self::OverlayGroups => pictures::overlay_groups(scene, sheet),
            Self::OverlayBits => return pictures::overlay_bits(scene, sheet),
            Self::Curves => pictures::curves(scene, sheet),
            Self::NoPixelData => sheet.forget_pixels(),
            Self::NulPadding | Self::BlankPadding | Self::GroupLengths | Self::NoOffsetTable | Self::Fragments => {}
        }
        false
    }

    /// Changes how the values of a data set whose text is bytes already are written.
    pub(crate) fn reshape(self, data_set: InMemDicomObject) -> InMemDicomObject {
        match self {
            Self::NulPadding => shape::pad(data_set, shape::Padding::Nul),
            Self::BlankPadding => shape::pad(data_set, shape::Padding::Blanks),
            Self::NoOffsetTable => shape::without_offsets(data_set),
            Self::Fragments => shape::in_fragments(data_set),
            _ => data_set,
        }
    }
}

/// How the instance of an oddity is written.
#[derive(Debug, Clone)]
pub(crate) struct Writing {
    pub(crate) oddity: Oddity,
    /// Whether sequences and items end with a delimiter rather than state their length.
    pub(crate) has_open_lengths: bool,
    /// What stands before the file meta information.
    pub(crate) preamble: Vec<u8>,
}

/// Moves what stands in group 0002 of a data set into the file meta information.
pub(crate) fn take_meta(data_set: &mut InMemDicomObject, meta: FileMetaTableBuilder) -> FileMetaTableBuilder {
    use dicom_dictionary_std::tags;
    let mut take = |tag| data_set.take(tag).map(|element| element.value().to_bytes().unwrap_or_default().into_owned());
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim_end().to_owned();
    let (title, creator, information) = (
        take(tags::SOURCE_APPLICATION_ENTITY_TITLE),
        take(tags::PRIVATE_INFORMATION_CREATOR_UID),
        take(tags::PRIVATE_INFORMATION),
    );
    let meta = title.into_iter().fold(meta, |meta, title| meta.source_application_entity_title(text(title)));
    let meta = creator.into_iter().fold(meta, |meta, creator| meta.private_information_creator_uid(text(creator)));
    information.into_iter().fold(meta, FileMetaTableBuilder::private_information)
}
