// Prints, for each file of a TypeScript project, the lines in which something has the type `any` or `unknown`.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

// The compiler is the one of the directory that this is run in.
const { resolve: find } = createRequire(resolve('package.json'));
const { API } = await import(find('typescript/unstable/sync'));
const { SyntaxKind } = await import(find('typescript/unstable/ast'));

const LOOSE = [SyntaxKind.AnyKeyword, SyntaxKind.UnknownKeyword];

function* looseIn(node) {
  if (LOOSE.includes(node.kind)) yield node.getStart();
  const children = [];
  node.forEachChild((child) => void children.push(child));
  for (const child of children) yield* looseIn(child);
}

const api = new API();
const [{ program, rootFiles }] = api.updateSnapshot({ openProjects: [resolve(process.argv[2])] }).getProjects();
const found = rootFiles.map((file) => {
  const text = readFileSync(file, 'utf8');
  const lines = [...looseIn(program.getSourceFile(file))].map((at) => text.slice(0, at).split('\n').length);
  return [file, lines];
});
api.close();
console.log(JSON.stringify(Object.fromEntries(found)));
