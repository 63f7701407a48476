//! A data set under construction, together with the truth about it.

use super::render::{midi_value, value_texts};
use super::sparing::Sparing;
use super::{Phrase, Secret, document};
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags};
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use efface_schema::{
    Action, AttributePath, DrawnText, ElementReference, Locus, PathStep, Place, PlantedValue, RetainedValue, Retention,
    TextContext, TextRecord,
};

/// Why a value must survive; decides the code of its check in the answer key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Basis {
    /// Type 1 in its module: present and not empty.
    Type1,
    /// Type 2 in its module: present.
    Type2,
    /// Clinical words of a descriptor (Clean Descriptors Option).
    Descriptor,
    /// Retain Patient Characteristics Option.
    Patient,
    /// Retain Device Identity Option.
    Device,
    /// Retain Safe Private Option.
    Private,
    /// What no rule touches: technique, geometry, the image's description.
    Technique,
}

/// What is claimed about a value.
#[derive(Debug, Clone)]
pub(crate) enum ClaimKind {
    /// It must go.
    Planted(PlantedValue),
    /// It must stay.
    Retained(RetainedValue, Basis),
}

/// A statement of the truth, with what the answer key needs beside it.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) kind: ClaimKind,
    /// Keyword of the attribute; empty for pixels and file names.
    pub(crate) keyword: String,
    pub(crate) vr: VR,
    /// The whole value of the attribute as the answer key prints it.
    pub(crate) midi_value: String,
}

/// All that is claimed about one instance.
#[derive(Debug, Clone)]
pub(crate) struct Truth {
    pub(crate) claims: Vec<Claim>,
    /// The free texts; which patient they are about is filled in with their index.
    pub(crate) texts: Vec<TextRecord>,
    /// Text in pictures; without columns where there is no picture.
    pub(crate) drawn: DrawnText,
    /// What stands in the preamble.
    pub(crate) preamble: Vec<u8>,
}

impl Default for Truth {
    fn default() -> Self {
        Self {
            claims: Vec::new(),
            texts: Vec::new(),
            drawn: DrawnText { columns: 0, rows: 0, n_frames: 0, lines: Vec::new() },
            preamble: Vec::new(),
        }
    }
}

/// A data set, or an item of one, that is being written.
pub(crate) struct Sheet<'t> {
    pub(super) object: InMemDicomObject,
    pub(super) prefix: AttributePath,
    pub(super) truth: &'t mut Truth,
    pub(super) sparing: Sparing,
}

impl<'t> Sheet<'t> {
    /// An empty data set whose truth goes into `truth`.
    pub(crate) fn new(truth: &'t mut Truth) -> Self {
        Self { object: InMemDicomObject::new_empty(), prefix: AttributePath::default(), truth, sparing: Sparing::NONE }
    }

    /// What was claimed so far.
    pub(super) fn truth(&self) -> &Truth {
        self.truth
    }

    /// The attributes that were written.
    pub(super) fn elements(&self) -> impl Iterator<Item = &InMemElement> {
        self.object.iter()
    }

    pub(crate) fn into_object(self) -> InMemDicomObject {
        self.object
    }

    /// Writes a value about which nothing is claimed.
    pub(crate) fn put(&mut self, tag: Tag, value: impl Into<PrimitiveValue>) {
        self.put_as(tag, vr_of(tag), value);
    }

    /// Writes a value of a VR that depends on the data set.
    pub(crate) fn put_as(&mut self, tag: Tag, vr: VR, value: impl Into<PrimitiveValue>) {
        self.object.put(DataElement::new(tag, vr, value.into()));
    }

    /// Writes numbers about which nothing is claimed, in the VR of the attribute.
    pub(crate) fn put_reals(&mut self, tag: Tag, numbers: &[f64]) {
        let value = match vr_of(tag) {
            VR::FL => PrimitiveValue::F32(numbers.iter().map(|number| *number as f32).collect()),
            VR::FD => PrimitiveValue::F64(numbers.into()),
            _ => PrimitiveValue::Strs(numbers.iter().map(|number| format!("{number}")).collect()),
        };
        self.put(tag, value);
    }

    /// Writes an attribute of Type 1, which must still have a value.
    pub(crate) fn type1(&mut self, tag: Tag, value: impl Into<PrimitiveValue>) {
        self.put(tag, value);
        self.require(tag, Basis::Type1);
    }

    /// Writes an attribute of Type 2, which must still be there.
    pub(crate) fn type2(&mut self, tag: Tag, value: impl Into<PrimitiveValue>) {
        self.put(tag, value);
        self.require(tag, Basis::Type2);
    }

    /// Writes a value whose text must survive.
    pub(crate) fn keep(&mut self, tag: Tag, basis: Basis, value: impl Into<PrimitiveValue>) {
        self.put(tag, value);
        self.retain_text(&ElementReference::tag(tag.group(), tag.element()), tag, basis);
    }

    /// Claims that an attribute which stands here must stay, by its Type.
    pub(crate) fn require(&mut self, tag: Tag, basis: Basis) {
        let retention = if basis == Basis::Type1 { Retention::NotEmpty } else { Retention::Present };
        let path = self.prefix.element(ElementReference::tag(tag.group(), tag.element()));
        self.claim(tag, ClaimKind::Retained(RetainedValue { path, retention, text: None, expected: None }, basis));
    }

    /// Whether it was claimed already that an attribute of this data set is there.
    pub(crate) fn is_required(&self, tag: Tag) -> bool {
        let path = self.prefix.element(ElementReference::tag(tag.group(), tag.element()));
        self.truth.claims.iter().any(|claim| match &claim.kind {
            ClaimKind::Retained(retained, _) => retained.path == path && retained.retention != Retention::Text,
            ClaimKind::Planted(_) => false,
        })
    }

    /// The VR that PS3.6 gives.
    pub(crate) fn vr_of(tag: Tag) -> VR {
        vr_of(tag)
    }

    /// Plants a secret as the only value of an attribute.
    pub(crate) fn plant(&mut self, tag: Tag, secret: &Secret) {
        self.plant_as(tag, vr_of(tag), secret);
    }

    pub(crate) fn plant_as(&mut self, tag: Tag, vr: VR, secret: &Secret) {
        if self.wants(tag, vr) {
            self.plant_required(tag, vr, secret);
        }
    }

    /// Plants a secret in an attribute that no object of its kind may lack.
    fn plant_required(&mut self, tag: Tag, vr: VR, secret: &Secret) {
        let secret = &fitting(vr, secret);
        self.put_as(tag, vr, secret.text());
        self.claim_secret(&ElementReference::tag(tag.group(), tag.element()), tag, secret, None);
    }

    /// Plants a secret in an attribute of Type 2.
    pub(crate) fn plant_type2(&mut self, tag: Tag, secret: &Secret) {
        self.plant_required(tag, vr_of(tag), secret);
        self.require(tag, Basis::Type2);
    }

    /// Plants a secret in an attribute of Type 1.
    pub(crate) fn plant_type1(&mut self, tag: Tag, secret: &Secret) {
        self.plant_required(tag, vr_of(tag), secret);
        self.require(tag, Basis::Type1);
    }

    /// Plants several secrets as the values of one attribute.
    pub(crate) fn plant_values(&mut self, tag: Tag, secrets: &[&Secret]) {
        if let [single] = secrets {
            return self.plant(tag, single);
        }
        if !self.wants(tag, vr_of(tag)) {
            return;
        }
        let secrets: Vec<Secret> = secrets.iter().map(|secret| fitting(vr_of(tag), secret)).collect();
        let texts = secrets.iter().map(|secret| secret.text().to_owned()).collect();
        self.put(tag, PrimitiveValue::Strs(texts));
        for (value_idx, secret) in secrets.iter().enumerate() {
            let end = count(secret.text().chars().count());
            let reference = ElementReference::tag(tag.group(), tag.element());
            self.claim_secret(&reference, tag, secret, Some((count(value_idx), 0, end)));
        }
    }

    /// Plants free text: its secrets must go, its clinical words must stay.
    pub(crate) fn phrase(&mut self, tag: Tag, phrase: &Phrase) {
        self.phrase_secrets(tag, phrase);
        for text in phrase.clinical_texts() {
            let path = self.prefix.element(ElementReference::tag(tag.group(), tag.element()));
            let text = Some(text.trim().to_owned());
            let retained = RetainedValue { path, retention: Retention::Text, text, expected: Some(Action::Clean) };
            self.claim(tag, ClaimKind::Retained(retained, Basis::Descriptor));
        }
    }

    /// Plants free text in an attribute that the profile may remove as a whole: nothing is claimed about
    /// its clinical words.
    pub(crate) fn phrase_secrets(&mut self, tag: Tag, phrase: &Phrase) {
        self.phrase_secrets_as(tag, vr_of(tag), phrase);
    }

    /// The same in a VR that no table gives.
    pub(crate) fn phrase_secrets_as(&mut self, tag: Tag, vr: VR, phrase: &Phrase) {
        self.put_as(tag, vr, phrase.text());
        self.claim_phrase(&ElementReference::tag(tag.group(), tag.element()), tag, phrase);
    }

    /// Writes a sequence, one item per call of `fill`.
    pub(crate) fn items(&mut self, tag: Tag, n_items: u32, mut fill: impl FnMut(u32, &mut Sheet<'_>)) {
        let path = self.prefix.element(ElementReference::tag(tag.group(), tag.element()));
        let items: Vec<InMemDicomObject> = (0..n_items)
            .map(|item_idx| {
                let mut item = Sheet {
                    object: InMemDicomObject::new_empty(),
                    prefix: path.item(item_idx),
                    truth: &mut *self.truth,
                    sparing: Sparing::NONE,
                };
                fill(item_idx, &mut item);
                item.into_object()
            })
            .collect();
        self.object.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
    }

    /// Writes a sequence of one item.
    pub(crate) fn item(&mut self, tag: Tag, fill: impl FnOnce(&mut Sheet<'_>)) {
        let mut fill = Some(fill);
        self.items(tag, 1, |_, item| {
            if let Some(fill) = fill.take() {
                fill(item);
            }
        });
    }

    /// Writes a private value that must survive.
    pub(crate) fn keep_private(
        &mut self,
        group: u16,
        creator: &str,
        element: u8,
        vr: VR,
        value: impl Into<PrimitiveValue>,
    ) {
        self.put_private(group, creator, element, vr, value);
        let tag = self.private_tag(group, creator, element);
        self.retain_text(&ElementReference::private(group, creator, element), tag, Basis::Private);
    }

    /// Writes a private value about which nothing is claimed.
    pub(crate) fn put_private(
        &mut self,
        group: u16,
        creator: &str,
        element: u8,
        vr: VR,
        value: impl Into<PrimitiveValue>,
    ) {
        let tag = self.private_tag(group, creator, element);
        self.put_as(tag, vr, value);
    }

    /// Plants a secret in a private attribute.
    pub(crate) fn plant_private(&mut self, group: u16, creator: &str, element: u8, vr: VR, secret: &Secret) {
        if !self.wants(Tag(group, u16::from(element)), vr) {
            return;
        }
        let tag = self.private_tag(group, creator, element);
        self.put_as(tag, vr, secret.text());
        self.claim_secret(&ElementReference::private(group, creator, element), tag, secret, None);
    }

    /// Plants free text in a private attribute, which need not survive.
    pub(crate) fn phrase_private(&mut self, group: u16, creator: &str, element: u8, vr: VR, phrase: &Phrase) {
        let tag = self.private_tag(group, creator, element);
        self.put_as(tag, vr, phrase.text());
        self.claim_phrase(&ElementReference::private(group, creator, element), tag, phrase);
    }

    /// Claims each secret of a free text, and notes the text.
    fn claim_phrase(&mut self, reference: &ElementReference, tag: Tag, phrase: &Phrase) {
        self.export(reference, tag, phrase);
        for span in phrase.spans() {
            self.claim_secret(reference, tag, span.secret, Some((0, span.start, span.end)));
        }
    }

    /// Plants the secrets of a title and of lines of text in a PDF. Lines that its font cannot write are left out.
    pub(crate) fn plant_pdf(&mut self, tag: Tag, title: &Secret, lines: &[Phrase]) {
        let lines: Vec<&Phrase> = lines.iter().filter(|line| document::is_writable(&line.text())).collect();
        let title = if document::is_writable(title.text()) { title.clone() } else { title.derive(|_| String::new()) };
        let bytes = document::pdf(&title, &lines);
        self.put(tag, PrimitiveValue::from(padded(bytes)));
        let spans = lines.iter().flat_map(|line| line.spans());
        let secrets: Vec<&Secret> = spans.map(|span| span.secret).chain([&title]).collect();
        for secret in secrets.into_iter().filter(|secret| !secret.text().is_empty()) {
            let path = self.prefix.element(ElementReference::tag(tag.group(), tag.element()));
            let planted = secret.planted(VR::OB, Locus::Attribute { path }, Place::Document, secret.text());
            self.claim(tag, ClaimKind::Planted(planted));
        }
    }

    /// Plants a secret in the file's path and returns the part of the path.
    pub(crate) fn plant_file_name(&mut self, secret: &Secret) -> String {
        let text: String =
            secret.text().chars().map(|character| if character.is_alphanumeric() { character } else { '_' }).collect();
        let planted = secret.planted(VR::UN, Locus::FileName, Place::FileName, text.clone());
        self.truth.claims.push(Claim {
            kind: ClaimKind::Planted(planted),
            keyword: String::new(),
            vr: VR::UN,
            midi_value: String::new(),
        });
        text
    }

    /// Claims that the image must still be there.
    pub(crate) fn require_pixels(&mut self) {
        self.require(tags::PIXEL_DATA, Basis::Type1);
    }

    pub(super) fn retain_text(&mut self, reference: &ElementReference, tag: Tag, basis: Basis) {
        let path = self.prefix.element(reference.clone());
        let value = self.object.get(tag).and_then(|element| element.value().primitive());
        let text = value.map(|value| value_texts(value).join("\\"));
        let retained = RetainedValue { path, retention: Retention::Text, text, expected: Some(Action::Keep) };
        self.claim(tag, ClaimKind::Retained(retained, basis));
    }

    /// Notes a text with its spans for entity recognition.
    fn export(&mut self, reference: &ElementReference, tag: Tag, phrase: &Phrase) {
        let context = TextContext {
            attribute: Some(self.prefix.element(reference.clone()).to_string()),
            keyword: keyword(tag),
            vr: self.object.get(tag).map(|element| element.vr().to_string().to_owned()),
            modality: String::new(),
            locale: String::new(),
            patient: 0,
        };
        self.truth.texts.push(phrase.record(0, context));
    }

    pub(super) fn claim_secret(
        &mut self,
        reference: &ElementReference,
        tag: Tag,
        secret: &Secret,
        span: Option<(u32, u32, u32)>,
    ) {
        let path = self.prefix.element(reference.clone());
        let place = place_of(&path, span.is_some());
        let locus = match span {
            Some((value_idx, start, end)) => Locus::TextSpan { path, value_idx, start, end },
            None => Locus::Attribute { path },
        };
        let vr = self.object.get(tag).map_or_else(|| vr_of(tag), DataElement::vr);
        let planted = secret.planted(vr, locus, place, secret.text());
        self.claim(tag, ClaimKind::Planted(planted));
    }

    pub(super) fn claim(&mut self, tag: Tag, kind: ClaimKind) {
        let keyword = keyword(tag);
        let (vr, midi_value) = match self.object.get(tag) {
            // Numbers of an image are never compared as text, and printing them takes longer than all else.
            Some(element) if matches!(element.vr(), VR::OB | VR::OW) => (element.vr(), String::new()),
            Some(element) => {
                let value = element.value().primitive().map(|value| midi_value(element.vr(), value));
                (element.vr(), value.unwrap_or_default())
            }
            None => (vr_of(tag), String::new()),
        };
        self.truth.claims.push(Claim { kind, keyword, vr, midi_value });
    }

    /// The tag of a private attribute; reserves a block for the creator if it has none (PS3.5 7.8.1).
    pub(super) fn private_tag(&mut self, group: u16, creator: &str, element: u8) -> Tag {
        let block = self.block_of(group, creator).unwrap_or_else(|| {
            let is_free = |block: &u16| self.object.get(Tag(group, *block)).is_none();
            let block = (0x10..=0xff).find(is_free).expect("no data set here has 240 creators in a group");
            self.put_as(Tag(group, block), VR::LO, creator);
            block
        });
        Tag(group, (block << 8) | u16::from(element))
    }

    /// The block that a creator has in a group.
    pub(super) fn block_of(&self, group: u16, creator: &str) -> Option<u16> {
        (0x10..=0xff).find(|block| {
            let reserved = self.object.get(Tag(group, *block)).and_then(|reserved| reserved.to_str().ok());
            reserved.is_some_and(|name| name.trim_end() == creator)
        })
    }
}

fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes
}

/// The keyword of PS3.6; empty for a private attribute.
fn keyword(tag: Tag) -> String {
    StandardDataDictionary.by_tag(tag).map_or_else(String::new, |entry| entry.alias().to_owned())
}

fn place_of(path: &AttributePath, is_span: bool) -> Place {
    let content_sequence = ElementReference::tag(0x0040, 0xa730);
    let first = path.steps().first();
    if matches!(first, Some(PathStep::Element(reference)) if matches!(reference.group(), 2 | 3)) {
        Place::FileMeta
    } else if path.is_private() {
        Place::Private
    } else if first == Some(&PathStep::Element(content_sequence)) {
        Place::StructuredReport
    } else if path.depth() > 0 {
        Place::Sequence
    } else if is_span && path.last().is_some_and(is_free_text) {
        Place::FreeText
    } else {
        Place::ExplicitAttribute
    }
}

/// Text attributes other than lists of names.
fn is_free_text(reference: &ElementReference) -> bool {
    match *reference {
        ElementReference::Tag { group, element } => {
            matches!(vr_of(Tag(group, element)), VR::LO | VR::SH | VR::ST | VR::LT | VR::UT)
        }
        ElementReference::Private { .. } => true,
    }
}

/// A secret as an operator writes it where a value must be short: a number without its separators, words as far as
/// whole ones fit (PS3.5 section 6.2).
fn fitting(vr: VR, secret: &Secret) -> Secret {
    let most = match vr {
        VR::SH | VR::AE | VR::CS => 16,
        VR::LO | VR::UI => 64,
        _ => return secret.clone(),
    };
    let fits = |text: &str| text.chars().count() <= most;
    secret.derive(|text| {
        if fits(text) {
            return text.to_owned();
        }
        let packed: String = text.chars().filter(|sign| !" ()-./".contains(*sign)).collect();
        let is_number = packed.trim_start_matches('+').chars().all(|sign| sign.is_ascii_digit());
        if is_number && fits(&packed) {
            return packed;
        }
        let cut: String = text.chars().take(most).collect();
        cut.rfind([',', ' ']).map_or(cut.as_str(), |end| &cut[..end]).to_owned()
    })
}

/// The VR that PS3.6 gives; where it depends on the data set, the more common one.
pub(super) fn vr_of(tag: Tag) -> VR {
    StandardDataDictionary.by_tag(tag).map_or(VR::UN, |entry| entry.vr().relaxed())
}

pub(super) fn count(number: usize) -> u32 {
    u32::try_from(number).expect("values and their characters are far fewer than 4 billion")
}

#[cfg(test)]
mod tests {
    use super::*;
    use efface_schema::PhiLabel;

    #[test]
    fn long_values_are_written_as_far_as_they_fit() {
        for (vr, text, expected) in [
            (VR::SH, "+44 (7700) 900-681", "+447700900681"),
            (VR::SH, "973-555-0191", "973-555-0191"),
            (VR::SH, "Saint Bartholomew Ward", "Saint"),
            (VR::LT, "+44 (7700) 900-681", "+44 (7700) 900-681"),
        ] {
            let planted = fitting(vr, &Secret::new(PhiLabel::Phone, text));
            assert_eq!(planted.text(), expected);
        }
        let address = format!("12 {} Street, Springfield", "Quay ".repeat(11).trim());
        let planted = fitting(VR::LO, &Secret::new(PhiLabel::Location, address.clone()));
        assert!(planted.text().chars().count() <= 64 && address.starts_with(planted.text()));
    }
}
