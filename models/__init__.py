"""Speech and language models: everything Nightcall listens and reads with.

"Models" means speech and language models here, not data models: audio decoding, voice activity
detection, speech engines, speaker attribution, spaCy pipelines, and the importers that turn
another vendor's transcript into ours.
"""
