using System.Text;
using Amp.Execution;
using Amp.Messages;
using Amp.Text;

namespace Amp.Fuzz;

/// <summary>
/// Sends damaged streams through what reads the CLI's output, and checks all that comes out. The same seed damages the same lines
/// in the same way.
/// </summary>
public sealed class Fuzzer(int seed)
{
    private static readonly SecretRedactor s_redactor = new(new Dictionary<string, string>(), ["canary-secret-4711"]);

    /// <summary>Reads so many streams that they have at least this many lines.</summary>
    /// <exception cref="FuzzFailureException">Something came out that must not, or did not come out.</exception>
    public async Task<FuzzTally> RunAsync(long lines)
    {
        FuzzTally sum = new(0, 0, 0, 0, 0, 0, 0, 0);
        for (int stream = 0; sum.Lines < lines; stream++)
        {
            sum = sum.Plus(await CheckAsync(stream));
        }

        return sum;
    }

    /// <summary>Reads one stream.</summary>
    /// <exception cref="FuzzFailureException">Something came out that must not, or did not come out.</exception>
    public async Task<FuzzTally> CheckAsync(int stream)
    {
        Random random = new(unchecked((seed * 1_000_003) + stream));
        DamagedStream damaged = new(random);
        ExpectedLines expected = new(damaged.Bytes, damaged.MaxLineBytes);
        Outcome outcome = await ReadAsync(damaged, random, stream);

        Same(stream, "A line that is too long was", expected.TooLongAt is not null, outcome.IsTooLong);
        Same(stream, "JSON lines:", expected.Json.Count, outcome.Json.Count);
        for (int i = 0; i < expected.Json.Count; i++)
        {
            (ReadOnlyMemory<byte> line, bool isMessage) = expected.Json[i];
            if (isMessage != (outcome.Json[i].Message is not null))
            {
                Fail(stream, $"Line {i} is {(isMessage ? "no message though it is JSON" : "a message though it is not valid JSON")}: {Shown(line.Span)}");
            }

            if (outcome.Json[i].Message is StreamMessage message && !message.Line.SequenceEqual(line.Span))
            {
                Fail(stream, $"Line {i} came out changed: {Shown(line.Span)}");
            }
        }

        long[] whole = [.. damaged.Whole.Where(line => line.Offset < (expected.TooLongAt ?? long.MaxValue)).Select(line => line.Serial)];
        Same(stream, "The whole lines:", string.Join(' ', whole), string.Join(' ', outcome.Json.Select(SerialOf).OfType<long>()));
        int messages = outcome.Json.Count(item => item.Message is not null);
        return new FuzzTally(
            1,
            damaged.Bytes.Length,
            expected.Json.Count + expected.Texts,
            whole.Length,
            messages,
            outcome.Json.Count - messages,
            expected.Texts,
            outcome.IsTooLong ? 1 : 0);
    }

    private async Task<Outcome> ReadAsync(DamagedStream damaged, Random random, int stream)
    {
        EventQueue events = new();
        using RunClock clock = new(null, null, [], _ => { });
        using OutputPump pump = new(
            new ChunkedStream(damaged.Bytes, damaged.LargestPiece, random), new MessageParser(), damaged.MaxLineBytes, events, clock, s_redactor, _ => { });
        List<AmpEvent> json = [];
        string last = "nothing";
        try
        {
            Task pumping = PumpAsync(pump, events);
            while (await events.WaitToReadAsync())
            {
                events.TryRead(out AmpEvent item);
                last = item.Message?.RawJson ?? item.Text ?? item.Error!.RawLine ?? string.Empty;
                PropertyReader.ReadAll(item.Message);
                PropertyReader.ReadAll(item.Error);
                if (item.Kind is AmpEventKind.Message or AmpEventKind.InvalidLine)
                {
                    json.Add(item);
                }
            }

            await pumping;
        }
        catch (Exception exception)
        {
            string where = last != "nothing" ? $"at {Shown(Encoding.UTF8.GetBytes(last))}" : "while reading";
            throw new FuzzFailureException(seed, stream, $"{exception.GetBaseException()}{Environment.NewLine}{where}", exception);
        }

        return new Outcome(json, pump.TooLong is not null);
    }

    private static async Task PumpAsync(OutputPump pump, EventQueue events)
    {
        try
        {
            await pump.RunAsync();
        }
        finally
        {
            events.Complete();
        }
    }

    private static long? SerialOf(AmpEvent item) =>
        item.Message?.AdditionalProperties[RecordedLines.Serial] is long serial ? serial : null;

    private void Same<T>(int stream, string what, T expected, T actual)
    {
        if (!Equals(expected, actual))
        {
            Fail(stream, $"{what} {actual}, expected {expected}");
        }
    }

    private void Fail(int stream, string what) => throw new FuzzFailureException(seed, stream, what);

    private static string Shown(ReadOnlySpan<byte> line)
    {
        string text = Encoding.UTF8.GetString(line[..Math.Min(line.Length, 2000)]);
        return string.Concat(text.Select(character => char.IsControl(character) ? $"<{(int)character:x2}>" : character.ToString()));
    }

    private sealed record Outcome(List<AmpEvent> Json, bool IsTooLong);
}
