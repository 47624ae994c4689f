"""What was said on a call, written for other tools: WebVTT, SRT, JSON and vCon.

The importers read all of it back (`models.importers`): the same words, and the same speakers and
times as far as the format can hold them. To add a format, write a module with `write`, and add its
line to `EXPORTERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from models.exporters import native, subrip, vcon, vtt
from models.exporters.exportable import Exportable

EXPORTERS: Mapping[str, Callable[[Exportable], str]] = {
    "vtt": vtt.write,
    "srt": subrip.write,
    "json": native.write,
    "vcon": vcon.write,
}
"""Every format by the name that the command line uses."""
