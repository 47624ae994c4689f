"""Every error Nightcall raises on purpose.

NightcallError
├── UsageError                 the command, an option or a setting is wrong (exit code 2)
│   ├── SettingsError          a setting has a value that is not allowed
│   ├── MessagingInvalid       the messaging file can't be read as one
│   └── QueryRefused           an SQL statement that is not one read-only question
├── InputError                 one call can't be taken as it is: quarantine, the night goes on
│   ├── EmptyFile              nothing in the file
│   ├── UndecodableAudio       no audio that can be decoded
│   ├── SidecarInvalid         the facts beside a recording are wrong
│   ├── TranscriptInvalid      a ready transcript that can't be read
│   ├── UnknownFormat          a .json that is neither a sidecar nor a known transcript
│   ├── SourceUnreadable       a file has gone, or may not be read
│   ├── CallIdConflict         one id for two different recordings
│   └── SourceConflict         same bytes under two ids
├── AnalysisFailed             a defect of ours on one call: quarantine, the night goes on
├── SpeechUnavailable          no speech model can be had: recordings wait
├── PlaybookInvalid            the playbook breaks its own rules
├── ModelDamaged               the learned layer is missing or can't be read
├── MirrorUnreachable          the place the tables are mirrored to can't be reached, or is not ours
├── WarehouseBusy              another run holds this warehouse
└── WarehouseDamaged           a table or artifact is not what its schema says

Errors survive pickling: every argument goes to `super().__init__`, and the text is built in
`__str__`. `retryable` says whether the same input may succeed on another try.
"""

from __future__ import annotations


class NightcallError(Exception):
    """Base of all errors raised on purpose."""

    retryable: bool = False


class UsageError(NightcallError):
    """The command was called in a way that can't work."""


class SettingsError(UsageError):
    """A setting has a value that is not allowed."""


class MessagingInvalid(UsageError):
    """A messaging file can't be read as one; the text names file, line and entry."""


class QueryRefused(UsageError):
    """A statement that is not one read-only question."""


class InputError(NightcallError):
    """One source of one call can't be taken.

    Args:
        name: file name relative to the recordings location.
        problem: what is wrong, with the value.
        remedy: what is allowed, or the next step.
    """

    def __init__(self, name: str, problem: str, remedy: str = "") -> None:
        super().__init__(name, problem, remedy)
        self.name = name
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        text = f"{self.name}: {self.problem}"
        return f"{text} {self.remedy}".rstrip()


class EmptyFile(InputError):
    """The file holds no bytes."""


class UndecodableAudio(InputError):
    """Nothing in the file decodes to audio."""


class SidecarInvalid(InputError):
    """A sidecar names an unknown field or a value that is not allowed."""


class TranscriptInvalid(InputError):
    """A ready transcript breaks its own format."""


class UnknownFormat(InputError):
    """A `.json` file that no importer knows and that is no sidecar."""


class SourceUnreadable(InputError):
    """The file has gone since the night began, or may not be read."""

    retryable = True


class CallIdConflict(InputError):
    """Two different recordings claim one call id."""


class SourceConflict(InputError):
    """The same bytes claim two call ids."""


class AnalysisFailed(InputError):
    """An error of ours while working on one call; the original error is in the text."""

    retryable = True


class SpeechUnavailable(NightcallError):
    """No speech model can be had now; the text says how to get one."""

    retryable = True


class PlaybookInvalid(NightcallError):
    """A playbook file breaks the playbook's rules; the text names file and place."""


class ModelDamaged(NightcallError):
    """The learned layer's files are missing or can't be read."""


class MirrorUnreachable(NightcallError):
    """The mirror of the tables can't be brought in line now.

    Args:
        place: the URL or folder of the mirror.
        problem: what is in the way.
    """

    retryable = True

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(place, problem)
        self.place = place
        self.problem = problem

    def __str__(self) -> str:
        return (
            f"{self.place}: the mirror of the tables can't be brought in line ({self.problem}), so "
            "it still holds what it held. Check its address, the network and the credentials in "
            "the environment, then run: nightcall tables mirror"
        )


class WarehouseBusy(NightcallError):
    """Another run holds the warehouse; the text names it."""

    retryable = True


class WarehouseDamaged(NightcallError):
    """A table or artifact does not match its schema."""
