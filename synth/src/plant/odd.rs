//! Planting where ordinary data sets have nothing: in the preamble, in bytes without a text VR, in sparse values, in
//! private sequences and blocks.

use super::sheet::{ClaimKind, Sheet, count};
use super::sparing::Sparing;
use super::{Claim, Secret};
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use efface_schema::{AttributePath, DrawnText, ElementReference, Locus, Place};

/// Length of the preamble (PS3.10 section 7.1).
const PREAMBLE_LENGTH: usize = 128;

impl Sheet<'_> {
    /// Plants a secret in the preamble, behind some words. The secret must be ASCII.
    pub(crate) fn plant_preamble(&mut self, words: &str, secret: &Secret) {
        let mut bytes = format!("{words}{}", secret.text()).into_bytes();
        bytes.truncate(PREAMBLE_LENGTH);
        self.truth.preamble = bytes;
        let planted = secret.planted(VR::UN, Locus::Preamble, Place::FileMeta, secret.text());
        let (keyword, midi_value) = (String::new(), String::new());
        self.truth.claims.push(Claim { kind: ClaimKind::Planted(planted), keyword, vr: VR::UN, midi_value });
    }

    /// Plants an ASCII secret as bytes under a VR that is none of text, between other bytes where there are some.
    pub(crate) fn plant_bytes(&mut self, tag: Tag, vr: VR, around: (&[u8], &[u8]), secret: &Secret) {
        let mut bytes = around.0.to_vec();
        bytes.extend(secret.text().as_bytes());
        bytes.extend(around.1);
        bytes.resize(bytes.len().next_multiple_of(2), 0);
        self.put_as(tag, vr, PrimitiveValue::U8(bytes.into()));
        self.claim_secret(&ElementReference::tag(tag.group(), tag.element()), tag, secret, None);
    }

    /// The same in a private attribute.
    pub(crate) fn plant_private_bytes(&mut self, group: u16, creator: &str, element: u8, vr: VR, secret: &Secret) {
        let tag = self.private_tag(group, creator, element);
        let mut bytes = secret.text().as_bytes().to_vec();
        bytes.resize(bytes.len().next_multiple_of(2), 0);
        self.put_as(tag, vr, PrimitiveValue::U8(bytes.into()));
        self.claim_secret(&ElementReference::private(group, creator, element), tag, secret, None);
    }

    /// Plants secrets as some of the values of an attribute; the others are empty.
    pub(crate) fn plant_sparse(&mut self, tag: Tag, secrets: &[Option<&Secret>]) {
        let texts = secrets.iter().map(|secret| secret.map_or_else(String::new, |secret| secret.text().to_owned()));
        self.put(tag, PrimitiveValue::Strs(texts.collect()));
        for (value_idx, secret) in secrets.iter().enumerate() {
            let Some(secret) = secret else { continue };
            let span = (count(value_idx), 0, count(secret.text().chars().count()));
            self.claim_secret(&ElementReference::tag(tag.group(), tag.element()), tag, secret, Some(span));
        }
    }

    /// Gives a private block of a group to a creator, unless the creator has one or the block is taken.
    pub(crate) fn reserve_block(&mut self, group: u16, block: u8, creator: &str) {
        let tag = Tag(group, u16::from(block));
        if self.block_of(group, creator).is_none() && self.object.get(tag).is_none() {
            self.put_as(tag, VR::LO, creator);
        }
    }

    /// Writes a private sequence, one item per call of `fill`.
    pub(crate) fn private_items(
        &mut self,
        (group, creator, element): (u16, &str, u8),
        n_items: u32,
        mut fill: impl FnMut(u32, &mut Sheet<'_>),
    ) {
        let tag = self.private_tag(group, creator, element);
        let path = self.prefix.element(ElementReference::private(group, creator, element));
        let items: Vec<InMemDicomObject> = (0..n_items)
            .map(|item_idx| {
                let object = InMemDicomObject::new_empty();
                let mut item =
                    Sheet { object, prefix: path.item(item_idx), truth: &mut *self.truth, sparing: Sparing::NONE };
                fill(item_idx, &mut item);
                item.into_object()
            })
            .collect();
        self.object.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
    }

    /// Takes the pixel data and the overlays away, with all that was claimed about them and drawn into them.
    pub(crate) fn forget_pixels(&mut self) {
        let is_picture = |tag: &Tag| *tag == tags::PIXEL_DATA || tag.group() & 0xff00 == 0x6000;
        let pictures: Vec<Tag> = self.object.tags().filter(is_picture).collect();
        for tag in pictures {
            self.object.remove_element(tag);
        }
        let pixels = AttributePath::tag(0x7fe0, 0x0010);
        self.truth.claims.retain(|claim| match &claim.kind {
            ClaimKind::Planted(planted) => !matches!(planted.place, Place::Pixels | Place::Overlay),
            ClaimKind::Retained(retained, _) => retained.path != pixels,
        });
        self.truth.drawn = DrawnText { columns: 0, rows: 0, n_frames: 0, lines: Vec::new() };
    }
}
