"""Write a checkpoint's averaged weights as a Hugging Face Marian directory.

usage: python export.py DATA RUN/last.pt FULL
"""

import json
import shutil
import sys
from pathlib import Path

import sentencepiece
import torch
from transformers import GenerationConfig, MarianConfig, MarianMTModel

from network import EMBEDDING, POSITIONS, Network, Sizes


def main():
    data, checkpoint, out = map(Path, sys.argv[1:4])
    saved = torch.load(checkpoint, map_location="cpu")
    pad, sizes = saved["vocabulary"], Sizes(*saved["sizes"])
    model = MarianMTModel(MarianConfig(
        vocab_size=pad + 1, decoder_vocab_size=pad + 1, d_model=sizes.width, encoder_layers=sizes.encoder,
        decoder_layers=sizes.decoder, encoder_ffn_dim=sizes.inner, decoder_ffn_dim=sizes.inner,
        encoder_attention_heads=sizes.heads, decoder_attention_heads=sizes.heads,
        activation_function="swish", dropout=0.0, attention_dropout=0.0, activation_dropout=0.0, scale_embedding=True,
        share_encoder_decoder_embeddings=True, tie_word_embeddings=True, static_position_embeddings=True,
        max_position_embeddings=POSITIONS, pad_token_id=pad, eos_token_id=0, bos_token_id=0, decoder_start_token_id=pad,
        forced_eos_token_id=0))
    weights = Network(pad + 1, sizes, torch.device("cpu")).views(saved["average"])
    weights[EMBEDDING][pad] = 0
    missing, unexpected = model.load_state_dict(weights, strict=False)
    if unexpected:
        raise SystemExit(f"names that transformers does not know: {unexpected}")
    if left := set(dict(model.named_parameters())) - set(weights) - {
            "model.encoder.embed_positions.weight", "model.decoder.embed_positions.weight"}:
        raise SystemExit(f"weights that the checkpoint does not have: {left}")
    model.tie_weights()
    model.generation_config = GenerationConfig(
        bos_token_id=0, eos_token_id=0, pad_token_id=pad, decoder_start_token_id=pad, forced_eos_token_id=0,
        max_length=POSITIONS, num_beams=6, bad_words_ids=[[pad]], renormalize_logits=True)
    model.save_pretrained(out)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(data / "joint.spm"))
    for name in ("source.spm", "target.spm"):
        shutil.copyfile(data / "joint.spm", out / name)
    vocabulary = {pieces.id_to_piece(i): i for i in range(pad)} | {"<pad>": pad}
    (out / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    (out / "tokenizer_config.json").write_text(json.dumps(dict(
        source_lang="de", target_lang="en", tokenizer_class="MarianTokenizer", unk_token="<unk>", eos_token="</s>",
        pad_token="<pad>", model_max_length=POSITIONS)))
    print(saved["place"])


main()
