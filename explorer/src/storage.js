// What the page keeps in the browser, under a name of its own: another GraphiQL that once ran at the same
// address, such as 127.0.0.1:8000, must not hide the examples behind its tabs.

const NAME = 'finetuning-graphql-api:'

const ownKeys = () => Object.keys(localStorage).filter((key) => key.startsWith(NAME))

export const storage = {
  getItem: (key) => localStorage.getItem(NAME + key),
  setItem: (key, value) => localStorage.setItem(NAME + key, value),
  removeItem: (key) => localStorage.removeItem(NAME + key),
  clear: () => ownKeys().forEach((key) => localStorage.removeItem(key)),
  get length() {
    return ownKeys().length
  },
}
