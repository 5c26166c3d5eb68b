// Stands in for the Amp CLI where only the speed of its reader counts: it copies a file to its standard output, or writes lines
// that carry the moment at which they were written. It bears the name of the CLI's package because the TypeScript SDK starts
// whatever package of that name it finds.
const fs = require('node:fs');
const path = require('node:path');

const thread = 'T-01a1fbd6-de8d-719c-933e-68551eac1394';

function writeTimedLines(count, interval) {
  const line = value => process.stdout.write(JSON.stringify({ ...value, session_id: thread }) + '\n');
  const message = text => ({ role: 'assistant', content: [{ type: 'text', text }], stop_reason: null });
  line({ type: 'system', subtype: 'init', cwd: process.cwd(), tools: [], mcp_servers: [] });
  let written = 0;
  const timer = setInterval(() => {
    // The monotonic clock, which all processes of a machine share.
    line({ type: 'assistant', message: message('a line'), sent: String(process.hrtime.bigint()) });
    if (++written === count) {
      clearInterval(timer);
      line({ type: 'result', subtype: 'success', is_error: false, result: 'done', duration_ms: 1, num_turns: 1 });
    }
  }, interval);
}

function run() {
  if (process.env.AMP_BENCH_LINES) {
    writeTimedLines(Number(process.env.AMP_BENCH_LINES), Number(process.env.AMP_BENCH_INTERVAL_MS));
  } else {
    fs.createReadStream(process.env.AMP_BENCH_STREAM, { highWaterMark: 1 << 20 }).pipe(process.stdout);
  }
}

if (process.argv.includes('--version')) {
  console.log('0.0.1774310664-gcb98ac (released 2026-03-24T00:08:19.172Z, 8mo ago)');
} else if (process.argv.includes('--help')) {
  console.log(fs.readFileSync(path.join(__dirname, '../../tests/Amp.FakeCli/help/2026-03-24.txt'), 'utf8'));
} else {
  process.stdin.resume().on('end', run);
}
