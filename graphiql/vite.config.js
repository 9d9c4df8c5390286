// Builds the page into the Python package, which serves it by itself.

import { readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { defineConfig } from 'vite'

const COMPRESSIBLE = /\.(css|js|md|svg|ttf|txt)$/

// Once at build time, so that no request has to compress megabytes.
const compressed = {
  name: 'compressed',
  apply: 'build',
  async closeBundle() {
    const { outDir } = this.environment.config.build
    for (const name of await readdir(outDir)) {
      if (!COMPRESSIBLE.test(name)) continue
      const file = join(outDir, name)
      await writeFile(`${file}.gz`, gzipSync(await readFile(file), { level: 9 }))
      await rm(file)
    }
  },
}

export default defineConfig({
  base: './',
  plugins: [compressed],
  build: {
    outDir: '../graphql_api/http/graphql/graphiql_assets',
    emptyOutDir: true,
    assetsDir: '',
    license: { fileName: 'licenses.md' },
    chunkSizeWarningLimit: 8192, // kB: the editor is what it is
    rolldownOptions: { checks: { moduleLevelDirective: false } }, // "use client" means nothing here
  },
})
