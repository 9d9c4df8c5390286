// What the page keeps in the browser, under a name of its own: another GraphiQL that once ran at the same
// address, such as 127.0.0.1:8000, must not hide the examples behind its tabs.

const NAME = 'finetuning-graphql-api:'

// GraphiQL keeps what is in the editors a second time, apart from the tabs and at other moments. If the two
// differ, it adds a tab when the page is opened again; so they are read from the one place.
const EDITORS = { 'graphiql:query': 'query', 'graphiql:variables': 'variables' }

// The history would keep the headers too, and with them a token, for whoever uses this browser next.
const HISTORY = ['graphiql:queries', 'graphiql:favorites']

const withoutHeaders = (text) =>
  JSON.stringify(JSON.parse(text, (name, value) => (name === 'headers' ? undefined : value)))

const kept = (key) => localStorage.getItem(NAME + key)
const ownKeys = () => Object.keys(localStorage).filter((key) => key.startsWith(NAME))

function openTab() {
  const { tabs, activeTabIndex } = JSON.parse(kept('graphiql:tabState') ?? '{"tabs": []}')
  return tabs[activeTabIndex]
}

export const storage = {
  getItem: (key) => (key in EDITORS ? (openTab()?.[EDITORS[key]] ?? null) : kept(key)),
  setItem: (key, value) =>
    localStorage.setItem(NAME + key, HISTORY.includes(key) ? withoutHeaders(value) : value),
  removeItem: (key) => localStorage.removeItem(NAME + key),
  clear: () => ownKeys().forEach((key) => localStorage.removeItem(key)),
  get length() {
    return ownKeys().length
  },
}

localStorage.removeItem(`${NAME}graphiql:headers`) // an earlier page could be told to keep them
