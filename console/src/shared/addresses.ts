// Where the console and the API are: the page's base is the folder of its files, under any prefix of a proxy.

const HOME = new URL('..', document.baseURI)

export const homePath = HOME.pathname.replace(/\/$/, '')

export const graphqlUrl = new URL('../graphql', HOME)

export const socketUrl = new URL(graphqlUrl)
socketUrl.protocol = graphqlUrl.protocol === 'https:' ? 'wss:' : 'ws:'
