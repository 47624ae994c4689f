"""The learned layer: a small model that labels turns, for paraphrases that no rule foresees."""
