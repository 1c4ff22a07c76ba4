// Fills the official client's cache with recorded Coinbase messages, repeated minute after minute, and times its normalised replay of them.
//   node tardis-dev-replay.cjs NODE_MODULES RECORDING.gz CACHE   ->   {"lines":…,"messages":…,"seconds":…}
const fs = require('fs')
const path = require('path')
const zlib = require('zlib')

const [modules, recording, cacheDir] = process.argv.slice(2)
const { init, replayNormalized, normalizeTrades, normalizeBookChanges } = require(path.join(modules, 'tardis-dev'))
const { optimizeFilters, sha256 } = require(path.join(modules, 'tardis-dev/dist/handy.js'))

const MINUTES = 240
const from = new Date('2021-04-18T00:00:00Z')
const lines = zlib.gunzipSync(fs.readFileSync(recording)).toString().split('\n')
  .map((line) => /^(\d+\.\d+): (\{"type":"(snapshot|l2update|match)".*)$/.exec(line))
  .filter((match) => match !== null)
  .map(([, seconds, message]) => ({ seconds: Number(seconds), message, product: JSON.parse(message).product_id }))
const symbols = [...new Set(lines.map((line) => line.product))].sort()
const start = lines[0].seconds
const filters = optimizeFilters(['match', 'snapshot', 'l2update'].map((channel) => ({ channel, symbols })))
const folder = path.join(cacheDir, 'feeds', 'coinbase', sha256(filters))
for (let minute = 0; minute < MINUTES; minute++) {
  const time = from.getTime() + minute * 60000
  const text = lines.map(({ seconds, message }) => {
    const micros = Math.round((seconds - start) * 1e6)
    const stamp = new Date(time + Math.floor(micros / 1000)).toISOString().slice(0, -1) + String(micros % 1000).padStart(3, '0') + '0Z'
    return `${stamp} ${message}\n`
  }).join('')
  const file = path.join(folder, new Date(time).toISOString().slice(0, 13).replace(/[-T]/g, '/'), `${String(minute % 60).padStart(2, '0')}.json.gz`)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, zlib.gzipSync(text, { level: 6 }))
}

async function replay(to) {
  let messages = 0
  for await (const message of replayNormalized({ exchange: 'coinbase', symbols, from: from.toISOString(), to: to.toISOString() }, normalizeTrades, normalizeBookChanges)) messages += message ? 1 : 0
  return messages
}

async function main() {
  init({ cacheDir })
  await replay(new Date(from.getTime() + 20 * 60000))
  const began = process.hrtime.bigint()
  const messages = await replay(new Date(from.getTime() + MINUTES * 60000))
  console.log(JSON.stringify({ lines: lines.length * MINUTES, messages, seconds: Number(process.hrtime.bigint() - began) / 1e9 }))
}

main().then(() => process.exit(0), (error) => {
  console.error(error)
  process.exit(1)
})
