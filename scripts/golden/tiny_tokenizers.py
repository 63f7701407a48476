"""Two small tokenizers whose vocabularies are written out here, so that making them again gives the same bytes.

`word_piece` is BERT's (uncased), `byte_level` is RoBERTa's; both have every kind of part that the large ones have.
"""

import collections
import string

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

WORDS = """a an and at back by can chest close copied could date day do doctor during exam family find follow for from
had has head her his home hospital in is it left made many month mr mrs name no not note nurse of old on or patient
phone please portable post pre report right saint scan seen she sign spine st street study than that the this to told
too was were with word year""".split()
PIECES = """##ed ##er ##ers ##es ##est ##ing ##ion ##ly ##ment ##ness ##s ##son ##st ##th ##ville""".split()
PUNCTUATION = list(".,:;-/()'\"#@&+?!")


def word_piece():
    """BERT's: lower case without accents, longest match first; a word without a match is [UNK]."""
    letters = list(string.ascii_lowercase + string.digits)
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *PUNCTUATION, *letters]
    tokens += [f"##{letter}" for letter in letters] + PIECES + [word for word in WORDS if len(word) > 1]
    vocabulary = {token: place for place, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [(token, vocabulary[token]) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in tokens[:5]])
    return tokenizer


def learned_merges(words, n_merges):
    """The most frequent neighbours, merged one after the other; of equally frequent ones the first by spelling."""
    spelled = [list(word) for word in words]
    merges = []
    while len(merges) < n_merges:
        pairs = collections.Counter(pair for word in spelled for pair in zip(word, word[1:]))
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for word in spelled:
            at = 0
            while at + 1 < len(word):
                if (word[at], word[at + 1]) == best:
                    word[at : at + 2] = ["".join(best)]
                at += 1
    return merges


def byte_level():
    """RoBERTa's: byte pairs over bytes, a blank being part of the word after it; nothing is unknown."""
    blank = "\u0120"  # what the byte of a blank is spelled as
    words = [blank + word for word in WORDS] + [blank + word.capitalize() for word in WORDS]
    merges = learned_merges(words, 90)
    bytes_as_letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = ["<s>", "<pad>", "</s>", "<unk>", *bytes_as_letters, *("".join(merge) for merge in merges), "<mask>"]
    vocabulary = {token: place for place, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=True)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in tokens[:4]])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    return tokenizer
