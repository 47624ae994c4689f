"""Which calls lie in the recordings location, and what has to be done about each tonight.

scan      the files there, and which of them are still being written
sidecars  the facts beside the recordings, validated
facts     sidecars, call lists and transcripts by stem
sides     one file per participant
grouping  files → candidate calls
identity  candidates → calls: same bytes twice, one id for two recordings
plan      calls → tonight's work
"""
