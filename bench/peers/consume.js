// Reads a whole run through the official TypeScript SDK, as its documentation shows: `node consume.js count|read`.
import { execute } from '@sourcegraph/amp-sdk';

// The SDK writes notes of its own to the console; the last line is the figure.
console.log = () => {};

const readsAll = process.argv[2] === 'read';
const start = process.hrtime.bigint();
let messages = 0;
let characters = 0;
for await (const message of execute({ prompt: 'go' })) {
  messages++;
  if (readsAll && (message.type === 'assistant' || message.type === 'user')) {
    for (const block of message.message.content) {
      if (block.type === 'text') {
        characters += block.text.length;
      } else if (block.type === 'tool_use') {
        characters += Object.keys(block.input).length;
      } else if (block.type === 'tool_result') {
        characters += block.content.length;
      }
    }
  }
}

process.stdout.write(JSON.stringify({
  milliseconds: Number(process.hrtime.bigint() - start) / 1e6,
  messages,
  characters,
  peakMegabytes: process.resourceUsage().maxRSS / 1024,
}) + '\n');
