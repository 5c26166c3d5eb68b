// Reads whole runs through the official TypeScript SDK, as its documentation shows: `node consume.js count|read|keep TIMES`. With keep, all
// messages are collected before the first is read.
import { execute } from '@sourcegraph/amp-sdk';

// The SDK writes notes of its own to the console; the last line is the figure.
console.log = () => {};

const readsAll = process.argv[2] === 'read';
const keepsAll = process.argv[2] === 'keep';
const figures = [];
let messages = 0;
let characters = 0;
function read(message) {
  if (message.type !== 'assistant' && message.type !== 'user') {
    return;
  }

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

for (let time = 0; time < Number(process.argv[3] ?? 1); time++) {
  messages = 0;
  const start = process.hrtime.bigint();
  const kept = [];
  for await (const message of execute({ prompt: 'go' })) {
    messages++;
    if (readsAll) {
      read(message);
    } else if (keepsAll) {
      kept.push(message);
    }
  }

  for (const message of kept) {
    read(message);
  }

  figures.push(Number(process.hrtime.bigint() - start) / 1e6);
}

process.stdout.write(JSON.stringify({ figures, messages, characters, peakMegabytes: process.resourceUsage().maxRSS / 1024 }) + '\n');
