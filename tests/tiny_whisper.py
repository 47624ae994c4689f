"""Builds real CTranslate2 Whisper models with random weights: real compute, meaningless words.

Whisper's own weights are gigabytes on a hub. What Nightcall does around the model (packing,
batching, word times, mapping back to channels) runs on any weights, so the tests build a small
model in a second. Its sizes can be set to those of the published models for benchmarks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ctranslate2.specs import WhisperSpec
from ctranslate2.specs.whisper_spec import WhisperConfig
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

TIMESTAMPS = 1501  # <|0.00|> … <|30.00|> in steps of 20 ms
WORDS = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "is",
    "you",
    "that",
    "it",
    "he",
    "was",
    "for",
    "on",
    "are",
    "as",
    "with",
    "his",
    "they",
    "at",
    "be",
    "this",
    "have",
    "from",
    "or",
    "one",
    "had",
    "by",
    "word",
    "but",
    "not",
    "what",
    "all",
    "were",
    "we",
    "when",
    "your",
    "can",
    "said",
    "there",
    "use",
    "an",
    "each",
    "which",
    "she",
    "do",
    "how",
    "their",
    "if",
    "will",
    "up",
    "other",
    "about",
    "out",
    "many",
    "then",
    "them",
    "these",
    "so",
    "some",
    "her",
    "would",
    "make",
    "like",
    "him",
]
AUDIO_POSITIONS, TEXT_POSITIONS = 1500, 448
LANGUAGES = ("en", "de", "fr", "es")
# CTranslate2 takes a model for multilingual by the size of its vocabulary; newer versions by an
# empty token, which only the vocabulary of the multilingual models has.
MULTILINGUAL_VOCABULARY = 51_865
UNUSED = "Ġunused"


@dataclass(frozen=True)
class Size:
    """Dimensions of a Whisper model; the decoder has as many layers as the encoder if not said."""

    layers: int = 2
    heads: int = 4
    width: int = 128
    mels: int = 80
    decoder_layers: int | None = None


def build(
    folder: Path, *, size: Size | None = None, seed: int = 7, multilingual: bool = False
) -> Path:
    """A folder that faster-whisper loads like any CTranslate2 Whisper model.

    A `multilingual` one knows `LANGUAGES` and detects which of them is spoken (at random).
    """
    size = size or Size()
    folder.mkdir(parents=True, exist_ok=True)
    tokens = _write_tokenizer(folder, multilingual=multilingual)
    decoder_layers = size.decoder_layers or size.layers
    spec = WhisperSpec(size.layers, size.heads, decoder_layers, size.heads)
    random = np.random.default_rng(seed)
    _fill_encoder(spec.encoder, size, random)
    _fill_decoder(spec.decoder, size, tokens, random)
    heads = [[decoder_layers - 1, head] for head in range(size.heads)]
    spec._config = WhisperConfig(
        suppress_ids=[],
        suppress_ids_begin=[],
        lang_ids=[tokens.index(f"<|{one}|>") for one in LANGUAGES] if multilingual else [],
        alignment_heads=heads,
    )
    spec.register_vocabulary(tokens)
    spec.validate()
    spec.save(str(folder))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": size.mels}))
    return folder


def _write_tokenizer(folder: Path, *, multilingual: bool) -> list[str]:
    """A byte-level tokenizer with Whisper's special tokens; returns its vocabulary in order."""
    pieces = sorted(pre_tokenizers.ByteLevel.alphabet())
    # Whole words beside the bytes, so that the meaningless output is at least made of words.
    pieces += [f"Ġ{word}" for word in WORDS]
    special = [
        "<|endoftext|>",
        "<|startoftranscript|>",
        *(f"<|{one}|>" for one in (LANGUAGES if multilingual else LANGUAGES[:1])),
        "<|translate|>",
        "<|transcribe|>",
        "<|startoflm|>",
        "<|startofprev|>",
        "<|nospeech|>",
        "<|notimestamps|>",
        *(f"<|{step * 0.02:.2f}|>" for step in range(TIMESTAMPS)),
    ]
    if multilingual:
        # Before the special tokens, which have to be the last ones.
        missing = MULTILINGUAL_VOCABULARY - len(pieces) - len(special)
        pieces += ["", *(f"{UNUSED}{index}" for index in range(missing - 1))]
    tokenizer = Tokenizer(models.BPE({piece: i for i, piece in enumerate(pieces)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(one, special=True) for one in special])
    tokenizer.save(str(folder / "tokenizer.json"))
    return [*pieces, *special]


def _fill_encoder(encoder: object, size: Size, random: np.random.Generator) -> None:
    encoder.num_heads = np.dtype("int16").type(size.heads)
    encoder.conv1.weight = _noise(random, size.width, size.mels, 3)
    encoder.conv1.bias = np.zeros(size.width, np.float32)
    encoder.conv2.weight = _noise(random, size.width, size.width, 3)
    encoder.conv2.bias = np.zeros(size.width, np.float32)
    encoder.position_encodings.encodings = _noise(random, AUDIO_POSITIONS, size.width)
    _norm(encoder.layer_norm, size.width)
    for layer in encoder.layer:
        _attention(layer.self_attention, (3, 1), size.width, random)
        _feed_forward(layer.ffn, size.width, random)


def _fill_decoder(
    decoder: object, size: Size, tokens: list[str], random: np.random.Generator
) -> None:
    decoder.embeddings.weight = _noise(random, len(tokens), size.width)
    decoder.embeddings.weight[:256] *= 0.01  # bytes are never likelier than words
    decoder.embeddings.weight[-TIMESTAMPS:] *= 0.01
    unused = [index for index, token in enumerate(tokens) if not token or token.startswith(UNUSED)]
    decoder.embeddings.weight[unused] *= 0.01
    # Strong positions make the output differ from step to step: several words, not one letter.
    decoder.position_encodings.encodings = random.standard_normal(
        (TEXT_POSITIONS, size.width)
    ).astype(np.float32)
    _norm(decoder.layer_norm, size.width)
    decoder.projection.weight = decoder.embeddings.weight
    for layer in decoder.layer:
        _attention(layer.self_attention, (3, 1), size.width, random)
        _attention(layer.attention, (1, 2, 1), size.width, random)
        _feed_forward(layer.ffn, size.width, random)


def _attention(
    attention: object, blocks: tuple[int, ...], width: int, random: np.random.Generator
) -> None:
    _norm(attention.layer_norm, width)
    for linear, count in zip(attention.linear, blocks, strict=True):
        _linear(linear, count * width, width, random)


def _feed_forward(ffn: object, width: int, random: np.random.Generator) -> None:
    _norm(ffn.layer_norm, width)
    _linear(ffn.linear_0, 4 * width, width, random)
    _linear(ffn.linear_1, width, 4 * width, random)


def _linear(linear: object, rows: int, columns: int, random: np.random.Generator) -> None:
    linear.weight = _noise(random, rows, columns)
    linear.bias = np.zeros(rows, np.float32)


def _norm(norm: object, width: int) -> None:
    norm.gamma = np.ones(width, np.float32)
    norm.beta = np.zeros(width, np.float32)


def _noise(random: np.random.Generator, *shape: int) -> np.ndarray:
    fan_in = shape[-1] if len(shape) < 3 else shape[1] * shape[2]
    return (random.standard_normal(shape) / np.sqrt(fan_in)).astype(np.float32)
