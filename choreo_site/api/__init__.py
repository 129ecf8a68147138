"""The REST interface as a whole: who may come in, how refusals are answered, how it is described."""
