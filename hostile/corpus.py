"""The whole corpus, section by section."""

from collections.abc import Mapping, Sequence

from hostile.documents import BURST, DOCUMENTS, HELD
from hostile.held import WIRE_HELD
from hostile.input import Input
from hostile.variables import VARIABLES
from hostile.wire import FLOODS, HEADS, SILENCE
from hostile.work import WORK

CORPUS: Mapping[str, Sequence[Input]] = {
    "Documents": DOCUMENTS,
    "Variables": VARIABLES,
    "Work": WORK,
    "Heads": HEADS,
    "Silence": SILENCE,
    "Floods": [*FLOODS, BURST],
    "Held from the start": [*HELD, *WIRE_HELD],
}
