"""The packages and types of the TypeScript example."""

import json
import re
import shutil
import subprocess
from pathlib import Path

from tests.examples.program import EXAMPLE, GENERATED, LOCK
from tests.examples.workshop import EXAMPLES, SCHEMA, make

LOCKED = json.loads(LOCK.read_text())["packages"]
LOOSE = re.compile(r"\b(any|unknown)\b")
PROSE = re.compile(r'/\*.*?\*/|//[^\n]*|(["\'`])(?:\\.|(?!\1).)*\1', re.DOTALL)
"""Comments and texts, where the words are words."""
LOOSE_TYPES = Path(__file__).with_name("loose_types.mjs")


def test_every_version_is_pinned() -> None:
    """So that the example still works when somebody tries it."""
    package = json.loads((EXAMPLE / "package.json").read_text())
    wanted = package["dependencies"] | package["devDependencies"]
    assert {name: LOCKED[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_the_lock_names_no_host() -> None:
    """So that a mirror works as well."""
    assert [name for name, package in LOCKED.items() if "resolved" in package] == []


def test_the_programs_own_code_has_a_type_for_everything() -> None:
    """There is no way round the schema's types in it."""
    sources = [file for file in EXAMPLE.glob("src/**/*.ts*") if GENERATED not in file.parents]
    loose = {file.name for file in sources if LOOSE.search(file.read_text()) or "@ts-" in file.read_text()}
    assert (len(sources) > 1, loose) == (True, set())


def test_what_is_generated_has_a_type_for_everything(built: None) -> None:
    """To the compiler, nothing in a generated file is ``any`` or ``unknown``, nor in the generator's own."""
    loose = loose_types(EXAMPLE / "tsconfig.json")
    generated = [file for file in GENERATED.rglob("*") if file.is_file()]
    assert [file.name for file in generated] == ["graphql.ts"]
    assert {*generated, EXAMPLE / "codegen.ts", EXAMPLE / "preset.ts"} <= loose.keys()
    assert {file: lines for file, lines in loose.items() if lines} == {}


def test_what_is_generated_spells_neither_word(built: None) -> None:
    """Outside comments and texts, the words are not there at all."""
    generated = (GENERATED / "graphql.ts").read_text()
    declared = re.findall(r"^export type (\w+) =", generated, re.MULTILINE)
    assert {"FinetuningViewFragment", "CancelFinetuningMutation"} <= set(declared)
    assert LOOSE.findall(PROSE.sub("", generated)) == []


def test_the_compiler_tells_a_type_from_a_word(built: None, tmp_path: Path) -> None:
    """Both are found wherever they are types, and nowhere else."""
    lines = {
        "// any": False,
        "export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };": True,
        "export const any = 'unknown';": False,
        "export const cast = any as unknown as Record<string, number>;": True,
        "export function look(text: string) { return ({ any } as any)[text]; }": True,
    }
    (tmp_path / "generated.ts").write_text("\n".join(lines))
    (tmp_path / "tsconfig.json").write_text('{"files": ["generated.ts"]}')
    found = [number for number, loose in enumerate(lines.values(), start=1) if loose]
    assert loose_types(tmp_path / "tsconfig.json") == {tmp_path / "generated.ts": found}


def test_a_scalar_that_is_missing_from_the_map_stops_the_generation(built: None, tmp_path: Path) -> None:
    """It would become ``unknown`` otherwise; nothing is written."""
    example = tmp_path / "examples" / "typescript"
    (example / "src").mkdir(parents=True)
    for file in ("package.json", "codegen.ts", "preset.ts", "src/operations.graphql"):
        shutil.copy(EXAMPLE / file, example / file)
    shutil.copy(SCHEMA, tmp_path)
    (example / "node_modules").symlink_to(EXAMPLE / "node_modules")
    scalars = json.loads((EXAMPLES / "scalars.json").read_text())
    del scalars["NumberOrAuto"]
    (tmp_path / "examples" / "scalars.json").write_text(json.dumps(scalars))
    generate = str(EXAMPLE / "node_modules" / ".bin" / "graphql-codegen")
    generated = subprocess.run(generate, cwd=example, capture_output=True, text=True, check=False)
    assert generated.returncode == 1
    assert "Unknown scalar type NumberOrAuto" in generated.stdout + generated.stderr
    assert not (example / "src" / "gql").exists()


def loose_types(project: Path) -> dict[Path, list[int]]:
    """Return each file of a TypeScript project with the lines that have a type ``any`` or ``unknown``."""
    printed = make("node", str(LOOSE_TYPES), str(project), example=EXAMPLE)
    return {Path(file): lines for file, lines in json.loads(printed).items()}
