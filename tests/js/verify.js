// Reads {"keys": […], "codes": […]} from standard input and prints, for each code, what dcc-decoder says of it.
import { text } from 'node:stream/consumers'
import decoder from 'dcc-decoder'

console.log = console.error // the decoder talks; standard output is for the answer

const valueSets = new Proxy({}, { get: () => ({}) }) // only the names that people read would come from them

const { keys, codes } = JSON.parse(await text(process.stdin))
const answers = []
for (const code of codes) {
  const { rawCert, error, type } = await decoder.decodeOnly({ source: [code], dccData: { signingKeys: keys, valueSets } })
  answers.push({ valid: !error, reason: error?.name ?? error?.message ?? null, type: type ?? null, payload: rawCert ?? null })
}
process.stdout.write(JSON.stringify(answers))
