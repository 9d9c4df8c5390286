// Every client's tasks against the real server; the results are printed as one line of JSON.

const FIND = 'query Find($id: ID!) { finetuning(id: $id) { id alias status } }';
const CREATE = `mutation Create($input: CreateDbConnectionInput!) {
  createDbConnection(input: $input) { alias dialect }
}`;
const FOLLOW = 'subscription Follow($id: ID!) { finetuningUpdated(finetuningId: $id) { status } }';
const CANCEL = 'mutation Cancel($id: ID!) { cancelFinetuning(finetuningId: $id) { status } }';

/**
 * `ask(query, variables)` resolves to data or rejects, `codeOf(rejection)` resolves to the error's code, and
 * `follow(query, variables)`, where the client can subscribe, is an async iterable of data.
 */
export async function travel({ ask, codeOf, follow }) {
  const [, id] = args();
  const { finetuning } = await ask(FIND, { id });
  const refused = await ask(FIND, { id: 'x' }).then(() => 'nothing', codeOf);
  const invalid = await ask('query Invalid { nope }').then(() => 'nothing', codeOf);
  const { createDbConnection } = await ask(CREATE, { input: { alias: 'theirs', dialect: 'postgres' } });
  const statuses = follow ? await witnessed(follow(FOLLOW, { id }), () => ask(CANCEL, { id })) : null;
  const found = [finetuning.alias, finetuning.status];
  const created = [createDbConnection.alias, createDbConnection.dialect];
  console.log(JSON.stringify({ found, refused, invalid, created, statuses }));
}

/** The URL of the endpoint and the id of a finetuning, from the command line. */
export function args() {
  return process.argv.slice(2);
}

/** The same endpoint, for WebSockets. */
export function socketUrl() {
  return args()[0].replace(/^http/, 'ws');
}

/** Turns what calls back into an async iterable; `subscribe` gets an observer and returns how to unsubscribe. */
export async function* iterate(subscribe) {
  const waiting = [];
  let wake = () => {};
  const put = (item) => {
    waiting.push(item);
    wake();
  };
  const unsubscribe = subscribe({
    next: (value) => put({ value }),
    error: (error) => put({ error }),
    complete: () => put({ done: true }),
  });
  try {
    for (;;) {
      while (waiting.length === 0) await new Promise((resolve) => (wake = resolve));
      const { value, error, done } = waiting.shift();
      if (error) throw error;
      if (done) return;
      yield value;
    }
  } finally {
    unsubscribe();
  }
}

async function witnessed(updates, cancel) {
  const statuses = [];
  for await (const { finetuningUpdated } of updates) {
    statuses.push(finetuningUpdated.status);
    if (statuses.length === 1) await cancel();
    if (finetuningUpdated.status === 'CANCELLED') break;
  }
  return statuses;
}
