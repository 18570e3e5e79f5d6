"""SentencePiece models without the names of the files they were trained on."""

from sentencepiece import sentencepiece_model_pb2


def without_paths(model):
    """The bytes of a SentencePiece model with the file names of its training left out."""
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model)
    for field in ("input", "model_prefix"):
        proto.trainer_spec.ClearField(field)
    return proto.SerializeToString()
